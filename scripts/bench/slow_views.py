"""A table of the section servers: how soon `/` is answered while three views sleep a second each."""

from __future__ import annotations

import threading
import time
from statistics import median

from .bench import Bench
from .client import Client
from .peers import EDGEWEB, Stack, command
from .report import Table
from .scenarios import HELLO, Scenario
from .server import Server, free_port

SLOW = 3
SLEEP = Scenario("sleep", "a view that sleeps", "GET", "/sleep", 200, "Slept")
#: The programs of applications/slow.
MODULES = ("edgeweb", "flask", "fastapi")
#: Between two requests for `/`, so that the processor is not what they wait for.
_PAUSE = 0.01


def measure(
    bench: Bench, stacks: list[Stack], pythons: dict[str, str]
) -> tuple[Table, dict[str, object], dict[str, float]]:
    """Return the table, its data, and the figures for targets."""
    seconds = max(bench.seconds(10.0, quick=3.0), 1.2)  # no shorter than a view sleeps
    rows = []
    data: dict[str, object] = {}
    figures: dict[str, float] = {}
    for stack in stacks:
        bench.progress.step(f"sleeping views, {stack.title}")
        port = free_port()
        with Server([pythons[stack.server], *command(stack, "slow", port)], port):
            alone = _latencies(port, time.monotonic() + seconds / 2)
            beside = _beside_slow_views(port, seconds)
        data[stack.name] = {"alone_ms": alone, "beside_ms": beside}
        rows.append((stack.title, *(f"{v:.1f}" for v in (median(alone), median(beside), max(beside)))))
        if stack == Stack(EDGEWEB, "serve"):
            figures["slow.worst"] = max(beside)
    columns = ("", "median without", "median", "longest")
    note = (
        f"Milliseconds until `/` is answered, asked over and over with {1000 * _PAUSE:.0f} ms between, while "
        f"{SLOW} clients ask for a view that sleeps a second. bjoern has one thread: `/` waits for them all."
    )
    return Table(f"Servers: {SLOW} views asleep", columns, rows, note), data, figures


def _beside_slow_views(port: int, seconds: float) -> list[float]:
    end = time.monotonic() + seconds
    sent = threading.Barrier(SLOW + 1)

    def sleep_on() -> None:
        client = Client(port)
        client.connect()
        sent.wait()
        while time.monotonic() < end:
            client.ask(SLEEP)
        client.close()

    threads = [threading.Thread(target=sleep_on) for _ in range(SLOW)]
    for thread in threads:
        thread.start()
    sent.wait()
    time.sleep(5 * _PAUSE)  # until the views sleep
    # Up to a moment, not for some seconds: where `/` waits for the views, they may all have ended by then.
    latencies = _latencies(port, end)
    for thread in threads:
        thread.join()
    return latencies


def _latencies(port: int, end: float) -> list[float]:
    """Return the milliseconds to each answer, up to `end` of the monotonic clock; at least one."""
    client = Client(port)
    found: list[float] = []
    while not found or time.monotonic() < end:
        began = time.monotonic()
        client.ask(HELLO[0])
        found.append(1000 * (time.monotonic() - began))
        time.sleep(_PAUSE)
    client.close()
    return found
