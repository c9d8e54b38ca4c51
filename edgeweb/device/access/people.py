"""How people get in and out: the first owner, passwords, browser sessions, and what ends with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import DeviceError, NotAllowed, NotFound
from .accounts import Accounts
from .actor import Actor, stranger
from .audit import Audit
from .known import KnownPlaces
from .rate_limit import Attempt, RateLimit
from .roles import SCOPES, lesser
from .sessions import CONFIRMED_FOR, Session, Sessions
from .setup import Setup, WrongCode
from .user import Token, User

if TYPE_CHECKING:
    from .second_factor import SecondFactors

#: Logged in place of an unknown name: people type their password there.
UNKNOWN = "unknown name"

#: Why the server refuses a request, by status code (`server.parser`); others are faults of the client.
SERVER_REFUSALS = {403: "cross-site", 421: "misdirected"}

#: News of accounts on a page, and rows of the log that are read for them.
SHOWN_NEWS = 8
MAX_NEWS = 64


class WrongPassword(DeviceError):
    """There is no user with this name and this password."""

    key = "wrong-password"


class People:
    """Every attempt to get in is counted and logged by the address that it comes from (`source`).

    Methods that change something take who does it, and write it to the audit log. `factors()` returns the
    second factors, whose code is imported for the first of them.
    """

    def __init__(
        self,
        accounts: Accounts,
        sessions: Sessions,
        rate_limit: RateLimit,
        known: KnownPlaces,
        setup: Setup,
        audit: Audit,
        factors: Callable[[], SecondFactors],
    ) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._known = known
        self._rate_limit = rate_limit
        self._setup = setup
        self._audit = audit
        self._factors = factors

    # -- ways in ---------------------------------------------------------------------------------------

    def claim(self, source: str, code: str, name: str, password: str) -> User:
        """Make the first owner with the set-up code.

        Raises `WrongCode`, `AccountError` where there is an owner, `TooManyAttempts`.
        """
        attempt = self._rate_limit.begin(source)
        try:
            user = self._setup.claim(Actor(name, "admin", source), code, name, password)
        except WrongCode:
            self._audit.refuse(stranger(source), "setup", UNKNOWN)
            raise
        except BaseException:
            self._rate_limit.withdraw(attempt)
            raise
        self._rate_limit.withdraw(attempt)
        self._rate_limit.succeed(source)
        self._known.add(name, source)
        return user

    def check_password(self, source: str, name: str, password: str, key: str = "") -> User:
        """Return the user with this password. `key` is that of the browser's cookie of `known.py`.

        Raises `WrongPassword`, `TooManyAttempts`.
        """
        user, known, attempt = self._compare(source, name, password, key)
        self._let_in(source, name, known, attempt)
        return user

    def sign_in(self, source: str, name: str, password: str, code: str = "", key: str = "") -> User:
        """Return the user with this password, and this code of the second factor where there is one.

        Raises as `check_password`, `SecondFactorNeeded` for a code that is missing, `WrongFactor`.
        """
        user, known, attempt = self._compare(source, name, password, key)
        if user.has_factor:
            # The attempt stays counted until a right code comes: one who has the password alone guesses at
            # codes, and each right password must not begin the count again.
            if not code:
                from .second_factor import SecondFactorNeeded

                raise SecondFactorNeeded(self._factors().open_ticket(user))
            self._check_code(source, user, code)
        self._let_in(source, name, known, attempt)
        return user

    def enter_code(self, source: str, ticket: str, code: str, key: str = "") -> User:
        """Return the user of a ticket of `SecondFactorNeeded`, with the code that was missing.

        Raises `TicketEnded`, `WrongFactor`, `TooManyAttempts`.
        """
        factors = self._factors()
        user = factors.try_ticket(ticket)
        present = self._accounts.users().get(user.name)
        if present is None or present.stamp != user.stamp:
            raise WrongPassword
        known = self._known.find(user.name, source, key)
        attempt = self._rate_limit.begin(source, user.name, known)
        self._check_code(source, user, code)
        factors.close_ticket(ticket)
        self._let_in(source, user.name, known, attempt)
        return present

    def _let_in(self, source: str, name: str, known: str, attempt: Attempt) -> None:
        self._rate_limit.withdraw(attempt)
        self._rate_limit.succeed(source, name, known)

    def _check_code(self, source: str, user: User, code: str) -> None:
        from .second_factor import WrongFactor

        who = Actor(user.name, "", source)
        try:
            used = self._factors().use(user.name, code)
        except WrongFactor:
            self._audit.refuse(who, "sign-in", user.name, "wrong code")
            raise
        if used != "code":
            self._audit.note(who, "session.recovery", user.name, used)

    def _compare(self, source: str, name: str, password: str, key: str) -> tuple[User, str, Attempt]:
        """Return the user, the mark of the known place, and the attempt, which is still counted as failed."""
        is_name = name in self._accounts.users()
        known = self._known.find(name, source, key) if is_name else ""
        attempt = self._rate_limit.begin(source, name, known)
        try:
            user = self._accounts.by_password(name, password, known or source, bool(known))
        except BaseException:  # it was not compared
            self._rate_limit.withdraw(attempt)
            raise
        if user is None:
            who = Actor(name, "", source) if is_name else stranger(source)
            self._audit.refuse(who, "sign-in", name if is_name else UNKNOWN)
            raise WrongPassword
        return user, known, attempt

    def check_token(self, source: str, text: str, scheme: str) -> tuple[User, Token] | None:
        """Return the user and the row of a token; None where it is none of ours.

        `scheme` is what the log has of it. A wrong token slows no sign-in down: 256 bits are not guessed, and
        a script with a revoked token may run on its owner's machine.
        """
        known = self._accounts.by_token(text)
        if known is None:
            self._audit.refuse(stranger(source), "token", scheme)
        return known

    def note_refusal(self, code: int, source: str) -> None:
        """Log a request that the server refused before the application: another host's or another site's."""
        if reason := SERVER_REFUSALS.get(code):
            self._audit.refuse(stranger(source), "request", str(code), reason)

    # -- browser sessions ------------------------------------------------------------------------------

    def begin_session(self, source: str, user: User, agent: str, key: str = "") -> tuple[str, str]:
        """Sign a browser in; return the key for its cookie, and that for the cookie of a known place.

        A sign-in counts as the password shown again, except for an admin: what an admin confirms acts on the
        accounts of others.
        """
        cookie, session = self._sessions.open(user, source, agent)
        if user.role != "admin":
            session.confirmed = session.opened
        self._audit.note(Actor(user.name, user.role, source), "session.begin", user.name, "signed in")
        return cookie, self._known.add(user.name, source, key)

    def confirm(self, actor: Actor) -> None:
        """Note that the password was shown again in the session of an actor, if there is one."""
        if actor.session is not None:
            actor.session.confirmed = self._sessions.now()
            self._audit.note(actor, "session.confirm", actor.name, "password shown again")

    def is_confirmed(self, session: Session) -> bool:
        """Return whether the password was shown again lately."""
        return session.confirmed is not None and self._sessions.now() - session.confirmed < CONFIRMED_FOR

    def find_session(self, key: str, *, used: bool = True) -> Session | None:
        """Return the session of a cookie's key, while its user and its password are still the same.

        Without `used` it stays as idle as it is.
        """
        session = self._sessions.find(key, used=used) if key else None
        if session is None:
            return None
        user = self._accounts.users().get(session.user)
        if user is None or user.stamp != session.stamp:
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

    def has_access(self, actor: Actor) -> bool:
        """Return whether an actor's session or token has not ended, and its role is still the same.

        For what goes on after the request in which the actor was found.
        """
        user = self._accounts.users().get(actor.name)
        if user is None:
            return False
        if actor.session is not None:
            session = actor.session
            is_open = any(one.id == session.id for one in self._sessions.all())
            return is_open and user.stamp == session.stamp and user.role == actor.role
        token = None if actor.token is None else self._accounts.token(actor.token)
        return token is not None and token.user == user.name and lesser(user.role, token.role) == actor.role

    # -- users and tokens ------------------------------------------------------------------------------

    def check_may_set_password(self, actor: Actor, name: str) -> None:
        """Raise `NotAllowed` where the password is another user's and the actor is no admin."""
        if not _owns(actor, name):
            self._audit.refuse(actor, "user.password", name)
            raise NotAllowed("Only an admin may set the password of another user.")

    def set_password(self, actor: Actor, name: str, password: str, *, end_tokens: bool = False) -> None:
        """Set one's own password, or as an admin anybody's. Every browser session of the user ends.

        Tokens stay, because scripts hold them, unless `end_tokens` revokes them.
        """
        self.check_may_set_password(actor, name)
        self._accounts.set_password(actor, name, password, end_tokens=end_tokens)
        self._sessions.end(lambda session: session.user == name)

    def remove(self, actor: Actor, name: str) -> None:
        """Remove a user, with all sessions and tokens. Raises as `Accounts.remove`."""
        self._accounts.remove(actor, name)
        self._sessions.end(lambda session: session.user == name)

    def second_factor_of(self, actor: Actor, name: str) -> int | None:
        """Return the recovery codes left to a user; None without a second factor. Raises `NotAllowed`."""
        if not _owns(actor, name):
            raise NotAllowed("Only an admin may see the second factor of another user.")
        return self._factors().recovery_left(name) if self._user(name).has_factor else None

    def begin_second_factor(self, actor: Actor, name: str) -> str:
        """Return a new secret for one's own app, in base 32. Raises `NotAllowed`."""
        self._check_self(actor, name)
        return self._factors().begin(name)

    def finish_second_factor(self, actor: Actor, name: str, code: str) -> list[str]:
        """Put one's new second factor in force, and sign out one's other browsers; return the recovery codes.

        Raises `NotAllowed`, `WrongFactor`.
        """
        self._check_self(actor, name)
        codes = self._factors().finish(actor, code)
        self._sessions.end(lambda session: session.user == name and session is not actor.session)
        return codes

    def remove_second_factor(self, actor: Actor, name: str) -> None:
        """Take away one's own second factor, or as an admin anybody's: a phone was lost.

        Raises `NotAllowed`, `NotFound`.
        """
        if not _owns(actor, name):
            self._audit.refuse(actor, "user.second-factor", name)
            raise NotAllowed("Only an admin may take away the second factor of another user.")
        self._user(name)
        if not self._factors().remove(actor, name):
            raise NotFound(f"{name} has no second factor.")

    def _check_self(self, actor: Actor, name: str) -> None:
        if actor.name != name:
            raise NotAllowed("A second factor is set up by its own user.")

    def _user(self, name: str) -> User:
        user = self._accounts.users().get(name)
        if user is None:
            raise NotFound(f'There is no user named "{name}".')
        return user

    def tokens_for(self, actor: Actor) -> list[Token]:
        """Return the tokens that an actor may see: an admin all, everybody else their own."""
        return [one for one in self._accounts.tokens() if _owns(actor, one.user)]

    def add_token(
        self, actor: Actor, role: str, note: str, scopes: tuple[str, ...] = (), days: int | None = None
    ) -> tuple[Token, str]:
        """Make a token for oneself, with this role at most; return it and its text, which is nowhere kept.

        It has the named scopes, those of `roles.SCOPES` or of a kiosk (`user.KIOSK`), and ends after `days`;
        None: never. Raises `NotAllowed` for a scope that an actor with a token does not have itself, and as
        `Accounts.add_token`.
        """
        if actor.token is not None and not set(scopes) & set(SCOPES) <= set(actor.scopes):
            raise NotAllowed("A token makes none with more scopes than its own.")
        # by the actor's role, not by the user's: a token must not make one with more rights than its own
        user = User(actor.name, actor.role, "")
        return self._accounts.add_token(actor, user, role, note, scopes, days)

    def news_for(self, actor: Actor) -> list[dict[str, Any]]:
        """Return the newest rows of the log about accounts and tokens: to an admin all, else one's own."""
        rows = self._audit.credentials(MAX_NEWS)
        return [row for row in rows if _owns(actor, row["target"].partition("/")[0])][:SHOWN_NEWS]

    def revoke(self, actor: Actor, number: int) -> None:
        """End a token. Raises `NotFound`, also for the tokens of others."""
        if number not in {token.id for token in self.tokens_for(actor)} and not actor.may("admin"):
            raise NotFound(f"There is no token {number}.")
        self._accounts.revoke(actor, number)


def _owns(actor: Actor, name: str) -> bool:
    return name == actor.name or actor.may("admin")
