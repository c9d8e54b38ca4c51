"""Whether the server lives, and whether all is well, for watchdogs and monitors."""

from __future__ import annotations

from edgeweb import Blueprint, Response

from ..access.roles import public
from ..device import Device
from ..http.contract import Schemas, contract
from ..http.current import current_device
from ..http.on_demand import on_demand

health = Blueprint("health", __name__)


@health.get("/livez")
@public
@contract(answer="text/plain", tagged=False)
def livez() -> Response:
    """Return `ok` as long as requests are answered at all. Nothing else is checked."""
    return Response("ok\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})


@health.get("/readyz")
@public
@contract(answer="Ready", status=(200, 503), tagged=False)
def readyz() -> tuple[dict[str, object], int, dict[str, str]]:
    """Return whether all is well: 200, else 503 with what is wrong. The device may still serve: see `/livez`.

    The route is public, so the answer names no channel and no reason: `/api/v1/status` and `/api/v1/channels`
    do.
    """
    checks = check(current_device())
    ready = all(text == "ok" for text in checks.values())
    return {"ready": ready, "checks": checks}, 200 if ready else 503, {"Cache-Control": "no-store"}


def check(device: Device) -> dict[str, str]:
    """Return `ok` or what is wrong, for each part of the device."""
    store = device.store
    store.open()
    are_online = all(channel.current.online for channel in device.channels)
    return {
        "storage": "ok" if store.healthy else "not persistent",
        "channels": "ok" if are_online else "offline",
    }


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..http.schemas import by_name, flag, record

    checks = by_name({"type": "string"}, "`ok`, or what is wrong.", {"storage": "ok", "channels": "ok"})
    return {"Ready": record(ready=flag("Whether all is well."), checks=checks)}
