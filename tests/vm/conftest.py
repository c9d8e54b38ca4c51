"""One boot of a board, shared by the tests of tests/vm; which boards, says EDGEWEB_CI_BOARDS."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from scripts.qemu import installation
from scripts.qemu.boards import BOARDS
from scripts.qemu.device import Device
from scripts.qemu.guest import HOST, Guest

NAMED = os.environ.get("EDGEWEB_CI_BOARDS", "").split()
NOT_NAMED = pytest.mark.skip(reason="no board is named: EDGEWEB_CI_BOARDS='virt64 zero' boots these two")


def boards() -> list[Any]:
    """The parameters of the fixture `board`: no board at all is one skipped test, which says why."""
    unknown = set(NAMED) - set(BOARDS)
    if unknown:
        raise pytest.UsageError(
            f"EDGEWEB_CI_BOARDS: unknown {sorted(unknown)}; there are {', '.join(BOARDS)}"
        )
    return list(NAMED) or [pytest.param("none", marks=NOT_NAMED)]


class Owned:
    """A board with edgeweb on it, and its owner's token."""

    def __init__(self, device: Device, said: str) -> None:
        self.device = device
        #: What the installer has said.
        self.said = said
        journal = self.guest.run("journalctl -u edgeweb -o cat").text
        code = re.findall(r"set-up code ([A-Z0-9-]+)", journal)[-1]
        made = self.curl(
            "/api/v1/setup",
            "-d",
            json.dumps({"code": code, "name": "ada", "password": "correct horse battery"}),
            token=None,
        )
        assert made[0] == 201, made
        self.token = json.loads(made[1])["token"]

    @property
    def guest(self) -> Guest:
        return self.device.guest

    def curl(self, path: str, *arguments: str, token: str | None = "") -> tuple[int, str]:
        """Asks by curl through the forwarded port, as the owner, or with `token=None` as nobody."""
        command = ["curl", "-s", "-m", "60", "-w", "\n%{http_code}", "-H", f"Host: {HOST}", *arguments]
        command += ["-H", "Content-Type: application/json"]
        if token is not None:
            command += ["-H", f"Authorization: Bearer {self.token}"]
        url = f"http://127.0.0.1:{self.guest.machine.web}{path}"
        done = subprocess.run([*command, url], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{path}: curl ended with {done.returncode}"
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    def ask(self, path: str, *arguments: str) -> Any:
        """What the interface answers, as the owner; fails unless it is 200."""
        status, body = self.curl(path, *arguments)
        assert status == 200, (path, status, body)
        return json.loads(body)

    def status_of(self, path: str) -> int:
        """The status of an answer, 0 while there is none."""
        try:
            return self.guest.get(path)[0]
        except OSError:
            return 0

    def wait_until(self, condition: Any, what: str, seconds: float = 180) -> None:
        self.guest.wait_until(condition, what, seconds)


@pytest.fixture(scope="session", params=boards())
def board(request: pytest.FixtureRequest) -> Iterator[Owned]:
    """A board on which a user has just installed edgeweb; a test restores what it changes."""
    with Device(BOARDS[request.param]) as device:
        device.guest.wait_booted()
        said = installation.install(device.guest)
        device.wait_until_it_serves()
        yield Owned(device, said)
