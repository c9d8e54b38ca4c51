"""Section first_page: a cold process up to its first page from templates."""

from __future__ import annotations

import time
from statistics import median

from . import callgrind
from .bench import Bench, Section
from .peers import BARE, EDGEWEB, FALCON, FLASK, INSIDE, PEERS, Peer
from .report import Table

QUICK = (BARE, EDGEWEB, FLASK, FALCON)


def run(bench: Bench) -> Section:
    peers = bench.chosen(QUICK if bench.quick else PEERS)
    rounds = 3 if bench.quick else 11
    bench.progress.start("first_page", len(peers) * (2 if bench.valgrind else 1))
    times: dict[str, list[float]] = {peer.name: [] for peer in peers}
    memory: dict[str, tuple[int, int]] = {}
    for peer in peers:
        bench.progress.step(f"memory, {peer.title}")
        said = callgrind.run([str(bench.python), *_arguments(peer), "memory"]).split()
        memory[peer.name] = (int(said[0]), int(said[1]))
    for _ in range(rounds):
        for peer in peers:
            began = time.perf_counter()
            callgrind.run([str(bench.python), *_arguments(peer)])
            times[peer.name].append(time.perf_counter() - began)
    counts: dict[str, int] = {}
    if bench.valgrind:
        counted = callgrind.side_by_side(
            bench,
            peers,
            lambda peer: f"instructions, {peer.title}",
            lambda peer: sum(callgrind.count(bench, _arguments(peer), warm=False)),
        )
        counts = {peer.name: count for peer, count in counted}
    data: dict[str, object] = {}
    rows = []
    for peer in peers:
        ratio = _ratio_to_flask(times, peer)
        count, flask = counts.get(peer.name), counts.get(FLASK.name)
        rss, anonymous = memory[peer.name]
        data[peer.name] = {
            "instructions": count,
            "time_of_flask": ratio,
            "rss_kib": rss,
            "anonymous_kib": anonymous,
        }
        rows.append(
            (
                peer.title,
                f"{count / 1e6:,.0f}" if count else "-",
                f"{count / flask:.2f}" if count and flask else "-",
                f"{ratio:.2f}" if ratio else "-",
                f"{rss / 1024:.1f}",
                f"{anonymous / 1024:.1f}",
            )
        )
    columns = ("", "million instructions", "of Flask", "time of Flask", "RSS MB", "anon. MB")
    note = f"In process: import, application, the dashboard once. edgeweb's templates: {bench.templates}."
    return Section([Table("First page of a cold process", columns, rows, note)], data, {})


def _arguments(peer: Peer) -> list[str]:
    return [str(INSIDE / "first_request.py"), f"device.{peer.module}", peer.kind, "/"]


def _ratio_to_flask(times: dict[str, list[float]], peer: Peer) -> float | None:
    flask = times.get(FLASK.name)
    if not flask:
        return None
    return median(own / other for own, other in zip(times[peer.name], flask, strict=True))
