"""The program of edgeweb/device/README.md that mounts the dashboard, with its template."""

from __future__ import annotations

import re
from pathlib import Path

import edgeweb.device

README = Path(edgeweb.device.__file__).parent / "README.md"


def write_shed(folder: Path) -> Path:
    """Writes both as the README says; returns the program's file."""
    text = README.read_text()
    program = re.search(r"`shed\.py`:\n\n```python\n(.*?)```", text, re.S)
    template = re.search(r"`templates/greenhouse\.html`.*?\n\n```html\n(.*?)```", text, re.S)
    assert program and template
    (folder / "templates").mkdir(parents=True)
    (folder / "templates" / "greenhouse.html").write_text(template[1])
    file = folder / "shed.py"
    file.write_text(program[1])
    return file
