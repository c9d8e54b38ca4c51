"""The hardware that the kernel knows: what is free and can be added, and what uses the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgeweb import Response

from ...config.schema import FAMILIES
from ...http.current import current_device
from ..blueprint import pages
from ..i18n import Words, chosen
from ..layout import link, page

if TYPE_CHECKING:
    from ...hardware.reader import Bus

#: Tables with more rows than this are folded at first: a phone shows some ten.
UNFOLDED = 12


@pages.nav_page("hardware", 65, "admin")
def show() -> Response:
    """Show a card for each bus."""
    from ...hardware.tables import tables

    device, words = current_device(), Words(chosen())
    buses = device.hardware.buses(device.profile["channels"], device.profile.things("sensors"))
    shown = [(bus, tables(bus), fault_of(bus, words)) for bus in buses]
    return page("hardware", buses=shown, offer=offer, unfolded=UNFOLDED)


def offer(column: str, keys: dict[str, str]) -> str:
    """Return the address of the form for a channel or a sensor with these keys; `column` has them."""
    family, rest = f"{column}s", dict(keys)
    return link("new_thing", family=family, choice=rest.pop(FAMILIES[family].selector), **rest)


def fault_of(bus: Bus, words: Words) -> str:
    """Return why a bus has no rows, in the language of the page; empty where it was read."""
    return words(f"warning.{bus.error.kind}", detail=words.reason(bus.error.detail)) if bus.error else ""
