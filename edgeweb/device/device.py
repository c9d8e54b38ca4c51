"""The device behind an application: its profile, its figures and its channels, shared by all views."""

from __future__ import annotations

import os
import socket
from typing import Any

from edgeweb import Flask, current_app

from . import board
from .channels.bank import Channel, ChannelBank
from .clock import WallClock
from .metrics import Metrics, Sample
from .profile import Profile

EXTENSION = "edgeweb.device"


class Device:
    """What a profile describes, alive. Making one opens no hardware and reads no sensor; a request does."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.clock = WallClock()
        self.metrics = Metrics(
            interval=profile["sensors.interval"],
            folders=profile["storage.watch"],
            interfaces=profile["sensors.interfaces"],
            temperatures=profile["sensors.temperatures"],
        )
        self.channels = ChannelBank(profile["channels"])
        self.name: str = socket.gethostname()
        self.title: str = profile["dashboard.title"] or self.name
        self.model: str = profile["board.model"] or board.model()
        # A tag of the last process must not match by accident: counters start again at 0.
        self._life = os.urandom(4).hex()

    def init_app(self, app: Flask) -> None:
        """Makes this the device of an application's views."""
        app.extensions[EXTENSION] = self

    def identity(self) -> dict[str, str]:
        """Who answers: what stays the same while the process lives."""
        return {
            "name": self.name,
            "title": self.title,
            "model": self.model,
            "architecture": os.uname().machine,
            "profile": self.profile.name,
        }

    def tag(self, sample: Sample | None = None) -> str:
        """An entity tag that changes with the channels, the figures if given, and when the clock is set."""
        self.channels.open()  # what opening changes is no news to somebody who has never seen it otherwise
        number = sample.number if sample else 0
        return f"{self._life}-{self.clock.check()}-{number}-{self.channels.revision}"

    def channel_state(self, channel: Channel) -> dict[str, Any]:
        """The changing part of a channel, for JSON."""
        current = channel.current
        state: dict[str, Any] = {
            "online": current.online,
            "state": current.state,
            "busy": current.busy,
            "changed_at": self.clock.iso(current.changed),
        }
        if current.reason:
            state["reason"] = current.reason
        return state


def current_device() -> Device:
    """The device of the current application. Raises `RuntimeError` where `init_app` was not called."""
    device = current_app.extensions.get(EXTENSION)
    if not isinstance(device, Device):
        raise RuntimeError("This application has no device: call Device(load(...)).init_app(app) first.")
    return device
