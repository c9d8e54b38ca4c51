"""`scripts/serve` does all of the set-up on a Debian with `python3 git ca-certificates` and nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import roots
from .test_booted import free_port

pytestmark = roots.marks

HOME = "/root/empty"
STUCK = 300  # installing takes a while on a slow line


@pytest.fixture(scope="module", params=list(roots.PYTHONS))
def root(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A minimal Debian, with a copy of this checkout."""
    folder = tmp_path_factory.mktemp("fresh") / "root"
    roots.extract(folder, request.param)
    roots.copy_checkout(folder)
    (folder / HOME.lstrip("/")).mkdir()
    yield folder
    shutil.rmtree(folder)


def printed(text: str) -> list[str]:
    """The script's lines, without those of pip about an index on this disk, and of nspawn about its /run."""
    others = ("WARNING: Location", "Attempted to remove disk file system")
    return [line for line in text.splitlines() if not line.startswith(others)]


def serve(root: Path, log: Path, *options: str) -> list[str]:
    """Run scripts/serve, ask it over loopback, and end it; return the lines that it printed."""
    port = free_port()
    command = roots.nspawn(root, roots.PLACE / "scripts/serve", "--port", str(port), *options, home=HOME)
    with log.open("w") as file:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
    try:
        end = time.monotonic() + STUCK
        while "serves on" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.2)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=20) as answer:
            assert answer.read() == b"ok\n"
        return printed(log.read_text())
    finally:
        process.terminate()
        process.wait(20)


def test_a_mirror_that_cannot_be_reached_is_one_line(root: Path) -> None:
    settings = root / "etc/apt/sources.list"
    before = settings.read_text()
    # The discard port of this machine: nothing listens there.
    settings.write_text("deb http://127.0.0.1:9/debian stable main\n")
    command = roots.nspawn(root, roots.PLACE / "scripts/serve", "--port", "0", home=HOME)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=STUCK, check=False)
    finally:
        settings.write_text(before)
    assert done.returncode == 1
    first, last = printed(done.stderr)
    assert first == "Installing by apt: python3-venv"
    assert last.startswith("apt could not install python3-venv: Failed to fetch http://127.0.0.1:9/debian/")
    assert "check the network and the mirror" in last


def test_it_installs_what_is_missing_and_says_where_to_look(root: Path, tmp_path: Path) -> None:
    steps = [
        r"Installing by apt: python3-venv",
        r"Installing edgeweb into \S+/\.venv \(once; under a minute\)",
        r"Compiling the dashboard's pages \(once\)",
        r"edgeweb: there is no TLS: .*",
        r"edgeweb serves on http://127\.0\.0\.1:\d+/( .*)?",
        r"edgeweb: .* set-up code [A-Z0-9-]+",
    ]
    lines = serve(root, tmp_path / "first", "--host", "0.0.0.0")
    assert len(lines) == len(steps), lines
    for line, step in zip(lines, steps, strict=True):
        assert re.fullmatch(step, line), line
    # The second start has nothing to install or to compile.
    first, second = serve(root, tmp_path / "second")
    assert re.fullmatch(steps[4], first) and re.fullmatch(steps[5], second)


def test_on_32_bit_arm_compiled_modules_are_debians(root: Path, tmp_path: Path) -> None:
    """With a dpkg that claims to be one. A minimal Debian has no compiler, and the index no such wheels."""
    shutil.rmtree(root / roots.PLACE.relative_to("/") / ".venv", ignore_errors=True)
    dpkg = root / "usr/local/bin/dpkg"
    dpkg.write_text(
        '#!/bin/sh\n[ "$1" != --print-architecture ] || exec echo armel\nexec /usr/bin/dpkg "$@"\n'
    )
    dpkg.chmod(0o755)
    try:
        lines = serve(root, tmp_path / "log")
    finally:
        dpkg.unlink()
    assert "python3-psutil python3-markupsafe" in lines[0]
    venv = root / roots.PLACE.relative_to("/") / ".venv"
    assert (venv / "bin/edgeweb").exists()
    assert list(venv.rglob("*.so")) == []
