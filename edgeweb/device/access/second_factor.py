"""The second factor: a code that an app makes of the time, or a recovery code from paper.

A code is the HMAC of the number of the present `STEP` seconds, cut to six digits (RFC 6238 on RFC 4226, with
the values that all apps know). The step before and the one after count as well, as clocks differ. A code
opens once.

The device's clock has to be right for that. A board without a clock of its own starts in 1970, and then takes
recovery codes only, which need no clock; the way back in besides is `edgeweb users`.

`Device` imports this with the first sign-in.
"""

from __future__ import annotations

import os
from base64 import b32encode
from collections.abc import Callable
from hmac import digest
from threading import Lock
from typing import NamedTuple

from ..errors import DeviceError
from ..storage.store import Execute, Store
from . import secrets
from .accounts import PLAUSIBLE
from .actor import Actor
from .audit import Audit
from .user import User

#: Characters of the device's name in an app: a QR code has room for twice that, and a user's name of 64.
MAX_ISSUER = 48

#: Seconds for which an app shows a code, and the digits of one.
STEP = 30
DIGITS = 6

#: Bytes of a secret: those of the HMAC's hash (RFC 4226, section 4).
SECRET_BYTES = 20

RECOVERY_CODES = 8

#: Sign-ins that wait for their code, seconds for which one waits, and codes that it may try.
MAX_TICKETS = 32
TICKET_AGE = 300.0
TICKET_TRIES = 5

#: Secrets that no code has confirmed yet.
MAX_BEGUN = 8

_CLOCK_HINT = "The clock of this device is not set yet: use a recovery code."


class SecondFactorNeeded(DeviceError):
    """The password is right, and a code is missing. `ticket` stands for the password in the next request."""

    key = "second-factor"

    def __init__(self, ticket: str) -> None:
        self.ticket = ticket
        super().__init__("Send the code of your app, or a recovery code.")


class WrongFactor(DeviceError):
    """The code is none of now, or was used."""

    key = "wrong-second-factor"


class TicketEnded(DeviceError):
    """The password has to be entered again."""

    key = "unauthenticated"


class Ticket(NamedTuple):
    """A sign-in with a right password, until its code comes. `ends` is a moment of the monotonic clock."""

    user: User
    ends: float
    tries: int


