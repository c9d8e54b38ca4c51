"""Calls at a later moment: one thread for all timers of the device, asleep until the next one is due.

Moments are those of the monotonic clock, so a clock that is set moves no timer. The thread starts with the
first timer, so a device without any has none. A call that raises a `DeviceError` with `retry_after` is made
again after those seconds.

    >>> now = 0.0
    >>> timers = Timers(clock=lambda: now, threaded=False)
    >>> timer = timers.after(5.0, lambda: print("due"))
    >>> timers.run_due()
    5.0
    >>> now = 5.0
    >>> timers.run_due()
    due
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from heapq import heappop, heappush
from threading import Condition, Thread, current_thread

from ..errors import DeviceError

#: Cancelled timers stay in the heap until they are due; with more of them than this it is rebuilt.
_SWEEP = 256


class Timer:
    """One call at a moment; `cancel` drops it, unless it is being made just then."""

    __slots__ = ("_number", "call", "cancelled", "moment")

    def __init__(self, moment: float, number: int, call: Callable[[], object]) -> None:
        self.moment = moment
        self._number = number
        self.call = call
        self.cancelled = False

    def __lt__(self, other: Timer) -> bool:
        return (self.moment, self._number) < (other.moment, other._number)

    def cancel(self) -> None:
        self.cancelled = True


class Timers:
    """All timers. A call that fails is logged to stderr and stops no other.

    Calls have to be short: they are made one after another. Without `threaded` the owner calls `run_due`.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        threaded: bool = True,
        name: str = "edgeweb-timers",
        longest: float = 0.0,
    ) -> None:
        self._clock = clock
        self._threaded = threaded
        self._name = name
        #: Seconds that a call may take before the log has a line, the first time; 0: any time.
        self._longest = longest
        self._heap: list[Timer] = []
        self._changed = Condition()
        self._number = 0
        self._thread: Thread | None = None
        #: The thread that `close` has ended, perhaps while it makes its last call.
        self._ended: Thread | None = None
        #: From `close` to the next thread.
        self._closed = False

    def after(self, seconds: float, call: Callable[[], object]) -> Timer:
        """Call once, that many seconds from now; never after `close`, also for its last call."""
        with self._changed:
            self._number += 1
            timer = Timer(self._clock() + seconds, self._number, call)
            if self._ended is not None and current_thread() is self._ended:
                timer.cancel()
                return timer
            if self._threaded and self._thread is None and not self._start():
                timer.cancel()
                return timer
            if len(self._heap) > _SWEEP:
                self._heap = sorted(waiting for waiting in self._heap if not waiting.cancelled)
            heappush(self._heap, timer)
            if self._heap[0] is timer:
                self._changed.notify()
        return timer

    def _start(self) -> bool:
        """Start the thread; return False where Python ends, and these timers with it."""
        thread = Thread(target=self._run, name=self._name, daemon=True)
        try:
            thread.start()
        except RuntimeError:
            # Python 3.12 starts none while it ends, and what a device writes then sets timers as well.
            # Otherwise there is no room for a thread, and the caller has to know.
            if self._closed:
                return False
            raise
        self._thread, self._closed = thread, False
        return True

    def run_due(self) -> float | None:
        """Make every call that is due; return the seconds until the next one, None where there is none."""
        while True:
            with self._changed:
                while self._heap and self._heap[0].cancelled:
                    heappop(self._heap)
                if not self._heap:
                    return None
                wait = self._heap[0].moment - self._clock()
                if wait > 0:
                    return wait
                timer = heappop(self._heap)
            begun = self._clock()
            try:
                timer.call()
            except DeviceError as error:
                if error.retry_after is None:
                    sys.excepthook(*sys.exc_info())
                else:
                    self.after(error.retry_after, timer.call)
            except Exception:
                # the device goes on, and its log has the reason
                sys.excepthook(*sys.exc_info())
            taken = self._clock() - begun
            if 0 < self._longest < taken:
                self._longest = 0.0
                print(
                    f"edgeweb: a call of {self._name} took {taken * 1000:.0f} ms, and what was due meanwhile"
                    f" waited for it: {timer.call!r}",
                    file=sys.stderr,
                    flush=True,
                )

    def close(self) -> None:
        """Drop all timers and end the thread, after the call that it is making."""
        with self._changed:
            self._heap.clear()
            thread, self._thread = self._thread, None
            self._ended, self._closed = thread, True
            self._changed.notify()
        if thread is not None:
            thread.join(5)

    def _run(self) -> None:
        while True:
            self.run_due()
            with self._changed:
                if self._thread is None:
                    return
                nearest = self._heap[0].moment - self._clock() if self._heap else None
                if nearest is None or nearest > 0:
                    # recomputed: a timer may have been added since
                    self._changed.wait(nearest)
