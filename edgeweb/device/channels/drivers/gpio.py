"""The board's pins, through the kernel's GPIO character device and libgpiod 2 (extra `gpio`).

    [channels.pump]
    driver = "gpio"
    mode = "output"
    chip = "gpiochip0"
    line = "17"           # a number, or a name such as "GPIO17"

A line is requested with its first level, so that it never has another one in between. What it does after the
process has gone is the kernel's affair: the character device's contract gives it back, and kernels of
Raspberry Pi OS keep the level; `on_exit` makes sure where the process ends in an orderly way.

Source: libgpiod 2 documentation, Python bindings.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from threading import Lock, Thread
from typing import Any

from . import BaseDriver, DriverError, Report

CONSUMER = "edgeweb"


class Driver(BaseDriver):
    """One request for each line; one thread that waits for the edges of all inputs."""

    __slots__ = ("_as_they_were", "_gpiod", "_inputs", "_lines", "_lock", "_thread", "_wake")

    def __init__(self) -> None:
        import gpiod

        self._gpiod: Any = gpiod
        #: channel: (request, line)
        self._lines: dict[str, tuple[Any, int | str]] = {}
        #: file descriptor: (channel, request, who is told)
        self._inputs: dict[int, tuple[str, Any, Report]] = {}
        #: Outputs that have not been written since `initial = "leave"`: the line may still be an input.
        self._as_they_were: dict[str, Mapping[str, Any]] = {}
        self._lock = Lock()
        self._thread: Thread | None = None
        self._wake: tuple[int, int] | None = None

    def attach(
        self, name: str, options: Mapping[str, Any], level: bool | float | None, report: Report
    ) -> bool | float:
        self._release(name)
        line = _line(options["line"])
        settings = self._settings(options, level)
        path = os.path.join("/dev", options["chip"] or "gpiochip0")
        try:
            request = self._gpiod.request_lines(path, consumer=CONSUMER, config={line: settings})
            self._lines[name] = (request, line)
            found = self._is_active(request.get_value(line))
        except (OSError, ValueError) as error:
            raise DriverError(f"{path} line {options['line']}: {_reason(error)}") from error
        if level is None:
            self._as_they_were[name] = options
        if options["mode"] == "input":
            with self._lock:
                self._inputs[request.fd] = (name, request, report)
            self._listen()
        return found

    def write(self, name: str, level: bool | float) -> None:
        request, line = self._known(name)
        value = self._gpiod.line.Value
        try:
            if name in self._as_they_were:
                request.reconfigure_lines({line: self._settings(self._as_they_were[name], level)})
                del self._as_they_were[name]
            request.set_value(line, value.ACTIVE if level else value.INACTIVE)
        except (OSError, ValueError) as error:
            raise DriverError(_reason(error)) from error

    def read(self, name: str) -> bool:
        request, line = self._known(name)
        try:
            return self._is_active(request.get_value(line))
        except (OSError, ValueError) as error:
            raise DriverError(_reason(error)) from error

    def close(self) -> None:
        thread, self._thread = self._thread, None
        if self._wake is not None:
            os.write(self._wake[1], b"x")
            if thread is not None:
                thread.join(5)
            for descriptor in self._wake:
                os.close(descriptor)
            self._wake = None
        for name in list(self._lines):
            self._release(name)

    def _settings(self, options: Mapping[str, Any], level: bool | float | None) -> Any:
        line = self._gpiod.line
        bias = {
            "as-is": line.Bias.AS_IS,
            "disabled": line.Bias.DISABLED,
            "pull-up": line.Bias.PULL_UP,
            "pull-down": line.Bias.PULL_DOWN,
        }[options["bias"]]
        if options["mode"] == "input":
            return self._gpiod.LineSettings(
                direction=line.Direction.INPUT, edge_detection=line.Edge.BOTH, bias=bias
            )
        if level is None:
            return self._gpiod.LineSettings(direction=line.Direction.AS_IS, bias=bias)
        value = line.Value.ACTIVE if level else line.Value.INACTIVE
        return self._gpiod.LineSettings(direction=line.Direction.OUTPUT, output_value=value, bias=bias)

    def _is_active(self, value: Any) -> bool:
        return bool(value == self._gpiod.line.Value.ACTIVE)

    def _known(self, name: str) -> tuple[Any, int | str]:
        if name not in self._lines:
            raise DriverError("the line is not requested")
        return self._lines[name]

    def _release(self, name: str) -> None:
        if name in self._lines:
            request, _ = self._lines.pop(name)
            self._as_they_were.pop(name, None)
            with self._lock:
                self._inputs = {fd: row for fd, row in self._inputs.items() if row[0] != name}
            request.release()

    def _listen(self) -> None:
        if self._thread is None:
            self._wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
            self._thread = Thread(target=self._wait_for_edges, name="edgeweb-gpio", daemon=True)
            self._thread.start()
        elif self._wake is not None:
            os.write(self._wake[1], b"x")

    def _wait_for_edges(self) -> None:
        from select import POLLIN, poll

        assert self._wake is not None
        wake = self._wake[0]
        while self._thread is not None:
            with self._lock:
                inputs = dict(self._inputs)
            poller = poll()
            for descriptor in (wake, *inputs):
                poller.register(descriptor, POLLIN)
            for descriptor, _ in poller.poll():
                if descriptor == wake:
                    os.read(wake, 64)
                    continue
                self._take_edges(descriptor, *inputs[descriptor])

    def _take_edges(self, descriptor: int, name: str, request: Any, report: Report) -> None:
        try:
            events = request.read_edge_events()
        except OSError as error:
            with self._lock:
                self._inputs.pop(descriptor, None)  # it would be ready for ever
            report(name, DriverError(_reason(error)))
            return
        rising = self._gpiod.EdgeEvent.Type.RISING_EDGE
        for event in events:
            report(name, event.event_type == rising)


def _line(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
