"""Run tests on a Python that is newer than those of this machine: the one of Debian testing.

    python -m scripts.newest make ROOT 3.14
    python -m scripts.newest test ROOT -q tests/json

Such a Python needs the C library of its own release, so it runs in a root file system of that release, in
which this checkout has its usual path. `make` keeps a root that is complete already.

Exit code of `make`: 0, or 3 where that Python cannot be had, with one line on standard output that says why;
of `test`: pytest's.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from tests.systemd import roots

CHECKOUT = Path(__file__).resolve().parent.parent
RELEASE = "testing"
#: Exit code of `make` where there is no such Python.
LEFT_OUT = 3

PYTHON = "/opt/venv/bin/python"
_STAMP = "opt/venv/installed"
#: Variables that the tests read.
_STEERING = ("EDGEWEB_ROUTING_EXAMPLES",)

#: Without these no test runs at all.
_ESSENTIAL = ("hypothesis", "pytest", "pytest-timeout")
#: Tools, and what only tests need that scripts/versions does not run here: half of the time to install.
_UNUSED = frozenset(
    "gunicorn mypy openapi-spec-validator ruff schemathesis selenium types-psutil".split()
    + [f"flask-{name}" for name in "login migrate restful socketio sqlalchemy wtf".split()]
)
#: Modules that have another name than their package.
_MODULES = {"python-dotenv": "dotenv"}
#: What stands for a package that has no wheel: each test that imports it is skipped.
_STAND_IN = "import pytest\n\npytest.skip({reason!r}, allow_module_level=True)\n"

_NO_WHEEL = re.compile(r"^ERROR: No matching distribution found for (\S+)", re.MULTILINE)


class LeftOut(Exception):
    """There is no such Python here; the text is one line with the reason."""


def main(arguments: Sequence[str]) -> int:
    """Run a command; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m scripts.newest")
    parser.add_argument("command", choices=("make", "test"))
    parser.add_argument("root", type=Path)
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="the version; arguments of pytest")
    given = parser.parse_args(arguments)
    if given.command == "test":
        return _run(given.root, PYTHON, "-m", "pytest", *given.rest).returncode
    try:
        (version,) = given.rest
        make(given.root, version)
    except (LeftOut, roots.NoRoot) as error:
        print(error)
        return LEFT_OUT
    return 0


def make(root: Path, version: str) -> None:
    """Make a root with a Python, such as `"3.14"`, and what the tests need in a virtual environment.

    Raises:
        LeftOut: this machine cannot run it, or a package that all tests need has no wheel for it.
        NoRoot: the mirror has no such Python.
        CalledProcessError: the installation failed for another reason.
    """
    if reason := roots.missing():
        raise LeftOut(reason)
    requirements = development_requirements()
    key = f"{version}\n" + (CHECKOUT / "pyproject.toml").read_text()
    stamp = root / _STAMP
    if stamp.exists() and stamp.read_text() == key:
        return
    shutil.rmtree(root, ignore_errors=True)
    roots.extract(root, RELEASE, (f"python{version}-venv",))
    _run(root, f"python{version}", "-m", "venv", "/opt/venv").check_returncode()
    essential = [requirements.pop(name) for name in _ESSENTIAL]
    if missing := _install(root, *essential, "--editable", str(CHECKOUT)):
        raise LeftOut(f"{missing} has no wheel for it")
    if _install(root, *requirements.values()):
        for name, requirement in requirements.items():
            if _install(root, requirement):
                _replace(root, name, f"{name} has no wheel for Python {version}")
    stamp.write_text(key)


def development_requirements() -> dict[str, str]:
    """Return what of the group "dev" is of use here: `{"pytest": "pytest>=8,<10"}`."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    # A table includes another group, which is for scripts: of no use here.
    lines = [line for line in project["dependency-groups"]["dev"] if isinstance(line, str)]
    group = {re.split(r"[^\w-]", line)[0]: line for line in lines}
    return {name: line for name, line in group.items() if name not in _UNUSED}


def _install(root: Path, *requirements: str) -> str:
    """Install wheels in the environment; return the requirement that has none, or an empty string."""
    done = _run(
        root,
        *(PYTHON, "-m", "pip", "install", "--quiet", "--only-binary=:all:", *requirements),
        captured=True,
    )
    if not done.returncode:
        return ""
    if found := _NO_WHEEL.search(done.stderr):
        return str(found[1])
    sys.stderr.write(done.stderr)
    raise subprocess.CalledProcessError(done.returncode, "pip install")


def _replace(root: Path, name: str, reason: str) -> None:
    """Put a module that skips each test that imports it in the place of a package."""
    (packages,) = (root / "opt/venv/lib").glob("python*/site-packages")
    module = _MODULES.get(name, name.replace("-", "_"))
    (packages / f"{module}.py").write_text(_STAND_IN.format(reason=reason))


def _run(root: Path, *command: str, captured: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a command in the root, in the checkout, with the variables that steer the tests."""
    more = [f"--bind={CHECKOUT}", f"--chdir={CHECKOUT}"]
    more += [f"--setenv={key}={value}" for key, value in os.environ.items() if key in _STEERING]
    command = tuple(roots.nspawn(root, *command, options=more))
    # systemd-nspawn may leave a terminal on standard input in a state of its own.
    return subprocess.run(command, stdin=subprocess.DEVNULL, check=False, text=True, capture_output=captured)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
