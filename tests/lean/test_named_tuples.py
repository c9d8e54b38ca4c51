"""psutil's named tuples are made when they are read, and are the real ones for all who look."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from .conftest import NEWEST

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("psutil._ntuples") is None, reason="of psutil 7.2 and later"
)


def run(code: str, *arguments: str, lean: str = "") -> Any:
    """Return what the code prints as JSON in a new interpreter."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(NEWEST), "EDGEWEB_LEAN": lean}
    source = "import json, pickle, sys, edgeweb, psutil\nfrom psutil import _ntuples\n" + code
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", source, *arguments],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_only_what_was_read_is_made() -> None:
    before, after, type_ = run(
        "before = sorted(vars(_ntuples)); value = psutil.virtual_memory()\n"
        "print(json.dumps([before, sorted(vars(_ntuples)), type(value) is _ntuples.svmem]))"
    )
    assert {"svmem", "sdiskpart"}.isdisjoint(before)
    assert type_ and "svmem" in after and "sdiskpart" not in after


def test_the_module_shows_all_names() -> None:
    code = "print(json.dumps([sorted(dir(_ntuples)), _ntuples.suser.__module__, repr(_ntuples.suser)]))"
    names, module, text = run(code)
    real_names, real_module, real_text = run(code, lean="0")
    assert set(names) - set(real_names) == {"__dir__", "__getattr__"}
    assert set(real_names) <= set(names)
    assert (module, text) == (real_module, real_text)


def test_a_name_that_the_module_does_not_have() -> None:
    code = (
        "try:\n    _ntuples.nothing\nexcept AttributeError as error:\n    print(json.dumps(str(error)))\n"
        "assert not hasattr(_ntuples, '__path__')"
    )
    assert run(code) == run(code, lean="0") == "module 'psutil._ntuples' has no attribute 'nothing'"


@pytest.mark.parametrize(("here", "there"), [("", "0"), ("0", ""), ("", "")])
def test_values_travel_between_processes(here: str, there: str) -> None:
    sent = run("print(json.dumps(pickle.dumps(psutil.virtual_memory()).hex()))", lean=here)
    code = "value = pickle.loads(bytes.fromhex(sys.argv[1])); print(json.dumps(value._asdict()))"
    assert "available" in run(code, sent, lean=there)


def test_threads_that_read_at_once_get_one_class() -> None:
    code = """
import sys, threading
sys.setswitchinterval(1e-6)
names = [name for name in dir(_ntuples) if name[0] in "sp"]
found, start = [], threading.Barrier(8)
def read():
    start.wait()
    found.append([getattr(_ntuples, name) for name in names])
threads = [threading.Thread(target=read) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps([len(found), len(names), len({tuple(map(id, row)) for row in found})]))
"""
    threads, names, different = run(code)
    assert (threads, different) == (8, 1) and names > 20


def test_json_of_the_figures_is_the_same() -> None:
    code = (
        "print(json.dumps([list(psutil.cpu_times()._fields), list(psutil.Process().memory_info()._fields)]))"
    )
    assert run(code) == run(code, lean="0")
