"""The first start: a device without users has a one-time code, and the person who knows it becomes its owner.
There is no default password, and nothing can be controlled until the code was used.

Each start makes another code and logs it, unless the start was given one (`setup_code.py`). A code ends
`LIFETIME` after its start and after `MAX_TRIES` wrong ones: it may be in a photograph, or in a copy of the
log, and a device without an owner must not wait for any finder. The next start, which needs a person
at the device, has another one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from threading import Lock

from ..errors import DeviceError
from . import secrets
from .accounts import AccountError, Accounts
from .actor import Actor
from .user import User

#: Seconds of the monotonic clock: an evening in which it is installed, and the next day to go on.
LIFETIME = 86_400.0
#: Wrong codes, from everywhere together. `rate_limit` keeps one place from using them up at once.
MAX_TRIES = 50


class WrongCode(DeviceError):
    """The code is wrong, or was used already."""

    key = "wrong-code"


class CodeExpired(DeviceError):
    """The code was not used in time, or too many wrong ones were tried."""

    key = "expired-code"


class Setup:
    """The one-time code, and the first user that is made with it."""

    def __init__(
        self,
        accounts: Accounts,
        was_owned: Callable[[], bool],
        clock: Callable[[], float],
    ) -> None:
        self._accounts = accounts
        self._was_owned = was_owned
        self._clock = clock
        self._claiming = Lock()
        self._code = ""
        self._ends = 0.0
        self._tries = 0

    @property
    def is_open(self) -> bool:
        """Whether the device has no user yet; one whose users are lost or cannot be read had some."""
        return not self._accounts.users() and not self._was_owned()

    @property
    def is_expired(self) -> bool:
        """Whether there was a code, and it has ended."""
        return self._code != "" and (self._tries >= MAX_TRIES or self._clock() >= self._ends)

    @property
    def code(self) -> str:
        """The code of this start; empty once there is an owner, or it has ended."""
        if not self.is_open:
            return ""
        if not self._code:
            self._take(secrets.new_code())
        return "" if self.is_expired else self._code

    def begin(self, log: Callable[[str], object], environ: Mapping[str, str] = os.environ) -> str:
        """Choose the code of this start; return the line that invites the owner, empty where there is one.

        A code that was given is not in that line: who gave it has it. `log` gets why one is not used.
        """
        found = None
        if "CREDENTIALS_DIRECTORY" in environ or "RUNTIME_DIRECTORY" in environ:
            from . import setup_code  # for services

            found = setup_code.find(environ)
        if not self.is_open:
            return ""
        how = "this device has no owner yet: open it in a browser and enter the set-up code"
        if found and found.code:
            self._take(found.code)
            return f"{how} of {found.origin}"
        if found and found.fault:
            log(f"{found.origin} is no set-up code: {found.fault}")
        self._take(secrets.new_code())
        return f"{how} {self._code}"

    def claim(self, actor: Actor, code: str, name: str, password: str) -> User:
        """Make the first user, an admin. Raises `WrongCode`, `CodeExpired`, `AccountError`, `Busy`."""
        with self._claiming:
            if not self.is_open:
                raise AccountError("This device has an owner already: sign in.")
            if self.is_expired:
                raise CodeExpired
            if not self._code or not secrets.same_code(code, self._code):
                self._tries += 1
                raise WrongCode
            user = self._accounts.add(actor, name, password, "admin")
            self._code = ""
            return user

    def _take(self, code: str) -> None:
        self._code, self._ends, self._tries = code, self._clock() + LIFETIME, 0
