"""Files that a browser saves in place of showing them."""

from __future__ import annotations

from edgeweb import Response


def attachment(name: str, content: bytes) -> Response:
    """Return JSON that is saved under a name; `name` has to be printable ASCII without quotes."""
    # not compressed: a backup has secrets (`compress.py`)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store, no-transform",
    }
    return Response(content, headers=headers, content_type="application/json")
