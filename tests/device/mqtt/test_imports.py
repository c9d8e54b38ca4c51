"""What a device without a broker does not load, and one without TLS does not either."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

#: Loads the client as the first connection does, and has paho read from a socket that has nothing.
PROGRAM = """
import socket, sys
import edgeweb.device.app
assert "edgeweb.device.mqtt" not in sys.modules and "paho" not in sys.modules
from edgeweb.device.mqtt import client
from edgeweb.device.mqtt.publisher import Publisher
found = client.Client(client.CallbackAPIVersion.VERSION2)
here, there = socket.socketpair()
here.setblocking(False)
found._sock = here
try:
    found._sock_recv(1)
except BlockingIOError:
    print("again")
here.close(), there.close()
left = {"ssl", "urllib.request", "http.client", "dns", "encodings.idna", "uuid"} & set(sys.modules)
print(sorted(left))
import ssl
print(sys.modules["paho.mqtt.client"].ssl.SSLWantReadError is ssl.SSLWantReadError)
"""


def test_neither_ssl_nor_urllib_without_tls() -> None:

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.splitlines() == ["again", "[]", "True"], done.stderr
