"""The JSON interface under /api/v1: status, metrics and channels, for scripts and home automation.

    $ curl http://127.0.0.1:8080/api/v1/channels/lamp
    $ curl -X PUT -H 'Content-Type: application/json' -d '{"on": true}' \\
        http://127.0.0.1:8080/api/v1/channels/lamp/state
"""

from __future__ import annotations

from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Any

from werkzeug.exceptions import HTTPException

from edgeweb import Blueprint, Response, current_app, request

from ..access.roles import public
from ..channels.channel import Channel, ChannelError, ChannelState
from ..config.schema import REQUIRED
from ..device import Device, current_device
from ..http import problems
from ..http.body import read_body, read_query
from ..http.contract import Fields, contract
from ..http.etag import conditional, from_content
from ..http.gate import actor
from ..http.problems import PROBLEMS, Problem
from ..metrics import history
from ..metrics.catalogue import METRICS, described

control = Blueprint("control", __name__, url_prefix="/api/v1")
control.register_error_handler(HTTPException, problems.answer)

STATE_FIELDS: Fields = {"on": ("boolean", None, REQUIRED)}
VALUE_FIELDS: Fields = {"value": ("number", (0, 1), REQUIRED)}
#: Within what any profile may say; a channel's own limits are narrower.
PULSE_FIELDS: Fields = {"ms": ("integer", (10, 3_600_000), None)}

HISTORY_QUERY: Fields = {
    "metric": ("choice", tuple(name for name, _, kind, _, _ in METRICS if kind == "gauge"), "")
}
WAIT_QUERY: Fields = {"wait": ("choice", ("0", "1"), "0")}

#: What may keep an output from being switched.
SWITCH_PROBLEMS = (
    "unknown-channel",
    "not-an-output",
    "channel-busy",
    "interlocked",
    "channel-offline",
    "too-many-waiting",
)

#: The longest time that `?wait=1` waits, in seconds, and how many may: each holds a thread of the server.
MAX_WAIT = 30.0
_WAITING = BoundedSemaphore(2)

#: What the address after a channel's name says, and what that makes of the channel.
COMMANDS: dict[str, bool | None] = {"on": True, "off": False, "toggle": None}


@control.get("/openapi.json")
@contract(answer="OpenAPI")
def openapi() -> Response:
    """This interface as an OpenAPI 3.1 document, for tools that make clients, forms and tests of it."""
    from ..http.openapi import document  # what contract the interface is not loaded for serving it

    device = current_device()
    return conditional(device.life, lambda: document(current_app, device.cookie_name, request.script_root))


@control.get("/status")
@contract(answer="Status")
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
@contract(answer="Metrics")
def metrics() -> Response:
    """All figures with their units and meanings."""
    device = current_device()
    sample = device.metrics.sample()
    return conditional(device.tag(sample), lambda: described(sample, device.clock))


@control.get("/metrics/history")
@contract(query=HISTORY_QUERY, answer="History")
def metrics_history() -> Response:
    """The last readings, an hour unless the profile says otherwise; `?metric=<name>` for one figure only."""
    device = current_device()
    name = read_query()["metric"]
    tag = f"{device.tag()}-{device.history.newest:.3f}-{name}"
    return conditional(tag, lambda: history.described(device.history, device.clock, name))


@control.get("/channels")
@contract(answer="Channels")
def channels() -> Response:
    """All channels, in the order of the profile."""
    device = current_device()
    return conditional(
        device.tag(), lambda: {"channels": [resource(device, channel) for channel in device.channels]}
    )


@control.get("/channels/<name>")
@contract(answer="Channel", problems=("unknown-channel",))
def channel(name: str) -> Response:
    """One channel."""
    device = current_device()
    found = find(device, name)
    return conditional(device.tag(), lambda: resource(device, found))


@control.put("/channels/<name>/state")
@contract(body=STATE_FIELDS, query=WAIT_QUERY, answer="Channel", problems=SWITCH_PROBLEMS)
def set_state(name: str) -> dict[str, Any]:
    """Switches an output; the answer is the channel as it is afterwards. Sending it twice does no harm."""
    device = current_device()
    found, wait = find(device, name), read_query()["wait"]
    switch(device, name, read_body()["on"])
    return settled(device, found, wait)


