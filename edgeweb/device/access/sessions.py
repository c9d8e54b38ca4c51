"""Browser sessions: who has signed in where, in memory only.

They end with the process, after some time without a request (by the monotonic clock: setting the date ends
none and revives none), at sign-out, and when the password changes. The browser has a key of 256 bits, the
server its hash.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any

from . import secrets
from .user import User

#: All sessions together; the one that was unused longest goes. One takes about 1 KB.
MOST = 64


class Session:
    """One browser of one user. `csrf` stands in every form of the pages it gets."""

    __slots__ = ("agent", "csrf", "id", "opened", "password", "seen", "source", "undo", "user")

    def __init__(self, user: User, source: str, agent: str, now: float) -> None:
        self.id = secrets.new_key()[:8]
        self.user = user.name
        self.password = user.password
        self.csrf = secrets.new_key()
        self.source = source
        self.agent = agent[:120]
        self.opened = self.seen = now
        #: The settings that this browser has changed last, as they were before: the way back.
        self.undo: dict[str, Any] = {}


class Sessions:
    """All sessions; `idle` is in seconds."""

    def __init__(self, idle: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.idle = idle
        self._clock = clock
        self._lock = Lock()
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def open(self, user: User, source: str = "", agent: str = "") -> tuple[str, Session]:
        """A new session and its key for the browser."""
        key = secrets.new_key()
        session = Session(user, source, agent, self._clock())
        with self._lock:
            self._sessions[secrets.digest(key)] = session
            while len(self._sessions) > MOST:
                self._sessions.popitem(last=False)
        return key, session

    def find(self, key: str) -> Session | None:
        """The session of a key, while it lasts."""
        digest, now = secrets.digest(key), self._clock()
        with self._lock:
            session = self._sessions.get(digest)
            if session is None:
                return None
            if now - session.seen > self.idle:
                del self._sessions[digest]
                return None
            session.seen = now
            self._sessions.move_to_end(digest)
            return session

    def all(self) -> list[Session]:
        """Those that last, the one used last at the end."""
        now = self._clock()
        with self._lock:
            return [session for session in self._sessions.values() if now - session.seen <= self.idle]

    def end(self, condition: Callable[[Session], bool]) -> int:
        """Ends all sessions for which the condition holds; returns their number."""
        with self._lock:
            ended = [digest for digest, session in self._sessions.items() if condition(session)]
            for digest in ended:
                del self._sessions[digest]
        return len(ended)
