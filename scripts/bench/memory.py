"""Section memory: what a server holds after its start, after each route, after thousands of requests."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from . import scenarios
from .bench import Bench, Section
from .client import Client
from .peers import EDGEWEB, QUICK_STACKS, STACKS, Stack, command
from .report import Table
from .server import Memory, Server, free_port

GROWTH_STEP = 1_000


def run(bench: Bench) -> Section:
    stacks = bench.chosen(QUICK_STACKS if bench.quick else STACKS)
    starts = 1 if bench.quick else 3
    many = bench.number(5_000, quick=1_000)
    growth = bench.number(50_000, quick=5_000)
    own = [stack for stack in stacks if stack.peer == EDGEWEB]
    bench.progress.start("memory", 2 * starts * len(stacks) + len(own))

    data: dict[str, object] = {}
    figures: dict[str, float] = {}
    tables = []
    for program in ("hello", "device"):
        steps = ["start", *(scenario.title for scenario in scenarios.of(program)), f"{many:,} req."]
        rows = []
        for stack in stacks:
            runs = []
            for _ in range(starts):
                bench.progress.step(f"{program}, {stack.title}")
                runs.append(_after_each_route(bench, stack, program, many))
            # The middle start of three: address space randomisation moves RSS by some ten KiB.
            memory = [
                Memory(*map(int, map(median, zip(*step, strict=True)))) for step in zip(*runs, strict=True)
            ]
            data[f"{program}.{stack.name}"] = {
                step: now._asdict() for step, now in zip(steps, memory, strict=True)
            }
            rows.append((stack.title, *(f"{now.rss / 1024:.1f}" for now in memory), *_last(memory)))
            if stack.peer == EDGEWEB:
                figures[f"rss.{program}.{stack.server}"] = memory[-2].rss / 1024
        note = (
            "RSS in MB (1024 KiB), each step after the one before; anon. and dirty are part of the last one."
        )
        tables.append(Table(f"Memory of {program}", ("", *steps, "anon.", "dirty"), rows, note))

    rows = []
    for stack in own:
        bench.progress.step(f"growth, {stack.title}")
        samples = _growth(bench, stack, growth)
        grown = (max(samples) - samples[0]) / 1024
        slope = _slope(samples[len(samples) * 3 // 5 :])
        figures[f"growth.{stack.server}"] = max(grown, 0.0)
        if len(samples) > 20:  # a line through fewer says nothing
            figures[f"slope.{stack.server}"] = max(slope, 0.0)
        data[f"growth.{stack.name}"] = {"requests": growth, "rss_kib": samples}
        after_first = (max(samples) - samples[1]) / 1024
        rows.append((stack.title, f"{grown:.2f}", f"{after_first:.2f}", f"{slope:.2f}"))
    columns = ("", "MB over all", "MB after the first 1,000", "slope, KB per 1,000")
    note = (
        "All routes in turn. From every route once to the highest of a sample each 1,000 requests; the "
        "slope is the least-squares line through the last two fifths."
    )
    tables.append(Table(f"Growth over {growth:,} mixed requests", columns, rows, note))
    return Section(tables, data, figures)


def _last(memory: Sequence[Memory]) -> tuple[str, str]:
    return f"{memory[-1].anonymous / 1024:.1f}", f"{memory[-1].dirty / 1024:.1f}"


def _after_each_route(bench: Bench, stack: Stack, program: str, many: int) -> list[Memory]:
    port = free_port()
    with Server([str(bench.python), *command(stack, program, port)], port) as server:
        client = Client(port)
        seen = [server.settled_memory()]
        for scenario in scenarios.of(program):
            client.ask(scenario)
            seen.append(server.settled_memory())
        client.ask_all(scenarios.of(program), many)
        seen.append(server.settled_memory())
        client.close()
    return seen


def _growth(bench: Bench, stack: Stack, requests: int) -> list[int]:
    """RSS in KiB after every route once, and then after each thousand requests."""
    port = free_port()
    with Server([str(bench.python), *command(stack, "device", port)], port) as server:
        client = Client(port)
        client.ask_all(scenarios.DEVICE, len(scenarios.DEVICE))
        samples = [server.settled_memory().rss]
        step = min(GROWTH_STEP, requests)
        for _ in range(requests // step):
            client.ask_all(scenarios.DEVICE, step)
            samples.append(server.memory().rss)
        client.close()
    return samples


def _slope(samples: Sequence[int]) -> float:
    """KiB a sample, by least squares; 0 for fewer than two samples.

    >>> _slope([4, 6, 8])
    2.0
    """
    if len(samples) < 2:
        return 0.0
    middle_x, middle_y = (len(samples) - 1) / 2, sum(samples) / len(samples)
    above = sum((x - middle_x) * (y - middle_y) for x, y in enumerate(samples))
    return above / sum((x - middle_x) ** 2 for x in range(len(samples)))
