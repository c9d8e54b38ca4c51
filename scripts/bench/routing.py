"""Section routing: building and matching 10 to 10,000 rules, in edgeweb, Werkzeug (Flask), Bottle and Falcon.

Two sets of rules: in `plain` every segment is wholly fixed or wholly variable, in `mixed` the variable
segments have a fixed beginning of their own as in /report-17-<name>, which is a pattern a rule.
"""

from __future__ import annotations

import json
import subprocess
from typing import Any, NamedTuple

import callgrind
from bench import Bench, Section
from report import Table, thousands

SUBJECTS = ("edgeweb", "werkzeug", "bottle", "falcon")
SHAPES = ("plain", "mixed")
COUNTS = (10, 100, 1_000, 10_000)
#: Seconds for building and matching one set; who needs longer is reported so.
PATIENCE = 60.0
#: callgrind is some fifty times slower than the machine: what builds longer than this is not counted.
COUNTABLE = 1.0


class Measured(NamedTuple):
    """Seconds to build, seconds a match, bytes a rule after the build and after each was matched once."""

    build: float
    match: float
    memory: float
    memory_matched: float


def run(bench: Bench) -> Section:
    subjects = SUBJECTS[:1] if bench.quick else SUBJECTS  # Werkzeug builds 10,000 rules for ten seconds
    counts = (10, 10_000) if bench.quick else COUNTS
    shapes = SHAPES
    bench.progress.start("routing", 2 * len(subjects) * len(counts) * len(shapes))
    figures = {"rules.match": 0.0, "rules.memory": 0.0, "rules.build": 0.0}
    data: dict[str, Any] = {}
    tables = []
    for shape in shapes:
        rows = []
        for subject in subjects:
            by_count: dict[int, dict[str, float | None]] = {}
            for count in counts:
                bench.progress.step(f"{subject}, {count:,} {shape} rules")
                by_count[count] = _measure(bench, subject, shape, count)
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
            f"matched once, and the time to build {counts[-1]:,} with the first match. "
            f"- : longer than {PATIENCE:.0f} s."
        )
        tables.append(Table(f"Routing, {shape} rules", columns, rows, note))
    return Section(tables, data, figures)


def _measure(bench: Bench, subject: str, shape: str, count: int) -> dict[str, float | None]:
    arguments = ["-m", "inside.rules", subject, shape, str(count)]
    empty: dict[str, float | None] = dict.fromkeys((*Measured._fields, "instructions"))
    try:
        measured = Measured(*json.loads(callgrind.run([str(bench.python), *arguments, "time"], PATIENCE)))
    except subprocess.TimeoutExpired:
        return empty
    result = empty | measured._asdict()
    bench.progress.step(f"{subject}, {count:,} {shape} rules, instructions")
    if bench.valgrind and measured.build < COUNTABLE and measured.match < COUNTABLE / 100:
        few, many = 20, 120
        parts = callgrind.count(bench, [*arguments, "count", str(few), str(many)], warm=False)
        result["instructions"] = (parts[2] - parts[1]) / (many - few)
    return result


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
