"""Whether the server lives, for watchdogs and load balancers."""

from __future__ import annotations

from edgeweb import Blueprint, Response

health = Blueprint("health", __name__)


@health.get("/livez")
def livez() -> Response:
    """Says `ok` as long as requests are answered at all; looks at nothing else."""
    return Response("ok\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})
