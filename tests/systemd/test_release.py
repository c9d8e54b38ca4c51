"""Every file of a release, installed on a Debian without edgeweb, where it has to serve.

scripts/release names the folder of its files in EDGEWEB_RELEASE_FILES. Without it they are built here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from . import container as containers
from . import roots
from .test_booted import free_port, get, wait_for

pytestmark = roots.marks

FILES = "/usr/src/files"
WHEELS = containers.WHEELS
#: Python packages are installed as a person does it, in an environment of their own, here from a folder.
INSTALL = f"""
python3 -m venv /opt/tried &&
PIP_NO_INDEX=1 PIP_FIND_LINKS={WHEELS} /opt/tried/bin/pip install --quiet {FILES}/$1 &&
exec /opt/tried/bin/edgeweb serve --port $2
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with sdist, wheel and Debian package."""
    if named := os.environ.get("EDGEWEB_RELEASE_FILES"):
        return Path(named)
    folder = tmp_path_factory.mktemp("files")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-t", "wheel", "-d", folder]
    subprocess.run(build, cwd=roots.ROOT, check=True, capture_output=True)
    made = subprocess.run([roots.ROOT / "scripts/package_deb"], check=True, stdout=subprocess.PIPE, text=True)
    shutil.copy(made.stdout.splitlines()[-1], folder)
    return folder


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, files: Path) -> Path:
    """A Debian 12 with Python, the files, and wheels of what they need to be built and to run."""
    folder = tmp_path_factory.mktemp("release") / "root"
    roots.extract(folder, "bookworm", containers.PACKAGES)
    shutil.copytree(files, folder / FILES.lstrip("/"))
    for locked in ("device.txt", "build.txt"):
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:", "--no-deps"]
        download += ["--require-hashes", f"--requirement={roots.ROOT}/scripts/locked/{locked}"]
        download += [f"--python-version={roots.PYTHONS['bookworm']}"]
        subprocess.run([*download, "--dest", folder / WHEELS.lstrip("/")], check=True)
    return folder


@pytest.mark.parametrize("pattern", ["*.whl", "*.tar.gz"])
def test_what_python_installs_serves(root: Path, files: Path, pattern: str, tmp_path: Path) -> None:
    (file,) = files.glob(pattern)
    port = free_port()
    shutil.rmtree(root / "opt/tried", ignore_errors=True)
    command = roots.nspawn(root, "sh", "-c", INSTALL, "sh", file.name, str(port))
    log = tmp_path / "log"
    with log.open("w") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        wait_for(lambda: process.poll() is not None or "serves on" in log.read_text(), 120)
        assert process.poll() is None, log.read_text()
        assert get(port) == (200, "ok\n")
    finally:
        process.terminate()
        process.wait(20)


def test_what_dpkg_installs_serves(files: Path, tmp_path: Path) -> None:
    (file,) = files.glob("*.deb")
    folder = tmp_path / "root"
    containers.make_bare_root(folder, "trixie")
    shutil.copy(file, folder / "usr/src")
    port = free_port()
    with containers.booted(folder, tmp_path / "console") as machine:
        machine.write(
            "/etc/default/edgeweb", f"EDGEWEB_PROFILE=generic-linux\nEDGEWEB_OPTIONS=--port {port}\n"
        )
        done = machine.run("dpkg", "-i", f"/usr/src/{file.name}", check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert get(port) == (200, "ok\n")
        assert machine.unit("edgeweb.service")["ActiveState"] == "active"
    shutil.rmtree(folder)
