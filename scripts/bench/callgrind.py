"""Running Python under valgrind's callgrind and reading its counters.

Instructions do not depend on how busy the machine is, and come out the same within a percent; so several runs
may share it.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from .bench import Bench, Fault
from .peers import APPLICATIONS, INSIDE
from .server import clean_environ

#: Seconds: whoever needs longer hangs. callgrind makes everything some fifty times slower.
PATIENCE, PATIENCE_WITH_VALGRIND = 60.0, 900.0

Job = TypeVar("Job")
Result = TypeVar("Result")


def count(bench: Bench, arguments: list[str], warm: bool = True) -> list[int]:
    """Run Python under callgrind: instructions up to each mark (`os.getsid`), and from the last to the end.

    `warm`: run it once without callgrind before, which writes the .pyc files.
    """
    if warm:
        run([str(bench.python), *arguments])
    with scratch() as out:
        run([*tool(bench, out), str(bench.python), *arguments], PATIENCE_WITH_VALGRIND)
        return read(out)


@contextmanager
def scratch() -> Iterator[Path]:
    """A file for the counters, and its neighbours, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="edgeweb-bench-") as folder:
        yield Path(folder, "out")


def tool(bench: Bench, out: Path) -> list[str]:
    """The beginning of a command line whose counters go to `out`."""
    return [
        bench.valgrind,
        "--tool=callgrind",
        "--fair-sched=yes",
        "--dump-before=getsid",
        f"--callgrind-out-file={out}",
    ]


def read(out: Path) -> list[int]:
    """What was counted between the marks."""
    parts = sorted(out.parent.glob(f"{out.name}.*"), key=lambda path: int(path.suffix[1:]))
    return [_total(path) for path in [*parts, out]]


def _total(path: Path) -> int:
    for line in path.read_text().splitlines():
        if line.startswith("totals:"):
            return int(line.split()[1])
    raise Fault(f"{path} has no totals: callgrind did not end in order")


def run(command: list[str], timeout: float = PATIENCE) -> str:
    """Run a measured program to its end; what it printed. Raises `Fault` with what it said otherwise."""
    environ = clean_environ() | {"PYTHONPATH": str(APPLICATIONS)}
    done = subprocess.run(
        command, check=False, cwd=INSIDE.parent, env=environ, capture_output=True, text=True, timeout=timeout
    )
    if done.returncode:
        raise Fault(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def side_by_side(
    bench: Bench, jobs: Iterable[Job], title: Callable[[Job], str], do: Callable[[Job], Result]
) -> Iterator[tuple[Job, Result]]:
    """Do the jobs on all cores; each with its result, in their order."""
    jobs = list(jobs)

    def one(job: Job) -> Result:
        bench.progress.step(title(job))
        return do(job)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from zip(jobs, pool.map(one, jobs), strict=True)
