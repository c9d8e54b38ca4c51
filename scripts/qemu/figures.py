"""What is measured on a board, kept as JSON, and the table that is made of it."""

from __future__ import annotations

import datetime
import json
from typing import Any

from . import image, installation
from .boards import Board, every_name
from .guest import Guest
from .progress import say

_BENCH = "/usr/src/bench"
#: Flask, where Debian's is too old for the Werkzeug that both use; no such folder elsewhere.
_FLASK = f"{_BENCH}/flask"
COLUMNS = (
    ("board", "{title}"),
    ("Debian", "{release}"),
    ("boot to READY, s", "{ready:.0f}"),
    ("first 200, s", "{first:.0f}"),
    ("RSS, MB: edgeweb / Flask", "{edgeweb[rss]:.1f} / {flask[rss]:.1f} = {rss_ratio:.2f}"),
    ("dirty, MB: edgeweb / Flask", "{edgeweb[dirty]:.1f} / {flask[dirty]:.1f}"),
    ("cold start, s: edgeweb / Flask", "{edgeweb[cold_start]:.1f} / {flask[cold_start]:.1f}"),
    ("requests/s: edgeweb / Flask", "{edgeweb[rate]:.0f} / {flask[rate]:.0f}"),
    ("service's RSS, MB", "{service:.1f}"),
    ("image, MB", "{image:.0f}"),
    ("measured", "{date}"),
)


def measure(guest: Guest, rounds: int = 1, seconds: float = 3) -> dict[str, Any]:
    """Weighs the bench's device application on edgeweb and on Flask, with Debian's packages for both."""
    say(f"{guest.machine.board.name}: measures edgeweb beside Flask")
    installation.carry(
        guest, _BENCH, "scripts/bench/applications", "scripts/bench/inside", "scripts/qemu/inside"
    )
    folder = f"{_BENCH}/scripts/bench"
    # Both as a user would install them: compiled, and edgeweb's templates built.
    guest.run(
        f"cd {folder} && /opt/edgeweb/bin/python -m compileall -q . &&"
        " /opt/edgeweb/bin/python -m edgeweb build --app applications.device.edgeweb:app",
        timeout=300,
    )
    if guest.machine.board.release.needs_wheels:
        guest.run(
            f"python3 -m zipfile -e {installation.WHEELS}/flask-*.whl {_FLASK} &&"
            f" python3 -m compileall -q {_FLASK}",
            timeout=300,
        )
    # The service itself rests meanwhile: it would take memory and time from both.
    guest.run("systemctl stop edgeweb.service")
    try:
        said = guest.run(
            f"cd {folder} && PYTHONPATH={_FLASK} /opt/edgeweb/bin/python"
            f" {_BENCH}/scripts/qemu/inside/measure.py {rounds} {seconds}",
            timeout=900,
        )
    finally:
        guest.run("systemctl start edgeweb.service")
    figures: dict[str, Any] = json.loads(said.text.splitlines()[-1])
    figures["rss_ratio"] = figures["edgeweb"]["rss"] / figures["flask"]["rss"]
    return figures


def keep(board: Board, figures: dict[str, Any]) -> None:
    """Keeps a board's figures for `scripts/qemu/report`, with today's date."""
    dated = {
        "title": board.title,
        "release": board.release.number,
        "date": datetime.date.today().isoformat(),
        **figures,
    }
    (image.FOLDER / f"{board.name}.json").write_text(json.dumps(dated, indent=2))


def table() -> str:
    """All boards that have figures, as a table in Markdown."""
    lines = [" | ".join(name for name, _ in COLUMNS), " | ".join("---" for _ in COLUMNS)]
    for name in every_name():
        path = image.FOLDER / f"{name}.json"
        if path.exists():
            row = json.loads(path.read_text())
            lines.append(" | ".join(form.format(**row) for _, form in COLUMNS))
    return "".join(f"| {line} |\n" for line in lines)
