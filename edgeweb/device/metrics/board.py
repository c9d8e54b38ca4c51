"""Which board this is, by the device tree and the firmware."""

from __future__ import annotations

import os

from ..system.source import read_file
from ..system.text import clean

#: Bytes of a property of the device tree at most.
_MAX_PROPERTY = 4096


def read_words(path: str) -> list[str]:
    """Return the NUL-separated words of a device-tree property; none where there is no such file.

    Device trees end words with NUL; DMI files end with a newline.
    """
    try:
        content = read_file(path, _MAX_PROPERTY)
    except OSError:
        return []
    return [text for word in content.replace(b"\n", b"\0").split(b"\0") if (text := clean(word).strip())]


def model(root: str = "/") -> str:
    """Return the name of the machine: device tree, else DMI, else its architecture.

    `root` is where the system's files are; tests give a recorded tree.
    """
    for path in ("proc/device-tree/model", "sys/class/dmi/id/product_name"):
        if words := read_words(os.path.join(root, path)):
            return words[0]
    return os.uname().machine


def compatible(root: str = "/") -> list[str]:
    """Return the device tree's names of the board, the most exact first; none without a device tree."""
    return read_words(os.path.join(root, "proc/device-tree/compatible"))
