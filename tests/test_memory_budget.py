"""Memory is a decision: hello, the bench's device application and the product stay near their record.

What counts is what an application takes beyond a bare WSGI function on waitress, started beside it, so that
most of what the interpreter, the C library and the machine make of it falls out of the figure. It is private
dirty memory, not RSS: pages of shared libraries come and go with what else the machine runs. One arena:
chance decides which threads get a second one.

`memory_record.json` has the figures, in KiB, for each version of Python that was measured; another version is
held to the largest of them. Who adds a feature that is worth more than 0.3 MB writes the new figures, and the
reason into the commit: `EDGEWEB_WRITE_MEMORY_RECORD=1 scripts/test tests/test_memory_budget.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

from scripts.bench import scenarios
from scripts.bench.client import Client
from scripts.bench.peers import APPLICATIONS, BARE, EDGEWEB, Stack, command
from scripts.bench.server import Server, clean_environ, free_port
from tests.templating.conftest import place as place
from tests.test_footprint import ASK_EACH_ROUTE, ROOT
from tests.test_footprint import cache as cache

RECORD = Path(__file__).with_name("memory_record.json")
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
MAY_GROW = 307  # KiB: 0.3 MB
STARTS = 3

ENVIRON = clean_environ() | {
    "PYTHONPATH": str(ROOT),
    # As in systemd/edgeweb.service.
    **{"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"},
}
BARE_STACK = Stack(BARE, "waitress")
WEIGH = """
fields = dict(line.split(b":") for line in open("/proc/self/smaps_rollup", "rb").readlines()[1:])
os.write(2, b"\\n" + fields[b"Private_Dirty"].split()[0])
"""


def served(stack: Stack, program: str) -> float:
    """KiB of a server after each request, the middle one of some starts."""
    found = []
    for _ in range(STARTS):
        port = free_port()
        with Server([sys.executable, *command(stack, program, port)], port, environ=ENVIRON) as server:
            client = Client(port)
            for scenario in scenarios.of(program):
                client.ask(scenario)
            found.append(server.settled_memory().dirty)
            client.close()
    return median(found)


def product(cache: Path, folder: Path) -> float:
    """KiB of the device's application after each of its routes, signed in: the least of some starts.

    What its threads do meanwhile differs, and may take half a megabyte of heap.
    """
    return min(_product_once(cache, folder / str(number)) for number in range(STARTS))


def _product_once(cache: Path, state: Path) -> float:
    state.mkdir()
    environ = ENVIRON | {"STATE_DIRECTORY": str(state), "CONFIGURATION_DIRECTORY": str(state / "etc")}
    arguments = [sys.executable, "-c", ASK_EACH_ROUTE + WEIGH, str(cache), "signed in"]
    done = subprocess.run(arguments, env=environ, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return float(done.stderr.split()[-1])


def compare(name: str, more: float) -> None:
    """Fail if `name` has grown; write the record where that is asked for."""
    record: dict[str, dict[str, int]] = json.loads(RECORD.read_text())
    if os.environ.get("EDGEWEB_WRITE_MEMORY_RECORD"):
        record.setdefault(VERSION, {})[name] = round(more)
        RECORD.write_text(json.dumps(record, indent=2, sort_keys=True) + "\n")
    recorded = record[VERSION][name] if VERSION in record else max(row[name] for row in record.values())
    assert more <= recorded + MAY_GROW, (
        f"{name} takes {more:.0f} KiB beyond a bare WSGI function, {more - recorded:.0f} over the record."
        " `edgeweb footprint` shows what is new; see this module's docstring."
    )


@pytest.fixture(scope="module")
def bare() -> float:
    """KiB of a bare WSGI function on waitress."""
    return served(BARE_STACK, "hello")


@pytest.mark.slow
@pytest.mark.parametrize("server", ["waitress", "serve"])
def test_hello(bare: float, server: str) -> None:
    compare(f"hello, {server}", served(Stack(EDGEWEB, server), "hello") - bare)


@pytest.mark.slow
@pytest.mark.parametrize("server", ["waitress", "serve"])
def test_the_device_application_of_the_bench(bare: float, server: str) -> None:
    # Beside the application, as the bench does.
    build = [sys.executable, "-m", "edgeweb", "build", "--app", "device.edgeweb:app"]
    subprocess.run(build, cwd=APPLICATIONS, env=ENVIRON, check=True, capture_output=True)
    compare(f"device, {server}", served(Stack(EDGEWEB, server), "device") - bare)


@pytest.mark.slow
def test_the_product(bare: float, cache: Path, tmp_path: Path) -> None:
    compare("product", product(cache, tmp_path) - bare)


def test_growth_fails_and_less_does_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("EDGEWEB_WRITE_MEMORY_RECORD", raising=False)
    known = tmp_path.joinpath("record.json").write_text
    known(json.dumps({VERSION: {"x": 1000}}))
    monkeypatch.setattr(sys.modules[__name__], "RECORD", tmp_path / "record.json")
    compare("x", 1000 + MAY_GROW)
    compare("x", 500)
    with pytest.raises(AssertionError, match="over the record"):
        compare("x", 1001 + MAY_GROW)
    known(json.dumps({"3.0": {"x": 900}, "3.1": {"x": 1000}}))
    compare("x", 1000 + MAY_GROW)
    with pytest.raises(AssertionError, match="over the record"):
        compare("x", 1001 + MAY_GROW)