@control.put("/channels/<name>/value")
@contract(body=VALUE_FIELDS, query=WAIT_QUERY, answer="Channel", problems=SWITCH_PROBLEMS)
def set_value(name: str) -> dict[str, Any]:
    """Brings a PWM output to a value from 0 to 1, as slowly as its profile says."""
    device = current_device()
    found, wait = find(device, name), read_query()["wait"]
    value = read_body()["value"]
    act(device, name, "channel.value", f"{value:g}", lambda: device.channels.set_value(name, value))
    return settled(device, found, wait)


@control.post("/channels/<name>/<any(on, off, toggle):command>")
@contract(query=WAIT_QUERY, answer="Channel", problems=SWITCH_PROBLEMS)
def command(name: str, command: str) -> dict[str, Any]:
    """Switches an output without a body, for the command line: `curl -X POST .../channels/lamp/toggle`."""
    device = current_device()
    found, wait = find(device, name), read_query()["wait"]
    switch(device, name, COMMANDS[command])
    return settled(device, found, wait)


@control.post("/channels/<name>/pulse")
@contract(body=PULSE_FIELDS, query=WAIT_QUERY, answer="Channel", problems=SWITCH_PROBLEMS)
def pulse(name: str) -> dict[str, Any]:
    """Switches an output on and, after `ms`, off again; without a body for as long as the profile says."""
    device = current_device()
    found, wait = find(device, name), read_query()["wait"]
    options = found.options
    least, most = round(options["pulse_min"] * 1000), round(options["pulse_max"] * 1000)
    default = round(options["pulse"] * 1000)
    has_body = request.content_length or request.mimetype
    fields: Fields = {"ms": ("integer", (least, most), default)}
    milliseconds = read_body(fields)["ms"] if has_body else default
    act(
        device,
        name,
        "channel.pulse",
        f"{milliseconds} ms",
        lambda: device.channels.pulse(name, milliseconds / 1000),
    )
    return settled(device, found, wait)


@control.get("/problems/<key>")
@public
@contract(answer="ProblemKind")
def problem_kind(key: str) -> Response:
    """What a kind of error means: where the `type` of a problem document points."""
    if key not in PROBLEMS:
        raise Problem("not-found", f'There is no kind of problem named "{key}".')
    code, title, advice = PROBLEMS[key]
    return from_content({"key": key, "status": code, "title": title, "description": advice})


def resource(device: Device, channel: Channel) -> dict[str, Any]:
    """A channel as the API shows it."""
    return {
        "id": channel.name,
        "title": channel.title,
        "mode": channel.options["mode"],
        "driver": channel.driver,
        **device.channel_state(channel),
    }


def find(device: Device, name: str) -> Channel:
    """A channel by its name; raises the `Problem` of its failure."""
    try:
        return device.channels[name]
    except ChannelError as error:
        raise Problem(error.key, str(error)) from error


def switch(device: Device, name: str, on: bool | None) -> None:
    """Switches an output, None for the other state; raises the `Problem` of its failure."""
    word = "toggle" if on is None else "on" if on else "off"
    act(device, name, "channel.set", word, lambda: device.channels.set(name, on))


def act(device: Device, name: str, action: str, word: str, call: Callable[[], ChannelState]) -> None:
    """Does something to an output and logs it; raises the `Problem` of its failure."""
    try:
        call()
    except ChannelError as error:
        device.audit.note(actor(), action, name, f"{word}: {error.key}")
        raise Problem(error.key, str(error)) from error
    device.audit.note(actor(), action, name, word)


def settled(device: Device, channel: Channel, wait: str) -> dict[str, Any]:
    """A channel after a change; with `?wait=1`, when it is no longer busy, or after `MAX_WAIT`."""
    if wait == "1" and channel.current.busy:
        if not _WAITING.acquire(blocking=False):
            raise Problem("too-many-waiting", headers={"Retry-After": "1"})
        try:
            device.channels.wait(channel.name, MAX_WAIT)
        finally:
            _WAITING.release()
    return resource(device, channel)
