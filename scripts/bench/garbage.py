"""Section garbage: objects that a request leaves in cycles, which only the collector can free."""

from __future__ import annotations

from . import callgrind, scenarios
from .bench import Bench, Section
from .peers import EDGEWEB, PEERS, QUICK_PEERS, Peer
from .report import Table


def run(bench: Bench) -> Section:
    peers = bench.chosen(QUICK_PEERS if bench.quick else PEERS)
    times = bench.number(200, quick=50)
    bench.progress.start("garbage", len(peers))
    jobs = callgrind.side_by_side(
        bench, peers, lambda peer: peer.title, lambda peer: _garbage(bench, peer, times)
    )
    data = {peer.name: counts for peer, counts in jobs}
    everything = (*scenarios.HELLO, *scenarios.DEVICE)
    rows = [(peer.title, *(f"{data[peer.name][one.name]:.1f}" for one in everything)) for peer in peers]
    figures: dict[str, float] = {}
    if own := data.get(EDGEWEB.name):
        figures["garbage"] = max(own[one.name] for one in everything if one.status < 400)
    note = "gc.collect() after many requests with the collector off, divided by their number."
    columns = ("", *(one.title for one in everything))
    return Section([Table("Cyclic garbage a request, objects", columns, rows, note)], dict(data), figures)


def _garbage(bench: Bench, peer: Peer, times: int) -> dict[str, float]:
    counts = {}
    for program in scenarios.PROGRAMS:
        names = [scenario.name for scenario in scenarios.of(program)]
        arguments = ["-m", "inside.count_garbage", f"{program}.{peer.module}", peer.kind, str(times), *names]
        for line in callgrind.run([str(bench.python), *arguments]).splitlines():
            name, objects = line.split()
            counts[name] = float(objects)
    return counts
