"""`edgeweb state`, as whoever looks after a device calls it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from edgeweb.device.storage.migrations import VERSION
from tests.device.process import ROOT, DeviceServer

from .test_users import PASSWORD, users


def state(folder: Path, *arguments: str, line: str = "") -> subprocess.CompletedProcess[str]:
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "STATE_DIRECTORY": str(folder / "state"),
        "CONFIGURATION_DIRECTORY": str(folder / "etc"),
    }
    return subprocess.run(
        [sys.executable, "-m", "edgeweb", "state", *arguments],
        input=line,
        capture_output=True,
        text=True,
        timeout=60,
        env=env,
        check=False,
    )


@pytest.mark.slow
def test_from_one_device_to_another(tmp_path: Path) -> None:
    one, other, file = tmp_path / "one", tmp_path / "other", tmp_path / "backup.json"
    users(one, "add", "ada", line=PASSWORD + "\n")
    assert state(one, "backup", str(file)).returncode == 0
    assert file.stat().st_mode & 0o777 == 0o600, "it has password hashes"
    again = state(one, "backup", str(file))
    assert (again.returncode, again.stderr) == (1, f"edgeweb state: {file}: File exists\n")
    done = state(other, "restore", str(file))
    assert (
        done.stdout
        == "restored: 1 users, 0 second factors, 0 tokens, 0 things, 0 settings, 0 schedules, 0 channels\n"
    )
    assert users(other, "list").stdout == "ada  admin\n"


@pytest.mark.slow
def test_through_a_pipe_and_refusals(tmp_path: Path) -> None:
    users(tmp_path, "add", "ada", line=PASSWORD + "\n")
    text = state(tmp_path, "backup").stdout
    assert state(tmp_path, "restore", "-", line=text).returncode == 0
    damaged = state(tmp_path, "restore", "-", line=text.replace("admin", "viewer"))
    assert damaged.returncode == 1
    assert (
        damaged.stderr
        == "edgeweb state: -: /checksum: expected another one: the file was changed or is damaged\n"
    )
    missing = state(tmp_path, "restore", str(tmp_path / "none"))
    assert (missing.returncode, "No such file" in missing.stderr) == (1, True)
    assert users(tmp_path, "list").stdout == "ada  admin\n"


@pytest.mark.slow
def test_a_running_server_notices_users(tmp_path: Path) -> None:
    server = DeviceServer(tmp_path)
    try:
        server.claim()
        text = state(tmp_path, "backup").stdout
        assert json.loads(text)["content"]["users"][0][0] == "owner"
        users(tmp_path, "add", "vera", line=PASSWORD + "\n")
        assert len(server.get("/api/v1/users").json["users"]) == 2
        assert state(tmp_path, "restore", "-", line=text).returncode == 0
        assert len(server.get("/api/v1/users").json["users"]) == 1
    finally:
        assert server.stop() == 0


@pytest.mark.slow
def test_check(tmp_path: Path) -> None:
    database = tmp_path / "state" / "state.db"
    assert state(tmp_path, "check").stdout.startswith(f"{database}: not there")
    assert not database.exists(), "looking makes nothing"
    users(tmp_path, "add", "ada", line=PASSWORD + "\n")
    done = state(tmp_path, "check")
    assert done.returncode == 0
    assert f"{database}: healthy, version {VERSION}, " in done.stdout
    content = database.read_bytes()
    assert len(content) > 8192
    database.write_bytes(content[:4096] + b"\xff" * 4096 + content[8192:])
    broken = database.read_bytes()
    done = state(tmp_path, "check")
    assert done.returncode == 1
    assert f"{database}: damaged: " in done.stdout
    assert "state.backup.db: healthy" in done.stdout
    assert database.read_bytes() == broken, "looking repairs nothing"
    assert users(tmp_path, "list").stdout == "ada  admin\n"
    assert "state.corrupt-1.db: damaged, and set aside" in state(tmp_path, "check").stdout


@pytest.mark.slow
def test_a_reset_leaves_nothing_of_the_owner(tmp_path: Path) -> None:
    server = DeviceServer(tmp_path)
    try:
        server.claim()
        refused = state(tmp_path, "reset", "--yes")
        assert refused.returncode == 1
        assert refused.stderr.endswith(f"is in use by process {server.process.pid}: stop that server first\n")
        assert server.get("/api/v1/users").status == 200, "nothing has changed"
    finally:
        server.stop()
    folder = tmp_path / "state"
    (folder / "notes.txt").write_text("of the owner, and none of edgeweb's")
    for line in ("", "greenhouse\n"):
        unsure = state(tmp_path, "reset", line=line)
        assert (unsure.returncode, unsure.stderr) == (1, "edgeweb state: nothing was changed\n")
    assert users(tmp_path, "list").stdout.startswith("owner  admin\n")
    done = state(tmp_path, "reset", line=socket.gethostname() + "\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in folder.iterdir()) == ["notes.txt", "server.lock"]
    server = DeviceServer(tmp_path)
    try:
        assert "set-up code" in server.log
        server.claim()
    finally:
        assert server.stop() == 0


def test_nothing_to_reset(tmp_path: Path) -> None:
    missing = state(tmp_path, "reset", "--yes")
    assert missing.returncode == 1
    assert missing.stderr == f"edgeweb state: there is no state in {tmp_path / 'state'}\n"
