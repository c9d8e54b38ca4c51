"""Sessions: a dict that a visitor keeps between requests, by default in a signed cookie.

The visitor can read the cookie but not change it. What is signed with `SECRET_KEY` is read, and keys in
`SECRET_KEY_FALLBACKS` are still accepted, so that keys can be rotated. Real Flask with the same key reads and
writes the same cookies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import interface
from .interface import NullSession as NullSession
from .interface import SecureCookieSession as SecureCookieSession
from .interface import SecureCookieSessionInterface as SecureCookieSessionInterface
from .interface import SessionInterface as SessionInterface
from .interface import SessionMixin as SessionMixin

if TYPE_CHECKING:
    from .interface import session_json_serializer as session_json_serializer


def __getattr__(name: str) -> object:
    # Names of Flask's module. What they need is imported when one is used.
    if name == "session_json_serializer":
        return interface.session_json_serializer
    if name in ("BadSignature", "URLSafeTimedSerializer"):
        import itsdangerous

        return getattr(itsdangerous, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
