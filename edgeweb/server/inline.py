"""Requests that the server's loop answers itself, without handing them to a worker."""

from __future__ import annotations

from typing import TypeVar

View = TypeVar("View")


def inline(view: View) -> View:
    """Mark a view that never waits, or a whole WSGI application, to be served on the server's loop.

    Handing a request to a worker and its answer back costs more than a short view. The mark counts with
    `server.inline = true` in the profile, or `--inline` on the command line, and for requests without a body.
    In all else such a request is served as on a worker.

        @app.get("/level")
        @inline
        def level() -> dict[str, float]:
            return {"level": tank.level}

    While the view runs, no other request is served and no connection is accepted. It must not sleep, ask
    another machine, wait for a lock that is held for long, or read more than a small file. The log warns of a
    view that takes longer than a tenth of a second; the watchdog ends a process whose view hangs. The answer
    has to fit the memory for answers (half of `server.buffer_bytes`), because the loop cannot wait for a
    client.
    """
    view.serves_inline = _always  # type: ignore[attr-defined]
    return view


def _always(method: str, path: str) -> bool:
    return True


def may_be_inline(application: object, method: str, path: str) -> bool:
    """Return whether an application has a marked view for a request; False if it cannot answer."""
    asked = getattr(application, "serves_inline", None)
    if asked is None:
        return False
    try:
        return bool(asked(method, path))
    except Exception:
        return False  # a converter failed: on a worker the same failure is logged and answered
