"""Section routing: building and matching 10 to 10,000 rules, in edgeweb, Werkzeug (Flask), Bottle and Falcon.

Two sets of rules: in `plain` every segment is wholly fixed or wholly variable, in `mixed` the variable
segments have a fixed beginning of their own as in /report-17-<name>, which is a pattern a rule.
"""

from __future__ import annotations

import json
import subprocess
from itertools import product
from typing import Any, NamedTuple

from . import callgrind
from .bench import Bench, Section
from .report import Table, thousands

SUBJECTS = ("edgeweb", "werkzeug", "bottle", "falcon")
SHAPES = ("plain", "mixed")
COUNTS = (10, 100, 1_000, 10_000)
#: callgrind is some fifty times slower than the machine: what builds longer than this is not counted.
COUNTABLE = 1.0


class Measured(NamedTuple):
    """Processor seconds of the build and a match; bytes a rule after the build and after a match of each."""

    build: float
    match: float
    memory: float
    memory_matched: float


class Job(NamedTuple):
    shape: str
    subject: str
    rules: int

    @property
    def arguments(self) -> list[str]:
        return ["-m", "inside.rules", self.subject, self.shape, str(self.rules)]

    def __str__(self) -> str:
        return f"{self.subject}, {self.rules:,} {self.shape} rules"


def run(bench: Bench) -> Section:
    subjects = SUBJECTS[:1] if bench.quick else SUBJECTS  # Werkzeug builds 10,000 rules for ten seconds
    counts = (10, 10_000) if bench.quick else COUNTS
    jobs = [Job(*job) for job in product(SHAPES, subjects, counts)]
    bench.progress.start("routing", 2 * len(jobs))
    # Times one after the other, so that they do not disturb each other; then the counts side by side.
    results = {job: _measure(bench, job) for job in jobs}
    countable = [job for job in jobs if bench.valgrind and _is_countable(results[job])]
    counted = callgrind.side_by_side(
        bench, countable, lambda job: f"{job}, instructions", lambda job: _count(bench, job)
    )
    for job, instructions in counted:
        results[job]["instructions"] = instructions
    figures = {"rules.match": 0.0, "rules.memory": 0.0, "rules.build": 0.0}
    data: dict[str, Any] = {}
    tables = []
    for shape in SHAPES:
        rows = []
        for subject in subjects:
            by_count = {count: results[Job(shape, subject, count)] for count in counts}
            data[f"{shape}.{subject}"] = by_count
            rows.append(_row(subject, by_count, counts))
            if subject == "edgeweb":
                _worst(figures, by_count[counts[0]], by_count[counts[-1]])
        columns = [
            "",
            *(f"match {count:,}" for count in counts),
            f"time {counts[-1]:,} : {counts[0]}",
            "instructions",
            "KB a rule",
            "matched",
            "build s",
        ]
        note = (
            "Thousands of instructions a match (a time where callgrind would take too long), the "
            f"ratios of {counts[-1]:,} rules to {counts[0]}, memory after the build and after every rule was "
            f"matched once, and the processor time to build {counts[-1]:,} with the first match. "
            f"- : longer than {callgrind.PATIENCE:.0f} s."
        )
        tables.append(Table(f"Routing, {shape} rules", columns, rows, note))
    return Section(tables, data, figures)


def _measure(bench: Bench, job: Job) -> dict[str, float | None]:
    bench.progress.step(str(job))
    empty: dict[str, float | None] = dict.fromkeys((*Measured._fields, "instructions"))
    try:
        said = callgrind.run([str(bench.python), *job.arguments, "time"])
    except subprocess.TimeoutExpired:
        return empty
    return empty | Measured(*json.loads(said))._asdict()


def _is_countable(result: dict[str, float | None]) -> bool:
    build, match = result["build"], result["match"]
    return build is not None and match is not None and build < COUNTABLE and match < COUNTABLE / 100


def _count(bench: Bench, job: Job) -> float:
    few, many = 20, 120
    parts = callgrind.count(bench, [*job.arguments, "count", str(few), str(many)], warm=False)
    return (parts[2] - parts[1]) / (many - few)


def _row(subject: str, by_count: dict[int, dict[str, float | None]], counts: tuple[int, ...]) -> list[str]:
    first, last = by_count[counts[0]], by_count[counts[-1]]
    cells = []
    for count in counts:
        instructions, match = by_count[count]["instructions"], by_count[count]["match"]
        cells.append(thousands(instructions) if instructions else f"{match * 1e6:,.0f} us" if match else "-")
    for name in ("match", "instructions"):
        ratio = _ratio(last[name], first[name])
        cells.append(f"{ratio:.2f}" if ratio else "-")
    for name in ("memory", "memory_matched"):
        size = last[name]
        cells.append(f"{size / 1024:.2f}" if size else "-")
    build = last["build"]
    return [subject, *cells, f"{build:.3f}" if build else "-"]


def _ratio(above: float | None, below: float | None) -> float | None:
    return above / below if above and below else None


def _worst(figures: dict[str, float], few: dict[str, float | None], many: dict[str, float | None]) -> None:
    """Keep the worse of the shapes; of instructions where they were counted."""
    found = {
        "rules.match": _ratio(many["instructions"], few["instructions"])
        or _ratio(many["match"], few["match"]),
        "rules.memory": (many["memory_matched"] or 0) / 1024,
        "rules.build": many["build"],
    }
    for key, value in found.items():
        figures[key] = max(figures[key], value or 0.0)
