"""The packages of this checkout, as they are shipped."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[3]


class Packages(NamedTuple):
    wheel: Path
    deb: Path


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Packages:
    """The wheel and the Debian package."""
    folder = tmp_path_factory.mktemp("packages")
    if shutil.which("dpkg-deb") is None:
        pytest.skip("dpkg-deb is missing: not a Debian")
    variables = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", folder, ROOT], check=True, env=variables)
    made = subprocess.run([ROOT / "scripts/package_deb"], check=True, stdout=subprocess.PIPE, text=True)
    # Another test makes it once more in the same place.
    deb = Path(shutil.copy(made.stdout.splitlines()[-1], folder))
    (wheel,) = folder.glob("*.whl")
    return Packages(wheel, deb)
