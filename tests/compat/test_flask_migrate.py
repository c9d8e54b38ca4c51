"""Flask-Migrate unmodified: migrations by the test runner and by the command line, on a database file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from .program import AS_FLASK, HERE, run

_RUNNER = """
from edgeweb.compat import install_as_flask
install_as_flask()
from migrate_app import app
for arguments in (["db", "init"], ["db", "migrate", "-m", "users"], ["db", "upgrade"]):
    result = app.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 0, result.output
"""


def _columns(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "app.db") as connection:
        rows = connection.execute("SELECT name FROM pragma_table_info('user')").fetchall()
    connection.close()
    return [name for (name,) in rows]


@pytest.mark.slow
def test_migrations(tmp_path: Path) -> None:
    (tmp_path / "migrate_app.py").write_text((HERE / "programs" / "migrate_app.py").read_text())
    done = run(["-c", _RUNNER], tmp_path)
    assert done.returncode == 0, done.stderr
    assert _columns(tmp_path) == ["id", "name"]

    for command, columns in (
        (["migrate", "-m", "email"], ["id", "name"]),
        (["upgrade"], ["id", "name", "email"]),
        (["downgrade"], ["id", "name"]),
    ):
        arguments = [*AS_FLASK, "-m", "flask", "--app", "migrate_app", "db", *command]
        done = run(arguments, tmp_path, WITH_EMAIL="1")
        assert done.returncode == 0, done.stderr
        assert _columns(tmp_path) == columns
    assert len(list((tmp_path / "migrations" / "versions").glob("*.py"))) == 2
