"""Channels: outputs to switch, inputs to read.

    $ curl http://127.0.0.1:8080/api/v1/channels/lamp
    $ curl -X PUT -H 'Content-Type: application/json' -d '{"on": true}' \\
        http://127.0.0.1:8080/api/v1/channels/lamp/state
    $ curl http://127.0.0.1:8080/api/v1/channels/lamp/history
"""

from __future__ import annotations

from edgeweb import Response

from ..channels.actions import ACTIONS, Amount
from ..channels.channel import Channel
from ..channels.states import SWITCHING
from ..config.checks import REQUIRED
from ..device import Device
from ..http.body import read_body, read_query
from ..http.contract import Examples, Fields, Parts, Schemas, contract
from ..http.current import actor, current_device
from ..http.etag import conditional, from_content
from ..http.on_demand import on_demand
from ..http.problems import Problem, error_row
from .blueprint import api

#: 202: the driver has not answered yet, and the channel is busy until it does.
SWITCHED = (200, 202)

STATE_FIELDS: Fields = {"on": ("boolean", None, REQUIRED)}
#: Seconds of a history without `from`: a week.
HISTORY = 604_800.0

#: Moments in seconds since 1970: up to the year 2242.
_MOMENTS = (0.0, float(1 << 33))
HISTORY_QUERY: Fields = {"from": ("moment", _MOMENTS, None), "to": ("moment", _MOMENTS, None)}

WAIT_QUERY: Fields = {"wait": ("choice", ("0", "1"), "0")}

#: Reasons why an output is not switched.
SWITCH_PROBLEMS = (
    "unknown-channel",
    "not-an-output",
    "channel-busy",
    "interlocked",
    "channel-offline",
)

Switched = tuple[dict[str, object], int]

#: Actions that can be repeated without harm; the others are a POST.
_PUT = ("value",)


@api.get("/channels")
@contract(answer="Channels")
def channels() -> Response:
    """Return all channels, in the order of the profile."""
    device = current_device()
    return conditional(
        device.tag(), lambda: {"channels": [device.channel(channel) for channel in device.channels]}
    )


@api.get("/channels/<name>")
@contract(answer="Channel", problems=("unknown-channel",))
def channel(name: str) -> Response:
    """Return one channel."""
    device = current_device()
    found = device.channels[name]
    return conditional(device.tag(), lambda: device.channel(found))


