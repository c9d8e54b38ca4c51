"""Backup and restore: everything that people have entered on the device, as one file."""

from __future__ import annotations

from edgeweb import Response, request

from ...access.roles import needs
from ...errors import Path
from ...http.confirm import confirmed
from ...http.current import actor, current_device
from ...http.download import attachment
from ...http.problems import Problem
from .. import forms
from ..blueprint import pages
from ..i18n import Words, chosen
from ..layout import page, see
from ..problems import PageProblem

#: What is wrong with a file that no row of it tells, by the place in it: the key of the text.
_WRONG: dict[Path, str] = {
    (): "backup.wrong",
    ("format",): "backup.wrong",
    ("version",): "backup.newer",
    ("checksum",): "backup.damaged",
}


@pages.nav_page("backup", 100, "admin")
def show(problem: Problem | None = None) -> Response:
    """Show the forms to take a backup away and to bring one back."""
    return page("backup", problem=problem, most=current_device().profile["server.body_bytes"])


@pages.post("/backup/file")
@needs("admin")
@forms.on_failure(show)
@confirmed("backup")
def download_backup() -> Response:
    """Return the file, once the password was shown again: it has the hashes of all passwords."""
    from ...backup import download  # on use: its tables of checks are rarely needed

    return attachment(*download(current_device(), actor()))


@pages.post("/backup/restore")
@needs("admin")
@forms.on_failure(show)
@confirmed("backup")
def restore_backup() -> Response:
    """Restore a file in place of everything, once the password was shown again."""
    file = request.files.get("file")
    content = file.read() if file else b""
    if not content:
        raise forms.faulty("file", "backup.missing")
    from ...backup import MAX_BYTES, BackupError, restore

    try:
        restore(current_device(), actor(), content)
    except BackupError as error:
        place = error.errors[0][0][:1]
        if place in _WRONG and len(content) <= MAX_BYTES:
            words = Words(chosen())
            raise PageProblem("invalid-fields", words(_WRONG[place])) from error
        raise
    return see("overview", done="restore")
