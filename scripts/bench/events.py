"""Section events: what viewers of server-sent events cost, and how soon an event is with all of them."""

from __future__ import annotations

import time
from statistics import median
from typing import NamedTuple

from .bench import Bench, Fault, Section
from .client import Client
from .peers import EDGEWEB, EVENT_STACKS, INSIDE, Stack, command
from .report import Table
from .scenarios import HELLO, Scenario
from .server import Server, free_port
from .servers import choose
from .viewers import Viewers

VIEWERS = (1, 100, 500)
#: Viewers who come to a server at its defaults.
COMERS = 20
THREADS = 2
#: Streams that are opened at the same time.
TOGETHER = 10
PUBLISH = Scenario("publish", "publish", "POST", "/publish", 200, "Published", "now", "text/plain")
OWN = Stack(EDGEWEB, "serve")


class Cost(NamedTuple):
    """What so many viewers cost, and their events."""

    viewers: int
    kib_idle: float
    kib_viewer: float
    #: Processor time of an event in milliseconds, without that of the request that publishes it.
    cpu: float
    #: Milliseconds from publishing to the last viewer, of each event.
    last: list[float]


def run(bench: Bench) -> Section:
    stacks, pythons = choose(bench, EVENT_STACKS)
    counts = [max(count // bench.divide, number) for number, count in enumerate(VIEWERS, 1)]
    events = bench.number(100, quick=30)
    bench.progress.start("events", (len(counts) + 1) * len(stacks))
    rows: list[tuple[str, ...]] = []
    begun_rows: list[tuple[str, ...]] = []
    data: dict[str, object] = {}
    figures: dict[str, float] = {}
    for stack in stacks:
        costs = []
        for count in counts:
            bench.progress.step(f"{count} viewers, {stack.title}")
            costs.append(_cost(stack, pythons, count, events))
            rows.append(_row(stack, costs[-1]))
        bench.progress.step(f"at its defaults, {stack.title}")
        begun, answers = _at_defaults(stack, pythons)
        begun_rows.append((stack.title, f"{begun} of {COMERS}", "yes" if answers else "no"))
        data[stack.name] = {
            "viewers": [cost._asdict() for cost in costs],
            "begun_at_defaults": begun,
            "answers_beside_them": answers,
        }
        if stack == OWN and counts[-1] == VIEWERS[-1]:  # with fewer, pages of memory are chance
            figures["events.memory"] = max(costs[-1].kib_viewer - costs[-1].kib_idle, 0.0)
            figures["events.last"] = max(costs[-1].last)
    return Section([_table(rows, events), _table_at_defaults(begun_rows)], data, figures)


def _command(stack: Stack, port: int, viewers: int) -> list[str]:
    """With room for the viewers, and for a few requests beside them."""
    places = str(viewers + 20)
    if stack.server == "serve":
        return [str(INSIDE / "serve_edgeweb.py"), "events.edgeweb", str(port), places, str(THREADS)]
    usual = command(stack, "events", port)
    if stack.server == "waitress":
        return [*usual, places, str(viewers + THREADS)]
    return [*usual, "--timeout-keep-alive", "300"]


def _cost(stack: Stack, pythons: dict[str, str], count: int, events: int) -> Cost:
    idle = _idle_kib(stack, pythons, count)
    port = free_port()
    with Server([pythons[stack.server], *_command(stack, port, count)], port) as server:
        client = Client(port)
        for _ in range(events):  # event 1, 2, ..., without a viewer
            client.ask(PUBLISH)
        before = server.settled_memory().rss
        began = server.cpu_seconds()
        for _ in range(events):
            client.ask(PUBLISH)
        alone = server.cpu_seconds() - began
        number = 2 * events
        with Viewers(port) as viewers:
            # A few at a time: more would wait in the backlog of the kernel, a second or longer.
            begun = sum(viewers.add(min(TOGETHER, count - at)) for at in range(0, count, TOGETHER))
            if begun < count:
                raise Fault(f"{stack.title}: {begun} of {count} streams have begun")
            number += 1
            client.ask(PUBLISH)
            viewers.wait_for(_event(number))
            each = (server.settled_memory().rss - before) / count
            began = server.cpu_seconds()
            last = []
            for _ in range(events):
                number += 1
                sent = time.monotonic()
                client.ask(PUBLISH)
                last.append(1000 * (viewers.wait_for(_event(number)) - sent))
            cpu = server.cpu_seconds() - began - alone
        client.close()
    return Cost(count, idle, each, max(1000 * cpu / events, 0.0), last)


def _event(number: int) -> bytes:
    return f"event {number:06}\n\n".encode()


def _idle_kib(stack: Stack, pythons: dict[str, str], count: int) -> float:
    """Return what each of so many connections holds that have asked for a hello."""
    port = free_port()
    with Server([pythons[stack.server], *_command(stack, port, count)], port) as server:
        clients = [Client(port) for _ in range(count + 1)]
        clients[0].ask_all(HELLO, 60)
        before = server.settled_memory().rss
        for client in clients[1:]:
            client.ask(HELLO[0])
        each = (server.settled_memory().rss - before) / count
        for client in clients:
            client.close()
    return each


def _at_defaults(stack: Stack, pythons: dict[str, str]) -> tuple[int, bool]:
    """Return how many of some viewers get a stream, and whether a request is answered beside them."""
    port = free_port()
    arguments = command(stack, "events", port)
    with Server([pythons[stack.server], *arguments], port), Viewers(port) as viewers:
        begun = viewers.add(COMERS, patience=5.0)
        client = Client(port, timeout=5.0)
        try:
            client.ask(HELLO[0])
        except (TimeoutError, OSError):
            return begun, False
        finally:
            client.close()
    return begun, True


def _row(stack: Stack, cost: Cost) -> tuple[str, ...]:
    beyond = cost.kib_viewer - cost.kib_idle
    micro = 1000 * cost.cpu / cost.viewers
    cells = (f"{cost.kib_viewer:.1f}", f"{beyond:.1f}", f"{cost.cpu:.2f}", f"{micro:.0f}")
    times = (f"{median(cost.last):.1f}", f"{max(cost.last):.1f}")
    return (stack.title, str(cost.viewers), *cells, *times)


def _table(rows: list[tuple[str, ...]], events: int) -> Table:
    columns = (
        "",
        "viewers",
        "KB each",
        "beyond idle",
        "ms an event",
        "µs a viewer",
        "to the last, ms",
        "longest",
    )
    note = (
        "Memory of a viewer, and what it holds beyond an idle connection of the same server. Processor time "
        "of an event, without the request that publishes it, and of an event to one viewer. Milliseconds "
        "until the last viewer has it, with the time of the one client that reads them all: median and "
        f"longest of {events}. edgeweb has {THREADS} threads; waitress one a viewer and {THREADS} more."
    )
    return Table("Server-sent events", columns, rows, note)


def _table_at_defaults(rows: list[tuple[str, ...]]) -> Table:
    note = (
        f"{COMERS} viewers from one address; edgeweb takes 16 connections from an address, 5 of them "
        "for streams, and refuses the others."
    )
    return Table("Viewers at the defaults", ("", "get a stream", "/ answered beside them"), rows, note)
