"""Outputs and inputs that a program switches and reads: a USB relay's own tool, a script.

    [channels.amplifier]
    driver = "command"
    mode = "output"
    on = ["/usr/local/bin/relay", "1", "on"]
    off = ["/usr/local/bin/relay", "1", "off"]

Programs are called by their arguments as the profile has them, never by a shell, and nothing of a request
ever becomes one. `read` ends with 0 for on and 1 for off.
"""

from __future__ import annotations

import errno

from . import BaseDriver, DriverError, Level, Option, Options, Report

MODES = ("output", "input", "button")

RUNS_PROGRAMS = True

OPTIONS = (
    Option(
        "on",
        "strings",
        4096,
        (),
        "The program that switches on, and its arguments.",
        needed=("output", "button"),
    ),
    Option(
        "off",
        "strings",
        4096,
        (),
        "The program that switches off, and its arguments.",
        needed=("output", "button"),
    ),
    Option(
        "read",
        "strings",
        4096,
        (),
        "The program that ends with 0 for on and with 1 for off, and its arguments.",
        needed=("input",),
    ),
    Option("timeout", "duration", (0.1, 10), 5.0, "Longest time that a program may take."),
)

# What the kernel's refusals mean for people; {0} is the program, {2} the key of the profile.
_NOT_STARTED = {
    errno.ENOENT: "{0} was not found: set {2} to the full path of a program",
    errno.EACCES: "{0} may not be started by the user edgeweb: give it the right to (chmod +x)",
    errno.ENOEXEC: '{0} is no program: begin a script with a line such as "#!/bin/sh"',
}


class Driver(BaseDriver):
    """A driver that calls `on`, `off` and `read` of a channel, each for at most `timeout` seconds."""

    __slots__ = ("_channels", "_last")

    def __init__(self) -> None:
        self._channels: dict[str, Options] = {}
        #: What was written last: all that is known of a channel without `read`.
        self._last: dict[str, bool] = {}

    def has_own_thread(self, options: Options) -> bool:
        return True

    def attach(self, name: str, options: Options, level: Level | None, report: Report) -> Level | None:
        self._channels[name] = options
        if level is not None:
            self.write(name, level)
        return self.read(name)

    def write(self, name: str, level: Level) -> None:
        # It may switch before it fails: then what it is now is not known.
        self._last.pop(name, None)
        _call(self._channels[name], "on" if level else "off", (0,))
        self._last[name] = bool(level)

    def read(self, name: str) -> bool | None:
        options = self._channels[name]
        if not options["read"]:
            return self._last.get(name)
        return _call(options, "read", (0, 1)) == 0

    def detach(self, name: str) -> None:
        self._channels.pop(name, None)
        self._last.pop(name, None)

    def close(self) -> None:
        self._channels = {}


def _call(options: Options, key: str, good: tuple[int, ...]) -> int:
    """Call the program of a key and return its exit code. Raises `DriverError` for one that is not good."""
    import subprocess  # with the first call, and only on boards that have such a channel

    arguments: tuple[str, ...] = options[key]
    program = arguments[0]
    try:
        code = subprocess.run(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=options["timeout"],
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        raise DriverError(
            f"{program} did not end within {options['timeout']:g} s: see what it waits for, or set a longer"
            " timeout"
        ) from None
    except OSError as error:
        reason = _NOT_STARTED.get(error.errno or 0, "{} cannot be started ({}): start it by hand")
        raise DriverError(reason.format(program, error.strerror, key)) from error
    if code not in good:
        ended = f"ended with code {code}" if code >= 0 else f"was ended by signal {-code}"
        meaning = ", where 0 is on and 1 is off" if key == "read" else ""
        raise DriverError(f"{program} {ended}{meaning}: start it by hand as the user edgeweb to see why")
    return code
