"""Power cuts under load: what was acknowledged is there, the file system mounts, the service starts.

QEMU is killed at random moments. That loses the guest's page cache, which is what a power cut takes from a
sound disk; a card that lies about what it has written loses more.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import threading
import time
import urllib.error
import urllib.request
from typing import Any

import pytest

from scripts.qemu.guest import HOST

from .conftest import Owned, only

CYCLES = int(os.environ.get("EDGEWEB_POWER_CUTS", "3"))
pytestmark = pytest.mark.vm

#: Tokens at once; a user has 32 at most.
MOST = 24


class Ledger:
    """What was acknowledged: the tokens that have to be there, and those that have to be gone."""

    def __init__(self) -> None:
        self.there: list[int] = []
        self.gone: set[int] = set()
        #: A token that was being revoked when the power went: it may be there or not.
        self.open: set[int] = set()


class Load:
    """Makes tokens and revokes the oldest, one request after the other, until the power goes."""

    def __init__(self, board: Owned, ledger: Ledger) -> None:
        self.acknowledged = 0
        self.faults: list[str] = []
        self._ledger = ledger
        self._url = f"http://127.0.0.1:{board.guest.machine.web}/api/v1/tokens"
        self._headers = {"Host": HOST, "Content-Type": "application/json"}
        self._headers["Authorization"] = f"Bearer {board.token}"
        self._thread = threading.Thread(target=self._work)

    def _work(self) -> None:
        try:
            while True:
                made = self._ask("POST", "", {"note": "power cut", "role": "viewer"})
                self._ledger.there.append(made["id"])
                if len(self._ledger.there) > MOST:
                    oldest = self._ledger.there.pop(0)
                    self._ledger.open.add(oldest)
                    self._ask("DELETE", f"/{oldest}", None)
                    self._ledger.open.discard(oldest)
                    self._ledger.gone.add(oldest)
        except urllib.error.HTTPError as error:
            with error:
                self.faults.append(f"{error.code} {error.read().decode()}")
        except (OSError, http.client.HTTPException):
            pass  # the power has gone

    def _ask(self, method: str, path: str, body: Any) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, self._headers, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            said = answer.read()
        self.acknowledged += 1
        return json.loads(said) if said else None

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        self._thread.join()


@only("virt64")
def test_what_was_acknowledged_survives_power_cuts(board: Owned) -> None:
    # A write reaches the file before it is acknowledged to the guest, as by a disk without a cache.
    assert board.device.cache == "writethrough"
    if board.device.ready is None:
        board.device.reboot()
    ledger = Ledger()
    for cycle in range(CYCLES):
        load = Load(board, ledger)
        load.start()
        time.sleep(random.uniform(2, 8))
        board.device.cut_power()
        load.join()
        assert not load.faults
        assert load.acknowledged, "no write was acknowledged before the power went: the test proves nothing"
        board.device.power_on()
        board.device.wait_until_it_serves()
        found = {token["id"] for token in board.ask("/api/v1/tokens")["tokens"]}
        assert set(ledger.there) <= found, f"cycle {cycle}: lost {set(ledger.there) - found}"
        assert not ledger.gone & found, f"cycle {cycle}: revoked, and back: {ledger.gone & found}"
        assert board.guest.run("findmnt -n -o OPTIONS /").text.startswith("rw")
        print(f"cycle {cycle}: {load.acknowledged} changes acknowledged, all there")