class SecondFactors:
    """The second factors of all users. The state has a row for each that is in force.

    `changed()` is called after each change. `clock` is monotonic, `wall` the date in seconds.
    """

    def __init__(
        self,
        store: Store,
        audit: Audit,
        changed: Callable[[], object],
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self._store = store
        self._audit = audit
        self._changed = changed
        self._clock = clock
        self._wall = wall
        self._lock = Lock()
        self._begun: dict[str, bytes] = {}
        self._tickets: dict[str, Ticket] = {}

    # -- what is in force ------------------------------------------------------------------------------

    def recovery_left(self, name: str) -> int | None:
        """Return the number of recovery codes that a user has left; None without a second factor."""
        rows = self._store.read("SELECT recovery FROM second_factors WHERE user = ?", name)
        return len(rows[0][0].split()) if rows else None

    def begin(self, name: str) -> str:
        """Return a new secret for an app, in base 32. It is in force after `finish`."""
        secret = os.urandom(SECRET_BYTES)
        with self._lock:
            self._begun.pop(name, None)
            if len(self._begun) >= MAX_BEGUN:
                del self._begun[next(iter(self._begun))]
            self._begun[name] = secret
        return b32encode(secret).decode()

    def begun(self, name: str) -> str:
        """Return the secret that no code has confirmed yet, in base 32; empty for none."""
        with self._lock:
            return b32encode(self._begun.get(name, b"")).decode()

    def finish(self, actor: Actor, code: str) -> list[str]:
        """Put the secret of `begin` in force by a code made of it; return the recovery codes.

        The state has only their hashes. Raises `WrongFactor`, also where nothing was begun.
        """
        name = actor.name
        with self._lock:
            secret = self._begun.get(name)
        step = None if secret is None else self._step_of(secret, _letters(code))
        if secret is None or step is None:
            raise WrongFactor("" if self._is_clock_set() else "The clock of this device is not set yet.")
        codes = [secrets.new_code() for _ in range(RECOVERY_CODES)]
        hashes = " ".join(map(_hash, codes))

        def change(execute: Execute) -> None:
            execute(
                "INSERT OR REPLACE INTO second_factors VALUES (?, ?, ?, ?)",
                (name, secret.hex(), step, hashes),
            )
            self._audit.insert(execute, actor, "user.second-factor", name, "on")

        self._audit.flush()
        self._store.write(change)
        self._changed()
        with self._lock:
            self._begun.pop(name, None)
        return codes

    def remove(self, actor: Actor, name: str) -> bool:
        """Take the second factor of a user away; return whether there was one."""

        def change(execute: Execute) -> bool:
            is_found = execute("DELETE FROM second_factors WHERE user = ?", (name,)).rowcount > 0
            if is_found:
                self._audit.insert(execute, actor, "user.second-factor", name, "off")
            return is_found

        self._audit.flush()
        found = self._store.write(change)
        self._changed()
        return found

    # -- codes -----------------------------------------------------------------------------------------

    def use(self, name: str, code: str) -> str:
        """Use up a code of a user; return its kind, `code` or `recovery code`. Raises `WrongFactor`."""
        typed = _letters(code)

        # read and written at once: of two requests with one code, one gets in
        def change(execute: Execute) -> str:
            row = execute(
                "SELECT secret, step, recovery FROM second_factors WHERE user = ?", (name,)
            ).fetchone()
            if row is None:
                return ""
            secret, last, recovery = bytes.fromhex(row[0]), row[1], row[2].split()
            step = self._step_of(secret, typed, last)
            if step is not None:
                execute("UPDATE second_factors SET step = ? WHERE user = ?", (step, name))
                return "code"
            if (used := _hash(typed)) not in recovery:
                return ""
            recovery.remove(used)
            execute("UPDATE second_factors SET recovery = ? WHERE user = ?", (" ".join(recovery), name))
            return "recovery code"

        found = self._store.write(change)
        if not found:
            raise WrongFactor("" if self._is_clock_set() else _CLOCK_HINT)
        return found

    def _is_clock_set(self) -> bool:
        return self._wall() >= PLAUSIBLE

    def _step_of(self, secret: bytes, typed: str, last: int = 0) -> int | None:
        """Return the step whose code was typed; None for none of now, and before the clock is set.

        `last` is the step of the last code that was used: it and those before are used up. One far ahead of
        now is of a clock that was wrong, and counts no more.
        """
        wall = self._wall()  # once: a clock that is set back between two looks gives a negative step
        if wall < PLAUSIBLE:
            return None
        now = int(wall // STEP)
        used_up = last if last <= now + 1 else 0
        for step in (now, now - 1, now + 1):
            if secrets.equal(typed, code_of(secret, step)) and step > used_up:
                return step
        return None

    # -- sign-ins that wait for their code -------------------------------------------------------------

    def open_ticket(self, user: User) -> str:
        """Return a key that stands for a right password in the next `TICKET_AGE` seconds."""
        key, now = secrets.new_key(), self._clock()
        with self._lock:
            kept = {mark: ticket for mark, ticket in self._tickets.items() if ticket.ends > now}
            while len(kept) >= MAX_TICKETS:
                del kept[next(iter(kept))]
            kept[secrets.digest(key)] = Ticket(user, now + TICKET_AGE, TICKET_TRIES)
            self._tickets = kept
        return key

    def try_ticket(self, key: str) -> User:
        """Return the user of a ticket, which then has one try less. Raises `TicketEnded`."""
        mark = secrets.digest(key)
        with self._lock:
            ticket = self._tickets.pop(mark, None)
            if ticket is None or ticket.ends <= self._clock():
                raise TicketEnded("That took too long: sign in again.")
            if ticket.tries > 1:
                self._tickets[mark] = ticket._replace(tries=ticket.tries - 1)
        return ticket.user

    def close_ticket(self, key: str) -> None:
        """Forget a ticket: its user is signed in."""
        with self._lock:
            self._tickets.pop(secrets.digest(key), None)


def code_of(secret: bytes, step: int) -> str:
    """Return the code of a step: dynamic truncation of RFC 4226, section 5.3.

    >>> code_of(b"12345678901234567890", 1)
    '287082'
    """
    mac = digest(secret, step.to_bytes(8, "big"), "sha1")
    at = mac[-1] & 15
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def uri(secret: str, name: str, issuer: str) -> str:
    """Return the address that apps read from a QR code. `name` is one of `config.checks.NAME`.

    Source: the "Key URI Format" that all authenticator apps follow.

    >>> uri("JBSWY3DPEHPK3PXP", "ada", "shed")
    'otpauth://totp/shed:ada?secret=JBSWY3DPEHPK3PXP&issuer=shed'
    """
    letters = (letter if letter.isascii() and letter.isalnum() else "-" for letter in issuer[:MAX_ISSUER])
    issuer = "".join(letters)
    return f"otpauth://totp/{issuer}:{name}?secret={secret}&issuer={issuer}"


def _letters(typed: str) -> str:
    """Return what was typed without the spaces and dashes that people write between."""
    return "".join(letter for letter in typed if letter.isalnum())


def _hash(code: str) -> str:
    return secrets.digest(secrets.plain(code))
