"""How people get in and out: the first owner, passwords, browser sessions, and what ends with them."""

from __future__ import annotations

from ..errors import DeviceError, NotAllowed, NotFound
from .accounts import Accounts
from .actor import Actor, stranger
from .audit import Audit
from .rate_limit import RateLimit
from .sessions import Session, Sessions
from .setup import Setup, WrongCode
from .user import Token, User

#: Logged in place of an unknown name: people type their password there.
UNKNOWN = "unknown name"


class WrongPassword(DeviceError):
    """There is no user with this name and this password."""

    key = "wrong-password"


class People:
    """Every attempt to get in is counted and logged by the address that it comes from (`source`).

    Methods that change something take who does it, and write it to the audit log.
    """

    def __init__(
        self, accounts: Accounts, sessions: Sessions, rate_limit: RateLimit, setup: Setup, audit: Audit
    ) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._rate_limit = rate_limit
        self._setup = setup
        self._audit = audit

    # -- ways in ---------------------------------------------------------------------------------------

    def claim(self, source: str, code: str, name: str, password: str) -> User:
        """Make the first owner with the set-up code.

        Raises `WrongCode`, `AccountError` where there is an owner, `TooManyAttempts`.
        """
        self._rate_limit.check(source)
        try:
            user = self._setup.claim(Actor(name, "admin", source), code, name, password)
        except WrongCode:
            self.refuse(source, "setup", UNKNOWN)
            raise
        self._rate_limit.succeed(source)
        return user

    def check_password(self, source: str, name: str, password: str) -> User:
        """Return the user with this password. Raises `WrongPassword`, `TooManyAttempts`."""
        self._rate_limit.check(source)
        user = self._accounts.by_password(name, password)
        if user is None:
            self.refuse(source, "sign-in", name if name in self._accounts.users() else UNKNOWN)
            raise WrongPassword
        self._rate_limit.succeed(source)
        return user

    def check_token(self, source: str, text: str, scheme: str) -> tuple[User, Token] | None:
        """Return the user and the row of a token; None where it is none of ours, which counts as a failure.

        `scheme` is what the log has of it. Raises `TooManyAttempts`, which a good token never does.
        """
        known = self._accounts.by_token(text)
        if known is None:
            self._rate_limit.check(source)
            self.refuse(source, "token", scheme)
        return known

    def refuse(self, source: str, action: str, name: str) -> None:
        """Count a failed attempt to get in, and log it."""
        self._rate_limit.fail(source)
        self._audit.note(stranger(source), action, name, "refused")

    # -- browser sessions ------------------------------------------------------------------------------

    def begin_session(self, source: str, user: User, agent: str) -> str:
        """Sign a browser in; return the key for its cookie."""
        key, _ = self._sessions.open(user, source, agent)
        self._audit.note(Actor(user.name, user.role, source), "session.begin", user.name, "signed in")
        return key

    def find_session(self, key: str) -> Session | None:
        """Return the session of a cookie's key, while its user and its password are still the same."""
        session = self._sessions.find(key) if key else None
        if session is None:
            return None
        user = self._accounts.users().get(session.user)
        if user is None or user.password != session.password:
            self._sessions.end(lambda other: other is session)
            return None
        return session

    def sign_out(self, source: str, session: Session) -> None:
        """End a browser's own session."""
        self._sessions.end(lambda other: other is session)
        self._audit.note(Actor(session.user, "", source), "session.end", session.user, "signed out")

    def sessions_for(self, actor: Actor) -> list[Session]:
        """Return the sessions that an actor may see: an admin all, everybody else their own."""
        return [one for one in self._sessions.all() if _owns(actor, one.user)]

    def end_session(self, actor: Actor, key: str) -> None:
        """Sign a browser out, wherever it is. Raises `NotFound`, also for the sessions of others."""
        if not self._sessions.end(lambda one: one.id == key and _owns(actor, one.user)):
            raise NotFound("There is no such session.")
        self._audit.note(actor, "session.end", key, "ended")

    # -- users and tokens ------------------------------------------------------------------------------

    def check_may_set_password(self, actor: Actor, name: str) -> None:
        """Raise `NotAllowed` where the password is another user's and the actor is no admin."""
        if not _owns(actor, name):
            raise NotAllowed("Only an admin may set the password of another user.")

    def set_password(self, actor: Actor, name: str, password: str) -> None:
        """Set one's own password, or as an admin anybody's. Every browser session of the user ends; tokens
        stay, because scripts hold them."""
        self.check_may_set_password(actor, name)
        self._accounts.set_password(actor, name, password)
        self._sessions.end(lambda session: session.user == name)

    def remove(self, actor: Actor, name: str) -> None:
        """Remove a user, with all sessions and tokens. Raises as `Accounts.remove`."""
        self._accounts.remove(actor, name)
        self._sessions.end(lambda session: session.user == name)

    def tokens_for(self, actor: Actor) -> list[Token]:
        """Return the tokens that an actor may see: an admin all, everybody else their own."""
        return [one for one in self._accounts.tokens() if _owns(actor, one.user)]

    def add_token(self, actor: Actor, role: str, note: str) -> tuple[Token, str]:
        """Make a token for oneself, with this role at most; return it and its text, which is nowhere kept."""
        # by the actor's role, not by the user's: a token must not make one with more rights than its own
        return self._accounts.add_token(actor, User(actor.name, actor.role, ""), role, note)

    def revoke(self, actor: Actor, number: int) -> None:
        """End a token. Raises `NotFound`, also for the tokens of others."""
        if number not in {token.id for token in self.tokens_for(actor)} and not actor.may("admin"):
            raise NotFound(f"There is no token {number}.")
        self._accounts.revoke(actor, number)


def _owns(actor: Actor, name: str) -> bool:
    return name == actor.name or actor.may("admin")
