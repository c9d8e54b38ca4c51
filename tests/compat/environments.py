"""A virtual environment with what is installed here: links to the packages, copies of Flask's files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
import typing as t
import venv
from pathlib import Path

from .program import ROOT

HERE = Path(sysconfig.get_path("purelib"))
_LONG = 600.0  # seconds after which a program is stuck


def is_flask(path: Path) -> bool:
    """Return whether this is Flask's package or its metadata."""
    return path.name == "flask" or path.name.lower().startswith("flask-3.")


class Venv(t.NamedTuple):
    """A virtual environment: `python` and `scripts` of it."""

    folder: Path

    @property
    def packages(self) -> Path:
        """Where packages lie."""
        return next(self.folder.glob("lib/python3*/site-packages"))

    def run(self, *command: str | Path, cwd: Path | None = None, **extra: str) -> str:
        """Return what a program of the environment prints; it has to succeed."""
        done = self.started(*command, cwd=cwd, **extra)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def started(
        self, *command: str | Path, cwd: Path | None = None, **extra: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment, named as in `bin`."""
        return subprocess.run(
            [self.folder / "bin" / command[0], *command[1:]],
            cwd=cwd or self.folder,
            env={**self.environment(), **extra},
            capture_output=True,
            text=True,
            check=False,
            timeout=_LONG,
        )

    def environment(self) -> dict[str, str]:
        """Return the environment variables of its programs: none of this process's paths."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("FLASK_", "EDGEWEB_", "PYTHON"))}
        return {**kept, "XDG_CACHE_HOME": str(self.folder / "cache")}

    def edgeweb(self, *arguments: str) -> str:
        """Return what a command of edgeweb prints."""
        return self.run("python", "-m", "edgeweb", *arguments)

    def doctor(self, *before: str) -> dict[str, t.Any]:
        """Return the finding of `edgeweb doctor`, which may have a problem."""
        done = self.started("python", *before, "-m", "edgeweb", "doctor", "--json")
        found: dict[str, t.Any] = json.loads(done.stdout)["flask"]
        assert bool(found["problems"]) == bool(done.returncode), done.stderr
        return found

    def files(self) -> dict[str, bytes]:
        """Return all files of Flask in the environment, but for what is compiled."""
        found = [self.folder / "bin/flask"]
        for path in self.packages.iterdir():
            if path.name.lower().startswith(("flask-3", "flask.")) or path.name == "flask":
                found += path.rglob("*") if path.is_dir() else [path]
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in found
            if path.is_file() and path.suffix != ".pyc"
        }


def make_venv(folder: Path, with_flask: bool = True) -> Venv:
    """Make an environment: nothing is downloaded, and pip, gunicorn and the extensions are there."""
    venv.create(folder, with_pip=False, symlinks=True)
    made = Venv(folder)
    for entry in HERE.iterdir():
        if not is_flask(entry) and entry.suffix != ".pth" and not entry.name.startswith("edgeweb"):
            (made.packages / entry.name).symlink_to(entry)
    # edgeweb as an editable installation: a path file, and its metadata.
    (made.packages / "checkout.pth").write_text(f"{ROOT}\n")
    metadata = next(HERE.glob("edgeweb-*.dist-info"))
    (made.packages / metadata.name).symlink_to(metadata)
    for name in ("gunicorn", *(["flask"] if with_flask else [])):
        _, _, text = (Path(sysconfig.get_path("scripts")) / name).read_text().partition("\n")
        script = folder / "bin" / name
        script.write_text(f"#!{folder}/bin/python\n{text}")
        script.chmod(0o755)
    if with_flask:
        for entry in filter(is_flask, HERE.iterdir()):
            shutil.copytree(entry, made.packages / entry.name)
    return made
