"""Drivers and kinds of other packages on the pages: offered, with the fields that they declare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile

from ...people import PASSWORD, add_owner, device_of
from ...plugins.conftest import site
from ...plugins.packages import DRIVER, install
from ..visitor import Visitor

__all__ = ["site"]


def test_a_driver_of_a_package_is_added_by_its_form(make_profile: Callable[..., Profile], site: Path) -> None:
    install(site, "relays", {"relay8": "relays_of_test"}, modules={"relays_of_test": DRIVER})
    app = add_owner(create_app(make_profile()))
    owner = Visitor(app)
    assert "relay8 (relays" in owner.get("/add")
    assert "Address on the bus." in owner.get("/add/channels/relay8")
    lamp = {".title": "Lamp", ".mode": "output", ".address": "33", "password": PASSWORD}
    owner.send("/add/channels/relay8", **lamp)
    assert device_of(app).things.definition("channels", "lamp")["address"] == 33
    assert device_of(app).channels["lamp"].current.online
    device_of(app).close()
