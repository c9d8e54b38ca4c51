"""A number that a program prints: for hardware that the kernel has no driver for.

    [sensors.tank]
    kind = "command"
    run = ["/usr/local/bin/tank-level", "--litres"]
    unit = "l"

The program is called by its arguments as the profile has them, never by a shell. The first word of its last
line has to be a number.
"""

from __future__ import annotations

from ...system import command
from ..kernel_files import number
from . import BaseInput, Option, Options

OPTIONS = (
    Option("run", "strings", 4096, (), "The program and its arguments.", needed=True),
    Option("timeout", "duration", (0.1, 60), 5.0, "Longest time that the program may take."),
)

RUNS_PROGRAMS = True


class Input(BaseInput):
    """A program that prints a number. It has a thread of its own, because it may take long."""

    __slots__ = ("_arguments", "_timeout")

    def __init__(self, options: Options, root: str = "/") -> None:
        super().__init__(options, root)
        self._arguments: tuple[str, ...] = options["run"]
        self._timeout: float = options["timeout"]
        # `command.run` ends the program; this is for a program that cannot be killed
        self.deadline = self._timeout + 2.0
        self.lane = " ".join(self._arguments)

    def read(self) -> float:
        lines = command.run(self._arguments, self._timeout).strip().splitlines()
        return number(lines[-1] if lines else b"", f"the output of {self._arguments[0]}")
