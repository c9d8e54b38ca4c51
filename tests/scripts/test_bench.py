"""The bench runs, with a few requests of a few peers: its tables, JSON, targets, and exit code."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCH = Path(__file__).parent.parent.parent / "scripts" / "bench"


def run(*arguments: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
    """The program itself, in this environment, which has the peers that are chosen here."""
    command = [sys.executable, str(BENCH / "run"), "--python", sys.executable, "--quick", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)


def python(code: str) -> str:
    """Run code that uses the bench's modules, in a process of its own, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=BENCH.parent.parent, capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """What a run has printed and written."""
    file = tmp_path_factory.mktemp("bench") / "figures.json"
    peers = [f"--peer={name}" for name in ("bare", "edgeweb", "flask")]
    sections = [f"--only={name}" for name in ("memory", "garbage")]
    done = run(*peers, *sections, "--divide", "50", "--json", str(file))
    # 1: a target was missed, which depends on the machine; everything else is a fault.
    assert done.returncode in (0, 1), done.stderr
    assert (done.returncode == 1) == ("\nmissed: " in done.stdout)
    return done.stdout, json.loads(file.read_text())


@pytest.mark.slow
def test_every_table_has_a_row_for_each_peer(measured: tuple[str, dict[str, Any]]) -> None:
    printed, _ = measured
    tables = printed.split("\n\n")
    for title in ("Memory of hello", "Memory of device", "Cyclic garbage a request, objects"):
        table = next(text for text in tables if text.strip().startswith(title))
        for peer in ("bare WSGI", "edgeweb", "Flask"):
            assert f"\n{peer}" in table
    assert "Targets of edgeweb" in printed


@pytest.mark.slow
def test_json_has_what_the_figures_depend_on(measured: tuple[str, dict[str, Any]]) -> None:
    _, figures = measured
    assert figures["format"] == 1
    assert figures["quick"] is True
    assert figures["about"]["packages"]["Flask"] == "3.1.3"
    assert set(figures["about"]) >= {"python", "machine", "processor", "cores", "commit"}
    assert set(figures["sections"]) == {"memory", "garbage"}


@pytest.mark.slow
def test_memory_is_that_of_the_server_process(measured: tuple[str, dict[str, Any]]) -> None:
    memory = measured[1]["sections"]["memory"]
    rss = {name: steps["start"]["rss"] for name, steps in memory.items() if name.startswith("hello.")}
    assert 5_000 < rss["hello.bare.waitress"] < rss["hello.edgeweb.waitress"] < rss["hello.flask.waitress"]
    assert rss["hello.edgeweb.serve"] < rss["hello.flask.waitress"]
    for steps in memory.values():
        if "start" in steps:
            assert all(step["anonymous"] < step["rss"] for step in steps.values())


