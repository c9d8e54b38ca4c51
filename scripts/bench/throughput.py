"""Section throughput: the same requests through each server; ratios to bare WSGI under stock waitress.

All servers run at the same time and are asked in turn, several short rounds, so that whatever else the
machine does hits them alike. Each figure is the median of the rounds' ratios.
"""

from __future__ import annotations

from contextlib import ExitStack
from statistics import median
from typing import NamedTuple

from . import callgrind, load, scenarios
from .bench import Bench, Section
from .client import Client
from .peers import BARE, BOTTLE, INSIDE, STACKS, Stack, command
from .report import Table, thousands
from .scenarios import Scenario
from .server import Server, free_port

CONNECTIONS = 8
#: program and request of each table
LOADS = (("hello", "hello"), ("device", "output"))


class Round(NamedTuple):
    """A round of one server: answers a second, processor time of each, median time to an answer."""

    rate: float
    cpu: float
    latency: float


def run(bench: Bench) -> Section:
    stacks = [stack for stack in bench.chosen(STACKS) if stack.concurrent]
    if bench.quick:
        stacks = [stack for stack in stacks if stack.server in ("waitress", "serve") and stack.peer != BOTTLE]
    if not any(stack.peer == BARE for stack in stacks):
        stacks.insert(0, STACKS[0])  # what the others are compared with
    rounds = 5 if bench.quick else 11
    seconds = max(bench.seconds(0.5, quick=0.3), 0.3)  # wrk needs some time to begin
    loads = LOADS[:1] if bench.quick else LOADS
    counted = [] if bench.quick or not bench.valgrind else [one for one in stacks if one.server != "gunicorn"]
    bench.progress.start("throughput", len(loads) * (rounds * len(stacks) + len(counted)))
    tables: list[Table] = []
    data: dict[str, object] = {}
    for program, name in loads:
        scenario = next(one for one in scenarios.of(program) if one.name == name)
        measured = _rounds(bench, stacks, program, scenario, rounds, seconds)
        instructions = _instructions(bench, counted, program, scenario)
        base = measured[STACKS[0].name]
        rows = []
        for stack in stacks:
            ratios = _ratios(measured[stack.name], base)
            counts = instructions.get(stack.name)
            data[f"{name}.{stack.name}"] = {**ratios._asdict(), "instructions": counts}
            cells = (f"{ratio:.2f}" for ratio in ratios)
            rows.append((stack.title, *cells, thousands(counts) if counts else "-"))
        columns = ("", "answers a second", "processor time", "latency", "thousand instructions")
        note = (
            f"Ratios to bare WSGI under waitress in the same round; {CONNECTIONS} connections, one for "
            "the latency. Instructions: the server's own for one request, one connection, by callgrind."
        )
        tables.append(Table(f"Through the server: {scenario.title}", columns, rows, note))
    return Section(tables, data, {})


def _rounds(
    bench: Bench, stacks: list[Stack], program: str, scenario: Scenario, rounds: int, seconds: float
) -> dict[str, list[Round]]:
    measured: dict[str, list[Round]] = {stack.name: [] for stack in stacks}
    with ExitStack() as running:
        servers = []
        for stack in stacks:
            port = free_port()
            server = running.enter_context(Server([str(bench.python), *command(stack, program, port)], port))
            servers.append((stack, server))
            client = Client(port)
            client.ask_all([scenario], 200)
            client.close()
        for _ in range(rounds):
            for stack, server in servers:
                bench.progress.step(f"{scenario.title}, {stack.title}")
                measured[stack.name].append(_load(bench, server, scenario, seconds))
    return measured


def _load(bench: Bench, server: Server, scenario: Scenario, seconds: float) -> Round:
    before = server.cpu_seconds()
    many = load.make(bench, server.port, scenario, CONNECTIONS, seconds)
    cpu = (server.cpu_seconds() - before) / many.answers
    one = load.make(bench, server.port, scenario, 1, seconds)
    return Round(many.answers / many.seconds, cpu, one.latency)


def _ratios(rounds: list[Round], base: list[Round]) -> Round:
    pairs = list(zip(rounds, base, strict=True))
    return Round(
        median(one.rate / other.rate for one, other in pairs),
        median(one.cpu / other.cpu for one, other in pairs),
        median(one.latency / other.latency for one, other in pairs),
    )


def _instructions(bench: Bench, stacks: list[Stack], program: str, scenario: Scenario) -> dict[str, float]:
    few, many = bench.number(100, quick=20), bench.number(500, quick=60)

    def one(stack: Stack) -> float:
        counts = [_count_server(bench, stack, program, scenario, times) for times in (few, many)]
        return (counts[1] - counts[0]) / (many - few)

    jobs = callgrind.side_by_side(bench, stacks, lambda stack: f"instructions, {stack.title}", one)
    return {stack.name: count for stack, count in jobs}


def _count_server(bench: Bench, stack: Stack, program: str, scenario: Scenario, times: int) -> int:
    """Instructions of a whole server process that has answered so many requests of one connection."""
    with callgrind.scratch() as out:
        port = free_port()
        tool = callgrind.tool(bench, out)
        arguments = [*tool, str(bench.python), *_counted_command(stack, program, port)]
        with Server(arguments, port, start_seconds=120) as server:
            client = Client(port, timeout=120)
            client.ask_all([scenario], times)
            client.close()
            server.stop()
        return sum(callgrind.read(out))


def _counted_command(stack: Stack, program: str, port: int) -> list[str]:
    if stack.server == "serve":
        return [str(INSIDE / "serve_counted.py"), f"{program}.{stack.peer.module}", str(port)]
    return command(stack, program, port)
