"""Programs that a request waits for: for a short time, and one call for all that want the same answer.

A request waits `PATIENCE` seconds at most. A program that takes longer goes on until its own deadline, and
the next request for the same gets its answer: a slow board shows its journal at the second attempt, and a
program that hangs holds no request. A call takes a thread for as long as it runs, so a device that asks for
nothing has none.

A program that changes something is called for each request. One that takes longer is accepted, and its
failure comes later.

    >>> queries = Queries(lambda arguments: b"active\\n")
    >>> queries(["systemctl", "is-active", "nginx.service"])
    b'active\\n'
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Event, Lock, Thread

from .command import CommandError
from .patience import Patience

#: Seconds that a request waits for a program: with the rest of its way it stays below a second.
PATIENCE = 0.9

#: Programs at a time; each may hold memory for its output.
MAX_RUNNING = 3

#: Seconds for which an answer waits to be asked for again.
KEPT = 10.0


class Slow(CommandError):
    """A program has not answered yet, or too many have not."""

    retry_after = 2


class _Query:
    """One call of a program."""

    __slots__ = ("done", "ended", "failure", "late", "output")

    def __init__(self) -> None:
        self.done = Event()
        self.ended = 0.0
        self.failure: Exception | None = None
        self.output = b""
        #: Gets the failure of a change whose request did not wait for it.
        self.late: Callable[[CommandError], object] | None = None


class Queries:
    """The calls of programs that run now, by their arguments. `run` calls one, by a deadline of its own."""

    def __init__(
        self,
        run: Callable[[list[str]], bytes],
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
        allowed: Patience | None = None,
    ) -> None:
        self._run = run
        #: Seconds that a request waits.
        self.patience = patience
        self._allowed = allowed or Patience(clock)
        self._clock = clock
        self._lock = Lock()
        self._queries: dict[object, _Query] = {}

    def __call__(self, arguments: Sequence[str]) -> bytes:
        """Return the output of a program. Raises `CommandError`, as `run`, or `Slow`."""
        key = tuple(arguments)
        with self._lock:
            query = self._queries.get(key)
            if query is None:
                query = self._start(key, arguments)
        if not query.done.wait(self._allowed.left(self.patience)):
            raise Slow(f"{key[0]} has not answered within {self.patience:g} s: ask again")
        with self._lock:
            # a request that waits now gets this answer; a later one calls again
            if self._queries.get(key) is query:
                del self._queries[key]
        if query.failure is not None:
            raise query.failure
        return query.output

    def change(self, arguments: Sequence[str], late: Callable[[CommandError], object]) -> None:
        """Call a program that changes something; return once it has ended well, or takes longer.

        Raises `CommandError`, as `run`, where it fails until then; `late` gets a failure that comes after
        that. Raises `Slow` where the program is not called at all.
        """
        key = object()
        with self._lock:
            query = self._start(key, arguments)
        query.done.wait(self._allowed.left(self.patience))
        with self._lock:
            # either this request raises the failure, or `late` gets it
            if not query.done.is_set():
                query.late = late
                return
            del self._queries[key]
        if query.failure is not None:
            raise query.failure

    def _start(self, key: object, arguments: Sequence[str]) -> _Query:
        now = self._clock()
        for other, query in list(self._queries.items()):
            if query.done.is_set() and now - query.ended > KEPT:
                del self._queries[other]
        if len(self._queries) >= MAX_RUNNING:
            raise Slow(f"{arguments[0]} was not called: {MAX_RUNNING} programs have not answered yet")
        query = self._queries[key] = _Query()
        try:
            Thread(
                target=self._answer, args=(query, key, arguments), name="edgeweb-query", daemon=True
            ).start()
        except RuntimeError as error:  # no thread is left
            del self._queries[key]
            raise Slow(f"{arguments[0]} was not called: {error}") from error
        return query

    def _answer(self, query: _Query, key: object, arguments: Sequence[str]) -> None:
        try:
            query.output = self._run(list(arguments))
        except Exception as error:  # raised by the request that asks
            query.failure = error
        with self._lock:
            query.ended = self._clock()
            query.done.set()
            if query.late is not None:
                del self._queries[key]
        if query.late is not None and isinstance(query.failure, CommandError):
            query.late(query.failure)
