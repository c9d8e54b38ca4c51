"""Browser sessions: which user has signed in from which browser. The browser has a key of 256 bits, the state
the hash of it, so a restart signs no browser out.

A session ends after some time without use (`idle`), at a greatest age (`MAX_AGE`), at sign-out, and when the
password changes. What a page asks for on its own does not count as use.

Both times are times *in which the device runs*. A board without a clock starts in 1970 and jumps to today,
and an age by the date would then end every session, or none. So a row has its age and idle time as of a
moment of the monotonic clock, which goes on in one boot of the machine. What a boot that ended without
warning has not written is charged when the row is read in the next one: by the date, at least `SAVE_EVERY`
and at most a quarter of the limit. A date that jumps ahead ends no session at once, and a board without any
clock whose power is cut every hour ends them after a hundred cuts or so. A key cannot be used while the
device is off, so that time is not counted beyond this.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from ..storage.store import Execute, Store
from ..system.clock import boot_id
from . import secrets
from .user import User

#: Sessions at most, of one user and of all. The least recently used one is dropped: first of the user who
#: opens another one, then of the user with the most. One takes about 1 KB.
MAX_PER_USER = 8
MAX_SESSIONS = 64

#: Seconds: the greatest age, however much a session is used. 30 days.
MAX_AGE = 30 * 86400.0

#: Seconds for which the password counts as shown again.
CONFIRMED_FOR = 300.0

#: Seconds after which the use of a session is written again. An hour of use writes nothing.
SAVE_EVERY = 6 * 3600.0

_COLUMNS = "digest, id, user, stamp, source, agent, age, idle, moment, wall, boot"
_UPDATE = "UPDATE sessions SET age = ?, idle = ?, moment = ?, wall = ?, boot = ? WHERE digest = ?"


class Session:
    """One browser of one user. `csrf` is the token in every form of its pages, which show it masked.

    `opened`, `seen` and `confirmed` (the password was shown again) are moments of the monotonic clock.
    """

    __slots__ = (
        "agent",
        "confirmed",
        "csrf",
        "id",
        "opened",
        "removed",
        "saved",
        "seen",
        "source",
        "stamp",
        "undo",
        "user",
    )

    def __init__(self, user: str, stamp: str, source: str, agent: str, now: float) -> None:
        self.id = secrets.new_key()[:8]
        self.user = user
        self.stamp = stamp
        #: Made from the key, which the state does not have: empty until the browser shows it.
        self.csrf = ""
        self.source = source
        self.agent = agent[:120]
        self.opened = self.seen = self.saved = now
        self.confirmed: float | None = None
        #: The values before this browser's last change of settings, by key; None: that of the profile.
        self.undo: dict[str, object] = {}
        #: The schedule that this browser has removed last: its name, title and fields.
        self.removed: tuple[str, str, dict[str, object]] | None = None


class Sessions:
    """All sessions; `idle` is in seconds.

    `later(seconds, call)` calls back, so that no request waits for the disk; `wall()` is the date in seconds.
    `changed()` is called after sessions have ended; it must not call back.
    """

    def __init__(
        self,
        idle: float,
        store: Store,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        later: Callable[[float, Callable[[], object]], object] = lambda seconds, call: call(),
        changed: Callable[[], object] = lambda: None,
    ) -> None:
        self.idle = idle
        self._changed = changed
        self._store = store
        self._clock = clock
        self._wall = wall
        self._later = later
        self._lock = Lock()
        self._sessions: OrderedDict[str, Session] | None = None
        self._boot = boot_id()

    def now(self) -> float:
        """Return the moment of the clock of all sessions."""
        return self._clock()

    def open(self, user: User, source: str = "", agent: str = "") -> tuple[str, Session]:
        """Open a session; return it after its key for the browser."""
        key = secrets.new_key()
        session = Session(user.name, user.stamp, source, agent, self._clock())
        session.csrf = _csrf(key)
        digest = secrets.digest(key)
        with self._lock:
            sessions = self._read()
            self._drop_ended(sessions)
            dropped = []
            while excess := _excess(sessions, user.name):
                dropped.append(excess)
                del sessions[excess]
            sessions[digest] = session
            row = self._row(digest, session)

            def change(execute: Execute) -> None:
                for one in dropped:
                    execute("DELETE FROM sessions WHERE digest = ?", (one,))
                execute(f"INSERT INTO sessions ({_COLUMNS}) VALUES ({', '.join('?' * len(row))})", row)

            self._store.write(change, backup=False)
        if dropped:
            self._changed()
        return key, session

    def find(self, key: str, *, used: bool = True) -> Session | None:
        """Return the session of a key; None once it has ended. Without `used` it stays as idle as it is."""
        digest, now = secrets.digest(key), self._clock()
        is_due = False
        with self._lock:
            sessions = self._sessions if self._sessions is not None else self._read()
            session = sessions.get(digest)
            if session is None:
                return None
            if self._has_ended(session, now):
                self._drop_ended(sessions)
                return None
            session.csrf = session.csrf or _csrf(key)
            if used:
                session.seen = now
                sessions.move_to_end(digest)
                is_due = now - session.saved >= SAVE_EVERY
                if is_due:
                    session.saved = now
        if is_due:
            self._later(0.0, self.save)
        return session

    def all(self) -> list[Session]:
        """Return the open sessions, the most recently used one last."""
        now = self._clock()
        with self._lock:
            return [session for session in self._read().values() if not self._has_ended(session, now)]

    def end(self, condition: Callable[[Session], bool]) -> int:
        """End all sessions for which the condition holds; return their number."""
        with self._lock:
            sessions = self._read()
            ended = [digest for digest, session in sessions.items() if condition(session)]
            self._delete(sessions, ended)
        return len(ended)

    def save(self) -> None:
        """Write the ages and idle times of all sessions."""
        with self._lock:
            if not self._sessions:
                return
            rows = [self._row(digest, session) for digest, session in self._sessions.items()]
            now = self._clock()
            for session in self._sessions.values():
                session.saved = now

            def change(execute: Execute) -> None:
                for row in rows:
                    execute(_UPDATE, (*row[6:], row[0]))

            self._store.write(change, backup=False)

    def close(self) -> None:
        """Write the idle times of the sessions that were used since, and forget all: the state has them."""
        with self._lock:
            is_used = any(session.seen > session.saved for session in (self._sessions or {}).values())
        if is_used:
            self.save()
        with self._lock:
            self._sessions = None

    def _has_ended(self, session: Session, now: float) -> bool:
        return now - session.seen > self.idle or now - session.opened > MAX_AGE

    def _drop_ended(self, sessions: OrderedDict[str, Session]) -> None:
        now = self._clock()
        self._delete(sessions, [digest for digest, one in sessions.items() if self._has_ended(one, now)])

    def _delete(self, sessions: OrderedDict[str, Session], ended: list[str]) -> None:
        if not ended:
            return

        def change(execute: Execute) -> None:
            for digest in ended:
                execute("DELETE FROM sessions WHERE digest = ?", (digest,))

        self._store.write(change, backup=False)
        for digest in ended:
            del sessions[digest]
        self._changed()

    def _read(self) -> OrderedDict[str, Session]:
        """Return the sessions in memory, which the first use reads from the state."""
        if self._sessions is None:
            found = OrderedDict()
            for row in self._store.read(f"SELECT {_COLUMNS} FROM sessions ORDER BY idle - moment"):
                found[row[0]] = self._restored(*row[1:])
            self._sessions = OrderedDict(sorted(found.items(), key=lambda pair: pair[1].seen))
        return self._sessions

    def _row(self, digest: str, session: Session) -> tuple[object, ...]:
        now = self._clock()
        texts = (session.id, session.user, session.stamp, session.source, session.agent)
        return (digest, *texts, now - session.opened, now - session.seen, now, self._wall(), self._boot)

    def _restored(
        self,
        id: str,
        user: str,
        stamp: str,
        source: str,
        agent: str,
        age: float,
        idle: float,
        moment: float,
        wall: float,
        boot: str,
    ) -> Session:
        now = self._clock()
        session = Session(user, stamp, source, agent, now)
        session.id = id
        if boot == self._boot and moment <= now:
            session.opened, session.seen = moment - age, moment - idle
        else:
            passed = self._wall() - wall
            session.opened = now - age - _charge(passed, MAX_AGE)
            session.seen = now - idle - _charge(passed, self.idle)
        return session


def _csrf(key: str) -> str:
    return secrets.digest(f"csrf {key}")


def _charge(passed: float, limit: float) -> float:
    """Return the seconds to count for the end of another boot that was not written."""
    return max(min(SAVE_EVERY, limit / 4), min(passed, limit / 4))


def _excess(sessions: OrderedDict[str, Session], user: str) -> str:
    """Return the digest of the session to drop before a user opens another one; empty for none.

    It is the least recently used one of that user, or of the user with the most.
    """
    numbers: dict[str, int] = {}
    for session in sessions.values():
        numbers[session.user] = numbers.get(session.user, 0) + 1
    if numbers.get(user, 0) < MAX_PER_USER:
        if len(sessions) < MAX_SESSIONS:
            return ""
        user = max(numbers, key=lambda name: numbers[name])
    return next(digest for digest, session in sessions.items() if session.user == user)
