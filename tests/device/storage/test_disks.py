"""Real disks: one that is full and one that is mounted read-only, under a real server.

`test_no_writes_while_idle.py` has the way back, `test_every_call.py` a fault at each single call.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgeweb.device.storage.store import RETRY
from tests.server.process import wait_until

from ..process import DeviceServer


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that is a disk of 400 KiB."""
    folder = tmp_path / "state"
    folder.mkdir()
    mounted = mount("-t", "tmpfs", "-o", "size=400k", "tmpfs", str(folder))
    if mounted.returncode:
        pytest.skip(f"needs the right to mount: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def mount(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)


def switches(server: DeviceServer) -> bool:
    answer = server.put_json("/api/v1/channels/lamp/state", {"on": True})
    return answer.status == 200 and answer.json["state"] is True


@pytest.mark.slow
def test_a_full_disk(tmp_path: Path, disk: Path) -> None:
    server = DeviceServer(tmp_path, "--profile", "generic-linux")
    try:
        server.claim()
        with (disk / "filling").open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(b"x" * 512):
                pass
        for number in range(40):  # what the log of commits has room for still goes there
            made = server.post_json("/api/v1/tokens", {"note": f"number {number}"})
            assert made.status == 201, "acknowledged, and stated to be in memory only"
            # a user has 32 at most
            assert server.ask("DELETE", f"/api/v1/tokens/{made.json['id']}").status == 204
        ready = server.get("/readyz")
        assert (ready.status, ready.json["checks"]["storage"]) == (
            503,
            "not persistent",
        )
        assert server.get("/api/v1/status").json["storage"]["persistent"] is False
        assert server.get("/livez").status == 200
        assert switches(server)
        assert f"the state in {disk} is not persistent: database or disk is full" in server.log
        (disk / "filling").unlink()  # and nothing is changed after it
        wait_until(lambda: server.get("/readyz").status == 200, 2 * RETRY)
        assert server.get("/api/v1/status").json["storage"]["persistent"] is True
    finally:
        assert server.stop() == 0, server.log
    assert "Traceback" not in server.log


@pytest.mark.slow
def test_a_disk_that_is_read_only_at_the_start(tmp_path: Path, disk: Path) -> None:
    server = DeviceServer(tmp_path, "--profile", "generic-linux")
    server.claim()
    token = server.token
    assert server.stop() == 0, server.log
    assert mount("-o", "remount,ro", str(disk)).returncode == 0
    before = {file.name: file.read_bytes() for file in disk.iterdir()}

    server = DeviceServer(tmp_path, "--profile", "generic-linux")
    server.token = token
    try:
        assert "set-up code" not in server.log, "its owner is still its owner"
        assert switches(server)
        ready = server.get("/readyz")
        assert ready.status == 503
        assert ready.json["checks"]["storage"] == "not persistent"
        assert "(the disk is read-only)" in server.log
        assert server.post_json("/api/v1/tokens", {"note": "for now"}).status == 201
    finally:
        assert server.stop() == 0, server.log
    assert "Traceback" not in server.log
    assert {file.name: file.read_bytes() for file in disk.iterdir()} == before
