"""The hardware that the kernel knows: what is free, what uses the rest, and how a profile would use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgeweb import Response

from ...http.current import current_device
from ..blueprint import pages
from ..i18n import Words, chosen
from ..layout import page

if TYPE_CHECKING:
    from ...hardware.reader import Bus

#: Tables with more rows than this are folded at first: a phone shows some ten.
UNFOLDED = 12


@pages.nav_page("hardware", 65, "admin")
def show() -> Response:
    """Show a card for each bus."""
    from ...config.errors import toml_text
    from ...hardware.tables import tables

    device, words = current_device(), Words(chosen())
    buses = device.hardware.buses(device.profile["channels"])
    shown = [(bus, tables(bus), fault_of(bus, words)) for bus in buses]
    offers = (
        cell
        for _, found, _ in shown
        for table in found
        for row in table.rows
        for cell in row
        if isinstance(cell, dict)
    )
    return page("hardware", buses=shown, example=next(offers, None), toml=toml_text, unfolded=UNFOLDED)


def fault_of(bus: Bus, words: Words) -> str:
    """Return why a bus has no rows, in the language of the page; empty where it was read."""
    return words(f"warning.{bus.error.kind}", detail=words.reason(bus.error.detail)) if bus.error else ""
