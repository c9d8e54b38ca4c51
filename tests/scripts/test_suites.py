"""`scripts/flask_programs/suites.py`: which tests are run, in a folder that is kept from run to run."""

from __future__ import annotations

import io
import sys
import tarfile
from pathlib import Path

import pytest

from scripts.flask_programs import suites
from scripts.flask_programs.environment import InstallError, Venv

PYTHON = Path(sys.executable)
#: pip asks a package for its metadata before it keeps its archive. This one needs no other package for that.
PYPROJECT = """[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
BACKEND = """from pathlib import Path

def prepare_metadata_for_build_wheel(folder, settings=None):
    made = Path(folder, "tested-{version}.dist-info")
    made.mkdir()
    made.joinpath("METADATA").write_text("Metadata-Version: 2.1\\nName: tested\\nVersion: {version}\\n")
    return made.name
"""
#: A test without an end.
TEST = """import threading

def test_end():
    threading.Event().wait()
"""


class ThisInterpreter(Venv):
    """The environment of these tests, in which nothing is installed."""

    def __init__(self) -> None:
        super().__init__(PYTHON.parent.parent)

    def use(self, subject: str) -> None:
        """Leave what there is in its place."""


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for the package index, with two versions of a package."""
    folder = tmp_path / "index"
    folder.mkdir()
    for version in ("1.0", "2.0"):
        with tarfile.open(folder / f"tested-{version}.tar.gz", "w:gz") as archive:
            files = {"pyproject.toml": PYPROJECT, "backend.py": BACKEND.format(version=version)}
            for name, text in (files | {"tests/version": version, "tests/test_end.py": TEST}).items():
                member = tarfile.TarInfo(f"tested-{version}/{name}")
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text.encode()))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def suite(version: str) -> suites.Suite:
    return suites.Suite("suite-tested", (f"tested[server]=={version}",), ("tests",))


def unpacked(work: Path, version: str) -> str:
    """Return the version whose tests are in the unpacked folder."""
    return (suites.unpack(suite(version), work, PYTHON) / "tests/version").read_text()


@pytest.mark.slow
def test_the_tests_are_of_the_version_of_the_row(index: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    assert [unpacked(work, version) for version in ("1.0", "2.0", "1.0")] == ["1.0", "2.0", "1.0"]


@pytest.mark.slow
def test_what_is_there_is_not_loaded_again(index: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    unpacked(work, "1.0")
    (index / "tested-1.0.tar.gz").unlink()
    assert unpacked(work, "1.0") == "1.0"


@pytest.mark.slow
def test_a_folder_that_the_tests_have_made_in_their_home_is_not_the_suite(
    index: Path, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    home = suites.unpack(suite("1.0"), work, PYTHON).parent
    (home / ".a-program").mkdir()
    assert unpacked(work, "1.0") == "1.0"


@pytest.mark.slow
def test_a_version_that_the_index_lacks_leaves_no_older_one(index: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    unpacked(work, "1.0")
    with pytest.raises(InstallError, match=r"no source archive: .*tested==3\.0"):
        unpacked(work, "3.0")


@pytest.mark.slow
def test_a_suite_without_an_end_has_no_result(index: Path, tmp_path: Path) -> None:
    with pytest.raises(InstallError, match="no result on flask: not at its end after 1 seconds"):
        suites.run_suite(suite("1.0"), tmp_path / "work", ThisInterpreter(), limit=1)
