"""Section templates: the first page of a program with many templates, by how it comes by their code."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from .bench import Bench, Fault, Section
from .peers import INSIDE
from .report import Table
from .server import clean_environ

COUNTS = (1, 40, 400)
#: The target is for this count, on a page that uses them all.
MANY = 40
TIMEOUT = 300.0
#: Exit code of inside/first_page_of.py.
NOT_KEPT = 3


class Way(NamedTuple):
    """How a framework comes by the code of its templates (see inside/first_page_of.py)."""

    kind: str
    way: str
    title: str


CACHED = Way("edgeweb", "cache", "edgeweb, its cache")
SOURCE = Way("flask", "source", "Flask from source")
BYTECODE = Way("flask", "bytecode", "Flask, FileSystemBytecodeCache")
WAYS = (
    CACHED,
    Way("edgeweb", "sealed", "edgeweb, its cache, sealed"),
    Way("edgeweb", "source", "edgeweb from source"),
    SOURCE,
    BYTECODE,
    Way("flask", "modules", "Flask, ModuleLoader"),
)
QUICK_WAYS = (CACHED, SOURCE, BYTECODE)


class NotKept(Exception):
    """The work folder is below a temporary one, where no cache would be read."""


class Figures(NamedTuple):
    """Of one process: seconds from its start to the page, memory then in KiB, length of the page in bytes."""

    seconds: float
    rss: int
    dirty: int
    length: int


def run(bench: Bench) -> Section:
    try:
        return _measured(bench)
    except NotKept as error:
        bench.left_out.append(f"templates: {error}")
        return Section([], {}, {})


def _measured(bench: Bench) -> Section:
    ways: tuple[Way, ...] = WAYS
    counts = tuple(max(count // bench.divide, number) for number, count in enumerate(COUNTS, 1))
    if bench.quick:
        counts, ways = counts[:-1], QUICK_WAYS
    few = bench.number(7, quick=3)
    # From source, the page of 400 templates takes half a minute; what is far apart needs no median.
    rounds = [few, few, 1]
    bench.progress.start("templates", sum(len(ways) * (number + 2) for number in rounds[: len(counts)]))
    work = bench.work / "templates"
    shutil.rmtree(work, ignore_errors=True)
    pages: dict[tuple[int, Way], list[Figures]] = {}
    unused: dict[tuple[int, Way], list[Figures]] = {}
    for count, number in zip(counts, rounds, strict=False):
        folder = work / str(count)
        page = write_templates(folder, count)
        for way in ways:
            bench.progress.step(f"{count} templates, {way.title}, prepared")
            if way.way != "source":
                _run(bench, way, folder, "prepare")
                _run(bench, way, folder, page)  # Jinja2's own ways write what they keep now
        for _ in range(number):
            for way in ways:
                bench.progress.step(f"{count} templates, {way.title}")
                pages.setdefault((count, way), []).append(_measure(bench, way, folder, page))
        for way in ways:
            bench.progress.step(f"{count} templates, {way.title}, one used")
            unused[count, way] = [_measure(bench, way, folder, "/panel000") for _ in range(few)]
        if len({figures.length for key, runs in pages.items() if key[0] == count for figures in runs}) != 1:
            raise Fault(f"{count} templates: the pages of different ways are not of the same length")
    return Section(*_report(counts, ways, pages, unused))


def write_templates(folder: Path, count: int) -> str:
    """So many templates of some 13 KB, as in real programs, and the path of the page that uses them all."""
    # One by itself, or a layout and a page that includes all others.
    panels = [f"panel{number:03}.html" for number in range(max(count - 2, 1))]
    texts = {name: _panel(number) for number, name in enumerate(panels)}
    if count > 1:
        body = "\n".join(f'{{% include "{name}" %}}' for name in panels)
        texts["page.html"] = (
            '{% extends "layout.html" %}{% block title %}{{ title }}{% endblock %}\n'
            f"{{% block body %}}{body}{{% endblock %}}\n"
        )
        texts["layout.html"] = (
            "<title>{% block title %}{% endblock %}</title>{% block body %}{% endblock %}\n"
        )
    (folder / "templates").mkdir(parents=True)
    for name, text in texts.items():
        (folder / "templates" / name).write_text(text)
    return "/page" if count > 1 else "/panel000"


def _panel(number: int) -> str:
    card = """
