"""The device as `edgeweb serve` has it, for tests of a whole server: nothing of the machine is called, writes
of the memory driver are counted, and backups come as soon as the test says.

    TEST_PROFILE=board.toml edgeweb serve tests.device.programs.device:app --profile board.toml
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import Any

from edgeweb import Response
from edgeweb.device import create_app
from edgeweb.device import start as start_device
from edgeweb.device.access import passwords, rate_limit
from edgeweb.device.access.roles import needs
from edgeweb.device.channels.drivers import memory
from edgeweb.device.http.broadcast import Broadcast
from edgeweb.device.http.current import device_of
from edgeweb.device.storage import store

SERVICES = (
    b"Id=nginx.service\nDescription=A web server\nLoadState=loaded\nActiveState=active\nSubState=running\n"
)
JOURNAL = b'{"__REALTIME_TIMESTAMP": "1800000000000000", "MESSAGE": "hello", "PRIORITY": "4"}\n'

#: What the hardware has seen: how often it was switched, and how often to what it was already.
writes = {"changed": 0, "same": 0}


def run(arguments: list[str]) -> bytes:
    """In place of systemd: says what was asked for, and does none of it."""
    print("called:", json.dumps(arguments), file=sys.stderr, flush=True)
    if arguments[0] == "journalctl":
        return JOURNAL
    return SERVICES if "show" in arguments else b""


class Counting(memory.Driver):
    """A memory driver that counts."""

    def write(self, name: str, level: bool | float) -> None:
        writes["same" if self._levels.get(name) == level else "changed"] += 1
        super().write(name, level)


memory.Driver = Counting  # type: ignore[misc]
if "TEST_NO_LIMIT" in os.environ:  # for tests that try a thousand wrong passwords
    for limit in (
        "FREE_ATTEMPTS",
        "FREE_PER_ADDRESS",
        "FREE_PER_ACCOUNT",
        "GLOBAL_PER_MINUTE",
        "SUCCESSES_PER_MINUTE",
    ):
        setattr(rate_limit, limit, 1_000_000)
    passwords.COST = (16, 8, 1)
store.BACKUP_DELAY = float(os.environ.get("TEST_BACKUP_DELAY", "60"))
app = create_app(os.environ["TEST_PROFILE"])
device_of(app).run = run
vars(device_of(app))["reset"] = lambda actor: print("called: reset", file=sys.stderr, flush=True)


@app.after_request
def end_soon(response: Response) -> Response:
    """Ends streams of events soon, for tests that read every answer to its end."""
    if response.mimetype == "text/event-stream" and response.status_code == 200:
        listener = device_of(app).listener
        assert isinstance(listener, Broadcast)
        ending = threading.Timer(0.3, listener.end)
        ending.daemon = True
        ending.start()
    return response


@app.get("/test/writes")
@needs("viewer")
def tell_writes() -> dict[str, Any]:
    return writes


start_device(app)
