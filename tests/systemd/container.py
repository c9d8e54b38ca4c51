"""A small Debian that really boots, in systemd-nspawn, with edgeweb installed by scripts/install."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGES = "systemd,systemd-sysv,dbus,libpam-systemd,polkitd,python3,python3-venv,curl"
#: What the Debian package depends on: Debian 13 has it, so that dpkg finds all of it there.
MODULES = "werkzeug jinja2 markupsafe waitress psutil itsdangerous click blinker".split()
# Outside of the checkout, so that a fresh clone does not fetch Debian once more.
CACHE = Path(os.environ.get("EDGEWEB_CACHE", Path.home() / ".cache" / "edgeweb"))
CLEAN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}


def missing() -> str | None:
    """Why no container can be booted here; None when one can."""
    if os.geteuid() != 0:
        return "booting a container needs root"
    for program, package in (("systemd-nspawn", "systemd-container"), ("mmdebstrap", "mmdebstrap")):
        if shutil.which(program) is None:
            return f"{program} is not installed (Debian package {package})"
    sources = Path("/etc/os-release").read_text()
    if "ID=debian" not in sources:
        return "the container is made from this machine's Debian package sources, and this is no Debian"
    return None


def _own_release() -> str:
    """The name of this machine's Debian."""
    return next(
        line.partition("=")[2]
        for line in Path("/etc/os-release").read_text().splitlines()
        if line.startswith("VERSION_CODENAME=")
    )


def _base(release: str, packages: str = PACKAGES) -> Path:
    """The archive of a root file system, made once for a release and a list of packages."""
    key = hashlib.sha256(f"{release} {packages}".encode()).hexdigest()[:16]
    archive = CACHE / f"nspawn-{release}-{key}.tar"
    if not archive.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        unfinished = archive.with_suffix(".part.tar")
        sources = [
            str(path)
            for path in (Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*"))
            if path.is_file() and path.suffix in (".list", ".sources")
        ]
        if release != _own_release():
            sources = [f"deb http://deb.debian.org/debian {release} main"]
        subprocess.run(
            ["mmdebstrap", "--variant=minbase", f"--include={packages}", release, unfinished, *sources],
            check=True,
            capture_output=True,
        )
        unfinished.rename(archive)
    return archive


def _wheels(folder: Path) -> None:
    """What scripts/install --offline is given: made here, where there is a package index."""
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--wheel-dir", folder, ROOT], check=True)


def make_bare_root(folder: Path, release: str) -> None:
    """A root file system with all that edgeweb's Debian package depends on, and without edgeweb."""
    packages = ",".join((PACKAGES, *(f"python3-{module}" for module in MODULES)))
    folder.mkdir()
    subprocess.run(
        ["tar", "--extract", "--file", _base(release, packages), "--directory", folder], check=True
    )


def make_root(folder: Path) -> None:
    """A root file system in which scripts/install has run, as in an image for a board."""
    folder.mkdir()
    subprocess.run(["tar", "--extract", "--file", _base(_own_release()), "--directory", folder], check=True)
    source = folder / "usr/src/edgeweb"
    source.mkdir(parents=True)
    for name in ("scripts", "systemd", "edgeweb", "firmware_configs"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("README.md", "LICENSE", "pyproject.toml"):
        shutil.copy(ROOT / name, source / name)
    _wheels(folder / "usr/src/wheels")
    shutil.copytree(Path(__file__).parent / "apps", folder / "usr/src/apps")
    subprocess.run(
        ["chroot", folder, "/usr/src/edgeweb/scripts/install", "--offline", "/usr/src/wheels"],
        check=True,
        env=CLEAN,
    )


class Container:
    """A booted container; it shares the machine's network, hence the ports that are given to it."""

    def __init__(self, folder: Path, console: Path, *options: str) -> None:
        self.folder = folder
        self._console = console.open("wb")
        self._nspawn = subprocess.Popen(
            [
                "systemd-nspawn",
                "--quiet",
                f"--directory={folder}",
                "--register=no",
                "--keep-unit",
                "--machine=edgeweb-test",
                *options,
                "--boot",
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._console,
            stderr=subprocess.STDOUT,
        )
        self.init = 0

    def wait_booted(self, seconds: float = 60) -> None:
        """Returns when systemd inside has come up."""
        end = time.monotonic() + seconds
        children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children")
        while time.monotonic() < end:
            assert self._nspawn.poll() is None, "the container has ended; see its console file"
            found = children.read_text().split()
            if found:
                self.init = int(found[0])
                state = self.run("systemctl", "is-system-running", check=False).stdout.strip()
                if state in ("running", "degraded"):
                    return
            time.sleep(0.2)
        raise TimeoutError("the container did not come up; see its console file")

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs a command inside, as root."""
        return subprocess.run(
            ["nsenter", f"--target={self.init}", "--mount", "--uts", "--ipc", "--pid", "--cgroup", *command],
            check=check,
            capture_output=True,
            text=True,
            env=CLEAN,
            timeout=120,
        )

    def unit(self, name: str) -> dict[str, str]:
        """A unit's properties."""
        lines = self.run("systemctl", "show", name).stdout.splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def journal(self, unit: str) -> str:
        """What a unit has said."""
        return self.run("journalctl", "--no-pager", "--output=cat", f"--unit={unit}").stdout

    def write(self, path: str, text: str) -> None:
        """Writes a file inside."""
        target = self.folder / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def close(self) -> None:
        """Powers off, and ends it by force when that takes too long."""
        if self.init:
            # SIGRTMIN+4 asks systemd, as PID 1, to power off (systemd(1), "Signals").
            os.kill(self.init, signal.SIGRTMIN + 4)
        try:
            self._nspawn.wait(20)
        except subprocess.TimeoutExpired:
            self._nspawn.kill()
            self._nspawn.wait()
        self._console.close()


@contextmanager
def booted(folder: Path, console: Path, *options: str) -> Iterator[Container]:
    """A container for as long as the block runs; `options` are systemd-nspawn's."""
    container = Container(folder, console, *options)
    try:
        container.wait_booted()
        yield container
    finally:
        container.close()
