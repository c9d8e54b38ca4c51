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

_MARK = "edgeweb_role"


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
