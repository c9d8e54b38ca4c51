"""Runs on a board: the bench's device application on edgeweb and on Flask, weighed and asked in turn.

Prints one JSON object. The client takes time from the servers on a board with one core, from both the same.
"""

import json
import socket
import statistics
import subprocess
import sys
import time

PYTHON = "/opt/edgeweb/bin/python"
PORT = 8099
PEERS = {
    "edgeweb": ("inside/serve_edgeweb.py", "applications.device.edgeweb", "32"),
    "flask": ("inside/serve_waitress.py", "applications.device.flask"),
}
HEAD = f"Host: 127.0.0.1:{PORT}\r\nAccept: text/html,application/json\r\n"
REQUESTS = [
    f"GET /api/status HTTP/1.1\r\n{HEAD}\r\n",
    f"GET /api/outputs/7 HTTP/1.1\r\n{HEAD}\r\n",
    f"PUT /api/outputs/7 HTTP/1.1\r\n{HEAD}Content-Type: application/json\r\nContent-Length: 12\r\n\r\n"
    '{"on": true}',
    f"GET /no/such/page HTTP/1.1\r\n{HEAD}\r\n",
    f"GET /static/board.css HTTP/1.1\r\n{HEAD}\r\n",
    f"GET / HTTP/1.1\r\n{HEAD}\r\n",
]
STATUS = [200, 200, 200, 404, 200, 200]
ROUNDS = int(sys.argv[1])
SECONDS = float(sys.argv[2])


class Client:
    """One connection, kept alive."""

    def __init__(self):
        self.connection = socket.create_connection(("127.0.0.1", PORT), timeout=60)
        self.reader = self.connection.makefile("rb")

    def ask(self, request):
        self.connection.sendall(request.encode())
        if not (line := self.reader.readline()):
            raise ConnectionError("the server has closed the connection")
        status = int(line.split()[1])
        length = 0
        while (line := self.reader.readline().strip().lower()) != b"":
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        self.reader.read(length)
        return status

    def close(self):
        self.reader.close()
        self.connection.close()


def start(peer):
    """Starts a server; returns it, and the seconds until it has answered the first request."""
    script, module, *rest = PEERS[peer]
    begun = time.monotonic()
    server = subprocess.Popen([PYTHON, script, module, str(PORT), *rest], stderr=subprocess.PIPE)
    while True:
        try:
            client = Client()
        except OSError:
            if server.poll() is not None:
                sys.exit(f"{peer} has ended: {server.stderr.read().decode()}")
            time.sleep(0.02)
            continue
        assert client.ask(REQUESTS[1]) == 200, peer
        seconds = time.monotonic() - begun
        client.close()
        return server, seconds


def weigh(pid):
    """Resident and dirty memory, in MB."""
    fields = {}
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        for line in rollup.readlines()[1:]:
            name, _, value = line.partition(":")
            fields[name] = int(value.split()[0]) * 1024 / 1e6
    return fields["Rss"], fields["Private_Dirty"] + fields["Shared_Dirty"]


def stop(server):
    server.terminate()
    server.wait(60)
    server.stderr.close()


figures = {peer: {"cold_start": [], "rate": []} for peer in PEERS}
for _ in range(ROUNDS):
    for peer, found in figures.items():
        server, seconds = start(peer)
        found["cold_start"].append(seconds)
        client = Client()
        for _ in range(5):
            answers = [client.ask(request) for request in REQUESTS]
            assert answers == STATUS, (peer, answers)
        count, begun = 0, time.monotonic()
        while (now := time.monotonic()) < begun + SECONDS:
            try:
                client.ask(REQUESTS[1])
            except ConnectionError:
                # Stock waitress counts idle time by the wall clock, which a board may set at any moment.
                client.close()
                client = Client()
                continue
            count += 1
        found["rate"].append(count / (now - begun))
        found["rss"], found["dirty"] = weigh(server.pid)
        client.close()
        stop(server)
for found in figures.values():
    for name in ("cold_start", "rate"):
        found[name] = statistics.median(found[name])
print(json.dumps(figures))
