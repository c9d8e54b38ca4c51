"""The factory reset. Its form is on the page of backups: a backup comes first."""

from __future__ import annotations

from edgeweb import Response

from ...access.roles import needs
from ...http.confirm import confirmed
from ...http.current import actor, current_device
from .. import forms
from ..blueprint import pages
from ..layout import page
from . import backup


@pages.post("/reset")
@needs("admin")
@forms.on_failure(backup.show)
@confirmed("reset")
def reset_device() -> Response:
    """Remove everything, once the password was shown again.

    The answer is a page, and no way to one: the server may have ended before a browser follows that.
    """
    current_device().reset(actor())
    return page("reset")
