"""A small Debian that really boots, in systemd-nspawn, for scripts/install and the Debian package."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from . import roots

PACKAGES = ("systemd", "systemd-sysv", "dbus", "libpam-systemd", "polkitd", "python3-venv")
#: What the Debian package depends on: Debian 13 has it, so that dpkg finds all of it there.
MODULES = "werkzeug jinja2 markupsafe waitress psutil itsdangerous click blinker".split()
CLEAN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
INSTALL = str(roots.PLACE / "scripts/install")
WHEELS = "/usr/src/wheels"


def make_bare_root(folder: Path, release: str) -> None:
    """A root file system with all that edgeweb's Debian package depends on, and without edgeweb."""
    roots.extract(folder, release, (*PACKAGES, *(f"python3-{module}" for module in MODULES)))


def make_root(folder: Path, release: str) -> None:
    """A root file system that can boot, with this checkout and wheels; edgeweb is not installed."""
    roots.extract(folder, release, PACKAGES)
    roots.copy_checkout(folder)
    roots.make_wheels(folder / WHEELS.lstrip("/"), release)
    shutil.copytree(Path(__file__).parent / "apps", folder / "usr/src/apps")


def install_offline(folder: Path) -> None:
    """Run scripts/install in a root, as in an image for a board, without a package index and without apt."""
    subprocess.run(["chroot", folder, INSTALL, "--offline", WHEELS], check=True, env=CLEAN)


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

    def run(
        self,
        *command: str,
        check: bool = True,
        variables: Mapping[str, str] | None = None,
        seconds: float = 120,
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command inside, as root."""
        return subprocess.run(
            ["nsenter", f"--target={self.init}", "--mount", "--uts", "--ipc", "--pid", "--cgroup", *command],
            check=check,
            capture_output=True,
            text=True,
            env={**CLEAN, **(variables or {})},
            timeout=seconds,
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

    def cut_power(self) -> None:
        """Ends everything inside at this moment. What was written to its disk stays."""
        os.kill(self.init, signal.SIGKILL)
        self.init = 0
        self.close()

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
