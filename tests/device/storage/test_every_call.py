"""A fault at each single call that writes: the disk refuses once, is full from then on, or the power is cut.

strace puts the fault into the system call, so nothing of SQLite or of ours is left out: each pwrite, fsync,
rename and unlink of opening, migrating, changing, backing up and closing.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from edgeweb.device.storage import recovery
from edgeweb.device.storage.store import Store
from tests.device.process import ROOT

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="needs the program strace")

CALLS = ("pwrite64", "fsync", "fdatasync", "rename", "unlink", "unlinkat", "ftruncate", "fallocate", "mkdir")
#: What a full disk refuses; removing files is not among them.
FILLING = ("pwrite64", "fsync", "fdatasync", "rename", "ftruncate", "fallocate", "mkdir")

#: Two settings belong together: both are there, or none. What is told was acknowledged, and whether for good.
PROGRAM = """
import sys
from edgeweb.device.storage.store import Store

clock = 0.0
store = Store(sys.argv[1], lambda: clock)

def put(number):
    def change(execute):
        for key in ("a", "b"):
            execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (key, str(number)))
        execute("INSERT INTO meta VALUES (?, '')", (f"{number:03d}",))
    store.write(change)
    print(number, store.persistent, flush=True)

first = store.read("SELECT COUNT(*) FROM meta")[0][0]
print("opened", store.persistent, flush=True)
for number in range(first, first + 3):
    put(number)
store.back_up()
clock += 31.0
put(first + 3)
store.back_up()
put(first + 4)
store.close()
print("closed", store.persistent, flush=True)
"""

Told = list[tuple[int, bool]]


def run(folder: Path, *faults: str) -> tuple[int, Told, str]:
    """The program's exit code, what it acknowledged, and the trace."""
    trace = folder.with_suffix(".trace")
    inject = [word for fault in faults for word in ("-e", f"inject={fault}")]
    # With a filter in the kernel, other calls do not stop for strace; but a signal of its own does not come.
    few_stops = [] if any(":signal=" in fault for fault in faults) else ["--seccomp-bpf"]
    strace = ["strace", "-f", *few_stops, "-o", trace, "-e", f"trace={','.join(CALLS)}", *inject]
    done = subprocess.run(
        [*strace, sys.executable, "-c", PROGRAM, folder],
        cwd=folder.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    told = re.findall(r"^(\d+) (True|False)$", done.stdout, re.M)
    assert done.returncode in (0, -9, 137), done.stderr
    return done.returncode, [(int(number), kept == "True") for number, kept in told], trace.read_text()


def once(calls: list[str], at: int) -> list[str]:
    # strace counts each kind of call by itself
    return [f"{calls[at]}:error=EIO:when={calls[: at + 1].count(calls[at])}"]


def full(calls: list[str], at: int) -> list[str]:
    return [f"{name}:error=ENOSPC:when={calls[:at].count(name) + 1}+" for name in FILLING]


def cut(calls: list[str], at: int) -> list[str]:
    return [f"{calls[at]}:signal=SIGKILL:when={calls[: at + 1].count(calls[at])}"]


#: What strace does to the call with this number, and to those after it.
FAULTS = {"the disk refuses once": once, "the disk is full from then on": full, "the power is cut": cut}


def numbers(path: Path) -> list[int]:
    connection = sqlite3.connect(path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found = [int(key) for (key,) in connection.execute("SELECT key FROM meta ORDER BY key").fetchall()]
        rows = connection.execute("SELECT value FROM settings").fetchall()
    finally:
        connection.close()
    assert len({value for (value,) in rows}) <= 1, "half a setting"
    if found:
        assert rows == [(str(found[-1]),)] * 2
    return found


def check(folder: Path, faults: list[str]) -> bool:
    """Runs the program with the faults; returns whether one was hit."""
    code, told, trace = run(folder, *faults)
    if code == 0:
        assert [number for number, _ in told] == [5, 6, 7, 8, 9], "it goes on, and control with it"
    store = Store(str(folder))
    found = [int(key) for (key,) in store.read("SELECT key FROM meta ORDER BY key")]
    assert store.persistent, store.reason
    assert not store.reports, "the database is in order"
    store.close()
    assert found == list(range(len(found))), "nothing is missing in between"
    acknowledged = [number for number, kept in told if kept]
    assert found[-1] >= max([4, *acknowledged]), "what was acknowledged as kept is there"
    assert numbers(folder / recovery.DATABASE) == found
    assert numbers(folder / recovery.BACKUP), "and so is a good backup"
    return "(INJECTED)" in trace or code != 0


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_each_call(tmp_path: Path, fault: str) -> None:
    used = tmp_path / "used"
    assert len(run(used)[1]) == 5, "a device that has been running"
    shutil.copytree(used, tmp_path / "calm")
    calls = re.findall(r"^\d+ +(\w+)\(", run(tmp_path / "calm")[2], re.M)
    assert len(calls) > 100 and {"pwrite64", "fsync", "fdatasync", "rename", "unlink"} <= set(calls)

    def at(number: int) -> bool:
        folder = tmp_path / str(number)
        shutil.copytree(used, folder)
        return check(folder, FAULTS[fault](calls, number))

    with ThreadPoolExecutor(2) as threads:
        hit = sum(threads.map(at, range(len(calls))))
    # at the very end files are only removed, which a full disk takes
    last = max(number for number, name in enumerate(calls) if name in FILLING)
    assert hit == (last + 1 if fault == "the disk is full from then on" else len(calls))
