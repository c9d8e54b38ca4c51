"""The variable PYTHONPATH of programs that tests start."""

from __future__ import annotations

import os
from pathlib import Path


def import_path(*folders: Path) -> str:
    """Return PYTHONPATH with these folders first.

    What it has already comes after them: `scripts/versions` names the lowest version of each package there.
    """
    return os.pathsep.join((*map(str, folders), *filter(None, [os.environ.get("PYTHONPATH")])))
