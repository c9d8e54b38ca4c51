"""The threads that run the application, their queue, and their sign of life for the watchdog."""

from __future__ import annotations

import threading
from collections import deque
from typing import Protocol

from .log import logger


class Work(Protocol):
    """A connection whose next request a thread serves."""

    def service(self) -> None: ...


class Workers:
    """A bounded number of threads, each started when all others are busy, and a bounded queue.

    The thread that became idle last gets the next request: under little load one thread does all work, and
    only its stack and its part of the heap are in memory.
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
        """Return whether there is a thread or a place in the queue for one more request."""
        return bool(self._idle) or self._count < self.limit or len(self.queue) < self.queue_limit

    def add_task(self, task: Work) -> None:
        """Give a request to an idle thread, to a new one, or to the queue."""
        with self._lock:
            if self._idle:
                self._idle.pop().give(task)
            elif self._count < self.limit:
                self._count += 1
                _Worker(self, task).start()
            else:
                self.queue.append(task)

    def next_task(self, worker: _Worker) -> Work | None:
        """Return the next request for a worker; None: it is idle now, and waits for `give`."""
        with self._lock:
            if self._count > self.limit:
                self._count -= 1
                raise _NotNeeded
            if self.queue:
                return self.queue.popleft()
            self._idle.append(worker)
            return None

    def are_alive(self) -> bool:
        """Return False if no thread has become free since the last call; called at intervals of a watchdog.

        While all threads are busy a canary waits at the head of the queue, for the first one that becomes
        free. If it still waits at the next call, the threads count as stuck.
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
        """End the idle threads. Requests that are being served end with the process."""
        with self._lock:
            self.limit = 0
            self.queue.clear()
            idle, self._idle = self._idle, []
            self._count -= len(idle)
        for worker in idle:
            worker.give(None)
            worker.join(seconds)


class _NotNeeded(Exception):
    """Raised to end a thread: the limit was lowered."""


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
            except BaseException:  # of any class: the thread is needed for other requests
                logger.exception("Exception when serving %r", task)
            self._task = task = None  # do not keep the served request in memory until the next one
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
