"""The JSON interface under /api/v1: status, metrics and channels, for scripts and home automation.

    $ curl http://127.0.0.1:8080/api/v1/channels/lamp
    $ curl -X PUT -H 'Content-Type: application/json' -d '{"on": true}' \\
        http://127.0.0.1:8080/api/v1/channels/lamp/state
"""

from __future__ import annotations

from typing import Any

from werkzeug.exceptions import HTTPException

from edgeweb import Blueprint, Response

from . import problem
from .access.gate import actor
from .access.roles import public
from .body import Fields, read_body
from .channels.bank import Channel, ChannelError
from .conditional import conditional
from .device import Device, current_device
from .metrics import described
from .problem import PROBLEMS, Problem
from .schema import REQUIRED

control = Blueprint("control", __name__, url_prefix="/api/v1")
control.register_error_handler(HTTPException, problem.answer)

STATE_FIELDS: Fields = {"on": ("boolean", None, REQUIRED)}


@control.get("/status")
def status() -> Response:
    """Who this is, all figures and the state of all channels: what the dashboard asks for all the time."""
    device = current_device()
    sample = device.metrics.sample()

    def build() -> dict[str, Any]:
        return {
            "device": device.identity(),
            "sampled_at": device.clock.iso(sample.moment),
            "metrics": sample.values,
            "channels": {channel.name: device.channel_state(channel) for channel in device.channels},
            "storage": device.storage(),
        }

    return conditional(device.tag(sample), build)


@control.get("/metrics")
def metrics() -> Response:
    """All figures with their units and meanings."""
    device = current_device()
    sample = device.metrics.sample()
    return conditional(device.tag(sample), lambda: described(sample, device.clock))


@control.get("/channels")
def channels() -> Response:
    """All channels, in the order of the profile."""
    device = current_device()
    return conditional(
        device.tag(), lambda: {"channels": [resource(device, channel) for channel in device.channels]}
    )


@control.get("/channels/<name>")
def channel(name: str) -> Response:
    """One channel."""
    device = current_device()
    found = find(device, name)
    return conditional(device.tag(), lambda: resource(device, found))


@control.put("/channels/<name>/state")
def set_state(name: str) -> dict[str, Any]:
    """Switches an output; the answer is the channel as it is afterwards. Sending it twice does no harm."""
    device = current_device()
    found = find(device, name)
    switch(device, name, read_body(STATE_FIELDS)["on"])
    return resource(device, found)


@control.get("/problems/<key>")
@public
def problem_kind(key: str) -> dict[str, Any]:
    """What a kind of error means: where the `type` of a problem document points."""
    if key not in PROBLEMS:
        raise Problem("not-found", f'There is no kind of problem named "{key}".')
    code, title, advice = PROBLEMS[key]
    return {"key": key, "status": code, "title": title, "description": advice}


def resource(device: Device, channel: Channel) -> dict[str, Any]:
    """A channel as the API shows it."""
    return {
        "id": channel.name,
        "title": channel.title,
        "mode": "output" if channel.is_output else "input",
        "driver": channel.driver,
        **device.channel_state(channel),
    }


def find(device: Device, name: str) -> Channel:
    """A channel by its name; raises the `Problem` of its failure."""
    try:
        return device.channels[name]
    except ChannelError as error:
        raise Problem(error.key, str(error)) from error


def switch(device: Device, name: str, on: bool) -> None:
    """Switches an output; raises the `Problem` of its failure."""
    word = "on" if on else "off"
    try:
        device.channels.set(name, on)
    except ChannelError as error:
        device.audit.note(actor(), "channel.set", name, f"{word}: {error.key}")
        raise Problem(error.key, str(error)) from error
    device.audit.note(actor(), "channel.set", name, word)
