"""The parts of serving a request that a subclass overrides, or that somebody set on one application.

What nobody replaced need not be called through the application: the short way of `dispatch.answer` is open.
"""

from __future__ import annotations

import typing as t

# Methods, and the two attributes that decide what a response and a session are.
PARTS = frozenset(
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


def parts(app: t.Any, original: type) -> frozenset[str]:
    """The names of the parts of an application that are not those of the original class.

    Looked up when an application is made, at its first request, and whenever one of them is set on it. A part
    that is set on the class after the first request is seen by applications made later only.
    """
    own, cls, originals = vars(app), type(app), vars(original)
    return frozenset(name for name in PARTS if name in own or getattr(cls, name) is not originals[name])
