from __future__ import annotations

import os
from pathlib import Path

from edgeweb.device.metrics.processes import FRESH, STALE, Processes

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def record(root: Path, pid: int, name: str, ticks: int, start: int = 0, pages: int = 1) -> None:
    folder = root / "proc" / str(pid)
    folder.mkdir(parents=True, exist_ok=True)
    # proc_pid_stat(5): utime and stime are fields 14 and 15, starttime 22, rss 24
    fields = ["S"] + ["0"] * 10 + [str(ticks), "0"] + ["0"] * 6 + [str(start), "0", str(pages)] + ["0"] * 20
    (folder / "stat").write_text(f"{pid} ({name}) {' '.join(fields)}\n")


def test_shares_are_those_since_the_last_look(tmp_path: Path) -> None:
    now = 0.0
    processes = Processes(str(tmp_path), lambda: now)
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/uptime").write_text("100.0 50.0\n")
    record(tmp_path, 7, "idle", 50 * TICK)
    record(tmp_path, 8, "a (strange) name", 10 * TICK, pages=3)
    rows = processes.top(5)
    assert [(row.pid, row.cpu_percent) for row in rows] == [(7, 50.0), (8, 10.0)], "of their whole life"
    now = 10.0
    record(tmp_path, 8, "a (strange) name", 20 * TICK, pages=3)
    rows = processes.top(5)
    assert [(row.name, row.cpu_percent) for row in rows] == [("a (strange) name", 100.0), ("idle", 0.0)]
    assert rows[0].memory_bytes == 3 * PAGE
    now = 11.0
    assert [row.pid for row in processes.top(1)] == [8], "both are idle, and this one has more memory"
    now += FRESH / 2
    record(tmp_path, 7, "idle", 60 * TICK)
    assert processes.top(1)[0].cpu_percent == 0.0, "somebody else has just looked"
    record(tmp_path, 7, "idle", 50 * TICK)
    now += STALE + 1
    assert processes.top(1)[0].cpu_percent == 50.0, "an old look says nothing of the present"


def test_a_number_that_is_used_again_is_another_process(tmp_path: Path) -> None:
    now = 0.0
    processes = Processes(str(tmp_path), lambda: now)
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/uptime").write_text("100.0 50.0\n")
    record(tmp_path, 7, "old", 5 * TICK)
    processes.top(1)
    now = 10.0
    record(tmp_path, 7, "new", TICK, start=98 * TICK)
    assert processes.top(1)[0].cpu_percent == 50.0, "one second of the two since it started"


def test_processes_that_end_meanwhile(tmp_path: Path) -> None:
    (tmp_path / "proc/9").mkdir(parents=True)
    (tmp_path / "proc/self").mkdir()
    assert Processes(str(tmp_path)).top(5) == []
    assert Processes(str(tmp_path / "nothing")).top(5) == []
    assert len(Processes().top(2048)) > 0
