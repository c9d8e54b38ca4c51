"""Section instructions: a cold start, and a request in process."""

from __future__ import annotations

from . import callgrind, scenarios
from .bench import Bench, Section
from .peers import BARE, EDGEWEB, FALCON, FLASK, INSIDE, PEERS, Peer
from .report import Table, thousands

QUICK = (BARE, EDGEWEB, FLASK, FALCON)

#: The requests whose instructions have a target.
COUNTED = ("hello", "output", "switch", "missing", "static", "login", "session")

#: program, path of the first request, title, key of the target
COLD_STARTS = (
    ("hello", "/", "hello", "cold.hello"),
    ("device", "/api/status", "device", "cold.device"),
)


def run(bench: Bench) -> Section:
    if not bench.valgrind:
        return Section([], {}, {})
    peers = bench.chosen(QUICK if bench.quick else PEERS)
    cold_peers = [peer for peer in peers if not bench.quick or peer in (EDGEWEB, FLASK)]
    bench.progress.start("instructions", 1 + len(COLD_STARTS) * len(cold_peers) + len(peers))
    cold_table, cold_data, figures = _cold_starts(bench, cold_peers)
    table, data, more = _requests(bench, peers)
    return Section([cold_table, table], {"cold": cold_data, "request": data}, figures | more)


def _cold_starts(bench: Bench, peers: list[Peer]) -> tuple[Table, dict[str, int], dict[str, float]]:
    jobs = [(peer, program, path) for program, path, *_ in COLD_STARTS for peer in peers]
    counted = callgrind.side_by_side(
        bench, jobs, lambda job: f"cold start, {job[1]}, {job[0].title}", lambda job: cold_start(bench, *job)
    )
    data = {"interpreter": cold_start(bench, None, "", "/")}
    data |= {f"{program}.{peer.name}": instructions for (peer, program, _), instructions in counted}
    alone = f"{data['interpreter'] / 1e6:.0f}"
    rows: list[tuple[str, ...]] = [("the interpreter alone", *[alone, "-"] * len(COLD_STARTS))]
    figures: dict[str, float] = {}
    for peer in peers:
        row = [peer.title]
        for program, _, _, key in COLD_STARTS:
            instructions, flask = data[f"{program}.{peer.name}"], data.get(f"{program}.{FLASK.name}")
            row += [f"{instructions / 1e6:,.0f}", f"{instructions / flask:.2f}" if flask else "-"]
            if peer == EDGEWEB and flask:
                figures[key] = instructions / flask
        rows.append(tuple(row))
    columns = ["", *(column for _, _, title, _ in COLD_STARTS for column in (title, "of Flask"))]
    note = (
        "Millions of instructions from the start of the interpreter to its end, .pyc files in place. The "
        "device's first request is its status; the first page is in section first_page."
    )
    return Table("Cold start: import, application, first request", columns, rows, note), data, figures


def _requests(bench: Bench, peers: list[Peer]) -> tuple[Table, dict[str, dict[str, float]], dict[str, float]]:
    few, many = bench.number(50, quick=12), bench.number(250, quick=60)
    data = {
        peer.name: counted
        for peer, counted in callgrind.side_by_side(
            bench,
            peers,
            lambda peer: f"requests in process, {peer.title}",
            lambda peer: count_requests(bench, peer, few, many),
        )
    }
    titles = {one.name: one.title for one in (*scenarios.HELLO, *scenarios.DEVICE)}
    rows = [(peer.title, *(thousands(data[peer.name][name]) for name in titles)) for peer in peers]
    figures: dict[str, float] = {}
    own, flask = data.get(EDGEWEB.name), data.get(FLASK.name)
    if own:
        figures = {f"call.{name}": own[name] for name in COUNTED}
    if own and flask:
        figures |= {f"ratio.{name}": own[name] / flask[name] for name in ("session", "login")}
        rows.append(("edgeweb of Flask", *(f"{own[name] / flask[name]:.2f}" for name in titles)))
    note = "Thousands of instructions a request, the caller's loop included (see bare WSGI); ASGI on asyncio."
    return Table("A request in process", ("", *titles.values()), rows, note), data, figures


def cold_start(bench: Bench, peer: Peer | None, program: str, path: str) -> int:
    """Instructions of a whole process: start, import, first request, end."""
    module, kind = (f"{program}.{peer.module}", peer.kind) if peer else ("none", "wsgi")
    return sum(callgrind.count(bench, [str(INSIDE / "first_request.py"), module, kind, path]))


def count_requests(bench: Bench, peer: Peer, few: int, many: int) -> dict[str, float]:
    """Scenario -> instructions of one request, from the difference of a few and of many."""
    counts = {
        (program, scenario.name): (max(few // scenario.heavy, 1), max(many // scenario.heavy, 2))
        for program in scenarios.PROGRAMS
        for scenario in scenarios.of(program)
    }
    orders = [f"{program}:{name}:{fewer}:{more}" for (program, name), (fewer, more) in counts.items()]
    parts = callgrind.count(bench, ["-m", "inside.count_requests", peer.module, peer.kind, *orders])
    # Three marks a scenario, each ending a part: everything before, the few, the many.
    return {
        name: (parts[3 * number + 2] - parts[3 * number + 1]) / (more - fewer)
        for number, ((_, name), (fewer, more)) in enumerate(counts.items())
    }
