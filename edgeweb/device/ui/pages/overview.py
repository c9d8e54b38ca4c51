"""The overview: how the machine is, what hangs on it, and the cards of the program that mounts it."""

from __future__ import annotations

from edgeweb import Response, request

from ...http.current import current_device
from .. import cards
from ..blueprint import dashboard
from ..layout import page
from ..processes import top
from .channels import rows


@dashboard.nav_page("overview", 10, path="/")
def overview() -> Response:
    """The machine's figures and its channels on one page."""
    device = current_device()
    sample = device.metrics.sample()
    # listing all processes costs more than all figures together, so only those pay who want to see them
    with_processes = request.args.get("processes") == "1"
    live = ["figures", "channels"] + ["cards"] * bool(dashboard.cards) + ["processes"] * with_processes
    return page(
        "overview",
        live=f"show={','.join(live)}",
        values=sample.values,
        sampled_at=device.clock.iso(sample.moment),
        channels=rows(device),
        cards=cards.shown(dashboard.cards),
        processes=top(device) if with_processes else None,
    )