@pytest.mark.slow
def test_the_product_is_weighed_in_each_way_to_start_it(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    done = run("--only", "product", "--divide", "50", "--json", str(file), seconds=400)
    assert done.returncode in (0, 1), done.stderr
    product = json.loads(file.read_text())["sections"]["product"]
    assert set(product) == {"edgeweb serve", "python -m edgeweb", "the unit"}
    for steps in product.values():
        rss = [step["rss"] for step in steps.values()]
        assert len(rss) == 6 and 10_000 < rss[0] < rss[-1]


@pytest.mark.slow
def test_a_request_leaves_no_garbage(measured: tuple[str, dict[str, Any]]) -> None:
    garbage = measured[1]["sections"]["garbage"]
    assert garbage["flask"]["hello"] > 0  # the count sees what there is
    for name in ("hello", "status", "output", "switch", "static", "login", "session", "page"):
        assert garbage["edgeweb"][name] == 0


@pytest.mark.slow
def test_targets_name_their_unit_and_verdict(measured: tuple[str, dict[str, Any]]) -> None:
    targets = {target["key"]: target for target in measured[1]["targets"]}
    assert set(targets) >= {"rss.hello.waitress", "rss.hello.serve", "rss.device.serve", "garbage"}
    for target in targets.values():
        assert target["aim"] <= target["must"]
        assert target["met"] in ("aim", "must", "missed")
    assert targets["garbage"]["met"] == "aim"


def test_a_missed_target_is_named_and_a_time_is_not() -> None:
    said = python(
        "from scripts.bench import targets\n"
        "verdicts = targets.judge({'rss.hello.serve': 16.3, 'garbage': 0.0, 'rules.build': 9.0})\n"
        "print([verdict.met for verdict in verdicts])\n"
        "print(targets.missed(verdicts))"
    )
    assert said.splitlines() == [
        "['missed', 'missed', 'aim']",
        "['hello, RSS, edgeweb serve: 16.30 MB, must be at most 14.50']",
    ]


@pytest.mark.parametrize("module", ["memory", "report"])
def test_examples_in_docstrings(module: str) -> None:
    said = python(f"import doctest; from scripts.bench import {module}; print(*doctest.testmod({module}))")
    failed, attempted = map(int, said.split())
    assert attempted and not failed, said


def test_a_wrong_answer_ends_the_run() -> None:
    said = python(
        "import sys; from scripts.bench import client, scenarios, server, peers\n"
        "port = server.free_port()\n"
        "wrong = scenarios.HELLO[0]._replace(status=201)\n"
        "with server.Server([sys.executable, *peers.command(peers.STACKS[0], 'hello', port)], port):\n"
        "    try:\n"
        "        client.Client(port).ask(wrong)\n"
        "    except client.WrongAnswer as error:\n"
        "        print(error)"
    )
    assert said == "hello: 200, expected 201: b'Hello, world!'"


def test_a_server_that_does_not_start_says_why() -> None:
    said = python(
        "import sys; from scripts.bench import server\n"
        "try:\n"
        "    with server.Server([sys.executable, '-c', 'import nothing_of_this_name'], server.free_port()):\n"
        "        pass\n"
        "except server.ServerError as error:\n"
        "    print(error)"
    )
    assert "ended with 1" in said
    assert "No module named 'nothing_of_this_name'" in said


def test_a_fault_has_an_exit_code_of_its_own(tmp_path: Path) -> None:
    # An interpreter that can build templates and nothing else: no server starts.
    interpreter = tmp_path / "python"
    interpreter.write_text(
        '#!/bin/sh\ncase "$*" in *"edgeweb build"*) exit 0;; esac\necho no memory >&2; exit 7\n'
    )
    interpreter.chmod(0o755)
    done = run("--only", "memory", "--peer", "bare", "--python", str(interpreter))
    assert done.returncode == 2
    assert "ended with 7" in done.stderr and "no memory" in done.stderr


@pytest.mark.slow
def test_servers_that_are_not_here_are_left_out_by_name(tmp_path: Path) -> None:
    """What is measured of the others has a figure for every load."""
    file = tmp_path / "figures.json"
    done = run(
        "--only", "servers", "--peer", "flask", "--peer", "edgeweb", "--divide", "50", "--json", str(file)
    )
    assert done.returncode == 0, done.stderr
    for package in ("uwsgi", "bjoern", "granian"):
        assert f"\nleft out: {package}==" in done.stdout
    figures = json.loads(file.read_text())
    servers = figures["sections"]["servers"]
    for stack in ("flask.waitress", "flask.gunicorn", "edgeweb.serve"):
        for kind in ("keep-alive", "close"):
            for connections in (1, 8, 64):
                assert all(one["cpu"] > 0 < one["rate"] for one in servers[stack][f"{kind}.{connections}"])
    assert servers["flask.gunicorn"]["processes"] == 2
    for steps in (servers[stack]["memory_kib"] for stack in ("flask.waitress", "edgeweb.serve")):
        assert all(0 < step["pss"] <= step["rss"] for step in steps)
    assert {target["key"] for target in figures["targets"]} == {"cpu.waitress", "slow.worst"}


@pytest.mark.slow
def test_viewers_of_events(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    done = run("--only", "events", "--divide", "25", "--json", str(file))
    assert done.returncode == 0, done.stderr
    assert "\nleft out: httptools==" in done.stdout  # and with it FastAPI
    events = json.loads(file.read_text())["sections"]["events"]
    assert set(events) == {"edgeweb.serve", "flask.waitress"}
    for found in events.values():
        assert [cost["viewers"] for cost in found["viewers"]] == [1, 4, 20]
        assert all(milliseconds > 0 for cost in found["viewers"] for milliseconds in cost["last"])
    # stock waitress has four threads, and each viewer takes one
    assert (events["flask.waitress"]["begun_at_defaults"], events["edgeweb.serve"]["begun_at_defaults"]) == (
        4,
        5,
    )
    assert not events["flask.waitress"]["answers_beside_them"]
    assert events["edgeweb.serve"]["answers_beside_them"]


def test_a_package_that_cannot_be_installed_is_left_out_with_the_reason(tmp_path: Path) -> None:
    # An interpreter whose pip fails, as without a compiler.
    interpreter = tmp_path / "python"
    interpreter.write_text(
        f'#!/bin/sh\ncase "$*" in *install*) echo "error: no compiler" >&2; exit 1;; esac\n'
        f'exec {sys.executable} "$@"\n'
    )
    interpreter.chmod(0o755)
    said = python(
        "from pathlib import Path; from scripts.bench import environment\n"
        "left_out = []\n"
        f"work, interpreter = Path({str(tmp_path)!r}), Path({str(interpreter)!r})\n"
        "_, found = environment.add_extras(work, interpreter, ['waitress', 'granian'], True, left_out)\n"
        "print(sorted(found), left_out)"
    )
    assert said == f"[] ['{' '.join(granian())}: error: no compiler']"


def granian() -> list[str]:
    """Return the packages of the server granian, as they are pinned."""
    return python(
        "from scripts.bench import environment; print(*environment.EXTRAS['granian'].packages)"
    ).split()


def test_only_the_sections_that_need_them_install_more_servers() -> None:
    """And they never come among the peers: uvicorn would take uvloop by itself."""
    said = python(
        "from scripts.bench import environment, peers\n"
        "extras = {p.partition('==') for extra in environment.EXTRAS.values() for p in extra.packages}\n"
        "names = {name for name, _, _ in extras}\n"
        "print(all(version for _, _, version in extras))\n"
        "print(names & {p.partition('==')[0] for p in environment.PEERS})\n"
        "print({stack.server for stack in peers.STACKS} & set(environment.EXTRAS))"
    )
    assert said.splitlines() == ["True", "set()", "set()"]


def test_a_client_without_keep_alive_opens_a_connection_each_time() -> None:
    said = python(
        "import sys; from scripts.bench import client, scenarios, server, peers\n"
        "port = server.free_port()\n"
        "with server.Server([sys.executable, *peers.command(peers.STACKS[0], 'hello', port)], port):\n"
        "    for keep_alive in (True, False):\n"
        "        one = client.Client(port, keep_alive=keep_alive)\n"
        "        one.ask_all(scenarios.HELLO, 3)\n"
        "        print(one.fileno() >= 0)\n"
        "        one.close()"
    )
    assert said.splitlines() == ["True", "False"]
    closing = python(
        "from scripts.bench import client, scenarios\n"
        "print(b'Connection: close' in client.as_bytes(scenarios.HELLO[0], 1, keep_alive=False))"
    )
    assert closing == "True"


def test_an_unknown_section_is_refused() -> None:
    done = run("--only", "speed")
    assert done.returncode == 2
    assert "invalid choice: 'speed'" in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("valgrind"), reason="counting instructions needs valgrind")
def test_instructions_of_a_request_without_those_of_the_start(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    done = run("--only", "instructions", "--peer", "bare", "--divide", "4", "--json", str(file))
    assert done.returncode == 0, done.stderr
    counts = json.loads(file.read_text())["sections"]["instructions"]["request"]["bare"]
    # A function that returns a constant: some thousands, where a start of the interpreter takes millions.
    assert 1_000 < counts["hello"] < 20_000
    assert counts["hello"] < counts["output"] < counts["page"]


@pytest.mark.slow
def test_templates_by_every_way() -> None:
    """With four templates in place of forty. In the checkout: no cache is read below a temporary folder."""
    work = BENCH.parent.parent / ".bench"
    done = run("--only", "templates", "--divide", "10", "--work", str(work))
    assert done.returncode in (0, 1), done.stderr
    if "left out: templates: " in done.stdout:
        pytest.skip("this checkout is below a folder that others can write to")
    for way in ("edgeweb, its cache", "Flask from source", "Flask, FileSystemBytecodeCache"):
        assert f"\n{way} " in done.stdout
    assert "templates that no page uses" in done.stdout
