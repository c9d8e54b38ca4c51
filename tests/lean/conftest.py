"""Packages loaded by parts: everything is found, is the same as ever, and what is heavy stays away.

Each test looks at fresh interpreters, with the newest versions (the ones installed here) and with the oldest
ones that edgeweb supports.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# What `edgeweb.lean` loads by parts. `scripts/versions` tests with the lowest version of every dependency.
BY_PARTS = {"jinja2", "markupsafe", "psutil", "waitress", "werkzeug"}


# The folders that a new interpreter searches first.
NEWEST = [str(ROOT)]


@pytest.fixture(scope="session")
def oldest() -> list[str]:
    """The oldest supported versions; they are installed once and kept."""
    pins = lowest_allowed()
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    key = hashlib.sha256(" ".join(pins).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"edgeweb-tests-oldest-{version}-{key}-{os.getuid()}"
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=folder.parent) as work:
            target = Path(work) / "packages"
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
            subprocess.run([*pip, "--target", str(target), *pins], check=True)
            target.rename(folder)
    return [str(ROOT), str(folder)]


def lowest_allowed() -> list[str]:
    """``["jinja2==3.1.6", ...]``: the lower bounds in `pyproject.toml`."""
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    bounds = [re.match(r"([\w-]+)>=([\d.]+)", dependency) for dependency in dependencies]
    return [f"{bound[1]}=={bound[2]}" for bound in bounds if bound and bound[1] in BY_PARTS]


@pytest.fixture(params=["newest", "oldest"])
def packages(request: pytest.FixtureRequest) -> list[str]:
    return NEWEST if request.param == "newest" else list(request.getfixturevalue("oldest"))


def run(packages: list[str], code: str, *arguments: str, lean: bool = True) -> Any:
    """Run code in a new interpreter; gives what it passed to ``answer(...)``."""
    prelude = """
        import builtins, json, os, sys
        def answer(value):
            os.write(1, json.dumps(value).encode())
        """
    env = {key: value for key, value in os.environ.items() if not key.startswith("EDGEWEB")}
    env |= {"PYTHONPATH": os.pathsep.join(packages), "EDGEWEB_LEAN": "1" if lean else "0"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(prelude) + textwrap.dedent(code), *arguments],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout else None


# What one interpreter can tell another about an object.
DESCRIBE = """
    def describe(value):
        if isinstance(value, type(sys)):
            return f"module {value.__name__}"
        if hasattr(value, "__qualname__"):
            return f"{value.__module__}.{value.__qualname__}"
        return f"{type(value).__qualname__} {getattr(value, 'pattern', getattr(value, 'name', ''))}"
    """


def with_description(code: str) -> str:
    return textwrap.dedent(DESCRIBE) + textwrap.dedent(code)
