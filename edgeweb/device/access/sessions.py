"""Browser sessions: which user has signed in from which browser, in memory only.

They end with the process, after some time without a request (by the monotonic clock: setting the date ends
none and revives none), at sign-out, and when the password changes. The browser has a key of 256 bits, the
server its hash.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from . import secrets
from .user import User

#: Sessions at most; the least recently used one is dropped. One takes about 1 KB.
MAX_SESSIONS = 64


class Session:
    """One browser of one user. `csrf` is the token in every form of its pages."""

    __slots__ = ("agent", "csrf", "id", "opened", "password", "seen", "source", "undo", "user")

    def __init__(self, user: User, source: str, agent: str, now: float) -> None:
        self.id = secrets.new_key()[:8]
        self.user = user.name
        self.password = user.password
        self.csrf = secrets.new_key()
        self.source = source
        self.agent = agent[:120]
        self.opened = self.seen = now
        #: The values before this browser's last change of settings, by key; None: that of the profile.
        self.undo: dict[str, object] = {}


class Sessions:
    """All sessions; `idle` is in seconds."""

    def __init__(self, idle: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.idle = idle
        self._clock = clock
        self._lock = Lock()
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def open(self, user: User, source: str = "", agent: str = "") -> tuple[str, Session]:
        """Open a session; return it after its key for the browser."""
        key = secrets.new_key()
        session = Session(user, source, agent, self._clock())
        with self._lock:
            self._sessions[secrets.digest(key)] = session
            while len(self._sessions) > MAX_SESSIONS:
                self._sessions.popitem(last=False)
        return key, session

    def find(self, key: str) -> Session | None:
        """Return the session of a key; None once it has ended."""
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
        """Return the open sessions, the most recently used one last."""
        now = self._clock()
        with self._lock:
            return [session for session in self._sessions.values() if now - session.seen <= self.idle]

    def end(self, condition: Callable[[Session], bool]) -> int:
        """End all sessions for which the condition holds; return their number."""
        with self._lock:
            ended = [digest for digest, session in self._sessions.items() if condition(session)]
            for digest in ended:
                del self._sessions[digest]
        return len(ended)
