"""The device of the current application, and who makes the current request."""

from __future__ import annotations

import os

from edgeweb import Flask, current_app, g, request

from ..access import actor as actors
from ..access.actor import Actor
from ..device import Device
from ..storage.owner import StateInUse
from .problems import Problem

#: Where an application keeps its device.
EXTENSION = "edgeweb.device"


def attach(app: Flask, device: Device) -> None:
    """Make a device that of an application's views."""
    app.extensions[EXTENSION] = device


def device_of(app: Flask) -> Device:
    """Return an application's device. Raises `RuntimeError` where it has none."""
    device = app.extensions.get(EXTENSION)
    if not isinstance(device, Device):
        raise RuntimeError("This application has no device: call attach(app, Device(load(...))) first.")
    return device


def current_device() -> Device:
    """Return the device of the current application, opened.

    Raises `RuntimeError` without `attach`, and `Problem` "state-in-use" where another process has it.
    """
    device = device_of(current_app)
    if not device.opened:
        own(device)
        device.open()
    return device


def own(device: Device) -> None:
    """Take the device for this process, or leave it to the one that has it.

    Under a server of several workers one of them drives the pins and runs the schedules, and the others
    refuse all requests for the device: what they know of it would be wrong, and limits would count for each
    of them. When that one has ended, the next request makes another one its owner. Raises `Problem`
    "state-in-use".
    """
    try:
        device.own()
    except StateInUse as error:
        if error.holder == os.getpid():
            return  # two applications of one process, which tests have; `Device.start` refuses the second
        # its text names a folder and a process, and nobody has signed in yet
        raise Problem("state-in-use", headers={"Retry-After": "1"}) from None


def actor() -> Actor:
    """Return who makes the current request. Raises `Problem` "unauthenticated" for a stranger."""
    found: Actor | None = g.get("actor")
    if found is None:
        raise Problem("unauthenticated")
    return found


def stranger() -> Actor:
    """Return who makes a request to a public view, for the audit log."""
    return actors.stranger(request.remote_addr or "")


def may(role: str) -> bool:
    """Return whether the one who makes the request has this role."""
    found: Actor | None = g.get("actor")
    return found is not None and found.may(role)
