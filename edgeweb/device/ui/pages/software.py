"""Software: the version that runs, a newer one, and the update to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgeweb import Response, __version__

from ...access.roles import needs
from ...device import Device
from ...http.confirm import confirmed
from ...http.current import actor, current_device
from ...http.problems import Problem, problem_of
from ...system.command import CommandError
from .. import forms
from ..blueprint import pages
from ..i18n import Words, chosen
from ..layout import page, see
from ..live import hashed_part

if TYPE_CHECKING:
    from ...system.software import Found, Update


@hashed_part("software")
def now(device: Device) -> dict[str, str]:
    """Return what the update does, and a stamp: where it is another one, the page loads again."""
    update = device.software.update()
    return {"stamp": stamp(update), "text": sentence(update, Words(chosen()))}


def stamp(update: Update) -> str:
    """Return what the rest of the page depends on: the version that runs, and whether an update has ended."""
    return f"{__version__} {update.result}"


def sentence(update: Update, words: Words) -> str:
    """Return what an update does or how it ended, in the language of the page; empty where none has run."""
    if not update.step:
        return ""
    key = f"ended.{update.result}" if update.result else f"step.{update.step}"
    text = words(f"software.{key}", before=update.before, after=update.after)
    return f"{text} {words(f'software.cause.{update.reason}')}" if update.reason else text


@pages.nav_page("software", 105)
def show(problem: Problem | None = None) -> Response:
    """Show what is installed and offered, and how far an update is."""
    device, words = current_device(), Words(chosen())
    found: Found | None = None
    try:
        found = device.software.find()
    except CommandError as refused:
        problem = problem or problem_of(refused)
    update = device.software.update()
    return page(
        "software",
        problem=problem,
        live="show=software",
        version=__version__,
        found=found,
        fetched=device.clock.date(found.fetched) if found and found.fetched is not None else "",
        stamp=stamp(update),
        now=sentence(update, words),
        changelog="\n".join(device.software.changelog()),
    )


@pages.post("/software/update")
@needs("admin")
@forms.on_failure(show)
@confirmed("power")
def start_update() -> Response:
    """Update to the version that is offered, once the password was shown again."""
    current_device().update_software(actor())
    return see("software", done="software-update")
