"""The first start: a device without users has a one-time code in its log, and whoever can read that is its
owner. There is no default password, and nothing can be controlled until somebody has used the code."""

from __future__ import annotations

from threading import Lock

from ..errors import DeviceError
from . import secrets
from .accounts import AccountError, Accounts
from .actor import Actor
from .user import User


class WrongCode(DeviceError):
    """Not the code, or there is none any more."""

    key = "wrong-code"


class Setup:
    """Whether the device has an owner, and how it gets one."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._claiming = Lock()
        self._code = ""

    @property
    def is_open(self) -> bool:
        """Whether nobody owns the device yet."""
        return not self._accounts.users()

    @property
    def code(self) -> str:
        """The code of this process; empty once there is an owner."""
        if not self.is_open:
            return ""
        self._code = self._code or secrets.new_code()
        return self._code

    def claim(self, actor: Actor, code: str, name: str, password: str) -> User:
        """Makes the first user, an admin. Raises `WrongCode`, `AccountError`, `Busy`."""
        with self._claiming:
            if not self.is_open:
                raise AccountError("This device has an owner already: sign in.")
            if not self._code or not secrets.same_code(code, self._code):
                raise WrongCode
            user = self._accounts.add(actor, name, password, "admin")
            self._code = ""
            return user
