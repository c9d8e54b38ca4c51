"""Signals: the leader learns of each one, whichever thread leads, and the process ends in any case.

Python runs handlers on the main thread only, between two of its instructions, and the main thread may be in a
view. So the numbers of signals also come through a pipe that the interpreter's C handler writes to, and the
leader reads that. How the end reaches the main thread:

| the main thread                  | first signal, when drained             | second signal                  |
|----------------------------------|----------------------------------------|--------------------------------|
| leads or stands by               | `Threads.run` returns                  | the handler raises `Ended`     |
| runs Python code or waits in it  | the handler raises `Ended` in its view | the handler raises `Ended`     |
| is stuck in C, or catches it     | a second later the leader calls `close` and `os._exit`                 |

Source: Python documentation, `signal.set_wakeup_fd`.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

from .loop import READ

#: Seconds for the main thread to leave its view, and for `close` where it does not.
_LEAVE_SECONDS = 1.0
_EXIT_SECONDS = 5.0

_STOP = (signal.SIGTERM, signal.SIGINT)


class Ended(SystemExit):
    """Raised in the main thread, also in a view, to end the process."""


class Wakeup:
    """A pipe that ends a poll. It is in the loop's map, and notes the numbers of signals."""

    accepting = False
    peer_closed = None
    requests = ()

    def __init__(self, map: dict[int, Any]) -> None:
        self._read_end, self.write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        os.set_blocking(self.write_end, False)
        self._written = False
        #: Numbers of the signals that have come.
        self.signals: list[int] = []
        map[self._read_end] = self

    def __call__(self) -> None:
        """End the poll that runs, or the next one."""
        if not self._written:
            self._written = True
            try:
                os.write(self.write_end, b"\0")
            except BlockingIOError:
                pass  # full of bytes that end it as well

    def wanted(self) -> int:
        return READ

    def handle_read_event(self) -> None:
        """Take what was written. Changes before a `__call__` that wrote nothing are seen after this."""
        data = os.read(self._read_end, 4096)
        self._written = False
        self.signals += filter(None, data)


class Signals:
    """`with Signals(wakeup, reloads=True) as signals`, on the main thread: the handlers within the block."""

    def __init__(self, wakeup: Wakeup, reloads: bool) -> None:
        self._wakeup = wakeup
        self._numbers = (*_STOP, signal.SIGHUP) if reloads else _STOP
        self._before: dict[int, Any] = {}
        self._wakeup_before = -1
        self._stops_handled = 0
        self._lock = threading.Lock()
        self._left = threading.Event()
        self._leaving = False
        self._end_code: int | None = None

    def __enter__(self) -> Signals:
        self._wakeup_before = signal.set_wakeup_fd(self._wakeup.write_end, warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, self._handle) for number in self._numbers}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def leave(self) -> None:
        """Put the handlers before these into force, unless the signal of `end_main` may be on its way.

        That signal may end this call before its first step: call it once more.
        """
        self._leaving = True
        with self._lock:
            self._left.set()
            if self._end_code is not None:
                return  # the signal has to find the handler
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup_before)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._leaving:
            return
        if self._end_code is not None:
            raise Ended(self._end_code)
        if number in _STOP:
            self._stops_handled += 1
            if self._stops_handled > 1:
                raise Ended(128 + number)

    def stops(self) -> list[int]:
        """Return the numbers of the signals to stop that have come."""
        return [number for number in self._wakeup.signals if number in _STOP]

    def take_reload(self) -> bool:
        """Return whether SIGHUP has come since the last call."""
        found = self._wakeup.signals
        if signal.SIGHUP not in found or signal.SIGHUP not in self._numbers:
            return False
        found[:] = [number for number in found if number != signal.SIGHUP]
        return True

    def end_main(self, code: int, close: Callable[[], None]) -> None:
        """Have the main thread leave; where it does not, call `close` and end the process. Not on it."""
        with self._lock:
            if self._left.is_set():
                return
            self._end_code = code
            main = threading.main_thread().ident
            assert main is not None
            signal.pthread_kill(main, signal.SIGTERM)
        if not self._left.wait(_LEAVE_SECONDS):
            _exit(code, close)


def _exit(code: int, close: Callable[[], None]) -> None:
    """End the process without its main thread, which is to run exit functions."""
    thread = threading.Thread(target=close, daemon=True)
    thread.start()
    thread.join(_EXIT_SECONDS)
    os._exit(code)
