"""The first start: a device without users logs a one-time code, and the person who can read the log becomes
its owner. There is no default password, and nothing can be controlled until the code was used."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from ..errors import DeviceError
from . import secrets
from .accounts import AccountError, Accounts
from .actor import Actor
from .user import User


class WrongCode(DeviceError):
    """The code is wrong, or was used already."""

    key = "wrong-code"


class Setup:
    """The one-time code, and the first user that is made with it."""

    def __init__(self, accounts: Accounts, was_owned: Callable[[], bool] = lambda: False) -> None:
        self._accounts = accounts
        self._was_owned = was_owned
        self._claiming = Lock()
        self._code = ""

    @property
    def is_open(self) -> bool:
        """Whether the device has no user yet; one whose users are lost or cannot be read had some."""
        return not self._accounts.users() and not self._was_owned()

    @property
    def code(self) -> str:
        """The code of this process; empty once there is an owner."""
        if not self.is_open:
            return ""
        self._code = self._code or secrets.new_code()
        return self._code

    def claim(self, actor: Actor, code: str, name: str, password: str) -> User:
        """Make the first user, an admin. Raises `WrongCode`, `AccountError`, `Busy`."""
        with self._claiming:
            if not self.is_open:
                raise AccountError("This device has an owner already: sign in.")
            if not self._code or not secrets.same_code(code, self._code):
                raise WrongCode
            user = self._accounts.add(actor, name, password, "admin")
            self._code = ""
            return user
