"""What people see of a run: progress, a line a program, and the tables of the READMEs."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from scripts.bench.environment import ROOT

from .program import Program
from .run import FLASK_SERVED, SERVED, Result
from .suites import Suite, SuiteResult

#: What has the tables.
READMES = (ROOT / "README.md", ROOT / "scripts" / "flask_programs" / "README.md")
#: Tests of a suite that are shown.
_MAX_TESTS = 20
#: A line that names a table, and the table below it.
_TABLE = re.compile(r"^(<!-- scripts/programs --write: (\w+) -->\n\n)((?:\|.*\n)*)", re.M)

_Kept = TypeVar("_Kept", Result, SuiteResult)


def progress(text: str) -> None:
    """Show what is being done, on standard error."""
    print(text, file=sys.stderr, flush=True)


def saved(result: Result) -> float | None:
    """Return how much less RSS `edgeweb serve` needs than Flask with gunicorn, in percent, or None."""
    if SERVED not in result.rss:
        return None
    return 100 * (1 - result.rss[SERVED] / result.rss[FLASK_SERVED])


def missed(program: Program, result: Result) -> bool:
    """Return whether something differs, or needs more memory than it may."""
    less = saved(result)
    return bool(result.differences) or (less is not None and less < program.less)


def line(program: Program, result: Result) -> str:
    """Return the line of a program, with what differs below it."""
    figures = ", ".join(f"{way} {kib / 1024:.1f}" for way, kib in result.rss.items())
    less = saved(result)
    percent = "" if less is None else f": {-less:+.0f} %, has to be -{program.less} %"
    verdict = "DIFFERS" if result.differences else f"equal: {len(program.requests)} answers and the log"
    shown = [f"{program.name:<16} {verdict}; RSS in MB: {figures}{percent}"]
    for what, lines in result.differences.items():
        shown += [f"    {what}", *(f"        {text}" for text in lines)]
    return "\n".join(shown)


def failure(text: str) -> str:
    """Return a line of `line` or `suite_line` and those below it as pytest writes a failure and its reasons.

    >>> print(failure("dash             DIFFERS\\n    log"))
    FAILED dash             DIFFERS
    E       log
    """
    first, *more = text.splitlines()
    return "\n".join([f"FAILED {first}", *(f"E   {below}" for below in more)])


def suite_line(result: SuiteResult) -> str:
    """Return the line of a suite, with the tests that ended otherwise below it."""
    ended = ", ".join(f"{number} {end}" for end, number in sorted(result.outcomes.items()))
    shown = [f"{result.name:<16} {'DIFFERS' if result.differences else 'equal'}; on Flask {ended}"]
    for test, lines in list(result.differences.items())[:_MAX_TESTS]:
        shown += [f"    {test}", *(f"        {text}" for text in lines)]
    if len(result.differences) > _MAX_TESTS:
        shown.append(f"    ... and {len(result.differences) - _MAX_TESTS} tests more")
    return "\n".join(shown)


def keep(work: Path, result: Result | SuiteResult) -> None:
    """Keep the figures of a program or a suite for the tables."""
    (work / result.name / "result.json").write_text(json.dumps(result._asdict(), indent=1) + "\n")


def kept(work: Path, entries: Iterable[Program | Suite], kind: type[_Kept]) -> dict[str, _Kept]:
    """Return the kept figures of these programs or suites, of this run or an earlier one."""
    paths = {entry.name: work / entry.name / "result.json" for entry in entries}
    return {name: kind(**json.loads(path.read_text())) for name, path in paths.items() if path.exists()}


def write(work: Path, programs: Sequence[Program], suites: Sequence[Suite]) -> None:
    """Write the tables of the READMEs; that of the suites stays if none has been run."""
    results = kept(work, programs, Result)
    tables = {"memory": memory_table(programs, results), "programs": programs_table(programs, results)}
    if ends := kept(work, suites, SuiteResult):
        tables["suites"] = suites_table(suites, ends)
    for readme in READMES:
        readme.write_text(fill(readme.read_text(), tables))


def fill(text: str, tables: Mapping[str, Sequence[Sequence[str]]]) -> str:
    """Return a README with these tables in their places; a table that is not among them stays."""
    return _TABLE.sub(
        lambda match: match[1] + (_rows(tables[match[2]]) if match[2] in tables else match[3]), text
    )


def memory_table(programs: Iterable[Program], results: Mapping[str, Result]) -> list[tuple[str, ...]]:
    """Return the head and the rows of the table of memory: what `edgeweb serve` can serve."""
    rows: list[tuple[str, ...]] = [("program", "Flask, gunicorn", "of that, its worker", "edgeweb serve", "")]
    for program in programs:
        if (result := results.get(program.name)) and (less := saved(result)) is not None:
            ways = (result.rss[FLASK_SERVED], result.largest[FLASK_SERVED], result.rss[SERVED])
            rows.append((program.name, *(f"{kib / 1024:.1f} MB" for kib in ways), f"{-less:+.0f} %"))
    return rows


def programs_table(programs: Iterable[Program], results: Mapping[str, Result]) -> list[tuple[str, ...]]:
    """Return the head and the rows of the table of all programs."""
    rows: list[tuple[str, ...]] = [("program", "what it is", "on edgeweb", "RSS on Flask", "on edgeweb")]
    for program in programs:
        what = f"`{program.requires[0]}`: {program.what}"
        result = results.get(program.name)
        if program.left_out or result is None:
            rows.append((program.name, what, program.left_out or "not run yet", "", ""))
            continue
        verdict = "differs" if result.differences else f"equal in {len(program.requests)} answers"
        memory = (f"{result.rss[way] / 1024:.1f} MB" for way in ("flask", "edgeweb"))
        rows.append((program.name, what, verdict, *memory))
    return rows


def suites_table(suites: Iterable[Suite], results: Mapping[str, SuiteResult]) -> list[tuple[str, ...]]:
    """Return the head and the rows of the table of test suites."""
    rows: list[tuple[str, ...]] = [("suite", "tests of", "tests", "passed on both", "on edgeweb")]
    for suite in suites:
        if (result := results.get(suite.name)) is None:
            rows.append((suite.name, f"`{suite.requires[0]}`", "", "", "not run yet"))
            continue
        differs = len(result.differences)
        verdict = f"differs in {differs}" if differs else "equal"
        tests = sum(result.outcomes.values())
        rows.append((suite.name, f"`{suite.requires[0]}`", str(tests), str(result.passed), verdict))
    return rows


def _rows(table: Sequence[Sequence[str]]) -> str:
    head, *rows = table
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines).replace("|  |", "| |")
