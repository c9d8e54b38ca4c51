"""The channels: switches, pulses, sliders and inputs, each a form that a script may send in its place."""

from __future__ import annotations

from edgeweb import Response, current_app, make_response, request

from ...channels.actions import ACTIONS
from ...channels.channel import Channel
from ...device import Device
from ...http.current import actor, current_device
from ...http.problems import Problem, problem_of
from .. import forms
from ..blueprint import mounted, pages
from ..i18n import Words, chosen
from ..layout import link, page, see
from ..live import Build, tagged_part
from ..problems import PageProblem, explained

#: What the form of a switch sends.
SWITCH = {"true": True, "false": False}


class Row:
    """A channel as the template shows it."""

    __slots__ = ("channel", "interlocked", "lasted", "state", "words")

    def __init__(self, device: Device, channel: Channel, interlocked: list[str]) -> None:
        self.channel = channel
        self.state = device.channel_state(channel)
        #: Seconds since the last change.
        self.lasted = device.clock.monotonic() - channel.current.changed
        #: Titles of the channels of which one at most may be on, without this one.
        self.interlocked = interlocked
        #: The owner's words for off and on; empty for those of the language.
        self.words = dict(zip(("off", "on"), channel.options["words"], strict=False))

    @property
    def group(self) -> str:
        """The word of the things that it is shown with; empty for none."""
        found: str = self.channel.options["group"]
        return found

    @property
    def is_switch(self) -> bool:
        """Whether it is an output that stays on."""
        return self.channel.is_output and not self.channel.is_button

    @property
    def order(self) -> int:
        """The place among the others."""
        found: int = self.channel.options["order"]
        return found


def rows(device: Device) -> list[Row]:
    """Return all channels, in the order that the owner has given them, else in that of the profile."""
    everything = list(device.channels)
    found = [
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
    return sorted(found, key=lambda row: row.order)


def any_asks(rows: list[Row]) -> bool:
    """Return whether a page needs the dialog of the channels that ask."""
    return any(row.channel.options["ask"] for row in rows)


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
    found = rows(current_device())
    return page(
        "channels",
        problem=problem,
        refused=refused(),
        live="show=channels",
        channels=found,
        asks=any_asks(found),
    )


def refused() -> str:
    """Return the name of the channel whose form was refused, for its row; empty for none."""
    name: str = (request.view_args or {}).get("name", "")
    return name if any(channel.name == name for channel in current_device().channels) else ""


def show_again(problem: Problem | None = None) -> Response:
    """Show the page that a form came from, with what went wrong."""
    endpoint, values = _back()
    view = current_app.view_functions[f"{mounted()[0]}.{endpoint}"]
    return make_response(view(**values, problem=problem))


@pages.post("/channels/<name>")
@forms.on_failure(show_again)
def set_channel(name: str) -> Response:
    """Switch an output."""
    device, channel = current_device(), current_device().channels[name]
    on = SWITCH[forms.choice("on", tuple(SWITCH))]
    if question := _question(channel):
        return question
    device.switch(actor(), name, on)
    return _done(device, channel)


@pages.post(f"/channels/<name>/<any({', '.join(ACTIONS)}):action>")
@forms.on_failure(show_again)
def act(name: str, action: str) -> Response:
    """Do an action of `ACTIONS`, with the amount that the form has where it takes one."""
    device, channel = current_device(), current_device().channels[name]
    amount = ACTIONS[action].amount
    found = forms.amount(amount, amount.limits_of(channel)) if amount else None
    if question := _question(channel):
        return question
    device.act(actor(), name, action, found)
    return _done(device, channel)


@pages.post("/groups/off")
@forms.on_failure(lambda problem=None: overview_again(problem, {}))
def switch_group_off() -> Response:
    """Switch all outputs of a group off. The row of one that is refused has the reason."""
    device, group = current_device(), forms.text("group", 64)
    asking = [
        one for one in device.group_outputs(group) if one.options["ask"] and one.current.state is not False
    ]
    if asking and not forms.text("sure"):
        sent = {key: text for key, text in request.form.items() if key != "csrf"}
        question = Words(chosen())("ask.group", group=group, titles=", ".join(one.title for one in asking))
        return page("ask", heading=group, question=question, sent=sent, origin=link("overview"))
    refused = device.switch_group(actor(), group, False)
    if not refused:
        return see("overview")
    first = next(iter(refused.values()))
    words = Words(chosen())
    reasons = {name: explained(problem_of(error), words) for name, error in refused.items()}
    return overview_again(problem_of(first), reasons)


def overview_again(problem: Problem | None, reasons: dict[str, str]) -> Response:
    """Show the overview with what went wrong: in the rows of `reasons`, or at the top."""
    view = current_app.view_functions[f"{mounted()[0]}.overview"]
    return make_response(view(problem=problem, reasons=reasons))


def _question(channel: Channel) -> Response | None:
    """Return the page that asks whether to switch; None where nothing asks, or the answer is in the form.

    Raises `Problem` for the script of a page that was loaded before the channel asked: it cannot ask.
    """
    if not channel.options["ask"] or forms.text("sure"):
        return None
    if forms.wants_json():
        raise PageProblem("conflict", Words(chosen())("ask.reload"))
    sent = {key: text for key, text in request.form.items() if key != "csrf"}
    endpoint, values = _back()
    question = Words(chosen())("ask.question", title=channel.title)
    back = link(endpoint, **values)
    return page("ask", heading=channel.title, question=question, sent=sent, origin=back)


def _done(device: Device, channel: Channel) -> Response:
    """Return the channel as it is now for the script, else the page again."""
    if forms.wants_json():
        return make_response(_state(device, channel, Words(chosen())))
    endpoint, values = _back()
    return see(endpoint, **values)


def _back() -> tuple[str, dict[str, str]]:
    """Return endpoint and values of the page that the form came from."""
    origin, name = forms.text("from"), (request.view_args or {}).get("name", "")
    if origin == "thing" and any(channel.name == name for channel in current_device().channels):
        return "thing", {"family": "channels", "name": name}
    return ("overview" if origin == "overview" else "channels"), {}
