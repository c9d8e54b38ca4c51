"""The threads that run the application, the queue before them, and a sign of life."""

from __future__ import annotations

import threading
from collections import deque
from typing import Protocol

from .log import logger


class Work(Protocol):
    """What a thread does: serve a connection's next request."""

    def service(self) -> None: ...


class Workers:
    """So many threads at most, each started when all before it are busy, and a bounded queue.

    The thread that became idle last is given the next request: under little load one thread does all work,
    and only its stack and its part of the heap are in memory.
    """

    def __init__(self, threads: int, queue_limit: int) -> None:
        self.limit = threads
        self.queue_limit = queue_limit
        self.queue: deque[Work] = deque()
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._count = 0
        self._canary: _Canary | None = None

    def has_room(self) -> bool:
        """Whether one more request may come, to be worked on or to wait."""
        return bool(self._idle) or self._count < self.limit or len(self.queue) < self.queue_limit

    def add_task(self, task: Work) -> None:
        """Have it done by an idle thread, by a new one, or by the first that becomes free."""
        with self._lock:
            if self._idle:
                self._idle.pop().give(task)
            elif self._count < self.limit:
                self._count += 1
                _Worker(self, task).start()
            else:
                self.queue.append(task)

    def next_task(self, worker: _Worker) -> Work | None:
        """What a worker does now; None: wait to be given something."""
        with self._lock:
            if self._count > self.limit:
                self._count -= 1
                raise _NotNeeded
            if self.queue:
                return self.queue.popleft()
            self._idle.append(worker)
            return None

    def are_alive(self) -> bool:
        """Whether a thread has taken up work since the last call; asked at intervals of a watchdog.

        True the first time. A canary waits at the head of the queue: with all threads busy it is taken as
        soon as one is free, and only if none has become free by the next call, they count as stuck.
        """
        if self._canary is not None and not self._canary.sang:
            return False
        self._canary = None
        with self._lock:
            if not self._idle and self._count >= self.limit:
                self._canary = _Canary()
                self.queue.appendleft(self._canary)
        return True

    def stop(self, seconds: float) -> None:
        """End the threads that have nothing to do. What runs then ends with the process."""
        with self._lock:
            self.limit = 0
            self.queue.clear()
            idle, self._idle = self._idle, []
            self._count -= len(idle)
        for worker in idle:
            worker.give(None)
            worker.join(seconds)


class _NotNeeded(Exception):
    """There are more threads than there should be."""


class _Worker(threading.Thread):
    def __init__(self, workers: Workers, task: Work) -> None:
        super().__init__(name="edgeweb-worker", daemon=True)
        self._workers = workers
        self._task: Work | None = task
        # Held while there is nothing to do: taking it waits for `give`.
        self._given = threading.Lock()
        self._given.acquire()

    def give(self, task: Work | None) -> None:
        self._task = task
        self._given.release()

    def run(self) -> None:
        task = self._task
        while task is not None:
            try:
                task.service()
            except BaseException:  # whatever it is, the thread is needed
                logger.exception("Exception when serving %r", task)
            self._task = task = None  # what was served must not stay in memory until the next one
            try:
                task = self._workers.next_task(self)
            except _NotNeeded:
                return
            if task is None:
                self._given.acquire()
                task = self._task


class _Canary:
    sang = False

    def service(self) -> None:
        self.sang = True
