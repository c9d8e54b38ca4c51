"""Requests that the server's loop answers itself, without handing them to a worker."""

from __future__ import annotations

from typing import TypeVar

View = TypeVar("View")


def inline(view: View) -> View:
    """Marks a view that never waits, or a whole WSGI application, as one to be served on the server's loop.

    Handing a request to a worker and its answer back costs more than a short view. The mark counts where the
    profile says `server.inline = true`, or the command line `--inline`, and for requests without a body;
    everything else about such a request is as it would be on a worker.

        @app.get("/level")
        @inline
        def level() -> dict[str, float]:
            return {"level": tank.level}

    While it runs nobody else is served and no connection is accepted: a marked view must not sleep, ask
    another machine, lock what somebody holds for long, or read more than a small file. The log warns of one
    that takes longer than a tenth of a second, and one that hangs is ended by the watchdog. What it sends has
    to fit the memory for answers (half of `server.buffer_bytes`), since the loop cannot wait for itself.
    """
    view.serves_inline = _always  # type: ignore[attr-defined]
    return view


def _always(method: str, path: str) -> bool:
    return True


def may_be_inline(application: object, method: str, path: str) -> bool:
    """Whether an application has a marked view for this, as far as it can tell without being called."""
    asked = getattr(application, "serves_inline", None)
    if asked is None:
        return False
    try:
        return bool(asked(method, path))
    except Exception:
        return False  # a converter has failed: on a worker the same failure is logged and answered
