"""Roles, and the role that a view needs. A view without a mark is closed: reading needs a viewer, changing an
operator."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ...server.origin import SAFE_METHODS

View = TypeVar("View", bound=Callable[..., object])

#: Each may do what those before it may.
ROLES = ("viewer", "operator", "admin")

PUBLIC = "public"

#: What a token may do only where it was made for it: users, roles and tokens; backup and restore; restarts of
#: the machine and of services; the channels and sensors that there are; the factory reset. A browser shows
#: the password again instead (`http/confirm.py`).
SCOPES = ("accounts", "backup", "power", "things", "reset")

_MARK = "edgeweb_role"
_SCOPE = "edgeweb_scope"
_UNATTENDED = "edgeweb_unattended"


def needs(role: str) -> Callable[[View], View]:
    """Mark a view that needs at least this role, for every method."""
    if role not in (*ROLES, PUBLIC):
        raise ValueError(f"no role is named {role!r}: there are {', '.join(ROLES)}")

    def mark(view: View) -> View:
        setattr(view, _MARK, role)
        return view

    return mark


def public(view: View) -> View:
    """Mark a view that needs no role; `tests/device/http/test_gate.py` has the reviewed list."""
    return needs(PUBLIC)(view)


def mark_scope(view: View, scope: str) -> View:
    """Mark a view that needs a scope of `SCOPES`, or the password shown again."""
    if scope not in SCOPES:
        raise ValueError(f"no scope is named {scope!r}: there are {', '.join(SCOPES)}")
    setattr(view, _SCOPE, scope)
    return view


def needed_scope(view: Callable[..., object]) -> str:
    """Return the scope that a view needs; the empty text for none."""
    found: str = getattr(view, _SCOPE, "")
    return found


def unattended(view: View) -> View:
    """Mark a view that a page asks for on its own: that does not keep a session alive."""
    setattr(view, _UNATTENDED, True)
    return view


def is_unattended(view: Callable[..., object]) -> bool:
    """Return whether a view is asked for without a person."""
    return hasattr(view, _UNATTENDED)


def needed_role(view: Callable[..., object], method: str) -> str:
    """Return the role that a view needs.

    >>> needed_role(lambda: "", "GET"), needed_role(lambda: "", "DELETE")
    ('viewer', 'operator')
    """
    marked: str | None = getattr(view, _MARK, None)
    return marked or ("viewer" if method in SAFE_METHODS else "operator")


def allows(role: str, needed: str) -> bool:
    """Return whether a role is enough.

    >>> allows("admin", "viewer"), allows("viewer", "operator")
    (True, False)
    """
    return ROLES.index(role) >= ROLES.index(needed)


def lesser(one: str, other: str) -> str:
    """Return the role with fewer rights: a token is bounded by the present role of its user."""
    return min(one, other, key=ROLES.index)
