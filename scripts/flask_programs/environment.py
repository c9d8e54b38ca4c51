"""An environment for each program, in which Flask and edgeweb take turns."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from scripts.bench.environment import ROOT as ROOT
from scripts.bench.environment import digest, once

HERE = Path(__file__).resolve().parent
LOCKED = HERE / "locked"
APPLICATIONS = HERE / "applications"
#: In every environment: what is compared, and the server of the memory table.
COMMON = ("flask==3.1.3", "werkzeug==3.1.9", "gunicorn==27.0.1")
#: Names of what an installation may take from the caller's environment: none that decides a figure.
_DROP = ("PYTHON", "FLASK_", "EDGEWEB_", "GUNICORN_", "WEB_CONCURRENCY", "MALLOC_", "VIRTUAL_ENV", "XDG_")


class InstallError(Exception):
    """Something cannot be installed here; the text is the end of what pip has written."""


class Venv:
    """The environment of one program, kept between runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.python = self.bin / "python"

    @property
    def packages(self) -> Path:
        """Where its packages lie."""
        return next(self.folder.glob("lib/python3*/site-packages"))

    def install(self, requires: tuple[str, ...], locked: Path, wheel: Path) -> None:
        """Make it, unless it is there with these packages, and put this checkout's edgeweb into it.

        Raises `InstallError`.
        """
        once(self.folder / "installed", _key(requires, locked), lambda: self._make(requires, locked))
        once(self.folder / "edgeweb", wheel.name + wheel.parent.name, lambda: self._add_edgeweb(wheel))

    def lock(self, requires: tuple[str, ...], locked: Path) -> None:
        """Write the versions of all that is installed into a file, which pins them from now on."""
        locked.parent.mkdir(exist_ok=True)
        locked.write_text("\n".join(self._freeze()) + "\n")
        # What is installed is what the file says: nothing has to be installed again.
        once(self.folder / "installed", _key(requires, locked), lambda: None)

    def _make(self, requires: tuple[str, ...], locked: Path) -> None:
        venv.create(self.folder, clear=True, with_pip=True, symlinks=True)
        # Its .pth file runs code in every interpreter that starts. What needs it installs it again.
        self._pip("uninstall", "--yes", "setuptools", check=False)
        constraints = ["--constraint", str(locked)] if locked.exists() else []
        self._pip("install", *constraints, *COMMON, *requires)

    def _add_edgeweb(self, wheel: Path) -> None:
        self._command("remove", check=False)
        self._pip("install", "--force-reinstall", "--no-deps", str(wheel))
        self._pip("install", str(wheel))

    def use(self, subject: str) -> None:
        """Put Flask or edgeweb in Flask's place, compiled: a start that compiles would need more memory."""
        self._command("install" if subject == "edgeweb" else "remove")
        folders = [str(self.packages / name) for name in ("flask", "edgeweb")]
        compiled = subprocess.run([self.python, "-m", "compileall", "-q", *folders], check=False)
        if compiled.returncode:
            raise InstallError(f"{' '.join(folders)} cannot be compiled")

    def _freeze(self) -> list[str]:
        """Return `name==version` of all that is installed, without edgeweb and what pip itself brings."""
        listing = subprocess.check_output(
            [self.python, "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check"], text=True
        )
        own = ("edgeweb", "pip", "setuptools", "flask=", "werkzeug=", "gunicorn=")
        return [line for line in listing.splitlines() if "==" in line and not line.lower().startswith(own)]

    def _command(self, command: str, check: bool = True) -> None:
        done = subprocess.run(
            [self.python, "-P", "-m", "edgeweb", "as-flask", command],
            capture_output=True,
            text=True,
            check=False,
            env=clean_environ(),
        )
        if check and done.returncode:
            raise InstallError(done.stdout + done.stderr)

    def _pip(self, *arguments: str, check: bool = True) -> None:
        command = [str(self.python), "-m", "pip", "--disable-pip-version-check", *arguments, "--quiet"]
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if check and done.returncode:
            lines = [line for line in done.stdout.splitlines() if "error" in line.lower()] or [done.stdout]
            raise InstallError("\n".join(lines[-3:]))


def _key(requires: tuple[str, ...], locked: Path) -> str:
    pins = locked.read_text() if locked.exists() else ""
    return repr((requires, COMMON, pins, sys.version))


def wheel(work: Path) -> Path:
    """Return a wheel of this checkout, built again after a change. Raises `InstallError`."""
    folder = work / "wheels" / digest(ROOT)[:16]
    if not (found := list(folder.glob("edgeweb-*.whl"))):
        shutil.rmtree(folder.parent, ignore_errors=True)
        command = [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--wheel-dir",
            str(folder),
            str(ROOT),
        ]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
        found = list(folder.glob("edgeweb-*.whl"))
        if done.returncode or not found:
            raise InstallError(f"no wheel of this checkout: {done.stderr.strip()}")
    return found[0]


def clean_environ() -> dict[str, str]:
    """Return the environment of everything that is compared, without what would steer one of the two."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_DROP)}
    return kept | {"PYTHONHASHSEED": "0", "PYTHONUNBUFFERED": "1"}
