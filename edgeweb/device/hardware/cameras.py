"""Video devices by their names: none is opened, as opening a camera may take it from a program.

Source: Linux kernel documentation, userspace-api/media/v4l/open.rst.
"""

from __future__ import annotations

from .tree import Limit, Row, names, text


def read(root: str, limit: Limit) -> list[Row]:
    """Return a row for each device node, with the name that its driver gives. Raises `OSError`."""
    return [
        {"path": f"/dev/{video}", "name": text(root, f"sys/class/video4linux/{video}/name")}
        for video in limit.take(names(root, "dev", r"video\d+"))
    ]
