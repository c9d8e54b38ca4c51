"""Folders in which a cache is trusted, and a record of what was compiled."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgeweb.templating import compiling

from .program import Program

ROOT = Path(__file__).parent.parent.parent


def _only_ours(folder: Path) -> bool:
    """Whether only root and we can write to a folder and to all above it.

    Asked of the file system and not of `edgeweb.templating.trust`: with that refusing everything, tests would
    be skipped instead of failing.
    """
    statuses = [path.stat() for path in (folder.resolve(), *folder.resolve().parents)]
    return all(status.st_uid in (0, os.geteuid()) and not status.st_mode & 0o022 for status in statuses)


def _candidates() -> list[Path]:
    """Folders for a trusted cache. Where pytest puts its own, which is temporary, none is ever read."""
    folders = (ROOT, Path.home(), Path("/var/lib"))
    return [folder for folder in folders if _only_ours(folder) and os.access(folder, os.W_OK)]


def _everybody_can_enter(folder: Path) -> bool:
    return all(path.stat().st_mode & 0o001 for path in (folder, *folder.parents))


@pytest.fixture(autouse=True)
def python_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What decides about caches, as it is where nobody has set anything."""
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)


@pytest.fixture
def place() -> Iterator[Path]:
    """A new folder that only we can write to, in a place where a cache is trusted."""
    # Those that another user can enter come first: some tests look at things as another user.
    folders = sorted(_candidates(), key=_everybody_can_enter, reverse=True)
    if not folders:
        pytest.skip("neither the checkout nor the home folder is a place that only we can write to")
    folder = Path(tempfile.mkdtemp(prefix=".edgeweb-test-", dir=folders[0]))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def program(place: Path) -> Program:
    """A program without templates."""
    return Program(place)


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The names of the templates that were compiled while rendering, one after the other."""
    names: list[str | None] = []
    real = compiling.compile_template

    def compile_template(environment, source, name, filename):  # type: ignore[no-untyped-def]
        names.append(name)
        return real(environment, source, name, filename)

    monkeypatch.setattr(compiling, "compile_template", compile_template)
    return names
