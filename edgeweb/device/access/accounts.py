"""Users and their tokens. They are cached in memory, because every request needs them; the state
is the source.

Changes by another process (`edgeweb users` beside a running server) are noticed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from ..errors import DeviceError
from ..storage.store import Execute, Store
from . import passwords, secrets
from .actor import Actor
from .audit import Audit
from .roles import lesser
from .user import Token, User

T = TypeVar("T")

#: Bounds for what is kept in memory; a device has a household and its scripts.
MAX_USERS = 64
MAX_TOKENS = 256
#: Tokens of one user. The last `RESERVED_TOKENS` of all are for admins.
MAX_TOKENS_PER_USER = 32
RESERVED_TOKENS = 64

#: Seconds between two comparisons of a token's last use with its row, and the grain of the date in that.
_DAY = 86400.0

#: A token as `secrets.new_key` makes it.
_OTHERS = secrets.TOKEN_PREFIX + r"[A-Za-z0-9_-]{43}"
_USE_CHECKED_EVERY = 3600.0
_END_CHECKED_EVERY = 60.0

#: Before this date (2024-01-01) the clock was not set since the start: no date is noted.
PLAUSIBLE = 1_704_067_200.0


class AccountError(DeviceError):
    """A change of users or tokens that cannot be made."""


class UnknownAccount(AccountError, LookupError):
    key = "not-found"


class Accounts:
    """All users and tokens. Methods that change write an audit row in the same transaction.

    `changed()` is called after each change by this process.
    """

    def __init__(
        self,
        store: Store,
        audit: Audit,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        later: Callable[[float, Callable[[], object]], object] = lambda seconds, call: call(),
        changed: Callable[[], object] = lambda: None,
    ) -> None:
        self._store = store
        self._changed = changed
        self._audit = audit
        self._clock = clock
        self._wall = wall
        self._later = later
        # number of a token: the day of its last use, until that is written
        self._used: dict[int, float] = {}
        self._lock = Lock()
        self._seen = -1
        self._users: dict[str, User] = {}
        self._tokens: dict[str, Token] = {}

    # -- reading ---------------------------------------------------------------------------------------

    def users(self) -> dict[str, User]:
        """Return all users by name."""
        self._refresh()
        return self._users

    def tokens(self) -> list[Token]:
        """Return all tokens, the oldest first."""
        self._refresh()
        return sorted(self._tokens.values(), key=lambda token: token.id)

    def token(self, number: int) -> Token | None:
        """Return a token by its number; None where there is none, or where it has ended."""
        found = next((token for token in self.tokens() if token.id == number), None)
        if found is None or (found.expires is not None and self._wall() >= found.expires):
            return None
        return found

    def by_token(self, text: str) -> tuple[User, Token] | None:
        """Return the user and the row of a token's text; None where it is none of ours."""
        self._refresh()
        token = self._tokens.get(secrets.digest(text))
        if token is None or token.user not in self._users:
            return None
        now = self._clock()
        if now >= token.checked and not self._check_use(token, now):
            return None
        return self._users[token.user], token

    def by_password(self, name: str, password: str, place: str = "", known: bool = False) -> User | None:
        """Return the user with this name and password. An unknown name takes as long.

        `place` and `known` are those of `passwords.is_password`. Raises `Busy`.
        """
        user = self.users().get(name)
        kept = user.password if user else _NO_PASSWORD.format(*passwords.COST)
        return user if passwords.is_password(password, kept, place, known) and user else None

    # -- changing --------------------------------------------------------------------------------------

    def add(self, actor: Actor, name: str, password: str, role: str) -> User:
        """Add a user. Raises `AccountError` where the name is taken, `Busy`."""
        user = User(name, role, passwords.hash_password(password))
        if len(self.users()) >= MAX_USERS:
            raise AccountError(f"There are {MAX_USERS} users already: remove one first.")

        def change(execute: Execute) -> None:
            if execute("SELECT 1 FROM users WHERE name = ?", (name,)).fetchone():
                raise AccountError(f'There is a user named "{name}" already.')
            execute("INSERT INTO users VALUES (?, ?, ?)", (name, role, user.password))
            self._audit.insert(execute, actor, "user.add", name, role)

        self._write(change)
        return user

    def set_password(self, actor: Actor, name: str, password: str, *, end_tokens: bool = False) -> None:
        """Set another password, which ends every browser session. Raises `UnknownAccount`, `Busy`.

        `end_tokens`: revoke all tokens of the user in the same transaction.
        """
        kept = passwords.hash_password(password)

        def change(execute: Execute) -> None:
            execute("UPDATE users SET password = ? WHERE name = ?", (kept, self._known(execute, name)))
            self._audit.insert(execute, actor, "user.password", name, "changed")
            if end_tokens:
                number = execute("DELETE FROM tokens WHERE user = ?", (name,)).rowcount
                self._audit.insert(execute, actor, "token.revoke", f"{name}/all", f"{number} revoked")

        self._write(change)

    def set_role(self, actor: Actor, name: str, role: str) -> None:
        """Set another role, at once. Raises `UnknownAccount`, or `AccountError` for the last admin."""

        def change(execute: Execute) -> None:
            execute("UPDATE users SET role = ? WHERE name = ?", (role, self._known(execute, name)))
            _check_admin(execute)
            self._audit.insert(execute, actor, "user.role", name, role)

        self._write(change)

    def remove(self, actor: Actor, name: str) -> None:
        """Remove a user, with all tokens. Raises `UnknownAccount`, or `AccountError` for the last admin."""

        def change(execute: Execute) -> None:
            execute("DELETE FROM users WHERE name = ?", (self._known(execute, name),))
            execute("DELETE FROM known WHERE user = ?", (name,))
            _check_admin(execute)
            self._audit.insert(execute, actor, "user.remove", name, "removed")

        self._write(change)

    def add_token(
        self,
        actor: Actor,
        user: User,
        role: str,
        note: str,
        scopes: tuple[str, ...] = (),
        days: int | None = None,
        text: str = "",
    ) -> tuple[Token, str]:
        """Add a token; return it and its text, which is nowhere kept. It never does more than its user.

        It ends after `days`; None: it is for ever. `text` is that of another device's token, where several
        are to know the same one. Raises `AccountError`, also for `days` before the clock is set: the date
        would be wrong; and for a text that is no token, or is one of this device.
        """
        if text and not re.fullmatch(_OTHERS, text):
            raise AccountError("This is no token of an edgeweb device: edgeweb_ and 43 characters.")
        text = text or secrets.new_key(secrets.TOKEN_PREFIX)
        role = lesser(role, user.role)
        now = self._wall()
        created = now if now >= PLAUSIBLE else None
        if days is not None and created is None:
            raise AccountError("The clock of this device is not set yet: make the token without an end.")
        expires = None if days is None else now + days * _DAY
        room = MAX_TOKENS if user.role == "admin" else MAX_TOKENS - RESERVED_TOKENS

        def change(execute: Execute) -> int:
            ((of_all, of_user),) = execute(
                "SELECT COUNT(*), COUNT(CASE user WHEN ? THEN 1 END) FROM tokens", (user.name,)
            ).fetchall()
            if execute("SELECT 1 FROM tokens WHERE digest = ?", (secrets.digest(text),)).fetchall():
                raise AccountError("This device knows this token already.")
            for number, most in ((of_all, room), (of_user, MAX_TOKENS_PER_USER)):
                if number >= most:
                    raise AccountError(f"There are {number} tokens already: revoke one first.")
            fields = (role, note, " ".join(scopes), created, expires)
            number = execute(
                "INSERT INTO tokens (digest, user, role, note, scopes, created, expires)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (secrets.digest(text), self._known(execute, user.name), *fields),
            ).lastrowid
            words = " ".join((role, *scopes))
            self._audit.insert(execute, actor, "token.add", f"{user.name}/{number}", words)
            return number or 0

        number = self._write(change)
        return next(token for token in self.tokens() if token.id == number), text

    def revoke(self, actor: Actor, number: int) -> None:
        """Revoke a token. Raises `UnknownAccount`."""

        def change(execute: Execute) -> None:
            if not execute("DELETE FROM tokens WHERE id = ?", (number,)).rowcount:
                raise UnknownAccount(f"There is no token {number}.")
            self._audit.insert(execute, actor, "token.revoke", str(number), "revoked")

        self._write(change)

    # -- the copy in memory ----------------------------------------------------------------------------

    def forget(self) -> None:
        """Read everything again at the next access: the tables were replaced."""
        with self._lock:
            self._seen = -1
        self._changed()

    def _write(self, change: Callable[[Execute], T]) -> T:
        self._audit.flush()
        result = self._store.write(change)
        self.forget()
        return result

    def _refresh(self) -> None:
        with self._lock:
            seen = self._store.changes_elsewhere()
            if seen == self._seen:
                return
            users = self._store.read(
                "SELECT name, role, password, second_factors.user IS NOT NULL"
                " FROM users LEFT JOIN second_factors ON user = name ORDER BY name"
            )
            tokens = self._store.read(
                "SELECT id, digest, user, role, note, scopes, created, used, expires FROM tokens"
            )
            self._users = {row[0]: User(row[0], row[1], row[2], bool(row[3])) for row in users}
            self._tokens = {row[1]: Token(*row) for row in tokens}
            self._seen = seen

    def _check_use(self, token: Token, now: float) -> bool:
        """Return whether a token has not ended; note the day of its use, which is written later."""
        wall = self._wall()
        if token.expires is not None and wall >= token.expires:
            return False
        # often where there is an end: a clock that is set meanwhile must not keep the token for an hour more
        token.checked = now + (_USE_CHECKED_EVERY if token.expires is None else _END_CHECKED_EVERY)
        day = wall - wall % _DAY
        if wall >= PLAUSIBLE and token.used != day:
            token.used = day
            with self._lock:
                is_first = not self._used
                self._used[token.id] = day
            if is_first:
                self._later(0.0, self._write_use)
        return True

    def _write_use(self) -> None:
        with self._lock:
            used, self._used = self._used, {}

        def change(execute: Execute) -> None:
            for number, day in used.items():
                execute("UPDATE tokens SET used = ? WHERE id = ?", (day, number))

        self._store.write(change, backup=False)

    @staticmethod
    def _known(execute: Execute, name: str) -> str:
        if not execute("SELECT 1 FROM users WHERE name = ?", (name,)).fetchone():
            raise UnknownAccount(f'There is no user named "{name}".')
        return name


#: The hash of no password: 64 bytes that scrypt does not come to.
_NO_PASSWORD = "scrypt:{}:{}:{}$000000000000000000000000$" + "0" * 128


def _check_admin(execute: Execute) -> None:
    if not execute("SELECT 1 FROM users WHERE role = 'admin'").fetchone():
        raise AccountError("One user has to be admin: make another user admin first.")
