"""Power cuts under load: what was acknowledged is there, the file system mounts, the service starts.

QEMU is killed at random moments. That loses the guest's page cache, which is what a power cut takes from a sound
disk; a card that lies about what it has written loses more.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from scripts.qemu import installation
from scripts.qemu.boards import BOARDS
from scripts.qemu.device import Device
from scripts.qemu.guest import HOST

from .conftest import NAMED, NOT_NAMED, Owned

BOARD = "virt64"
CYCLES = int(os.environ.get("EDGEWEB_POWER_CUTS", "3"))
pytestmark = [pytest.mark.vm, *([] if BOARD in NAMED else [NOT_NAMED])]


class Load:
    """Makes tokens one after the other until the power goes; knows which were acknowledged."""

    def __init__(self, board: Owned, cycle: int) -> None:
        self.acknowledged: list[str] = []
        self.faults: list[str] = []
        self._url = f"http://127.0.0.1:{board.guest.machine.web}/api/v1/tokens"
        self._headers = {
            "Host": HOST,
            "Content-Type": "application/json",
            "Authorization": f"Bearer {board.token}",
        }
        self._cycle = cycle
        self._thread = threading.Thread(target=self._work)

    def _work(self) -> None:
        for number in range(10_000):
            name = f"cut {self._cycle} {number}"
            request = urllib.request.Request(
                self._url, json.dumps({"name": name, "role": "viewer"}).encode(), self._headers
            )
            try:
                with urllib.request.urlopen(request, timeout=20):
                    self.acknowledged.append(name)
            except urllib.error.HTTPError as error:
                with error:
                    self.faults.append(f"{error.code} {error.read().decode()}")
                return
            except OSError:
                return  # the power has gone

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        self._thread.join()


@pytest.fixture(scope="module")
def board() -> Iterator[Owned]:
    # Each write of the guest reaches the file before it is acknowledged to the guest, as by a disk without a cache.
    with Device(BOARDS[BOARD], cache="writethrough") as device:
        device.guest.wait_booted()
        said = installation.install(device.guest)
        device.wait_until_it_serves()
        yield Owned(device, said)


def test_what_was_acknowledged_survives_power_cuts(board: Owned) -> None:
    acknowledged: list[str] = []
    for cycle in range(CYCLES):
        load = Load(board, cycle)
        load.start()
        time.sleep(random.uniform(2, 8))
        board.device.cut_power()
        load.join()
        assert not load.faults
        assert load.acknowledged, "no write was acknowledged before the power went: the test proves nothing"
        acknowledged += load.acknowledged
        board.device.power_on()
        board.device.wait_until_it_serves()
        found = {token["name"] for token in board.ask("/api/v1/tokens")["tokens"]}
        lost = [name for name in acknowledged if name not in found]
        assert not lost, f"cycle {cycle}: {len(lost)} of {len(acknowledged)} are lost: {lost[:5]}"
        assert board.guest.run("findmnt -n -o OPTIONS /").text.startswith("rw")
        print(f"cycle {cycle}: {len(load.acknowledged)} acknowledged, all there")
