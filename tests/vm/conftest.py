"""One boot of a board, shared by the tests of tests/vm; which boards, says EDGEWEB_CI_BOARDS."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from scripts.qemu import installation
from scripts.qemu.boards import every_name, find
from scripts.qemu.device import Device
from scripts.qemu.guest import HOST, Guest

from .owners import newest_code

NAMED = os.environ.get("EDGEWEB_CI_BOARDS", "").split()
#: In this list the card of `scripts/image`, in a board that boots it: tests/vm/test_card.py alone.
CARD = "card"
NOT_NAMED = pytest.mark.skip(reason="no board is named: EDGEWEB_CI_BOARDS='virt64 zero' boots these two")
#: Lines of the BCM2835 that are switched; as many as the relays of a common board.
LINES = (17, 23, 24, 27)
#: What the owner has declared before the first start: channels in memory, and pins where there are any.
CHANNELS = """
[channels.lamp]
driver = "memory"
mode = "output"
[channels.kept]
driver = "memory"
mode = "output"
at_start = "restore"
[channels.fresh]
driver = "memory"
mode = "output"
at_start = "off"
"""
PINS = "".join(
    f'[channels.pin{line}]\ndriver = "gpio"\nmode = "output"\nline = "{line}"\nat_exit = "off"\n'
    for line in LINES
)
#: A gate on the pin that the pulses are measured at. The machine `virt` has eight lines of a PL061.
DOOR_LINE = 25
DOOR = """
[channels.door]
driver = "gpio"
mode = "button"
at_exit = "off"
line = "{line}"
"""
#: Lists everything that Python or edgeweb compiles, with what changes when it is written anew.
_COMPILED = "find / -xdev '(' -name '*.pyc' -o -name '*.templates' ')' -printf '%p %i %C@\\n'"


def boards() -> list[Any]:
    """The parameters of the fixture `board`: no board at all is one skipped test, which says why."""
    unknown = set(NAMED) - set(every_name()) - {CARD}
    if unknown:
        raise pytest.UsageError(
            f"EDGEWEB_CI_BOARDS: unknown {sorted(unknown)}; there are {', '.join(every_name())} and {CARD}"
        )
    return [name for name in NAMED if name != CARD] or [pytest.param("none", marks=NOT_NAMED)]


def only(name: str) -> Any:
    """For a test that one board answers for all of them: skipped, and said, where that one is not named."""
    skipped = pytest.mark.skip(reason=f"asked on {name} only, which EDGEWEB_CI_BOARDS does not name")
    return pytest.mark.parametrize(
        "board", [name if name in NAMED else pytest.param(name, marks=skipped)], indirect=True
    )


class Owned:
    """A board with edgeweb on it, and its owner's token.

    Attributes:
        compiled: The compiled files that were there before the service's first start.
        code: The set-up code of the last claim.
        console: What the serial console had shown by then.
        kills: How often a test has killed the service, by a signal or by the memory limit.
    """

    def __init__(self, device: Device, compiled: set[str]) -> None:
        self.device = device
        self.compiled = compiled
        self.kills = 0
        self.claim()

    def claim(self) -> None:
        """Become the owner by the set-up code of a board that has none."""
        journal = self.guest.run("journalctl -u edgeweb -o cat").text
        self.code = newest_code(journal)
        self.console = self.guest.machine.console.read_text(errors="replace")
        made = self.curl(
            "/api/v1/setup",
            "-d",
            json.dumps({"code": self.code, "name": "ada", "password": "correct horse battery"}),
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
        # QEMU's network by USB loses a connection at times; what makes something new is not asked for twice.
        tries = 3 if "-d" not in arguments or "PUT" in arguments else 1
        for _ in range(tries):
            done = subprocess.run([*command, url], capture_output=True, text=True, check=False)
            if done.returncode == 0:
                break
        assert done.returncode == 0, f"{path}: curl ended with {done.returncode}"
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    def configure(self, text: str) -> None:
        """Give the profile another part, "" to take it away, and reload the service."""
        file = "/etc/edgeweb/edgeweb.toml.d/zz-faults.toml"
        if text:
            self.guest.write(file, text)
            self.guest.run(f"chgrp edgeweb {file}; chmod g+r {file}")
        else:
            self.guest.run(f"rm -f {file}")
        self.guest.run("systemctl reload edgeweb")

    def look(self, path: str) -> tuple[int, str]:
        """Asks as the owner, and again where a program of a slow board has not answered yet (503)."""
        status, body = self.curl(path)
        for _ in range(10):
            if status != 503:
                break
            time.sleep(2)
            status, body = self.curl(path)
        return status, body

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

    def wait_until(self, condition: Any, what: str, seconds: float = 300) -> None:
        self.guest.wait_until(condition, what, seconds)

    def kill(self, command: str) -> None:
        """Has the service's process killed, and returns when the next one, which systemd starts, answers."""
        before = self.guest.unit()["MainPID"]
        self.kills += 1
        self.guest.run(command)
        self.wait_until(
            lambda: self.guest.unit()["MainPID"] not in ("0", before),
            f"a restart by systemd after {command[:60]}",
        )
        self.device.wait_until_it_serves()


def compiled_files(guest: Guest) -> set[str]:
    """What is compiled on the board, wherever: path, inode, time of the last change."""
    return set(guest.run(_COMPILED, timeout=300).text.splitlines())


@pytest.fixture(scope="session", params=boards())
def board(request: pytest.FixtureRequest) -> Iterator[Owned]:
    """A board with edgeweb just installed, and channels declared; a test restores what it changes."""
    with installation.installed(find(request.param)) as device:
        channels = CHANNELS + (PINS if device.board.broadcom else "")
        channels += DOOR.format(line=DOOR_LINE if device.board.broadcom else 0)
        device.guest.write("/etc/edgeweb/edgeweb.toml.d/test.toml", channels)
        device.guest.run("chgrp -R edgeweb /etc/edgeweb; chmod -R g+rX /etc/edgeweb")
        compiled = compiled_files(device.guest)
        installation.start(device.guest)
        device.wait_until_it_serves()
        if not device.board.broadcom:
            # From its next start on, for test_power_cut.py: what the guest takes for written is written.
            device.cache = "writethrough"
        yield Owned(device, compiled)