<section class="card">
  <h2>{{{{ title|upper }}}} {number}.{part}</h2>
  {{% if rows|length > {part} %}}<p>{{{{ rows[{part}].name }}}}</p>{{% else %}}none{{% endif %}}
  <ul>{{% for row in rows %}}
    <li class="{{{{ 'on' if row.on else 'off' }}}}">{{{{ row.name }}}}: {{{{ "%.1f"|format(row.value) }}}}
    {{% if loop.first %}}first{{% elif loop.last %}}last of {{{{ loop.length }}}}{{% endif %}}
    </li>{{% endfor %}}
  </ul>
</section>"""
    return "".join(card.format(number=number, part=part) for part in range(34))


def _run(bench: Bench, way: Way, folder: Path, path: str) -> str:
    command = [str(bench.python), str(INSIDE / "first_page_of.py"), way.kind, way.way, str(folder), path]
    try:
        result = subprocess.run(
            command, env=clean_environ(), capture_output=True, text=True, timeout=TIMEOUT, check=True
        )
    except subprocess.CalledProcessError as error:
        if error.returncode == NOT_KEPT:
            raise NotKept(error.stderr.strip()) from error
        raise Fault(f"{way.title}, {folder.name} templates, {path}: {error.stderr[-2000:]}") from error
    return result.stdout


def _measure(bench: Bench, way: Way, folder: Path, path: str) -> Figures:
    began = time.monotonic()
    moment, rss, dirty, length = _run(bench, way, folder, path).split()
    return Figures(float(moment) - began, int(rss), int(dirty), int(length))


def _report(
    counts: tuple[int, ...],
    ways: tuple[Way, ...],
    pages: dict[tuple[int, Way], list[Figures]],
    unused: dict[tuple[int, Way], list[Figures]],
) -> tuple[list[Table], dict[str, object], dict[str, float]]:
    data: dict[str, object] = {}
    rows = []
    for way in ways:
        cells = [way.title]
        for count in counts:
            runs = pages[count, way]
            times = _median(runs, "seconds")
            cells += [
                f"{times / _median(pages[count, SOURCE], 'seconds'):.3f}",
                f"{_median(runs, 'rss') / 1024:.1f}",
                f"{_median(runs, 'dirty') / 1024:.1f}",
            ]
            data[f"{way.kind}.{way.way}.{count}"] = {
                "seconds": [figures.seconds for figures in runs],
                "rss_kib": _median(runs, "rss"),
                "dirty_kib": _median(runs, "dirty"),
                "one_used_rss_kib": _median(unused[count, way], "rss"),
                "one_used_dirty_kib": _median(unused[count, way], "dirty"),
            }
        cells.append(f"{_growth(unused, way, counts):.2f}")
        rows.append(tuple(cells))
    columns = ["", *(f"{what}{count}" for count in counts for what in ("time ", "RSS ", "dirty "))]
    many = " or ".join(map(str, counts))
    seconds = ", ".join(f"{count}: {_median(pages[count, SOURCE], 'seconds'):.2f} s" for count in counts)
    note = (
        f"From the start of the process to its first page, which uses all of its {many} templates of 13 KB."
        f" Times are of Flask's from source (here {seconds}; medians of one run), memory in MB then. The last"
        f" column is dirty memory for each of {counts[-1] - counts[0]} templates that no page uses, in KB."
    )
    tables = [Table("First page from many templates", (*columns, "unused"), rows, note)]
    figures = {}
    # Some pages of memory more or fewer are chance, not growth: only many templates tell one from the other.
    if counts[-1] == COUNTS[-1]:
        figures["templates.unused"] = max(_growth(unused, CACHED, counts), 0.0)
    if MANY in counts:
        flask = _median(pages[MANY, SOURCE], "seconds")
        figures["templates.time"] = _median(pages[MANY, CACHED], "seconds") / flask
    return tables, data, figures


def _growth(unused: dict[tuple[int, Way], list[Figures]], way: Way, counts: tuple[int, ...]) -> float:
    few, many = (_median(unused[count, way], "dirty") for count in (counts[0], counts[-1]))
    return (many - few) / (counts[-1] - counts[0])


def _median(runs: list[Figures], name: str) -> float:
    return float(median(getattr(figures, name) for figures in runs))
