"""Roles, and what a view asks for. A view that says nothing is closed: reading needs a viewer, changing an
operator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ...server.origin import SAFE_METHODS

View = TypeVar("View", bound=Callable[..., Any])

#: Each may do what those before it may.
ROLES = ("viewer", "operator", "admin")

PUBLIC = "public"

_MARK = "edgeweb_role"


def needs(role: str) -> Callable[[View], View]:
    """Marks a view: at least this role for every method."""
    if role not in (*ROLES, PUBLIC):
        raise ValueError(f"no role is named {role!r}: there are {', '.join(ROLES)}")

    def mark(view: View) -> View:
        setattr(view, _MARK, role)
        return view

    return mark


def public(view: View) -> View:
    """Marks a view that anybody may call; `tests/device/http/test_gate.py` has the reviewed list."""
    return needs(PUBLIC)(view)


def needed_role(view: Callable[..., Any], method: str) -> str:
    """What a view asks for.

    >>> needed_role(lambda: "", "GET"), needed_role(lambda: "", "DELETE")
    ('viewer', 'operator')
    """
    marked: str | None = getattr(view, _MARK, None)
    return marked or ("viewer" if method in SAFE_METHODS else "operator")


def allows(role: str, needed: str) -> bool:
    """Whether a role is enough.

    >>> allows("admin", "viewer"), allows("viewer", "operator")
    (True, False)
    """
    return ROLES.index(role) >= ROLES.index(needed)


def lesser(one: str, other: str) -> str:
    """The role that may do less: what a token can do is bounded by what its user can do now."""
    return min(one, other, key=ROLES.index)
