"""Two threads that meet in the same place each time: what a lock is for, seen without luck.

A loop that calls from many threads sees a missing lock once in a million turns, or never. Here the first call
stops at a known place and stays there while a second thread makes its call. The second thread either waits
for a lock that the first one holds, which its lock reports, or it runs to its end. Then the first call goes
on. The test compares what came out with what two calls one after the other give.

    meeting = Meeting()
    driver.on_write = meeting.stop
    first, second = meeting.run(lambda: bank.set("up", True), lambda: bank.set("down", True))
    first.result(), second.exception()

Where no double is called in between, `every_stop` stops the first call before each bytecode instruction of a
module in turn, in a run of its own, and `check_serial` compares what each run leaves. One change of threads
finds most faults of this kind: Musuvathi and Qadeer, "Iterative context bounding for systematic testing of
multithreaded programs", 2007.

Locks report who waits after `watch_locks` has replaced those of a module. Every wait here has a bound, and a
thread that has not ended by then fails the test.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from types import FrameType, ModuleType
from typing import Any, TypeVar

import pytest

T = TypeVar("T")

#: Seconds after which a thread hangs; none takes nearly as long.
STUCK = 30.0

#: Guards `_waiting`, and is notified of each change that a meeting may wait for.
_change = threading.Condition()
#: Threads that wait for a watched lock.
_waiting: set[threading.Thread] = set()


class Hung(BaseException):
    """A thread has not gone on within `STUCK` seconds. No `except Exception` of what is tested takes it."""


class WatchedLock:
    """A lock, or a reentrant one, that reports who waits for it."""

    def __init__(self, lock: Any) -> None:
        self._lock = lock

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if self._lock.acquire(blocking=False):
            return True
        if not blocking:
            return False
        _report(_waiting.add)
        try:
            if self._lock.acquire(timeout=STUCK if timeout < 0 else timeout):
                return True
        finally:
            _report(_waiting.discard)
        if timeout < 0:
            raise Hung("a lock was not released")
        return False

    def release(self) -> None:
        self._lock.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *error: object) -> None:
        self.release()

    def __getattr__(self, name: str) -> Any:
        # `Condition` asks a reentrant lock for more than these methods.
        return getattr(self._lock, name)


_REPLACEMENTS: dict[str, Callable[..., Any]] = {
    "Lock": lambda: WatchedLock(threading.Lock()),
    "RLock": lambda: WatchedLock(threading.RLock()),
    "Condition": lambda lock=None: threading.Condition(lock or WatchedLock(threading.RLock())),
}


def watch_locks(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> None:
    """Have the locks that a module makes from now on report who waits."""
    found = [name for name in _REPLACEMENTS if hasattr(module, name)]
    assert found, f"{module.__name__} makes no lock by a name of its own"
    for name in found:
        monkeypatch.setattr(module, name, _REPLACEMENTS[name])


class Meeting:
    """Two calls, the second one made while the first one is stopped.

    `inside` and `at`: stop by itself before that instruction of this module, counted from 0, or before that
    line where `event` is "line".
    """

    def __init__(self, inside: ModuleType | None = None, at: int = 0, event: str = "opcode") -> None:
        self._file = inside and inside.__file__
        self._left = at
        self._event = event
        self._second: threading.Thread | None = None
        self._second_call: Callable[[], object] = lambda: None
        self._second_future: Future[Any] = Future()
        self._ended = False
        #: Whether the first call was stopped and the second one was made in the meantime.
        self.met = False
        #: Whether the second call had to wait for the first one.
        self.waited = False

    def stop(self, *_: object) -> None:
        """Let the second call go ahead, until it ends or waits. A double calls this; once is what counts."""
        if self.met or threading.current_thread() is self._second:
            return
        self.met = True
        self._second = threading.Thread(target=self._call_second, name="second", daemon=True)
        self._second.start()
        with _change:
            if not _change.wait_for(lambda: self._ended or self._second in _waiting, STUCK):
                raise Hung("the second thread neither ended nor waits for a watched lock")
            self.waited = not self._ended

    def run(self, first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Future[Any], Future[Any]]:
        """Make both calls; return how they ended.

        Raises `Hung`, or `AssertionError` where no double called `stop`. With `inside`, the second call is
        made after the first one if that has fewer instructions.
        """
        self._second_call = second
        future: Future[Any] = Future()
        trace = sys.gettrace()
        if self._file:
            # Python 3.12 traces instructions only if some frame has asked for them before `settrace`.
            sys._getframe().f_trace_opcodes = True
            sys.settrace(self._trace)
        try:
            _make(first, future)
        finally:
            sys.settrace(trace)
        if self._second is not None:
            self._second.join(STUCK)
            if self._second.is_alive():
                raise Hung("the second thread has not ended")
        elif self._file:
            _make(second, self._second_future)
        else:
            raise AssertionError("the first call never came to the place where it was to stop")
        return future, self._second_future

    def _call_second(self) -> None:
        try:
            _make(self._second_call, self._second_future)
        finally:
            with _change:
                self._ended = True
                _change.notify_all()

    def _trace(self, frame: FrameType, event: str, argument: object) -> Any:
        if frame.f_code.co_filename != self._file:
            return None
        frame.f_trace_opcodes = self._event == "opcode"
        if event == self._event:
            if self._left == 0:
                self.stop()
            self._left -= 1
        return self._trace


def every_stop(module: ModuleType, event: str = "opcode") -> Iterator[Meeting]:
    """A meeting for each instruction, or line, of a module that the first call comes to.

    Each is to be run once, on objects made afresh.
    """
    at = 0
    while True:
        meeting = Meeting(module, at, event)
        yield meeting
        if not meeting.met:
            break
        at += 1
    assert at > 0, f"the first call never came to {module.__name__}"


def check_serial(
    module: ModuleType,
    make: Callable[[], T],
    first: Callable[[T], object],
    second: Callable[[T], object],
    look: Callable[[T], object],
    event: str = "opcode",
) -> None:
    """Assert that two calls at once leave what they leave one after the other, in one order or the other.

    `make` returns a new object for each run, and `look` what can be seen of it in the end. The first call is
    stopped before each instruction of the module in turn, or before each line, which is enough where the
    lines are short and the calls are long. What either call raises is raised here.
    """
    allowed = []
    for calls in ((first, second), (second, first)):
        made = make()
        for call in calls:
            call(made)
        allowed.append(look(made))
    for meeting in every_stop(module, event):
        made = make()
        for future in meeting.run(partial(first, made), partial(second, made)):
            future.result()
        assert look(made) in allowed


def _make(call: Callable[[], Any], future: Future[Any]) -> None:
    try:
        future.set_result(call())
    except Exception as error:
        future.set_exception(error)


def _report(change: Callable[[threading.Thread], object]) -> None:
    with _change:
        change(threading.current_thread())
        _change.notify_all()
