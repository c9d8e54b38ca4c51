"""A WSGI application that is busy, or blocks its thread for ever. Served by `edgeweb serve wedge:app`."""

from __future__ import annotations

import threading
import time
import typing as t

_never = threading.Event()


def app(environ: dict[str, t.Any], start_response: t.Callable[..., t.Any]) -> list[bytes]:
    path = environ["PATH_INFO"]
    if path == "/wedge":
        _never.wait()
    if path == "/busy":
        # Computes, as a busy view does, for longer than the watchdog's time in all, but ends.
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            sum(range(1000))
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]
