"""What a person at a terminal sees besides the log: the steps of the start, and the address as a QR code.

Nothing of this is imported for a service, whose stderr leads to the journal.
"""

from __future__ import annotations

from collections.abc import Sequence

#: Black on white, whatever the terminal's own colours are: readers find no inverted code. Source: xterm,
#: "256 Color Mode".
_COLOURS = "\x1b[38;5;16;48;5;231m"
_RESET = "\x1b[0m"

#: A character shows two modules, one above the other.
_HALVES = {
    (0, 0): " ",
    (1, 0): "\N{UPPER HALF BLOCK}",
    (0, 1): "\N{LOWER HALF BLOCK}",
    (1, 1): "\N{FULL BLOCK}",
}


def code_of(urls: Sequence[str], encoding: str) -> str:
    """Return the address of a network as a QR code; empty where a terminal cannot show it."""
    found = to_scan(urls)
    try:
        "".join(_HALVES.values()).encode(encoding)
    except UnicodeEncodeError:
        return ""
    return qr(found) if found else ""


def to_scan(urls: Sequence[str]) -> str:
    """Return the address for a phone, empty where there is none.

    A number goes before a name: not every phone resolves `.local`.

    >>> to_scan(["http://board.local:8080/", "http://192.168.1.20:8080/"])
    'http://192.168.1.20:8080/'
    """
    numbers = [url for url in urls if not url.partition("//")[2].partition(":")[0].endswith(".local")]
    return next(iter((*numbers, *urls)), "")


def qr(text: str) -> str:
    """Return the QR code of a text as lines of a terminal. Raises `ValueError` as `device.ui.qr.matrix`."""
    return "".join(f"{_COLOURS}{line}{_RESET}\n" for line in halves(text))


def halves(text: str) -> list[str]:
    """Return the lines of a QR code, two rows of modules in each, dark ones as blocks.

    Raises `ValueError` as `device.ui.qr.matrix`.
    """
    from ..device.ui.qr import QUIET_ZONE, matrix

    modules = matrix(text)
    width = len(modules) + 2 * QUIET_ZONE
    side = [0] * QUIET_ZONE
    rows = [[0] * width for _ in side] + [side + row + side for row in modules] + [[0] * width for _ in side]
    rows += [[0] * width] * (len(rows) % 2)
    return [
        "".join(_HALVES[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]
