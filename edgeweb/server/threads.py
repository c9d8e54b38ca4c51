"""The threads behind `leadership`: each leads, works and stands by until it is not needed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from .leadership import Leadership, Standby
from .log import logger
from .signals import Ended

if TYPE_CHECKING:
    from .leadership import Work


class Threads(Leadership):
    """Run `lead` on one thread at a time, and views on the thread that leads.

    `lead` polls, and returns when its thread leads no more or `finished` is set. `wake` ends a poll.
    """

    #: Set by the server: its loop is made after this.
    wake: Callable[[], None]

    def __init__(self, limit: int, queue_limit: int, lead: Callable[[], None]) -> None:
        super().__init__(limit, queue_limit)
        self._lead = lead

    def run(self) -> None:
        """Serve on the main thread, and return when the server has ended."""
        self.leader = threading.get_ident()
        self._live(None, is_main=True)

    def serve_next(self) -> bool:
        """Serve a request that waits, on the leader. Return whether this thread leads afterwards."""
        number = self.begun + 1
        work = self.begin()
        if work is None:
            return True
        if self.standby is None:
            self._start_standby()
        try:  # as `_serve`, without its call
            work.service()
        except Ended:
            raise
        except BaseException:
            logger.exception("Exception when serving %r", work)
        return self.end(number)

    def _start_standby(self) -> None:
        standby = self.add_standby()
        if standby is None:
            return
        name = "edgeweb-worker"
        try:
            threading.Thread(target=self._live, args=(standby, False), name=name, daemon=True).start()
        except RuntimeError as error:  # no memory, or too many threads: the view runs all the same
            self.remove_standby(standby)
            logger.warning("cannot start a thread, so a slow view holds up other requests: %s", error)

    def _live(self, standby: Standby | None, is_main: bool) -> None:
        while standby is None or self._stands_by(standby):
            self._lead()
            if self.leads():
                return  # the server has ended
            standby = self._work(is_main)
            if standby is None:
                return

    def _stands_by(self, standby: Standby) -> bool:
        """Wait for the lead; return False to end."""
        seconds = self.look(standby)
        while seconds is not None:
            standby.wait(seconds)
            seconds = self.look(standby)
        return self.leads()

    def _work(self, is_main: bool) -> Standby | None:
        """Serve what waits, after a view in which the lead was lost; return the place to stand by."""
        while True:
            # What the view has changed in its connection decides what to poll for.
            self.wake()
            found = self.release(is_main)
            if found is None or isinstance(found, Standby):
                return found
            _serve(found)
            found = None  # do not keep the served request in memory


def _serve(work: Work) -> None:
    try:
        work.service()
    except Ended:
        raise
    except BaseException:  # of any class: the thread is needed for other requests
        logger.exception("Exception when serving %r", work)
