"""Section servers: what a hello costs through each server, in memory and processor time.

All servers run at the same time and are asked in turn, several short rounds, so that whatever else the
machine does hits them alike. Times are medians of the rounds; ratios are medians of the rounds' ratios.
"""

from __future__ import annotations

from contextlib import ExitStack
from statistics import median
from typing import NamedTuple

from . import environment, load, slow_views
from .bench import Bench, Section
from .client import Client
from .peers import EDGEWEB, INSIDE, SERVER_STACKS, Stack, command
from .report import Table
from .scenarios import HELLO
from .server import Memory, Server, free_port

CONNECTIONS = (1, 8, 64)
#: Connections from one address that edgeweb takes at its defaults. For more it runs once more, with room.
DEFAULT_PLACES = 16
#: What edgeweb is held against, and the figure's name in targets.py.
COMPARED = {"flask.waitress": "waitress", "flask.bjoern": "bjoern", "fastapi.standard": "standard"}
#: Seconds of the longest load that is tried again, for longer, when a busy machine has given no answer.
LONGEST = 2.0
OWN = Stack(EDGEWEB, "serve")


class Kind(NamedTuple):
    """One kind of load."""

    keep_alive: bool
    connections: int

    @property
    def name(self) -> str:
        return f"{'keep-alive' if self.keep_alive else 'close'}.{self.connections}"


class Cost(NamedTuple):
    """Of one round: processor time of a request in microseconds, of all processes; answers a second."""

    cpu: float
    rate: float


Costs = dict[tuple[str, Kind], list[Cost]]

KINDS = tuple(Kind(keep_alive, number) for keep_alive in (True, False) for number in CONNECTIONS)


def run(bench: Bench) -> Section:
    stacks, pythons = choose(bench, SERVER_STACKS)
    rounds = 3 if bench.quick else 9
    seconds = max(bench.seconds(1.0, quick=0.4), 0.3)  # wrk needs some time to begin
    slow = [stack for stack in stacks if stack.peer.module in slow_views.MODULES]
    bench.progress.start("servers", len(stacks) * len(KINDS) * rounds + len(slow))
    costs, memory, processes = _measure(bench, stacks, pythons, rounds, seconds)
    slow_table, slow_data, figures = slow_views.measure(bench, slow, pythons)
    tables = [
        _memory_table(stacks, memory, processes),
        *(_cost_table(stacks, costs, keep_alive) for keep_alive in (True, False)),
    ]
    if OWN in stacks:
        tables.append(_ratio_table(stacks, costs))
        for name, figure in COMPARED.items():
            if any(stack.name == name for stack in stacks):
                figures[f"cpu.{figure}"] = _ratio(costs, name, Kind(True, 8))
    data: dict[str, object] = {"slow_views": slow_data}
    for stack in stacks:
        data[stack.name] = {
            "memory_kib": [step._asdict() for step in memory[stack.name]],
            "processes": processes[stack.name],
            **{kind.name: [cost._asdict() for cost in costs[stack.name, kind]] for kind in KINDS},
        }
    return Section([*tables, slow_table], data, figures)


def choose(bench: Bench, stacks: tuple[Stack, ...]) -> tuple[list[Stack], dict[str, str]]:
    """Return the stacks that can be measured, and the interpreter of each server; install what is missing."""
    wanted = bench.chosen(stacks)
    names = dict.fromkeys(stack.server for stack in wanted)
    python, found = environment.add_extras(bench.work, bench.python, names, bench.installs, bench.left_out)
    pythons = {name: str(python if name in found else bench.python) for name in names}
    there = [stack for stack in wanted if stack.server in found or stack.server not in environment.EXTRAS]
    return there, pythons


def _measure(
    bench: Bench, stacks: list[Stack], pythons: dict[str, str], rounds: int, seconds: float
) -> tuple[Costs, dict[str, list[Memory]], dict[str, int]]:
    """Return the costs, the memory after the first requests and after all, and the number of processes."""
    costs: Costs = {(stack.name, kind): [] for stack in stacks for kind in KINDS}
    memory: dict[str, list[Memory]] = {}
    with ExitStack() as running:
        servers: dict[str, Server] = {}
        for stack in stacks:
            servers[stack.name] = running.enter_context(_serve(stack, pythons))
            memory[stack.name] = [servers[stack.name].settled_memory()]
        roomy = running.enter_context(_with_room(pythons[OWN.server])) if OWN in stacks else None
        for _ in range(rounds):
            for kind in KINDS:
                for stack in stacks:
                    bench.progress.step(f"{stack.title}, {kind.name}")
                    needs_room = stack == OWN and kind.connections > DEFAULT_PLACES
                    server = roomy if needs_room and roomy else servers[stack.name]
                    costs[stack.name, kind].append(_cost(bench, server, kind, seconds))
        for name, server in servers.items():
            memory[name].append(server.settled_memory())
        processes = {name: len(server.pids()) for name, server in servers.items()}
    return costs, memory, processes


