"""The poller: it reads sources on threads of its own, so that no view waits for the system.

The model. A round reads every source once. The prompt ones are read one after another on one thread, the lane
of the round; a source whose last reading was slow is read on a lane of its own and comes when it comes. Where
a source that was prompt does not return, the rest of the round moves to another lane, and the stuck thread
belongs to that source from then on: it is not read again before it returns. So a folder on a dead network
drive costs one thread, however often the figures are asked for, and no other figure.

Rounds begin on demand only: a view or the history asks, and waits for the prompt sources, or not. A device at
which nobody looks reads as often as its history needs and never more. The lanes' threads begin with the first
round and end after a minute without one (`executor.py`).
"""

from __future__ import annotations

import sys
import time
from _thread import allocate_lock
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from itertools import count
from typing import Any

from .executor import Call, Executor, Inline
from .patience import MAX_WAIT, Patience
from .source import Source, SourceError

#: Seconds in which a prompt source answers. A view waits as long, and once more for each source that has
#: become slow since, at most `patience.MAX_WAIT` in all: no request takes a second for the system's sake.
PROMPT = 0.2

#: The same for the first round, which imports psutil: 0.3 s on a single slow core.
FIRST = 0.8

#: A lane, the call to make there, and the source that it reads alone, None for the queue of a round.
_Planned = tuple[str, Call, Source[Any] | None]

#: Calls that wait for the end of a round at most; later ones find the values at the next look.
MAX_WAITING = 64


class Poller:
    """Reads `sources`, and calls `changed` after each round and each reading that comes after it.

    `name` begins the names of its lanes; `log` gets one line for each change of a source's state. `patience`
    is that of requests.

    >>> poller = Poller("figures", [Source("answer", lambda: 42)], Inline())
    >>> poller.read()
    True
    >>> poller.sources[0].value
    42
    """

    def __init__(
        self,
        name: str,
        sources: Iterable[Source[Any]],
        executor: Executor | Inline,
        clock: Callable[[], float] = time.monotonic,
        log: Callable[[str], None] = lambda line: None,
        changed: Call = lambda: None,
        patience: Patience | None = None,
    ) -> None:
        self.sources = tuple(sources)
        #: The moment at which the last round began.
        self.moment = clock()
        self._name = name
        self._executor = executor
        self._clock = clock
        self._log = log
        self._changed = changed
        self._lock = allocate_lock()
        self._patience = FIRST
        self._allowed = patience or Patience(clock)
        #: The prompt sources that the round has still to read, and the one that it is reading.
        self._queue: deque[Source[Any]] = deque()
        self._reading: Source[Any] | None = None
        self._is_running = False
        #: Counts the threads that have read a queue: the one with this number still does.
        self._turn = 0
        self._lane = 0
        self._stuck: set[int] = set()
        self._waiting: list[Call] = []

    def read(self) -> bool:
        """Read all sources and wait for the prompt ones, at most `MAX_WAIT` seconds of the request's.

        Return False where one of them has not answered in that time.
        """
        done = allocate_lock()
        done.acquire()
        self.begin(done.release)
        left = self._allowed.left(MAX_WAIT)
        while left > 0:
            patience = min(self._patience, left)
            if self._executor.wait(done, patience):
                return True
            left -= patience
            self._start(self._take_over)
        return False

    def begin(self, then: Call) -> None:
        """Read all sources; call `then` once the prompt ones have been read, on the thread that read them.

        It joins the round that is under way.
        """

        def plan(now: float) -> list[_Planned]:
            if len(self._waiting) < MAX_WAITING:
                self._waiting.append(then)
            return self._take_over(now) if self._is_running else self._begin_round(now)

        self._start(plan)

    def _start(self, plan: Callable[[float], list[_Planned]]) -> None:
        lines = []
        with self._lock:
            now = self._clock()
            for source in self.sources:
                if source.begun is not None and now - source.begun >= source.deadline:
                    lines.append(source.fail(now, SourceError(f"{source.deadline:g}", "late")))
            calls = plan(now)
        self._write(*lines)
        for lane, call, alone in calls:
            if not self._executor.submit(lane, call):
                self._give_up(alone)

    def _begin_round(self, now: float) -> list[_Planned]:
        """Return the calls, with their lanes, that read each source which is not being read already."""
        self._is_running = True
        self.moment = now
        calls: list[_Planned] = []
        for source in self.sources:
            if source.begun is None and source.is_slow:
                source.begun = now
                lane = f"{self._name}: {source.title}"
                calls.append((lane, partial(self._read_alone, source), source))
            elif source.begun is None:
                self._queue.append(source)
        return [self._read_queue(), *calls]

    def _take_over(self, now: float) -> list[_Planned]:
        """Return the call that reads the rest of a round whose present source does not return."""
        source = self._reading
        if not self._is_running or source is None or source.begun is None:
            return []
        if now - source.begun < self._patience:
            return []
        source.is_slow = True
        self._stuck.add(self._lane)
        self._reading = None
        return [self._read_queue()]

    def _read_queue(self) -> _Planned:
        self._turn += 1
        self._lane = next(lane for lane in count() if lane not in self._stuck)
        return f"{self._name} {self._lane}", partial(self._run, self._turn, self._lane), None

    def _run(self, turn: int, lane: int) -> None:
        """Read what is left of a round, unless another thread takes that over; then end the round."""
        while True:
            with self._lock:
                if turn != self._turn:
                    self._stuck.discard(lane)
                    waiting: list[Call] = []
                    break
                if not self._queue:
                    waiting = self._end_round()
                    break
                source = self._reading = self._queue.popleft()
                source.begun = self._clock()
            self._read(source)
        self._announce(waiting)

    def _read_alone(self, source: Source[Any]) -> None:
        self._read(source)
        self._announce([])

    def _read(self, source: Source[Any]) -> None:
        value, error = None, None
        try:
            value = source.read()
        except SourceError as found:
            error = found
        with self._lock:
            now = self._clock()
            source.is_slow = source.begun is not None and now - source.begun >= self._patience
            source.begun = None
            line = source.succeed(now, value) if error is None else source.fail(now, error)
        self._write(line)

    def _end_round(self) -> list[Call]:
        waiting, self._waiting = self._waiting, []
        self._is_running = False
        self._reading = None
        self._patience = PROMPT
        return waiting

    def _give_up(self, alone: Source[Any] | None) -> None:
        """End the reading of a source alone, or else a round, for which no thread could be started."""
        with self._lock:
            unread = list(self._queue) if alone is None else [alone]
            waiting = self._end_round() if alone is None else []
            if alone is None:
                self._queue.clear()
            now, lines = self._clock(), []
            for source in unread:
                source.begun = None
                lines.append(source.fail(now, SourceError("", "no-thread")))
        self._write(*lines)
        self._announce(waiting)

    def _announce(self, waiting: list[Call]) -> None:
        for call in (self._changed, *waiting):
            try:
                call()
            except Exception:
                # the lane goes on, and the log has the reason
                sys.excepthook(*sys.exc_info())

    def _write(self, *lines: str) -> None:
        for line in lines:
            if line:
                self._log(line)
