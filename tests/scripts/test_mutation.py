"""`scripts/mutation`: what it says before it installs anything, and which tests belong to a module."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "mutation"


@pytest.fixture(scope="module")
def mutation() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("mutation", str(SCRIPT))
    spec = importlib.util.spec_from_loader("mutation", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, SCRIPT, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_its_help() -> None:
    done = run("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for word in ("MODULE", "--sample", "--seed", "--tests", "--at-least", "Exit code"):
        assert word in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["edgeweb.viewss"], "there is no module edgeweb.viewss. Did you mean edgeweb.views"),
        (["os"], "there is no module os. Names look like"),
        (["../edgeweb"], "there is no module ../edgeweb"),
        (["edgeweb.views", "--tests", "tests/test_nothing.py"], "there is no tests/test_nothing.py"),
        (["edgeweb.views", "--sample", "0"], "--sample: at least 1"),
        ([], "the following arguments are required: MODULE"),
    ],
)
def test_a_wrong_name_is_said_at_once(arguments: list[str], words: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_the_files_of_modules_and_packages(mutation: ModuleType) -> None:
    assert mutation.files_of("edgeweb.views") == [Path("edgeweb/views.py")]
    assert Path("edgeweb/json/tag.py") in mutation.files_of("edgeweb.json")


@pytest.mark.slow
def test_the_tests_that_belong_to_a_module(mutation: ModuleType) -> None:
    found = mutation.tests_of([Path("edgeweb/json/tag.py")])
    assert found[0] == "tests/json/test_tag.py"
    assert "tests/server/test_task.py" not in found


def test_annotations_make_no_difference(mutation: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text(
        "if TYPE_CHECKING:\n    import a\n\ndef f(x: int | None) -> bool | None:\n    return x < 1\n"
    )
    lines = {place[0] for place in mutation.without_effect(file)}
    assert lines == {1, 4}


def test_bytecode_stays_of_unchanged_code_only(mutation: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "unchanged.py").write_text("")
    (tmp_path / "mutant.py").write_text("")
    mutation.baseline([sys.executable, "-c", "import unchanged"], tmp_path)
    subprocess.run([sys.executable, "-c", "import mutant"], env=mutation.environment(tmp_path), check=True)
    assert [file.name.partition(".")[0] for file in tmp_path.glob("__pycache__/*")] == ["unchanged"]


def test_the_exit_code_is_that_of_the_score(
    mutation: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    item = SimpleNamespace(mutations=(SimpleNamespace(module_path="edgeweb/a.py", start_pos=(7, 1)),))
    killed = SimpleNamespace(test_outcome="killed", worker_outcome="normal", diff="")
    survived = SimpleNamespace(
        test_outcome="survived", worker_outcome="normal", diff="--- a\n+++ b\n-x < 1\n+x > 1"
    )
    results = [(item, killed)] * 19 + [(item, survived)]
    monkeypatch.setattr(mutation, "results_of", lambda session: results)
    assert mutation.report(Path(), 95) == 0
    assert mutation.report(Path(), 95.1) == 1
    said = capsys.readouterr().out
    assert "not noticed: edgeweb/a.py:7\n  -x < 1\n  +x > 1\n" in said
    assert "19 killed, 1 survived (or make no difference): score 95.0 % (± 9.6)" in said
