"""The channels: switches, pulses, sliders and inputs, each a form that a script may send in its place."""

from __future__ import annotations

from edgeweb import Response, make_response

from ...channels.actions import ACTIONS
from ...channels.channel import Channel
from ...device import Device
from ...http.current import actor, current_device
from ...http.problems import Problem
from .. import forms
from ..blueprint import pages
from ..i18n import Words, chosen
from ..layout import page, see
from ..live import Build, tagged_part

#: What the form of a switch sends.
SWITCH = {"true": True, "false": False}


class Row:
    """A channel as the template shows it."""

    __slots__ = ("channel", "group", "state")

    def __init__(self, device: Device, channel: Channel, group: list[str]) -> None:
        self.channel = channel
        self.state = device.channel_state(channel)
        #: Titles of the channels of which one at most may be on, without this one.
        self.group = group


def rows(device: Device) -> list[Row]:
    """Return all channels, in the order of the profile."""
    everything = list(device.channels)
    return [
        Row(
            device,
            channel,
            [
                other.title
                for other in everything
                if channel.interlock and other.interlock == channel.interlock and other is not channel
            ],
        )
        for channel in everything
    ]


@tagged_part("channels")
def states(device: Device) -> tuple[str, Build]:
    """Return the states of all channels for the script, in the language of the page."""
    words = Words(chosen())
    return device.tag(), lambda: {channel.name: _state(device, channel, words) for channel in device.channels}


def _state(device: Device, channel: Channel, words: Words) -> dict[str, object]:
    state = device.channel_state(channel)
    return {**state, "reason": words.reason(channel.current.reason)} if "reason" in state else state


@pages.nav_page("channels", 30)
def show(problem: Problem | None = None) -> Response:
    """Show all channels with everything that can be done to them."""
    device = current_device()
    return page("channels", problem=problem, live="show=channels", channels=rows(device))


@pages.post("/channels/<name>")
@forms.on_failure(show)
def set_channel(name: str) -> Response:
    """Switch an output."""
    device, channel = current_device(), current_device().channels[name]
    device.switch(actor(), name, SWITCH[forms.choice("on", tuple(SWITCH))])
    return _done(device, channel)


@pages.post(f"/channels/<name>/<any({', '.join(ACTIONS)}):action>")
@forms.on_failure(show)
def act(name: str, action: str) -> Response:
    """Do an action of `ACTIONS`, with the amount that the form has where it takes one."""
    device, channel = current_device(), current_device().channels[name]
    amount = ACTIONS[action].amount
    device.act(actor(), name, action, forms.amount(amount, amount.limits_of(channel)) if amount else None)
    return _done(device, channel)


def _done(device: Device, channel: Channel) -> Response:
    """Return the channel as it is now for the script, else the page again."""
    if forms.wants_json():
        return make_response(_state(device, channel, Words(chosen())))
    back = "overview" if forms.text("from") == "overview" else "channels"
    return see(back)
