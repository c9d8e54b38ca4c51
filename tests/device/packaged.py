"""A device on which the Debian package is installed, and an apt that offers a newer one."""

from __future__ import annotations

import os
from pathlib import Path

from edgeweb.device.system.software import FOLDER, Software

#: As Debian 12 and Debian 13 print it.
NEWER = b"""edgeweb:
  Installed: 1.0.0
  Candidate: 1.1.0
  Version table:
     1.1.0 500
        500 file:/srv/r stable/main amd64 Packages
 *** 1.0.0 500
        500 file:/srv/r stable/main amd64 Packages
        100 /var/lib/dpkg/status
"""
RELEASES = b"""Package files:
 100 /var/lib/dpkg/status
     release a=now
 500 file:/srv/r stable/main amd64 Packages
     release o=edgeweb,a=stable,n=stable,l=%s,c=main,b=amd64
     origin packages.example.org
Pinned packages:
"""


class Apt:
    """Stands in for apt-cache."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.answer = NEWER
        self.releases = RELEASES % b"edgeweb"

    def __call__(self, arguments: list[str]) -> bytes:
        self.calls.append(arguments)
        return self.answer if arguments[-1] == "edgeweb" else self.releases


def place(root: Path, path: str, text: str = "") -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def packaged(root: Path, apt: Apt) -> Software:
    """What a device finds that has the package, with its files below `root`."""
    for path in ("usr/bin/apt-cache", "var/lib/dpkg/info/edgeweb.list", "var/lib/dpkg/status"):
        place(root, path)
    place(root, "usr/lib/systemd/system/edgeweb-update.service")
    (root / "var/lib/apt/lists").mkdir(parents=True)
    os.utime(root / "var/lib/apt/lists", (1000, 1000))
    return Software(apt, str(root), f"{root}/{FOLDER}")
