"""Runs a small program in a process of its own and gives what it printed, one JSON value a line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
#: Before the arguments of an interpreter: `import flask` gives it, and its children, edgeweb.
AS_FLASK = ("-m", "edgeweb", "as-flask", "run", "--", sys.executable)
FRAMEWORKS = ("edgeweb", "flask")
_LONG = 60.0  # seconds after which a program is stuck


def environment(**extra: str) -> dict[str, str]:
    """This process's environment, without what would steer Flask or edgeweb, and with this checkout first."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("FLASK_", "EDGEWEB_"))}
    return {**kept, "PYTHONPATH": str(ROOT), **extra}


def run(arguments: t.Sequence[str | Path], cwd: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    """Runs this interpreter with some arguments."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment(**extra),
        capture_output=True,
        check=False,
        text=True,
        timeout=_LONG,
    )


def answers(framework: str, name: str, cwd: Path) -> list[t.Any]:
    """What `programs/NAME.py` prints on edgeweb in Flask's place, or on Flask itself."""
    done = run([HERE / "start.py", framework, HERE / "programs" / f"{name}.py"], cwd)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
