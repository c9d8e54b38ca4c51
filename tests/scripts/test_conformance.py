"""`scripts/conformance`: which failures it lets pass, and whose router the tests of Werkzeug's get."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import io
import sys
import tarfile
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "conformance"
KNOWN = "tests/test_reqctx.py::test_bad_environ_raises_bad_request"


@pytest.fixture
def conformance() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("conformance", str(SCRIPT))
    spec = importlib.util.spec_from_loader("conformance", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A suite with tests that pass or fail as their names say."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def add(suite: Path, name: str, body: str) -> None:
    file, _, test = name.partition("::")
    with (suite / file).open("a") as out:
        out.write(f"def {test}():\n    {body}\n")


def run(conformance: ModuleType, suite: Path, werkzeug: str) -> tuple[bool, str]:
    ok, counts = conformance.run(Path(sys.executable), suite, conformance.SUITES["flask"], werkzeug, True, [])
    return ok, counts


def run_routing(conformance: ModuleType, suite: Path, baseline: bool) -> tuple[bool, str]:
    ok, counts = conformance.run(
        Path(sys.executable), suite, conformance.SUITES["routing"], "3.1.9", baseline, []
    )
    return ok, counts


@pytest.mark.slow
def test_all_green(conformance: ModuleType, suite: Path) -> None:
    add(suite, "tests/test_a.py::test_one", "pass")
    ok, counts = run(conformance, suite, "3.1.6")
    assert ok
    assert counts.startswith("1 passed in ")


@pytest.mark.slow
def test_a_failure_that_nobody_expects(
    conformance: ModuleType, suite: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(suite, "tests/test_a.py::test_one", "assert False")
    add(suite, "tests/test_a.py::test_two", "pass")
    ok, counts = run(conformance, suite, "3.1.6")
    assert not ok
    assert counts.startswith("1 failed, 1 passed in ")
    assert "unexpected failure: tests/test_a.py::test_one" in capsys.readouterr().out


@pytest.mark.slow
def test_a_suite_that_cannot_be_collected(conformance: ModuleType, suite: Path) -> None:
    (suite / "tests/test_a.py").write_text("import no_such_module\n")
    ok, _ = run(conformance, suite, "3.1.6")
    assert not ok


@pytest.mark.slow
def test_no_tests_at_all(conformance: ModuleType, suite: Path) -> None:
    assert run(conformance, suite, "3.1.6") == (False, "no summary")


@pytest.mark.slow
@pytest.mark.parametrize(("werkzeug", "passes"), [("3.1.6", False), ("3.1.7", True), ("3.1.10", True)])
def test_the_known_failure_is_known_from_its_version_on(
    conformance: ModuleType, suite: Path, werkzeug: str, passes: bool
) -> None:
    add(suite, KNOWN, "assert False")
    ok, _ = run(conformance, suite, werkzeug)
    assert ok is passes


@pytest.mark.slow
def test_a_known_failure_that_is_none_any_more(
    conformance: ModuleType, suite: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(suite, KNOWN, "pass")
    ok, _ = run(conformance, suite, "3.1.9")
    assert not ok
    assert f"no longer fails, remove it from SUITES: {KNOWN}" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize(("baseline", "package"), [(False, "edgeweb"), (True, "werkzeug")])
def test_the_suite_of_the_router_gets_edgewebs_unless_the_baseline_is_asked_for(
    conformance: ModuleType, suite: Path, baseline: bool, package: str
) -> None:
    (suite / "tests/test_routing.py").write_text("from werkzeug import routing as r\n")
    add(suite, "tests/test_routing.py::test_map", f"assert r.Map.__module__ == '{package}.routing.map'")
    ok, counts = run_routing(conformance, suite, baseline)
    assert ok
    assert counts.startswith("1 passed in ")


@pytest.mark.slow
def test_a_suite_that_goes_past_edgewebs_router_is_refused(
    conformance: ModuleType, suite: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (suite / "tests/test_routing.py").write_text("from werkzeug.routing import map as r\n")
    add(suite, "tests/test_routing.py::test_map", "assert r.Map")
    assert run_routing(conformance, suite, False) == (False, "no summary")
    assert "<Module test_routing.py> does not test edgeweb's router" in capsys.readouterr().out


def test_of_an_archive_the_tests_and_the_settings_are_unpacked(
    conformance: ModuleType, tmp_path: Path
) -> None:
    source = tmp_path / "werkzeug-1.0.tar.gz"
    files = {
        "pyproject.toml": '[tool.pytest.ini_options]\ntestpaths = ["tests"]\naddopts = "-x"\n',
        "src/werkzeug/routing.py": "",
        "tests/test_routing.py": "import werkzeug\n",
        "tests/test_urls.py": "",
    }
    with tarfile.open(source, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"werkzeug-1.0/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    folder = tmp_path / "unpacked"
    conformance.extract(source, conformance.SUITES["routing"].tests, folder)
    found = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert found == {
        "pytest.ini": "[pytest]\ntestpaths = tests\naddopts = -x\n",
        "tests/test_routing.py": "import werkzeug\n",
    }
