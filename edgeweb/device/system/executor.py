"""Threads on which drivers are called, so that one that hangs keeps only its own channels waiting.

A lane is what can hang together: the channels of a driver that name the same chip, or none; of a driver that
calls programs, each channel. It has one thread, made with the first call and gone after a minute without one,
and makes its calls in their order.
"""

from __future__ import annotations

from _thread import LockType, allocate_lock, start_new_thread
from collections import deque
from collections.abc import Callable

#: Calls that may wait in a lane. A lane with more hangs.
MAX_CALLS = 64
#: Seconds without a call after which a lane's thread ends.
IDLE = 60.0

Call = Callable[[], object]


class Executor:
    """Makes calls on the threads of their lanes.

    >>> executor = Executor()
    >>> done = allocate_lock()
    >>> _ = done.acquire()
    >>> executor.submit("gpio", done.release)
    True
    >>> done.acquire(timeout=10)
    True
    """

    def __init__(self) -> None:
        self._lanes: dict[str, _Lane] = {}
        self._lock = allocate_lock()
        self._ends = False

    def end(self) -> None:
        """From now on make a call on the thread that submits it, where no other one can be started.

        Python 3.12 starts none in exit functions, and the calls that are left are those that switch off. One
        that hangs keeps the process until it is killed.
        """
        self._ends = True

    def begin(self) -> None:
        """Take `end` back: another thread is needed for each lane."""
        self._ends = False

    def submit(self, lane: str, call: Call) -> bool:
        """Have a call made soon.

        Return False where the lane has `MAX_CALLS` waiting or no thread can be started; the call is then
        never made. It has to catch its own exceptions.
        """
        with self._lock:
            found = self._lanes.get(lane)
            if found is None:
                found = self._lanes[lane] = _Lane()
        return found.submit(call, self._ends)

    def wait(self, done: LockType, seconds: float) -> bool:
        """Wait for a call to release a lock, and take it. Return False where it did not in that time."""
        return done.acquire(timeout=seconds)


class Inline:
    """Makes each call at once, on the thread that submits it: for tests, and for a device without threads."""

    def end(self) -> None:
        """Nothing changes."""

    def begin(self) -> None:
        """Nothing changes."""

    def submit(self, lane: str, call: Call) -> bool:
        """Make the call. Return True."""
        call()
        return True

    def wait(self, done: LockType, seconds: float) -> bool:
        """Take a lock that a call has released; wait as `Executor.wait` for one of another thread."""
        return done.acquire(timeout=seconds)


class _Lane:
    """A queue and its thread."""

    __slots__ = ("_calls", "_lock", "_runs", "_wake")

    def __init__(self) -> None:
        self._calls: deque[Call] = deque()
        self._lock = allocate_lock()
        #: Released for each call that waits: cheaper than a Condition, whose waiters make a lock each.
        self._wake = allocate_lock()
        self._wake.acquire()
        self._runs = False

    def submit(self, call: Call, ends: bool) -> bool:
        with self._lock:
            if len(self._calls) >= MAX_CALLS:
                return False
            if self._runs:
                self._calls.append(call)
                if self._wake.locked():
                    self._wake.release()
                return True
            try:
                start_new_thread(self._run, ())
            except RuntimeError:  # no memory for another thread, or Python ends
                if not ends:
                    return False
            else:
                self._calls.append(call)
                self._runs = True
                return True
        call()
        return True

    def _run(self) -> None:
        while True:
            with self._lock:
                call = self._calls.popleft() if self._calls else None
            if call is not None:
                call()
                del call
            elif not self._wake.acquire(timeout=IDLE):
                with self._lock:
                    if not self._calls:
                        self._runs = False
                        return
