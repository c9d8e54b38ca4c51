"""Test suites of packages, run on Flask and on edgeweb: each test has to come to the same end on both."""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from scripts.bench.environment import once

from .environment import InstallError, Venv, clean_environ

FIXTURES = Path(__file__).parent / "fixtures"

#: Seconds for one run; one that hangs has no result.
_LONG = 1200.0


class Suite(NamedTuple):
    """A suite in the source archive of a package; the package itself is installed, not the archive's."""

    name: str
    #: With versions. The first one is the package that has the suite.
    requires: tuple[str, ...]
    #: Arguments of pytest, in the unpacked archive; with a star: the files that there are.
    arguments: tuple[str, ...]
    #: A file in `fixtures/` that becomes the archive's `tests/conftest.py`, where the archive lacks its own.
    fixtures: str = ""


class SuiteResult(NamedTuple):
    """How many tests ended how on Flask, and those that ended otherwise on edgeweb."""

    name: str
    outcomes: dict[str, int]
    differences: dict[str, list[str]]
    #: Tests that passed on both.
    passed: int

    def in_both(self, other: SuiteResult) -> SuiteResult:
        """Return the other run with the differences that this one had as well."""
        kept = {test: lines for test, lines in other.differences.items() if test in self.differences}
        return other._replace(differences=kept)


def unpack(suite: Suite, work: Path, python: Path) -> Path:
    """Return the folder of the suite, from the source archive on the package index. Raises `InstallError`."""
    home = work / "archive"
    source = re.sub(r"\[\w+\]", "", suite.requires[0])
    once(home / "unpacked", source, lambda: _download(source, home, python))
    # Not just the first folder: tests make folders of their own in their home.
    folder = home / _archive(home).name.removesuffix(".tar.gz")
    if suite.fixtures:
        shutil.copy(FIXTURES / suite.fixtures, folder / "tests" / "conftest.py")
    return folder


def _download(source: str, home: Path, python: Path) -> None:
    """Unpack the source archive of a requirement into an empty folder: an older one may be there."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    pip = [str(python), "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    done = subprocess.run([*pip, "--dest", str(home), source], capture_output=True, text=True, check=False)
    if done.returncode:
        raise InstallError(f"no source archive: {done.stderr.strip()[-300:]}")
    with tarfile.open(_archive(home)) as archive:
        archive.extractall(home, filter="data")


def _archive(home: Path) -> Path:
    """Return the source archive of the suite."""
    return next(home.glob("*.tar.gz"))


def run_suite(suite: Suite, work: Path, environment: Venv, limit: float = _LONG) -> SuiteResult:
    """Run a suite on both, for `limit` seconds each. Raises `InstallError` if it has no result."""
    folder = unpack(suite, work, environment.python)
    ends = {subject: _ends(suite, subject, folder, environment, limit) for subject in ("flask", "edgeweb")}
    environment.use("flask")
    flask, edgeweb = ends["flask"], ends["edgeweb"]
    if "passed" not in flask.values():
        raise InstallError(f"no test passes on Flask: {dict(Counter(flask.values()))}, see {folder.parent}")
    return compare_ends(suite.name, flask, edgeweb)


def compare_ends(name: str, flask: dict[str, str], edgeweb: dict[str, str]) -> SuiteResult:
    """Return what became of a suite whose tests ended so on Flask and on edgeweb.

    >>> compare_ends("s", {"a": "passed", "b": "passed"}, {"a": "passed", "b": "failed"})
    SuiteResult(name='s', outcomes={'passed': 2}, differences={'b': ['- passed', '+ failed']}, passed=1)
    """
    differences = {
        test: [f"- {flask.get(test, 'not run')}", f"+ {edgeweb.get(test, 'not run')}"]
        for test in sorted(flask.keys() | edgeweb.keys())
        if flask.get(test) != edgeweb.get(test)
    }
    passed = sum(end == edgeweb.get(test) == "passed" for test, end in flask.items())
    return SuiteResult(name, dict(Counter(flask.values())), differences, passed)


def _ends(suite: Suite, subject: str, folder: Path, environment: Venv, limit: float) -> dict[str, str]:
    """Return how each test ended: passed, failed, error or skipped."""
    environment.use(subject)
    report = folder.parent / f"{subject}.xml"
    report.unlink(missing_ok=True)
    settings = _settings(folder)
    command = [str(environment.python), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["-c", str(settings), f"--rootdir={folder}", f"--junitxml={report}"]
    for argument in suite.arguments:
        command += sorted(map(str, folder.glob(argument))) if "*" in argument else [argument]
    environ = clean_environ() | {"HOME": str(folder.parent), "PATH": f"{environment.bin}:/usr/bin:/bin"}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=limit
        )
    except subprocess.TimeoutExpired as error:
        raise InstallError(f"no result on {subject}: not at its end after {limit:g} seconds") from error
    if not report.exists():
        raise InstallError(f"no result on {subject}: {(done.stdout + done.stderr)[-600:]}")
    return read_report(report.read_text())


def _settings(folder: Path) -> Path:
    """Return the file with pytest's settings: not one of a folder above, which would be this checkout's."""
    for name, section in (("setup.cfg", "[tool:pytest]"), ("pyproject.toml", "[tool.pytest")):
        path = folder / name
        if path.exists() and section in path.read_text():
            return path
    empty = folder.parent / "pytest.ini"
    empty.write_text("[pytest]\n")
    return empty


def read_report(text: str) -> dict[str, str]:
    """Return how each test of a JUnit report ended.

    >>> read_report('<testsuite><testcase classname="a" name="b"><failure/></testcase></testsuite>')
    {'a::b': 'failed'}
    """
    words = {"failure": "failed", "error": "error", "skipped": "skipped"}
    ends = {}
    for case in ET.fromstring(text).iter("testcase"):
        found = [words[child.tag] for child in case if child.tag in words]
        ends[f"{case.get('classname')}::{case.get('name')}"] = found[0] if found else "passed"
    return ends
