"""edgeweb.cli.shell: the names that an interactive session begins with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
from edgeweb import Flask
app = Flask("shell_app", instance_path="/instance")
@app.shell_context_processor
def names():
    return {"answer": 42}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(PROGRAM)
    return tmp_path


def shell(folder: Path, text: str, **variables: str) -> tuple[str, str]:
    """What a session prints for typed text, and its banner and errors."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FLASK_")}
    result = subprocess.run(
        [sys.executable, "-m", "edgeweb", "shell"],
        cwd=folder,
        env={**kept, "FLASK_SKIP_DOTENV": "1", **variables},
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.replace(">>> ", "").replace("... ", ""), result.stderr


def test_the_application_is_at_hand(project: Path) -> None:
    out, err = shell(
        project,
        "print(app.name, answer, type(g).__name__)\n"
        "from edgeweb import current_app\nprint(current_app._get_current_object() is app)\n",
    )
    assert out.strip() == "shell_app 42 LocalProxy\nTrue"
    assert err.startswith(f"Python {sys.version} on {sys.platform}\nApp: shell_app\nInstance: /instance\n")


def test_the_startup_file_runs_first(project: Path) -> None:
    startup = project / "startup.py"
    startup.write_text("answer = 'overruled'\nown = 'from startup'\n")
    out, _ = shell(project, "print(answer, own)\n", PYTHONSTARTUP=str(startup))
    assert out.strip() == "42 from startup"


def test_a_startup_file_that_is_not_there(project: Path) -> None:
    out, _ = shell(project, "print(answer)\n", PYTHONSTARTUP=str(project / "missing"))
    assert out.strip() == "42"


def test_names_are_completed() -> None:
    import readline

    from edgeweb.cli.shell import _complete_from

    before = readline.get_completer()
    try:
        _complete_from({"a_very_special_name": 1})
        completer = readline.get_completer()
        assert completer is not None
        assert completer("a_very", 0) == "a_very_special_name"
    finally:
        readline.set_completer(before)
