"""The overview: the machine's figures, its channels, and the cards of the program that mounts it."""

from __future__ import annotations

from edgeweb import Response, request

from ...device import Device
from ...http.current import current_device
from ..blueprint import mounted, pages
from ..cards import shown
from ..layout import page
from ..live import Build, hashed_part, tagged_part
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
    live = ["figures", "channels"] + ["cards"] * bool(cards) + ["processes"] * with_processes
    return page(
        "overview",
        live=f"show={','.join(live)}",
        values=sample.values,
        sampled_at=device.clock.iso(sample.moment),
        channels=rows(device),
        cards=shown(cards),
        processes=processes(device) if with_processes else None,
    )


@tagged_part("figures")
def figures(device: Device) -> tuple[str, Build]:
    """Return all figures for the script."""
    sample = device.metrics.sample()
    return (
        device.tag(sample),
        lambda: {"sampled_at": device.clock.iso(sample.moment), "values": sample.values},
    )


@hashed_part("cards")
def cards_html(device: Device) -> list[str | None]:
    """Return the content of all cards, in the order of the page."""
    return [html for _, html in shown(mounted()[1].cards)]


@hashed_part("processes")
def processes(device: Device) -> list[dict[str, object]]:
    """Return the busiest processes, the busiest first."""
    return [process.to_json() for process in device.processes.top(MAX_PROCESSES)]
