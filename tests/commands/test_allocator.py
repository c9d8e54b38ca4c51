"""A server has the allocator's settings of the unit, however it is started, and starts once more for that."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from edgeweb.commands.allocator import SETTINGS

ROOT = Path(__file__).resolve().parents[2]

# In place of a program: what its process is like.
PROBE = """
import json, os, sys
settings = {name: value for name, value in os.environ.items() if name.startswith("MALLOC_")}
print(json.dumps({"pid": os.getpid(), "set": settings, "argv": sys.argv[1:]}))
sys.exit()
"""
#: Python imports it at each start.
NOTE = "open('starts', 'a').write('x')"
CALL = (
    "import sys; sys.argv[1:] = ['serve', 'probe:app']; {before}; from edgeweb.__main__ import main; main()"
)

is_glibc = pytest.mark.skipif(
    "CS_GNU_LIBC_VERSION" not in getattr(os, "confstr_names", {}), reason="the settings are those of glibc"
)


class Ran:
    """A process that has ended."""

    def __init__(self, folder: Path, *arguments: str, **environ: str) -> None:
        (folder / "probe.py").write_text(PROBE)
        (folder / "sitecustomize.py").write_text(NOTE)
        drop = ("MALLOC_", "GLIBC_", "PYTHON", "COVERAGE")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(drop)}
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=folder,
            env={**kept, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", **environ},
            stdout=subprocess.PIPE,
        )
        self.output = process.communicate()[0].decode()
        self.pid = process.pid
        self.starts = len((folder / "starts").read_text())

    @property
    def found(self) -> dict[str, Any]:
        found = json.loads(self.output)
        assert isinstance(found, dict)
        return found


SERVE = ("-m", "edgeweb", "serve", "probe:app", "--port", "0")


def test_the_settings_are_those_of_the_unit() -> None:
    unit = (ROOT / "systemd" / "edgeweb.service").read_text()
    assert dict(re.findall(r"\b(MALLOC_\w+)=(\w+)", unit)) == SETTINGS


@is_glibc
def test_a_server_without_them_is_started_once_more_as_the_same_process(tmp_path: Path) -> None:
    ran = Ran(tmp_path, *SERVE)
    assert ran.starts == 2
    assert ran.found == {"pid": ran.pid, "set": SETTINGS, "argv": ["serve", "probe:app", "--port", "0"]}


@is_glibc
def test_the_options_of_the_interpreter_stay(tmp_path: Path) -> None:
    ran = Ran(tmp_path, "-X", "utf8", "-W", "error", *SERVE)
    assert (ran.starts, ran.found["set"]) == (2, SETTINGS)


def test_under_the_unit_there_is_one_start(tmp_path: Path) -> None:
    ran = Ran(tmp_path, *SERVE, **SETTINGS)
    assert (ran.starts, ran.found["set"]) == (1, SETTINGS)


@is_glibc
def test_what_the_environment_sets_stays(tmp_path: Path) -> None:
    ran = Ran(tmp_path, *SERVE, MALLOC_ARENA_MAX="3")
    assert (ran.starts, ran.found["set"]) == (2, SETTINGS | {"MALLOC_ARENA_MAX": "3"})


def test_tunables_of_the_allocator_are_left_alone(tmp_path: Path) -> None:
    ran = Ran(tmp_path, *SERVE, GLIBC_TUNABLES="glibc.malloc.arena_max=2")
    assert (ran.starts, ran.found["set"]) == (1, {})


@pytest.mark.parametrize(
    "before",
    [
        "sys.settrace(lambda *event: None)",
        "sys.setprofile(lambda *event: None)",
        "sys.executable = '/nonexistent/python'",
        "sys.executable = ''",
        "sys.frozen = True",
        "import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
    ],
)
def test_a_process_that_cannot_be_replaced_serves_as_it_is(tmp_path: Path, before: str) -> None:
    ran = Ran(tmp_path, "-c", CALL.format(before=before))
    assert (ran.starts, ran.found["set"]) == (1, {})


@is_glibc
def test_without_proc_a_server_is_started_once_more(tmp_path: Path) -> None:
    """As in a chroot: without the list of its threads it counts as one that has begun just now."""
    task = "lambda path: listed('/nonexistent' if path == '/proc/self/task' else path)"
    ran = Ran(tmp_path, "-c", CALL.format(before=f"import os; listed, os.listdir = os.listdir, {task}"))
    assert (ran.starts, ran.found["set"]) == (2, SETTINGS)


def test_a_program_that_calls_main_keeps_its_process(tmp_path: Path) -> None:
    ran = Ran(tmp_path, "-c", "from edgeweb.__main__ import main; main(['serve', 'probe:app'])")
    assert (ran.starts, ran.found["set"]) == (1, {})


def test_other_commands_start_once(tmp_path: Path) -> None:
    assert Ran(tmp_path, "-m", "edgeweb", "profile", "--help").starts == 1
