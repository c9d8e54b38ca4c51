"""The board's pins, through the kernel's GPIO character device (Linux 5.10 and newer), without a library.

    [channels.pump]
    driver = "gpio"
    mode = "output"
    line = "GPIO17"       # a name on any chip, or a number
    chip = "gpiochip0"    # may be left out: a number, a name, a label such as "pinctrl-rp1", or a path

On a Raspberry Pi `pin = 11`, a position on the header, takes the place of both.

A line is requested with its first level, so that it never has another one in between. What it does after the
process has gone is the kernel's affair: the character device's contract gives it back, and kernels of
Raspberry Pi OS keep the level; `at_exit` makes sure where the process ends in an orderly way.

`system/gpiochip.py` has the kernel's structures and calls, `kernel/gpioline.py` finds and holds a line. Here
are channels, and the thread that waits for edges. The controller debounces: `debounce` may change while a
line is held, and the kernel's own would add to it.
"""

from __future__ import annotations

import os
from select import EPOLLERR, EPOLLHUP, EPOLLIN, epoll
from threading import Lock, Thread

from ...system.gpiochip import Kernel
from . import BaseDriver, DriverError, Level, Option, Options, Report
from .kernel import gpioline
from .kernel.gpioline import Line

MODES = ("output", "input", "button")

OPTIONS = (
    Option("line", "string", 64, "", "Number or name of the line; each channel has `line` or `pin`."),
    Option(
        "pin",
        "integer",
        (0, 40),
        0,
        "Position on the 40-pin header of a Raspberry Pi, in place of `line` and `chip`; 0: none.",
    ),
    Option(
        "chip",
        "string",
        64,
        "",
        "The line's chip: number, name, label or path; empty: gpiochip0, or any for a line by name.",
    ),
    Option(
        "bias",
        "choice",
        ("as-is", "disabled", "pull-up", "pull-down"),
        "as-is",
        "The resistor at the pin.",
    ),
)


def check(options: Options) -> dict[str, str]:
    """Return the keys that do not fit the others, each with what is expected.

    >>> check({"line": "", "pin": 6, "chip": ""})
    {'pin': 'the position of a line: pin 6 is ground, and GPIO6 is line = "GPIO6"'}
    """
    from ...system.header import HEADER

    pin: int = options["pin"]
    if not pin:
        return {} if options["line"] else {"line": "a line, or a position of the header in pin"}
    for key in ("line", "chip"):
        if options[key]:
            return {key: "no value beside pin, which names the chip and the line"}
    if not isinstance(HEADER[pin], str):
        return {}
    # People who mean the number of the line find the way to it.
    line = f', and GPIO{pin} is line = "GPIO{pin}"' if pin in HEADER else ""
    return {"pin": f"the position of a line: pin {pin} is {HEADER[pin]}{line}"}


class Driver(BaseDriver):
    """One request for each line; one thread that waits for the edges of all inputs."""

    __slots__ = ("_edges", "_kernel", "_lines", "_lock")

    def __init__(self, kernel: Kernel | None = None) -> None:
        self._kernel = kernel or Kernel()
        self._lines: dict[str, Line] = {}
        self._edges: Edges | None = None
        # Two inputs that are attached at once share one thread.
        self._lock = Lock()

    def attach(self, name: str, options: Options, level: Level | None, report: Report) -> bool:
        self._release(name)
        line = gpioline.request(self._kernel, options, None if level is None else bool(level))
        try:
            found = line.level()
        except DriverError:
            line.close()
            raise
        self._lines[name] = line
        if options["mode"] == "input":
            try:
                with self._lock:
                    if self._edges is None:
                        self._edges = Edges()
                    self._edges.add(name, line, report)
            except (OSError, RuntimeError, ValueError) as error:
                self._release(name)
                raise DriverError(
                    f"{line.name}: no thread can wait for its edges ({error}): free memory, or end programs"
                ) from error
        return found

    def detach(self, name: str) -> None:
        self._release(name)

    def is_instant(self, name: str) -> bool:
        return self._line(name).on_processor

    def write(self, name: str, level: Level) -> None:
        self._line(name).write(bool(level))

    def read(self, name: str) -> bool:
        return self._line(name).level()

    def close(self) -> None:
        with self._lock:
            edges, self._edges = self._edges, None
        if edges is not None:
            edges.close()
        for name in list(self._lines):
            self._release(name)

    def _line(self, name: str) -> Line:
        try:
            return self._lines[name]
        except KeyError:
            raise DriverError("the line is not requested") from None

    def _release(self, name: str) -> None:
        line, edges = self._lines.pop(name, None), self._edges
        if line is not None:
            if edges is not None:
                edges.remove(line)
            line.close()


class Edges:
    """The thread that waits for edges, and the inputs that it waits for.

    With `epoll` inputs come and go while it waits. `poll` would hold the files that it waits for: a line that
    is closed meanwhile would stay requested, and could not be had again.
    """

    __slots__ = ("_inputs", "_lock", "_poll", "_stop", "_thread")

    def __init__(self) -> None:
        #: descriptor: (channel, line, callback)
        self._inputs: dict[int, tuple[str, Line, Report]] = {}
        # The table and epoll change together, and while the line is open: its number may be another's then.
        self._lock = Lock()
        self._poll = epoll()
        self._stop = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._poll.register(self._stop, EPOLLIN)
        self._thread = Thread(target=self._wait, name="edgeweb-gpio", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:
            self._free()
            raise

    def add(self, name: str, line: Line, report: Report) -> None:
        """Call `report` for every edge of a line. Raises `OSError`, and `ValueError` after `close`."""
        with self._lock:
            self._poll.register(line, EPOLLIN)
            self._inputs[line.fileno()] = (name, line, report)

    def remove(self, line: Line) -> bool:
        """Stop waiting for a line; return whether it was waited for. Call it before the line is closed."""
        with self._lock:
            if self._inputs.pop(line.fileno(), None) is None:
                return False
            self._poll.unregister(line)
            return True

    def close(self) -> None:
        """End the thread."""
        os.eventfd_write(self._stop, 1)
        self._thread.join(5)
        if not self._thread.is_alive():
            # Else a report takes its time, and the thread needs the descriptors once more.
            self._free()

    def _free(self) -> None:
        with self._lock:
            self._inputs.clear()
            self._poll.close()
            os.close(self._stop)

    def _wait(self) -> None:
        while True:
            for descriptor, events in self._poll.poll():
                if descriptor == self._stop:
                    return
                # None: it was removed after the wait had ended, or is about to be in the table.
                if (found := self._inputs.get(descriptor)) is not None:
                    self._take(*found, events)

    def _take(self, name: str, line: Line, report: Report, events: int) -> None:
        try:
            for level in line.changes():
                report(name, level)
            if not events & (EPOLLHUP | EPOLLERR):
                return
            error = line.gone()
        except DriverError as failure:
            error = failure
        # It would be ready for ever. One that was removed meanwhile may be attached once more, and well.
        if self.remove(line):
            report(name, error)
