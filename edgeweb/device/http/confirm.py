"""Asking again: an open browser must not make accounts, take a backup or end the machine.

A view with `@confirmed(scope)` goes on in a browser where the password was shown again in the last five
minutes (`access.sessions.CONFIRMED_FOR`), by the form itself or by `POST /api/v1/session/confirm`; and for a
program whose token has the scope. `tests/device/http/test_confirm.py` has the reviewed list of these views.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from edgeweb import request

from ..access import passwords
from ..access.roles import mark_scope
from . import login
from .current import actor, current_device
from .gate import FORM_TYPES, log_refusal
from .problems import Problem

T = TypeVar("T")

#: One more than a password has: the check refuses it like any wrong one.
_LONGEST = passwords.MAX_LENGTH + 1


def confirmed(scope: str) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Mark a view that needs a scope of `SCOPES`, or the password shown again. A form may bring it.

    @api.post("/users")
    @needs("admin")
    @confirmed("accounts")
    """

    def mark(view: Callable[..., T]) -> Callable[..., T]:
        @wraps(view)
        def call(**values: object) -> T:
            is_form = request.mimetype in FORM_TYPES
            check(scope, request.form.get("password", "")[:_LONGEST] if is_form else "")
            return view(**values)

        return mark_scope(call, scope)

    return mark


def asks_itself(scope: str) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Mark a view like `confirmed` that calls `check` with the password in its JSON."""
    return lambda view: mark_scope(view, scope)


def scoped(scope: str) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Mark a view that a program may use only by a token with a scope; a browser without being asked."""

    def mark(view: Callable[..., T]) -> Callable[..., T]:
        @wraps(view)
        def call(**values: object) -> T:
            if actor().session is None:
                check(scope)
            return view(**values)

        return mark_scope(call, scope)

    return mark


def check(scope: str, password: str = "") -> None:
    """Raise `Problem` where the one who asks has neither shown the password again nor has the scope.

    A password that is given is checked in any case, and counts for the next five minutes. Raises as
    `login.check_password` for a wrong one.
    """
    people, found = current_device().people, actor()
    if password:
        login.check_password(found.name, password)
        people.confirm(found)
        return
    if found.session is None:
        is_right = scope in found.scopes
        detail = f"This token does not have the scope {scope}."
    else:
        is_right, detail = people.is_confirmed(found.session), ""
    if not is_right:
        log_refusal(found, "unconfirmed")
        raise Problem("unconfirmed", detail)
