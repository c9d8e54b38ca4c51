"""`edgeweb users`, alone and beside a running server."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.device.process import ROOT, DeviceServer

PASSWORD = "correct horse battery"


def users(folder: Path, *arguments: str, line: str = "") -> subprocess.CompletedProcess[str]:
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "STATE_DIRECTORY": str(folder / "state"),
        "CONFIGURATION_DIRECTORY": str(folder / "etc"),
    }
    return subprocess.run(
        [sys.executable, "-m", "edgeweb", "users", *arguments],
        input=line,
        capture_output=True,
        text=True,
        timeout=60,
        env=env,
        check=False,
    )


@pytest.mark.slow
def test_from_the_first_user_to_the_last(tmp_path: Path) -> None:
    assert users(tmp_path, "list").stdout == ""
    assert users(tmp_path, "add", "ada", line=PASSWORD + "\n").returncode == 0
    assert users(tmp_path, "add", "vera", "--role", "viewer", line=PASSWORD + "\n").returncode == 0
    token = users(tmp_path, "token", "vera", "--note", "script").stdout
    assert token.startswith("edgeweb_")
    assert users(tmp_path, "list").stdout == "ada  admin\nvera  viewer\n    token 1  viewer  script\n"
    assert users(tmp_path, "role", "vera", "operator").returncode == 0
    assert users(tmp_path, "revoke", "1").returncode == 0
    assert users(tmp_path, "remove", "vera").returncode == 0
    assert users(tmp_path, "list").stdout == "ada  admin\n"


@pytest.mark.slow
def test_the_token_of_another_device(tmp_path: Path) -> None:
    users(tmp_path, "add", "ada", line=PASSWORD + "\n")
    made = users(tmp_path, "token", "ada").stdout
    (tmp_path / "token").write_text(made)
    again = users(tmp_path, "token", "ada", "--token-file", str(tmp_path / "token"))
    assert again.returncode == 1 and "knows this token already" in again.stderr
    other = tmp_path / "other"
    users(other, "add", "eve", line=PASSWORD + "\n")
    assert (
        users(other, "token", "eve", "--role", "viewer", "--token-file", str(tmp_path / "token")).stdout
        == made
    )
    for text, reason in (
        ("", "expected a token"),
        ("guess", "no token of an edgeweb device"),
        (made[:-2], "43"),
    ):
        (tmp_path / "token").write_text(text)
        refused = users(other, "token", "eve", "--token-file", str(tmp_path / "token"))
        assert refused.returncode == 1 and reason in refused.stderr
    assert "No such file" in users(other, "token", "eve", "--token-file", "missing").stderr


@pytest.mark.slow
def test_the_way_back_in_without_the_phone(tmp_path: Path) -> None:
    users(tmp_path, "add", "ada", line=PASSWORD + "\n")
    state = sqlite3.connect(tmp_path / "state" / "state.db")
    with state:
        state.execute("INSERT INTO second_factors VALUES ('ada', ?, 0, '')", ("00" * 20,))
    state.close()
    assert users(tmp_path, "list").stdout == "ada  admin  second factor\n"
    assert users(tmp_path, "one-factor", "ada").returncode == 0
    assert users(tmp_path, "list").stdout == "ada  admin\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "line", "reason"),
    [
        (("add", "ada"), "short\n", "choose a password of at least 10 characters"),
        (("add", "a b"), PASSWORD, "the name has to be a name of 1 to 64"),
        (("password", "eve"), PASSWORD, 'there is no user named "eve"'),
        (("token", "eve"), "", 'there is no user named "eve"'),
        (("remove", "eve"), "", 'There is no user named "eve".'),
        (("one-factor", "eve"), "", 'there is no user named "eve"'),
        (("revoke", "9"), "", "There is no token 9."),
        (("--profile", "no-such-board", "list"), "", "no-such-board: expected the name of a profile"),
    ],
)
def test_refusals(tmp_path: Path, arguments: tuple[str, ...], line: str, reason: str) -> None:
    ended = users(tmp_path, *arguments, line=line)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"edgeweb users: {reason}")
    assert ended.stderr.count("\n") == 1


def test_a_state_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file in place of the folder")
    ended = users(tmp_path, "add", "ada", line=PASSWORD)
    assert (ended.returncode, "the state cannot be written" in ended.stderr) == (1, True)


@pytest.mark.slow
def test_a_running_server_notices(tmp_path: Path) -> None:
    server = DeviceServer(tmp_path, "--profile", "generic-linux")
    try:
        assert server.get("/api/v1/status").json["key"] == "no-owner"
        assert users(tmp_path, "add", "ada", line=PASSWORD).returncode == 0
        server.token = users(tmp_path, "token", "ada").stdout.strip()
        assert server.get("/api/v1/session").json["user"] == {"name": "ada", "role": "operator"}
        assert users(tmp_path, "revoke", "1").returncode == 0
        assert server.get("/api/v1/status").status == 401
    finally:
        assert server.stop() == 0, server.log
    assert "Traceback" not in server.log
