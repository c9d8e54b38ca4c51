"""What installed packages offer, read from their metadata. `importlib.metadata` would cost 2 to 3 MB for it.

pip writes the folder `NAME-VERSION.dist-info` beside a package, Debian's older tools `NAME-VERSION.egg-info`.
`entry_points.txt` in it has a section for each group, and there a line `name = module` for each offer.

Source: Python Packaging User Guide, "Entry points specification" and "Recording installed projects"; PEP 503
for names that are the same.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..system.source import read_file
from ..system.text import clean

_FOLDER = re.compile(r"(.+?)(?:-(\d[^-]*))?(?:-py[\d.]+)?\.(?:dist-info|egg-info)", re.ASCII)

#: The metadata of a package: a wheel's and an egg's.
_METADATA = ("METADATA", "PKG-INFO")

#: A name that a profile may have, and what it stands for.
_OFFER = re.compile(
    r"([a-zA-Z][\w.-]{0,63})\s*=\s*([\w.]{1,200})\s*(?::\s*([\w.]{1,200}))?\s*(?:\[.*\])?", re.ASCII
)


class Offer(NamedTuple):
    """A name that a package offers.

    Attributes:
        name: What a profile calls it.
        module: What is imported for it.
        attribute: What stands behind a colon; a module of ours has none.
        package: Name and version of the package, for people.
        folder: The folder of `sys.path` that the package is in.
    """

    name: str
    module: str
    attribute: str
    package: str
    folder: str


def offers(group: str, paths: Sequence[str] | None = None) -> list[Offer]:
    """Return what the packages in these folders offer in a group, in the order of the folders.

    `paths` are those of `sys.path`. Of a package that is there twice the first counts, as for imports. What
    cannot be read offers nothing.
    """
    found: list[Offer] = []
    seen: set[str] = set()
    for folder in dict.fromkeys(os.path.realpath(path) for path in (sys.path if paths is None else paths)):
        here = set()
        for entry in _entries(folder):
            match = _FOLDER.fullmatch(entry)
            same = re.sub(r"[-_.]+", "-", match[1]).lower() if match else ""
            if match and same not in seen:
                here.add(same)
                found += _offers_of(group, folder, entry, match[1], match[2] or "")
        seen |= here
    return found


def _entries(folder: str) -> list[str]:
    try:
        return sorted(entry for entry in os.listdir(folder) if entry.endswith((".dist-info", ".egg-info")))
    except OSError:  # no such folder, or an archive
        return []


def _offers_of(group: str, folder: str, entry: str, name: str, version: str) -> Iterator[Offer]:
    """Yield what one package offers in a group."""
    text = _text(os.path.join(folder, entry, "entry_points.txt"))
    if f"[{group}]" not in text:
        return
    facts = _facts(os.path.join(folder, entry))
    package = clean(f"{facts.get('name', name)} {facts.get('version', version)}".strip(), 100)
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            section = line.strip("[] \t")
        elif section == group and (match := _OFFER.fullmatch(line)):
            yield Offer(match[1], match[2], match[3] or "", package, folder)


def _facts(folder: str) -> dict[str, str]:
    """Return name and version, as the package itself writes them."""
    head = next(filter(None, (_text(os.path.join(folder, file)) for file in _METADATA)), "")
    lines = (line.partition(":") for line in head.partition("\n\n")[0].splitlines())
    return {key.lower(): value.strip() for key, _, value in lines if key in ("Name", "Version")}


def _text(path: str) -> str:
    try:
        return read_file(path).decode("utf-8", "replace")
    except OSError:
        return ""
