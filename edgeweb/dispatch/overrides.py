"""The phases of a request that a subclass overrides, or that were set on one application.

A phase without an override need not be called through the application: see `fast_path`.
"""

from __future__ import annotations

import typing as t

# Methods, and the two attributes that decide the classes of a response and of a session.
OVERRIDABLE = frozenset(
    {
        "async_to_sync",
        "create_url_adapter",
        "dispatch_request",
        "do_teardown_appcontext",
        "do_teardown_request",
        "ensure_sync",
        "finalize_request",
        "full_dispatch_request",
        "handle_exception",
        "handle_http_exception",
        "handle_user_exception",
        "make_default_options_response",
        "make_response",
        "preprocess_request",
        "process_response",
        "raise_routing_exception",
        "request_context",
        "response_class",
        "session_interface",
        "trap_http_exception",
    }
)


def find(app: t.Any, original: type) -> frozenset[str]:
    """Return the names in `OVERRIDABLE` whose value on an application is not that of the original class.

    Found when an application is made, at its first request, and whenever one of them is set on it. A method
    that is set on the class after the first request is seen only by applications that are made later.
    """
    own, cls, originals = vars(app), type(app), vars(original)
    return frozenset(name for name in OVERRIDABLE if name in own or getattr(cls, name) is not originals[name])
