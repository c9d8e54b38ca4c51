"""The channels: switches, pulses, sliders and inputs, each a form that a script may send in its place."""

from __future__ import annotations

from edgeweb import Response, make_response

from ...channels.channel import Channel
from ...device import Device
from ...http.current import actor, current_device
from ...http.problems import Problem
from .. import forms
from ..blueprint import pages
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
    """All channels, in the order of the profile."""
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
    """Return the states of all channels for the script."""
    return device.tag(), device.channel_states


@pages.nav_page("channels", 30)
def show(problem: Problem | None = None) -> Response:
    """All channels with everything that can be done to them."""
    device = current_device()
    return page("channels", problem=problem, live="show=channels", channels=rows(device))


@pages.post("/channels/<name>")
@forms.on_failure(show)
def set_channel(name: str) -> Response:
    """Switches an output."""
    device, channel = current_device(), current_device().channels[name]
    device.switch(actor(), name, SWITCH[forms.choice("on", tuple(SWITCH))])
    return _done(device, channel)


@pages.post("/channels/<name>/pulse")
@forms.on_failure(show)
def pulse_channel(name: str) -> Response:
    """Switches an output on, and off again after the seconds that the form or else the profile says."""
    device, channel = current_device(), current_device().channels[name]
    seconds = forms.number("seconds", channel.options["pulse_min"], channel.options["pulse_max"])
    device.act(actor(), name, "pulse", seconds * 1000)
    return _done(device, channel)


@pages.post("/channels/<name>/value")
@forms.on_failure(show)
def set_channel_value(name: str) -> Response:
    """Brings a PWM output to a share of 0 to 100 percent."""
    device, channel = current_device(), current_device().channels[name]
    device.act(actor(), name, "value", forms.number("percent", 0, 100) / 100)
    return _done(device, channel)


def _done(device: Device, channel: Channel) -> Response:
    """The channel as it is now for the script, the page again for everybody else."""
    if forms.wants_json():
        return make_response(device.channel_state(channel))
    back = "overview" if forms.text("from") == "overview" else "channels"
    return see(back)