def _serve(stack: Stack, pythons: dict[str, str]) -> Server:
    port = free_port()
    return _Warm([pythons[stack.server], *command(stack, "hello", port)], port)


def _with_room(python: str) -> Server:
    port = free_port()
    # Twice as many: connections of the load before may still be open, and those that just were closed.
    places = str(2 * max(CONNECTIONS))
    return _Warm([python, str(INSIDE / "serve_edgeweb.py"), "hello.edgeweb", str(port), places], port)


class _Warm(Server):
    """A server that has answered a hello some times."""

    def __enter__(self) -> Server:
        super().__enter__()
        try:
            client = Client(self.port)
            client.ask_all(HELLO, 100)
            client.close()
        except BaseException:
            self.stop()
            raise
        return self


def _cost(bench: Bench, server: Server, kind: Kind, seconds: float) -> Cost:
    before = server.cpu_seconds()
    try:
        seen = load.make(bench, server.port, HELLO[0], kind.connections, seconds, kind.keep_alive)
    except load.NoAnswers:
        if seconds > LONGEST:
            raise
        return _cost(bench, server, kind, 4 * seconds)
    cpu = 1e6 * (server.cpu_seconds() - before) / seen.answers
    return Cost(cpu, seen.answers / seen.seconds)


def _ratio(costs: Costs, name: str, kind: Kind) -> float:
    """Processor time of edgeweb's request, of another stack's."""
    pairs = zip(costs[OWN.name, kind], costs[name, kind], strict=True)
    return median(own.cpu / other.cpu for own, other in pairs)


def _memory_table(stacks: list[Stack], memory: dict[str, list[Memory]], processes: dict[str, int]) -> Table:
    rows = []
    for stack in stacks:
        first, last = memory[stack.name]
        figures = (first.rss, first.pss, last.rss, last.pss)
        rows.append((stack.title, str(processes[stack.name]), *(f"{kib / 1024:.1f}" for kib in figures)))
    note = (
        "Memory of hello in MB, of all processes of the server together, after 100 requests and after all "
        "loads below. PSS divides a page among all processes that map it, other servers of this run included."
    )
    return Table("Servers: memory", ("", "processes", "RSS", "PSS", "RSS after", "PSS after"), rows, note)


def _cost_table(stacks: list[Stack], costs: Costs, keep_alive: bool) -> Table:
    rows = []
    for stack in stacks:
        cells = [stack.title]
        for number in CONNECTIONS:
            rounds = costs[stack.name, Kind(keep_alive, number)]
            cells.append(f"{median(one.cpu for one in rounds):.0f}")
            cells.append(f"{median(one.rate for one in rounds):,.0f}")
        rows.append(tuple(cells))
    columns = ["", *(f"{what} at {number}" for number in CONNECTIONS for what in ("µs", "per s"))]
    title = "with keep-alive" if keep_alive else "a connection for each request"
    note = "Processor time of a request in microseconds, of all processes; requests a second."
    if keep_alive:
        note += (
            f" At {max(CONNECTIONS)} connections edgeweb has room for them: its defaults take "
            f"{DEFAULT_PLACES} from one address. Microdot has no keep-alive. A kept connection holds one of "
            "uWSGI's threads, so it serves four of them and lets the others wait."
        )
    return Table(f"Servers: hello, {title}", columns, rows, note)


def _ratio_table(stacks: list[Stack], costs: Costs) -> Table:
    kinds = (*(Kind(True, number) for number in CONNECTIONS), Kind(False, 8))
    rows = [
        (stack.title, *(f"{_ratio(costs, stack.name, kind):.2f}" for kind in kinds))
        for stack in stacks
        if stack != OWN
    ]
    columns = ("", *(f"at {number}" for number in CONNECTIONS), "at 8, a connection each")
    note = "Processor time of a request to edgeweb serve divided by that of a request to this server."
    return Table("Servers: edgeweb serve beside each", columns, rows, note)
