"""Backup and restore: everything that people have entered on the device, as one file."""

from __future__ import annotations

from edgeweb import Response, request

from ...access.roles import needs
from ...device import current_device
from ...http.gate import actor
from ...http.problems import Problem
from .. import forms
from ..blueprint import dashboard
from ..layout import page, see


@dashboard.get("/backup", endpoint="backup")
@needs("admin")
def show(problem: Problem | None = None) -> Response:
    """The file to take away, and the way to bring one back."""
    return page("backup", problem=problem, most=current_device().profile["server.body_bytes"])


@dashboard.post("/backup/file")
@needs("admin")
@forms.on_failure(show)
def download_backup() -> Response:
    """The file, once the password was shown again: it has the hashes of all passwords."""
    forms.confirm()
    from ... import backup  # its checks are for the few who ask

    device = current_device()
    content = backup.export(device)
    device.audit.note(actor(), "state.backup", device.name, f"{len(content)} bytes")
    name = "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in device.name)
    headers = {
        "Content-Disposition": f'attachment; filename="edgeweb-{name}.json"',
        "Cache-Control": "no-store",
    }
    return Response(content, headers=headers, content_type="application/json")


@dashboard.post("/backup/restore")
@needs("admin")
@forms.on_failure(show)
def restore_backup() -> Response:
    """Puts a file in the place of everything, once the password was shown again."""
    forms.confirm()
    file = request.files.get("file")
    content = file.read() if file else b""
    if not content:
        raise forms.faulty("file", "backup.missing")
    from ... import backup

    device = current_device()
    try:
        backup.restore(device, actor(), content)
    except backup.BackupError as reason:
        raise Problem("invalid-fields", str(reason)) from reason
    return see("overview", done="restore")
