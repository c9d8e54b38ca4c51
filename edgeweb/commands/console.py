"""What the screen of a device without an owner shows: `systemd/setup/setup-code` takes it from a file.

Nothing of this is imported once there is an owner.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from .terminal import halves, to_scan

#: The file in `$RUNTIME_DIRECTORY`.
FILE = "console"

#: A screen is black: what is light on paper is lit.
_INVERTED = str.maketrans(
    " \N{FULL BLOCK}\N{UPPER HALF BLOCK}\N{LOWER HALF BLOCK}",
    "\N{FULL BLOCK} \N{LOWER HALF BLOCK}\N{UPPER HALF BLOCK}",
)


def write(urls: Sequence[str], invitation: Sequence[str], environ: Mapping[str, str] = os.environ) -> None:
    """Write the invitation, the addresses of the network and a QR code for the screen.

    `urls` are those that another machine can open. Do nothing outside of a service, or where the folder takes
    no file: the log has the code as well.
    """
    folder = environ.get("RUNTIME_DIRECTORY", "").split(":")[0]
    if not folder or not invitation:
        return
    lines = [f"edgeweb: {text}" for text in invitation]
    lines += [f"  {url}" for url in urls] or ["  (at its address, as soon as there is a network)"]
    if found := to_scan(urls):
        lines += ["", *(line.translate(_INVERTED) for line in halves(found))]
    try:
        descriptor = os.open(
            os.path.join(folder, FILE), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600
        )
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    except OSError:
        pass
