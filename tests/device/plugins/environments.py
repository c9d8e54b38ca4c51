"""Environments as they are on a board: a virtual one with a wheel, and the tree of a Debian package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

from ..process import ROOT

HERE = Path(__file__).parent
#: The example: a distribution of its own.
EXAMPLE = HERE / "edgeweb_relay8"


def build_wheel(project: Path, folder: Path) -> Path:
    """Build a wheel with the project's own backend, which is installed here: no index is asked."""
    copy = folder / "source"
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns("__pycache__"))
    code = f"from hatchling.build import build_wheel; print(build_wheel({str(folder)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=copy, check=True, stdout=subprocess.PIPE, text=True
    )
    return folder / done.stdout.splitlines()[-1]


class Environment:
    """A virtual environment that has edgeweb and what it needs, and nothing else that is installed here."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, symlinks=True)
        self.python = folder / "bin/python"
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        self.packages = folder / "lib" / version / "site-packages"
        self.add_path(ROOT, *needed())
        # the stand-in for the kernel's buses is there for processes that ask for it
        shutil.copy(HERE / "i2c_stand_in.py", self.packages)
        (self.packages / "i2c_stand_in.pth").write_text("import i2c_stand_in\n")

    def add_path(self, *folders: Path) -> None:
        with (self.packages / "test.pth").open("a") as file:
            file.writelines(f"{folder}\n" for folder in folders)

    def install(self, wheel: Path) -> None:
        """Install a wheel with pip."""
        pip = [sys.executable, "-m", "pip", "--python", str(self.python), "--quiet"]
        arguments = ["--disable-pip-version-check", "install", "--no-index", "--no-deps", str(wheel)]
        subprocess.run([*pip, *arguments], check=True, env={**os.environ, "PYTHONPATH": ""})

    def edgeweb(self, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run edgeweb's command, without the system's layers of profiles."""
        variables = {**os.environ, "PYTHONPATH": "", "CONFIGURATION_DIRECTORY": str(folder / "etc")}
        command = [str(self.python), "-m", "edgeweb", *arguments]
        return subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True, check=False)


def needed() -> list[Path]:
    """Return the folders that have edgeweb's dependencies here, and smbus2."""
    names = ("werkzeug", "jinja2", "markupsafe", "waitress", "psutil", "itsdangerous", "smbus2")
    found = [spec.origin for name in names if (spec := find_spec(name)) and spec.origin]
    assert len(found) == len(names), "install the group dev of pyproject.toml"
    return list(dict.fromkeys(Path(file).parent.parent for file in found))


def build_deb(wheel: Path, folder: Path) -> Path:
    """Build a Debian package of a wheel, in the layout that Debian's own have."""
    tree = folder / "tree"
    modules = tree / "usr/lib/python3/dist-packages"
    modules.mkdir(parents=True)
    shutil.unpack_archive(wheel, modules, "zip")
    for record in modules.glob("*.dist-info/RECORD"):
        record.unlink()
    control = tree / "DEBIAN/control"
    control.parent.mkdir()
    control.write_text(
        "Package: python3-edgeweb-relay8\nVersion: 1.0\nArchitecture: all\nMaintainer: X <x@localhost>\n"
        "Depends: edgeweb, python3-smbus2\nDescription: boards on I2C for edgeweb\n"
    )
    target = folder / "python3-edgeweb-relay8_1.0_all.deb"
    command = ["dpkg-deb", "--root-owner-group", "-Znone", "-b", tree, target]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return target
