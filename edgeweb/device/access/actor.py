"""Who acts on the device: a person in a browser, a program, or the device on its own."""

from __future__ import annotations

from .roles import allows
from .sessions import Session

#: The source of what happens on the device without a request.
LOCAL = "local"


class Actor:
    """A name with a role, and where it acts from: `source` is an address, or `LOCAL`.

    `session` is that of a browser, `token` the number of a program's token and `scopes` what that may do
    besides; a stranger has none of them, and no role.

    >>> Actor("ada", "operator", "192.168.1.2").may("viewer")
    True
    """

    __slots__ = ("name", "role", "scopes", "session", "source", "token")

    def __init__(
        self,
        name: str,
        role: str,
        source: str,
        session: Session | None = None,
        token: int | None = None,
        scopes: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.role = role
        self.source = source
        self.session = session
        self.token = token
        self.scopes = scopes

    def may(self, role: str) -> bool:
        """Return whether this role is enough for what needs `role`."""
        return self.role != "" and allows(self.role, role)


TIMER = Actor("timer", "admin", LOCAL)
SCHEDULE = Actor("schedule", "admin", LOCAL)
COMMAND_LINE = Actor("command line", "admin", LOCAL)


def stranger(source: str) -> Actor:
    """Return the actor of a request without a session or a token; `source` is its address."""
    return Actor("-", "", source)
