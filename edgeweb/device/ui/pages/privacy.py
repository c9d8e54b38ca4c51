"""What the device keeps of people, as its maker has written it: `vendor.privacy` of the profile."""

from __future__ import annotations

from edgeweb import Response

from ...access.roles import public
from ...http.current import current_device
from ...http.problems import Problem
from ..blueprint import pages
from ..layout import page


@pages.get("/privacy")
@public
def privacy() -> Response:
    """Show the text: empty lines part its paragraphs. Public: people read it before they sign in."""
    text: str = current_device().profile["vendor.privacy"]
    if not text.strip():
        raise Problem("not-found")
    return page("privacy", paragraphs=[one.strip().split("\n") for one in text.split("\n\n") if one.strip()])
