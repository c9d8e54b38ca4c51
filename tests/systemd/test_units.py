"""The unit files: understood by systemd, and no more exposed than promised."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).parent.parent.parent / "systemd"

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None,
    reason="systemd-analyze is not installed (Debian package systemd)",
)


@needs_systemd
def test_exposure_is_at_most_one_and_a_half() -> None:
    result = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(SYSTEMD / "edgeweb.service")],
        capture_output=True,
        check=True,
        text=True,
    )
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", result.stdout)
    assert found is not None, result.stdout
    assert float(found[1]) <= 1.5


@needs_systemd
def test_units_are_understood() -> None:
    result = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, sorted(SYSTEMD.glob("edgeweb*.s*")))],
        capture_output=True,
        check=False,
        text=True,
    )
    # The program and its user are not installed here; everything else would be a fault of the files.
    faults = [
        line
        for line in result.stderr.splitlines()
        if "edgeweb" in line and "not executable" not in line and "Failed to prepare filename" not in line
    ]
    assert not faults


@pytest.mark.parametrize("setting", ["MemoryHigh", "MemoryMax", "TasksMax", "OOMScoreAdjust", "WatchdogSec"])
def test_the_service_is_bounded(setting: str) -> None:
    text = (SYSTEMD / "edgeweb.service").read_text()
    assert re.search(rf"^{setting}=\S+$", text, re.MULTILINE)


@pytest.mark.parametrize("name", ["MALLOC_ARENA_MAX", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"])
def test_what_was_freed_goes_back_to_the_system(name: str) -> None:
    for file in (SYSTEMD / "edgeweb.service", SYSTEMD.parent / "scripts" / "serve"):
        assert re.search(rf"^(Environment=|export ).*\b{name}=\d+", file.read_text(), re.MULTILINE), file


def test_the_readme_names_every_file() -> None:
    readme = (SYSTEMD / "README.md").read_text()
    for path in SYSTEMD.rglob("*"):
        if path.is_file() and path.name != "README.md":
            assert f"`{path.relative_to(SYSTEMD)}`" in readme
