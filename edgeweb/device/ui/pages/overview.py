"""The overview: the machine's figures, its channels, and the cards of the program that mounts it."""

from __future__ import annotations

from typing import Any

from edgeweb import Response, request

from ...device import Device
from ...http.current import current_device
from ...metrics.sample import Sample
from ...system.source import Source, SourceError
from ..blueprint import mounted, pages
from ..cards import shown
from ..i18n import Words, chosen
from ..layout import page
from ..live import Build, hashed_part, tagged_part
from . import sensors as sensor_page
from .channels import rows

#: Processes on the page.
MAX_PROCESSES = 8


@pages.nav_page("overview", 10, path="/")
def overview() -> Response:
    """Show the machine's figures and its channels on one page."""
    device, cards = current_device(), mounted()[1].cards
    sample = device.metrics.sample()
    # listing all processes costs more than all figures together, so only those pay who want to see them
    with_processes = request.args.get("processes") == "1"
    sensors = sensor_page.rows(device)
    some = {"sensors": sensors, "cards": cards, "processes": with_processes}
    live = ["figures", "channels", *(part for part, found in some.items() if found)]
    return page(
        "overview",
        live=f"show={','.join(live)}",
        values=sample.values,
        sampled_at=device.clock.iso(sample.moment),
        warnings=warnings(device, sample),
        channels=rows(device),
        sensors=sensors,
        cards=shown(cards),
        processes=processes(device) if with_processes else None,
        processes_warning=processes_warning(device) if with_processes else "",
    )


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
    return figures + sensor_page.warnings(device, words)


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