@api.get("/channels/<name>/history")
@contract(query=HISTORY_QUERY, answer="ChannelHistory", problems=("unknown-channel",))
def channel_history(name: str) -> Response:
    """Return when a channel was on, from `from` up to `to`: without them the last week, all there is.

    A span is a time in one state. Where a channel was switched more than 320 times in a week, older spans are
    joined, to 30 seconds in the last hour, to 15 minutes in the last day, to two hours before: their `state`
    is null. What lasts is counted up to the last full minute, so that an answer is the same until something
    has changed. A power cut loses the switches of the last five minutes.
    """
    device, query = current_device(), read_query()
    found = device.channels[name]
    is_pwm = found.is_pwm
    device.clock.check()
    changed = found.current.changed
    now = device.clock.seconds(device.clock.monotonic())
    end = max(now // 60 * 60, device.clock.seconds(changed))
    end = end if query["to"] is None else min(end, query["to"])
    begin = max(end - HISTORY, 0.0) if query["from"] is None else query["from"]
    if begin > end:
        detail = "expected a moment before `to`, and in the past"
        raise Problem("invalid-query", f"/from: {detail}", [error_row(("from",), detail)])
    rows = list(device.channel_history.spans(found, begin, end))
    return from_content(
        {
            "id": name,
            "from": device.clock.date(begin),
            "to": device.clock.date(end),
            "on_seconds": round(sum(row.on for row in rows), 3),
            "known_seconds": round(sum(row.known for row in rows), 3),
            "switches": sum(row.switches for row in rows),
            "spans": [
                {
                    "at": device.clock.date(row.begin),
                    "seconds": round(row.end - row.begin, 3),
                    "state": row.is_on,
                    "on_seconds": round(row.on, 3),
                    "known_seconds": round(row.known, 3),
                    "switches": row.switches,
                    **({"value": row.percent / 100 if row.on else 0.0} if is_pwm else {}),
                }
                for row in rows
            ],
        }
    )


@api.put("/channels/<name>/state")
@contract(body=STATE_FIELDS, query=WAIT_QUERY, answer="Channel", status=SWITCHED, problems=SWITCH_PROBLEMS)
def set_state(name: str) -> Switched | Response:
    """Switch an output, and return the channel as it is afterwards. Sending it twice does no harm.

    202: its driver has not answered within a second; the channel is busy until it has, or is offline.
    """
    device, channel = current_device(), current_device().channels[name]
    query, on = read_query(), read_body()["on"]
    device.switch(actor(), name, on)
    return _settled(channel, query)


@api.put("/groups/<path:group>/state")
@contract(body=STATE_FIELDS, answer="GroupState", problems=("not-found",))
def set_group(group: str) -> dict[str, object]:
    """Switch all outputs of a group that are not so already; buttons and inputs stay as they are.

    Each is switched for itself: `refused` has those that were not, and why. Sending it twice does no harm.
    """
    device = current_device()
    refused = device.switch_group(actor(), group, read_body()["on"])
    return {
        "channels": [device.channel(channel) for channel in device.group_outputs(group)],
        "refused": [{"id": name, "key": error.key, "detail": str(error)} for name, error in refused.items()],
    }


@api.post(
    f"/channels/<name>/<any({', '.join(name for name, row in ACTIONS.items() if not row.amount)}):command>"
)
@contract(query=WAIT_QUERY, answer="Channel", status=SWITCHED, problems=SWITCH_PROBLEMS)
def command(name: str, command: str) -> Switched | Response:
    """Switch an output without a body. For the command line: `curl -X POST .../channels/lamp/toggle`."""
    device, channel, query = current_device(), current_device().channels[name], read_query()
    device.act(actor(), name, command)
    return _settled(channel, query)


def _add(action: str, amount: Amount) -> None:
    """Register the view of an action that takes an amount."""
    default = None if amount.default_of else REQUIRED
    fields: Fields = {amount.field: (amount.kind, amount.limits, default)}

    @contract(body=fields, query=WAIT_QUERY, answer="Channel", status=SWITCHED, problems=SWITCH_PROBLEMS)
    def view(name: str) -> Switched | Response:
        device, channel, query = current_device(), current_device().channels[name], read_query()
        device.act(actor(), name, action, _read_amount(amount, channel))
        return _settled(channel, query)

    view.__name__ = view.__qualname__ = f"set_{action}" if action in _PUT else action
    view.__doc__ = amount.meaning
    method = "PUT" if action in _PUT else "POST"
    api.add_url_rule(f"/channels/<name>/{action}", view_func=view, methods=[method])


def _read_amount(amount: Amount, channel: Channel) -> float:
    """Return the amount in the body, within the channel's limits, or the channel's own."""
    default = REQUIRED if amount.default_of is None else amount.default_of(channel)
    found: float = read_body({amount.field: (amount.kind, amount.limits_of(channel), default)})[amount.field]
    return found


for _action, _row in ACTIONS.items():
    if _row.amount:
        _add(_action, _row.amount)


def _settled(channel: Channel, query: dict[str, object]) -> Switched | Response:
    """Return a channel after a change; with `?wait=1`, when it is no longer busy or after `MAX_WAIT`."""
    device = current_device()
    if query["wait"] == "1" and channel.current.busy:
        from ..http.settled import when_settled  # with the first client that waits

        return when_settled(device, channel)
    return device.channel(channel), 202 if channel.phase == SWITCHING else 200


def warnings(device: Device) -> list[dict[str, object]]:
    """Return the channels whose hardware is not reached, as the warnings of sources."""
    return [
        {
            "source": channel.title,
            "reason": channel.current.reason,
            "failed_at": device.clock.iso(channel.current.changed),
            "read_at": None,
        }
        for channel in device.channels
        if not channel.current.online and channel.current.reason
    ]


@on_demand
def parts() -> Parts:
    """Return what stands in the addresses."""
    return {
        "name": ("lamp", "Name of a channel."),
        "group": ("Garden", "The `group` of channels, as their profile has it."),
        "command": ("toggle", "On, off, or the other state."),
    }


@on_demand
def examples() -> Examples:
    """Return an example of each field."""
    return {
        "on": True,
        **{row.amount.field: row.amount.example for row in ACTIONS.values() if row.amount},
    }


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..channels.drivers import ALL_MODES, DRIVERS, outside
    from ..config.thing_keys import ICONS
    from ..http.schemas import flag, moment, nullable, number, one_of, record, ref, rows, text

    state = {
        "online": flag("Whether the driver reaches the hardware."),
        "state": nullable(
            flag("Whether it is on; null while that is not known, which is not the same as off.")
        ),
        "busy": flag("Whether a pulse, a ramp or the rest after a switch is under way."),
        "changed_at": moment("When `online`, `state` or `value` last changed."),
    }
    sums = {
        "on_seconds": number("Seconds on.", 120.5, minimum=0),
        "known_seconds": number("Seconds in which the state was known.", 300.0, minimum=0),
        "switches": number("How often it went on.", 3, minimum=0),
    }
    some = {
        "value": nullable(number("PWM only: the share of time that it is on.", 0.25, minimum=0, maximum=1)),
        "on_count": number("Inputs only: how often it went on.", 12, minimum=0),
        "reason": text("Offline only: why.", "there is no /sys/class/leds/ACT"),
    }
    return {
        "ChannelState": record(some, **state),
        "Channel": record(
            {
                **some,
                "group": text("The word of those that are shown together; none: it has none.", "Garden"),
                "icon": one_of("Its symbol; none: it has none.", *(icon for icon in ICONS if icon)),
                "order": number("Its place, where that is not 0; lower ones come first.", 10),
            },
            id=text("Name of the channel.", "lamp"),
            title=text("Title on the dashboard.", "Lamp"),
            mode=one_of(
                "An output is set, an input is read, PWM has values from 0 to 1, a button is pulsed.",
                *ALL_MODES,
            ),
            driver=one_of("What moves or reads it.", *DRIVERS, *outside().names()),
            **state,
        ),
        "ChannelHistory": record(
            id=text("Name of the channel.", "lamp"),
            **{"from": moment("Beginning.")},
            to=moment("End; not within."),
            **sums,
            spans=rows(
                record(
                    {
                        "value": number(
                            "PWM only: its mean value while it was on, in steps of 0.01; 0: it was not.",
                            0.4,
                            minimum=0,
                            maximum=1,
                        )
                    },
                    at=moment("Beginning of the span."),
                    seconds=number("Its length.", 300.0, minimum=0),
                    state=nullable(
                        flag("Whether it was on; null where that is not known, or where spans are joined.")
                    ),
                    **sums,
                ),
                "The oldest first; the last one goes on.",
            ),
        ),
        "GroupState": record(
            channels=rows(ref("Channel"), "The outputs of the group, as they are now."),
            refused=rows(
                record(
                    id=text("Name of the channel.", "lamp"),
                    key=one_of("Why it was not switched, for programs.", *SWITCH_PROBLEMS),
                    detail=text("The same for people.", '"Valve 2" is on. Switch it off first.'),
                ),
                "Those that were not switched; empty where all were.",
            ),
        ),
        "Channels": record(channels=rows(ref("Channel"), "In the order of the profile.")),
    }
