"""The overview: the machine's figures, its channels, and the cards of the program that mounts it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from edgeweb import Response, request

from ...device import Device
from ...http.current import current_device, may
from ...http.problems import Problem
from ...metrics.history import SENSOR
from ...metrics.sample import Sample
from ...system.source import Source, SourceError
from ..blueprint import mounted, pages
from ..cards import shown
from ..i18n import Words, chosen
from ..layout import page
from ..live import Build, hashed_part, tagged_part
from . import sensors as sensor_page
from .channels import Row, any_asks, refused, rows

#: Processes on the page.
MAX_PROCESSES = 8


class Group(NamedTuple):
    """Channels and sensors that the page shows together, below a heading.

    `is_named`: the heading is the owner's word, and not that of all channels or sensors without one.
    """

    id: str
    title: str
    channels: list[Row]
    sensors: list[dict[str, Any]]
    is_named: bool = False

    @property
    def can_go_off(self) -> bool:
        """Whether there is more than one output that stays on, so that one button for all is worth it."""
        return self.is_named and sum(row.is_switch for row in self.channels) > 1


@pages.nav_page("overview", 10, path="/")
def overview(problem: Problem | None = None, reasons: Mapping[str, str] | None = None) -> Response:
    """Show the machine's figures and its channels on one page.

    `reasons` has why channels of a group were not switched, for their rows.
    """
    # where there is no dashboard, there is no memory for it
    from .. import home, trend

    device, cards = current_device(), mounted()[1].cards
    words = Words(chosen())
    sample = device.metrics.sample()
    # listing all processes costs more than all figures together, so only those pay who want to see them
    channels, sensors = rows(device), sensor_page.rows(device)
    for row in sensors:
        row["trend"] = trend.trend(device, SENSOR + row["id"])
    with_processes = request.args.get("processes") == "1"
    some = {"sensors": sensors, "cards": cards, "processes": with_processes}
    live = ["figures", "channels", *(part for part, found in some.items() if found)]
    found = warnings(device, sample)
    alerts = [*faults(sample, words), *found]
    return page(
        "overview",
        problem=problem,
        refused=refused() or next(iter(reasons or ()), ""),
        reasons=reasons or {},
        live=f"show={','.join(live)}",
        values=sample.values,
        trends=trend.trends(device),
        warnings=found,
        alerts=alerts,
        alert=summary(alerts, words),
        groups=groups(channels, sensors, words),
        upcoming=home.upcoming(device, words),
        happened=home.events(device, words) if may("admin") else [],
        asks=any_asks(channels),
        cards=shown(cards),
        processes=processes(device) if with_processes else None,
        processes_warning=processes_warning(device) if with_processes else "",
    )


def groups(channels: list[Row], sensors: list[dict[str, Any]], words: Words) -> list[Group]:
    """Return the groups of the owner, each where the first of its members stands; then what has none."""
    members = sorted(
        [(row.order, row.group) for row in channels] + [(row["order"], row["group"]) for row in sensors],
        key=lambda member: member[0],
    )
    found = [
        Group(
            f"group-{number}",
            title,
            [row for row in channels if row.group == title],
            [row for row in sensors if row["group"] == title],
            is_named=True,
        )
        for number, title in enumerate(dict.fromkeys(title for _, title in members if title), 1)
    ]
    if rest := [row for row in channels if not row.group]:
        found.append(Group("channels", words("page.channels"), rest, []))
    if others := [row for row in sensors if not row["group"]]:
        found.append(Group("sensors", words("overview.sensors"), [], others))
    return found


@tagged_part("figures")
def figures(device: Device) -> tuple[str, Build]:
    """Return all figures for the script."""
    sample = device.metrics.sample()
    return (
        device.tag(sample),
        lambda: {
            "sampled_at": device.clock.iso(sample.moment),
            "values": sample.values,
            "warnings": warnings(device, sample),
        },
    )


def warnings(device: Device, sample: Sample) -> list[str]:
    """Return a sentence for all that cannot be read or is out of its limits, in the language of the page."""
    words = Words(chosen())
    figures = [explained(warning.source, warning.error, words) for warning in sample.warnings]
    unreached = [
        words("warning.channel", title=channel.title, reason=words.reason(channel.current.reason))
        for channel in device.channels
        if not channel.current.online and channel.current.reason
    ]
    return figures + unreached + sensor_page.warnings(device, words)


def faults(sample: Sample, words: Words) -> list[str]:
    """Return a sentence for each fault of power or heat that the board has now."""
    present = sample.values["power_fault"]
    return [words(f"fault.{name}") for name, on in present.items() if on] if isinstance(present, dict) else []


def summary(alerts: list[str], words: Words) -> str:
    """Return the line of the page that stands for all warnings: their number, and the first of them."""
    if len(alerts) < 2:
        return alerts[0] if alerts else words("live.no-warnings")
    return f"{words('live.warnings', count=len(alerts))}{words('live.sign.colon')}{alerts[0]}"


def explained(source: Source[Any], error: SourceError, words: Words) -> str:
    """Return the sentence for one source: what cannot be read, and why."""
    name = words(f"warning.source.{source.name}", subject=source.subject)
    reason = words(f"warning.{error.kind}", detail=words.reason(error.detail))
    return words("warning", source=name, reason=reason)


@hashed_part("cards")
def cards_html(device: Device) -> list[str | None]:
    """Return the content of all cards, in the order of the page."""
    return [html for _, html in shown(mounted()[1].cards)]


def processes_warning(device: Device) -> str:
    """Return why there are no processes to show; the empty text where there are."""
    source = device.processes.source
    return explained(source, source.error, Words(chosen())) if source.error else ""


@hashed_part("processes")
def processes(device: Device) -> list[dict[str, object]]:
    """Return the busiest processes, the busiest first."""
    return [process.to_json() for process in device.processes.top(MAX_PROCESSES)]
