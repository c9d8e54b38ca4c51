"""Which thread polls, and which threads run views: the states of the server's threads.

The thread that polls, the leader, runs the view itself: handing every request to another thread costs more
than most views. A view that takes long would keep the others waiting, so the loop is handed over instead: a
thread that stands by takes the lead when a view has run for `SLOW_SECONDS`. This is the pattern "leader and
followers"; Go's runtime treats threads in system calls in the same way.

| state   | the thread                                           | how many                               |
|---------|------------------------------------------------------|----------------------------------------|
| leader  | polls, and runs the views of short requests          | one                                    |
| standby | sleeps, or looks every 5 ms how long a view has run  | one or none, and none at first         |
| worker  | has lost the lead in its view, and ends it           | at most `limit`, with the leader's view |

Each event is one step, under the lock where another thread takes part:

| event                      | change                                           | condition                |
|----------------------------|--------------------------------------------------|--------------------------|
| `begin`, by the leader     | the leader is busy, the standby is awake         | fewer views than `limit` |
| `end`, by the same thread  | the leader is not busy                           | it leads still           |
| `look`, by the standby     | standby becomes leader, leader becomes worker    | busy for 5 ms, or 1 ms   |
|                            | the standby sleeps                               | no view in `QUIET_LOOKS` |
| `hand_over`, by the leader | the next `look` comes now, and changes the lead  | busy, there is a standby |
| `release`, by a worker     | worker takes the first request that waits        | fewer views than `limit` |
|                            | worker becomes standby                           | there is none            |
|                            | worker becomes standby, and the standby ends     | it is the main thread    |
|                            | worker ends                                      | there is a standby       |
| `finish`                   | the standby ends, and each worker after its view |                          |

Slow views often come together, and a short one behind three of them would wait for 15 ms. So 1 ms is enough
for `look` while the last change of the lead is less than 50 ms ago.

`begin` and `end` come with each request, and a lock costs 2,000 instructions, as much as the rest of both. So
they take none in the common case:

- `running` has the number of the leader's view and its time. The thread that takes it out decides: the leader
  in `end`, or the standby in `look`. `dict.pop` is one step, so exactly one of them finds it. The one that
  does not find it takes the lock, so that it sees who leads.
- Without workers only the leader takes from `queue`. A worker leaves `workers` as the last step of `release`.
- The standby is asleep first and looks at `running` once more; the leader puts its view there first, and then
  rings for a standby that is asleep. So one of the two sees the other.

While `limit` views run the leader runs none: requests wait in `queue`, which is bounded. Whenever `queue` is
not empty a thread will take from it: the leader in its turn, or a worker when its view ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Lock, get_ident
from time import monotonic
from typing import TYPE_CHECKING, Protocol

#: Seconds that a view runs before another thread polls in place of its own.
SLOW_SECONDS = 0.005

#: The same, and for how long after a slow view: others often come with it.
NEXT_SLOW_SECONDS = 0.001
HURRY_SECONDS = 0.05

#: Looks without a new view after which the standby sleeps.
QUIET_LOOKS = 4

#: A timeout of `Lock.acquire`: for ever.
_FOR_EVER = -1.0


if TYPE_CHECKING:

    class Work(Protocol):
        """A connection whose next request a thread serves."""

        def service(self) -> None: ...


class Standby:
    """One stay of a thread on standby, from `release` or `add_standby` until it leads or ends."""

    __slots__ = ("_bell", "asleep", "begun", "quiet")

    def __init__(self) -> None:
        self._bell = Lock()
        self._bell.acquire()
        self.asleep = False
        #: Number of views that had begun at the last look, and the looks since it changed.
        self.begun = 0
        self.quiet = 0

    def wait(self, seconds: float) -> None:
        """Wait until `ring`, or for so long; -1 is for ever."""
        self._bell.acquire(timeout=seconds)

    def ring(self) -> None:
        """End the wait, or the next one. Only under the lock of `Leadership`: a bell rings once."""
        self.asleep = False
        if self._bell.locked():
            self._bell.release()


class Leadership:
    """The states of the threads, without the threads. `limit` is the number of views at the same time."""

    def __init__(self, limit: int, queue_limit: int, clock: Callable[[], float] = monotonic) -> None:
        self.limit = limit
        self.queue_limit = queue_limit
        #: Requests that wait. Only the leader and workers append, each before its own `begin` or `release`.
        self.queue: deque[Work] = deque()
        #: Identity of the thread that leads.
        self.leader = 0
        self.finished = False
        #: Threads that have lost the lead in their view.
        self.workers = 0
        #: Number of the last view that a leader has begun.
        self.begun = 0
        #: The leader's view: its number, and when it began. Empty while it runs none.
        self.running: dict[int, float] = {}
        #: Views among them whose answers are streams.
        self.streams = 0
        self.standby: Standby | None = None
        self._lock = Lock()
        self._clock = clock
        #: Until then `NEXT_SLOW_SECONDS` counts.
        self._hurries_until = 0.0
        #: Views that have ended: those of leaders, and those of workers, which count under the lock.
        self._ended = 0
        self._ended_late = 0
        self._canary: int | None = None

    @property
    def views(self) -> int:
        """The views that run: those of workers and the leader's."""
        return self.workers + len(self.running)

    def leads(self) -> bool:
        """Return whether this thread leads."""
        return self.leader == get_ident()

    def offer(self, work: Work) -> bool:
        """Put a request behind those that wait; return False where there are too many."""
        # Mostly there is none of them, which is seen without three calls (1,100 instructions).
        is_busy = self.queue or self.running or self.workers
        if is_busy and self.views + len(self.queue) >= self.limit + self.queue_limit:
            return False
        self.queue.append(work)
        return True

    def has_next(self) -> bool:
        """Return whether `begin` would return a request."""
        return bool(self.queue) and self.views < self.limit

    def begin(self) -> Work | None:
        """Return the request whose view the leader runs now; None: none waits, or too many views run.

        The number of its view is the next one of `begun`: read it before, as another thread may lead after.
        """
        if self.workers:
            with self._lock:
                work = self._begin() if self.workers < self.limit and self.queue else None
        else:
            work = self._begin() if self.queue else None
        standby = self.standby
        if standby is not None and standby.asleep and work is not None:
            with self._lock:
                standby.ring()
        return work

    def _begin(self) -> Work:
        work = self.queue.popleft()
        self.begun += 1
        # Last: from here on the standby may take over, and begin views itself.
        self.running[self.begun] = self._clock()
        return work

    def end(self, number: int) -> bool:
        """Note the end of a view of `begin`. Return whether this thread still leads; else `release` it."""
        if self.running.pop(number, None) is None:
            # The standby takes the view out first, and notes that it leads a step later: wait for that.
            # Else `leads` is still true here, and the main thread would end the server.
            with self._lock:
                return False
        self._ended += 1
        return True

    def look(self, standby: Standby) -> float | None:
        """Return how long the standby waits for its next look; None: it leads now, or ends."""
        with self._lock:
            if self.standby is not standby or self.finished:
                return None
            now = self._clock()
            left = slow = NEXT_SLOW_SECONDS if now < self._hurries_until else SLOW_SECONDS
            for number, began in list(self.running.items()):  # one or none
                if slow + (began - now) > 0:
                    left = slow + (began - now)
                elif self._take_over(number):
                    self._hurries_until = now + HURRY_SECONDS
                    return None
            standby.quiet = 0 if standby.begun != self.begun else standby.quiet + 1
            standby.begun = self.begun
            if standby.quiet >= QUIET_LOOKS:
                standby.asleep = True
                if not self.running:
                    return _FOR_EVER
                standby.asleep = False
            return left

    def _take_over(self, number: int) -> bool:
        """Have this thread lead, and the leader be a worker, unless its view has just ended."""
        # First: between the two steps it counts twice, and not as none.
        self.workers += 1
        if self.running.pop(number, None) is None:
            self.workers -= 1
            return False
        self.leader = get_ident()
        self.standby = None
        return True

    def hand_over(self) -> bool:
        """Have the standby lead now, as this thread has to wait. Return False where there is none."""
        with self._lock:
            if self.leader != get_ident():
                return True
            if not self.running or self.standby is None:
                return False
            self.running[self.begun] = float("-inf")
            self.standby.ring()
            return True

    def begin_stream(self) -> bool:
        """Note that a view goes on as a stream. Return False where that would take the last place.

        With a limit of one thread, one stream may run.
        """
        with self._lock:
            if self.streams >= max(1, self.limit - 1):
                return False
            self.streams += 1
            return True

    def end_stream(self) -> None:
        with self._lock:
            self.streams -= 1

    def release(self, is_main: bool) -> Work | Standby | None:
        """Note the end of a worker's view. Return what the thread does next; None: it ends.

        The main thread never ends before the server does, so it stands by in place of another thread.
        """
        with self._lock:
            self._ended_late += 1
            # It still counts among the workers: the leader must not take from the queue at the same time.
            if not self.finished and self.queue and self.views <= self.limit:
                return self.queue.popleft()
            if self.finished or (self.standby is not None and not is_main):
                self.workers -= 1
                return None
            if self.standby is not None:
                self.standby.ring()
            self.standby = standby = Standby()
            self.workers -= 1
            return standby

    def add_standby(self) -> Standby | None:
        """Return the place of a new thread on standby; None: it is taken."""
        with self._lock:
            if self.standby is not None or self.finished:
                return None
            self.standby = Standby()
            return self.standby

    def remove_standby(self, standby: Standby) -> None:
        """Give up a place for which no thread could be started."""
        with self._lock:
            if self.standby is standby:
                self.standby = None

    def are_alive(self) -> bool:
        """Return False if no view has ended since the last call; called at intervals of a watchdog.

        Only while all places were taken at the last call: else the leader runs the next view in any case.
        """
        with self._lock:
            ended = self._ended + self._ended_late
            if self._canary == ended:
                return False
            self._canary = ended if self.views >= self.limit else None
            return True

    def finish(self) -> None:
        """End the standby now, and workers after their views."""
        with self._lock:
            self.finished = True
            if self.standby is not None:
                self.standby.ring()
