"""scripts/debian/wheels.py: wheels that were made here, in a real environment of Python's."""

from __future__ import annotations

import hashlib
import platform
import subprocess
import venv
import zipfile
from pathlib import Path

import pytest

from scripts.debian import wheels

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/debian/wheels.py"
OWN = "edgeweb-0.1.0-py3-none-any.whl"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a wheel of edgeweb that has one module and one program."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    make(
        folder / OWN,
        {
            "edgeweb.py": "def main():\n    print('it runs')\n    return 3\n",
            "edgeweb-0.1.0.dist-info/entry_points.txt": "[console_scripts]\nedgeweb = edgeweb:main [extra]\n",
        },
    )
    return folder


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    venv.create(tmp_path / "env", with_pip=False, symlinks=True)
    return tmp_path / "env"


def make(wheel: Path, files: dict[str, str]) -> str:
    """Make a wheel, and return its row in a lock file."""
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    name, version = wheel.name.split("-")[:2]
    hashes = ("0" * 64, hashlib.sha256(wheel.read_bytes()).hexdigest())
    return f"{name}=={version}" + "".join(f" \\\n    --hash=sha256:{one}" for one in hashes) + "\n"


def unpack(environment: Path, folder: Path, rows: str) -> tuple[int, str]:
    """The exit code, and what the script has said."""
    locked = folder.parent / "locked.txt"
    locked.write_text(rows)
    done = subprocess.run(
        [environment / "bin/python", SCRIPT, folder, locked], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


def test_modules_and_programs_are_there(environment: Path, folder: Path) -> None:
    row = make(folder / "its_own-2.5-py3-none-any.whl", {"its_own.py": "answer = 42\n"}).replace("_", "-", 1)
    assert unpack(environment, folder, "# a comment\n" + row) == (0, "")
    assert not list(environment.rglob("*.pyc")), "what is compiled would name this place"
    program = "import its_own; print(its_own.answer)"
    assert subprocess.check_output([environment / "bin/python", "-c", program], text=True) == "42\n"
    done = subprocess.run([environment / "bin/edgeweb"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (3, "it runs\n")


def test_a_missing_wheel_is_named_with_its_version(environment: Path, folder: Path) -> None:
    row = make(folder / "click-8.1-py3-none-any.whl", {})
    code, said = unpack(environment, folder, row.replace("8.1", "8.2", 1))
    assert code == 1 and f"{folder} has no click-8.2-*.whl" in said
    assert not (environment / "bin/edgeweb").exists()
    (folder / OWN).unlink()
    code, said = unpack(environment, folder, "")
    assert code == 1 and "has no edgeweb-*-*.whl" in said


def test_a_wheel_with_another_content_is_refused(environment: Path, folder: Path) -> None:
    wheel = folder / "click-8.1-py3-none-any.whl"
    row = make(wheel, {"click.py": ""})
    make(wheel, {"click.py": "# changed"})
    code, said = unpack(environment, folder, row)
    assert code == 1 and f"{wheel} has none of the hashes" in said
    assert not (environment / "bin/edgeweb").exists()


def test_compiled_code_is_taken_where_it_runs(environment: Path, folder: Path) -> None:
    row = make(folder / "psutil-7.0-cp36-abi3-linux_none.whl", {"psutil.py": "import no_such_module\n"})
    code, said = unpack(environment, folder, row)
    assert code == 1 and "is for another processor or Python: install python3-psutil" in said
    row = make(folder / "psutil-7.0-cp36-abi3-linux_none.whl", {"psutil.py": ""})
    assert unpack(environment, folder, row)[0] == 0


def test_what_is_no_module_is_left_to_pip(environment: Path, folder: Path) -> None:
    row = make(folder / "click-8.1-py3-none-any.whl", {"click-8.1.data/headers/click.h": ""})
    code, said = unpack(environment, folder, row)
    assert code == 1 and "has more than modules" in said


def test_a_wheel_for_this_processor_comes_first(folder: Path) -> None:
    make(folder / "psutil-7.0-cp36-abi3-zz_other.whl", {})
    machine = platform.machine()
    make(folder / f"psutil-7.0-cp36-abi3-linux_{machine}.whl", {})
    assert machine in wheels.find(folder, "psutil", "7.0")[-1].name
