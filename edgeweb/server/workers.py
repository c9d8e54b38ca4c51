"""The threads that run the application, the queue before them, and a sign of life."""

from __future__ import annotations

from typing import Any

from waitress.task import ThreadedTaskDispatcher

from .log import logger


class Workers(ThreadedTaskDispatcher):  # type: ignore[misc]
    """A fixed number of threads and a bounded queue."""

    logger = logger

    def __init__(self, queue_limit: int) -> None:
        super().__init__()
        self.queue_limit = queue_limit
        self._canary: _Canary | None = None

    def has_room(self) -> bool:
        """Whether one more request may wait. One that an idle thread is about to take does not."""
        idle = len(self.threads) - self.stop_count - self.active_count
        return bool(len(self.queue) - idle < self.queue_limit)

    def add_task(self, task: Any) -> None:
        # Without waitress's warning for each request that waits: a log line is a write to a memory card.
        with self.lock:
            self.queue.append(task)
            self.queue_cv.notify()

    def are_alive(self) -> bool:
        """Whether a thread has taken up work since the last call; asked at intervals of a watchdog.

        True the first time. A canary waits at the head of the queue: with all threads busy it is taken as
        soon as one is free, and only if none has become free by the next call, they count as stuck.
        """
        if self._canary is not None and not self._canary.sang:
            return False
        self._canary = _Canary()
        with self.lock:
            self.queue.appendleft(self._canary)
            self.queue_cv.notify()
        return True


class _Canary:
    sang = False

    def service(self) -> None:
        self.sang = True

    def cancel(self) -> None:
        pass
