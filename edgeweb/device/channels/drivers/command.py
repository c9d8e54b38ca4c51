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

from . import BaseDriver, DriverError, Level, Option, Options, Report

MODES = ("output", "input", "button")

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
        options = self._channels[name]
        word = "on" if level else "off"
        code = _call(options[word], options["timeout"])
        if code:
            # It may have switched before it failed.
            self._last.pop(name, None)
            raise DriverError(f"{options[word][0]} ended with code {code}")
        self._last[name] = bool(level)

    def read(self, name: str) -> bool | None:
        options = self._channels[name]
        if not options["read"]:
            return self._last.get(name)
        code = _call(options["read"], options["timeout"])
        if code not in (0, 1):
            raise DriverError(f"{options['read'][0]} ended with code {code}: 0 is on, 1 is off")
        return code == 0

    def close(self) -> None:
        self._channels = {}


def _call(arguments: tuple[str, ...], timeout: float) -> int:
    import subprocess  # with the first call, and only on boards that have such a channel

    try:
        return subprocess.run(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=timeout,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        raise DriverError(f"{arguments[0]} did not end within {timeout:g} s") from None
    except OSError as error:
        raise DriverError(f"{arguments[0]}: {error.strerror}") from error
