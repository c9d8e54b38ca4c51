"""Section idle: 500 keep-alive connections that have nothing to say."""

from __future__ import annotations

import select
import time

from .bench import Bench, Section
from .client import Client
from .peers import INSIDE, STACKS, Stack, command
from .report import Table
from .scenarios import HELLO
from .server import Server, free_port

CONNECTIONS = 500


def run(bench: Bench) -> Section:
    stacks = bench.chosen(STACKS)
    if bench.quick:
        stacks = [stack for stack in stacks if stack.peer.name in ("bare", "edgeweb")]
        stacks = [stack for stack in stacks if stack.server in ("waitress", "serve")]
    seconds = bench.seconds(10.0, quick=2.0)
    connections = max(CONNECTIONS // bench.divide, 10)
    bench.progress.start("idle", len(stacks))
    rows = []
    data: dict[str, object] = {}
    for stack in stacks:
        bench.progress.step(stack.title)
        port = free_port()
        with Server([str(bench.python), *_command(stack, port)], port) as server:
            clients = [Client(port) for _ in range(connections)]
            for _ in range(20):
                clients[0].ask(HELLO[0])
            before = server.settled_memory()
            alone = _cpu_share(server, seconds / 2)
            for client in clients:
                client.ask(HELLO[0])
            after = server.settled_memory()
            busy = _cpu_share(server, seconds)
            open_still = _still_open(clients)
            for client in clients:
                client.close()
        each = (after.rss - before.rss) / connections
        data[stack.name] = {
            "connections": connections,
            "open_at_the_end": open_still,
            "rss_kib": after.rss,
            "kib_a_connection": each,
            "cpu_ms_per_s": busy,
            "cpu_ms_per_s_with_one": alone,
        }
        cells = (f"{after.rss / 1024:.1f}", f"{each:.1f}", f"{alone:.2f}", f"{busy:.2f}", f"{open_still}")
        rows.append((stack.title, *cells))
    columns = ("", "RSS MB", "KB each", "ms/s with one", f"ms/s with {connections}", "still open")
    note = (
        f"After one hello on each of {connections} connections; processor time in ms a second. The "
        "limits on the number of connections and on their age are raised for all; nothing else is changed."
    )
    return Section([Table("Idle connections", columns, rows, note)], data, {})


def _command(stack: Stack, port: int) -> list[str]:
    """As ever, with room for the connections, and patience."""
    usual = command(stack, "hello", port)
    match stack.server:
        case "waitress":
            return [*usual, str(2 * CONNECTIONS)]
        case "serve":
            return [
                str(INSIDE / "serve_edgeweb.py"),
                f"hello.{stack.peer.module}",
                str(port),
                str(2 * CONNECTIONS),
            ]
        case "gunicorn":
            return [*usual, "--worker-connections", str(2 * CONNECTIONS), "--keep-alive", "300"]
        case "uvicorn":
            return [*usual, "--timeout-keep-alive", "300"]
    return usual


def _cpu_share(server: Server, seconds: float) -> float:
    """Milliseconds of processor time a second."""
    began, before = time.monotonic(), server.cpu_seconds()
    time.sleep(seconds)
    return 1000 * (server.cpu_seconds() - before) / (time.monotonic() - began)


def _still_open(clients: list[Client]) -> int:
    # An idle connection becomes readable only when the server closes it.
    poller = select.poll()
    numbers = [client.fileno() for client in clients]
    for number in numbers:
        if number >= 0:
            poller.register(number, select.POLLIN)
    return sum(number >= 0 for number in numbers) - len(poller.poll(0))
