"""edgeweb on a board: brought there and installed as a user does it who has no internet there."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import image
from .boards import Board
from .device import Device
from .guest import Guest
from .image import CHECKOUT
from .progress import Fault, say
from .releases import Release

#: Where the checkout lies on the board.
SOURCE = "/usr/src/edgeweb"
WHEELS = "/usr/src/wheels"
#: For the measurements, where the release has an older one; pyproject.toml compares with the same.
FLASK = "flask==3.1.3"
# What scripts/install reads. The package itself comes as a wheel.
CARRIED = (
    "scripts/install",
    "scripts/environment.sh",
    "scripts/debian/modules.py",
    "scripts/debian/wheels.py",
    "scripts/locked",
    "pyproject.toml",
    "systemd",
    "README.md",
)


def make_wheels(folder: Path, release: Release) -> None:
    """Make edgeweb's wheel, and those of what is too old in the release, with Flask to compare with.

    Raises:
        Fault: it cannot be built: there is no package index, or this Python has no pip.
    """
    python = os.environ.get("EDGEWEB_TEST_VENV", str(CHECKOUT / ".test-venv")) + "/bin/python"
    if not Path(python).exists():
        python = sys.executable
    pip = [python, "-m", "pip"]
    download = [*pip, "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", str(folder)]
    commands = [[*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(CHECKOUT)]]
    if release.needs_wheels:
        # The files that scripts/install accepts.
        commands.append(
            [*download, "--require-hashes", "--requirement", str(CHECKOUT / "scripts/locked/device.txt")]
        )
        commands.append([*download, FLASK])
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Fault(f"no wheels of edgeweb: {done.stderr[-2000:]}")
    # Those with code for this machine's processor: the board has Debian's.
    for path in folder.iterdir():
        if not path.name.endswith("-none-any.whl"):
            path.unlink()


def _archive(*named: tuple[Path, str]) -> bytes:
    """A tar archive of files and folders under the names that are given, owned by root."""

    def cleaned(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        return None if "__pycache__" in entry.name else entry

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, name in named:
            archive.add(path, name, filter=cleaned)
    return buffer.getvalue()


def carry(guest: Guest, folder: str, *names: str) -> None:
    """Copies files and folders of the checkout into the guest, below `folder`."""
    guest.unpack(folder, _archive(*((CHECKOUT / name, name) for name in names)))


@contextmanager
def installed(board: Board, *, shared: bool = True) -> Iterator[Device]:
    """A board with edgeweb of this checkout installed, for the forwarded port. `start` starts the service.

    Boards with one image are installed once: what scripts/install has written is then the same, but for the
    profile. A machine whose disk can be copied while it runs installs, and leaves a copy for the others.

    Args:
        board: Which one.
        shared: Whether it may begin with the copy that another board has left.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_wheels(folder, board.release)
        copy = _copy(board, folder)
        if shared and board.broadcom and copy.exists():
            say(f"{board.name}: begins with the installation of another board")
            with Device(board, copy) as device:
                device.guest.wait_booted()
                _choose_profile(device.guest)
                device.guest.run("systemctl enable edgeweb.service")
                yield device
            return
        with Device(board) as device:
            install(device.guest, folder)
            if not board.broadcom:
                for old in copy.parent.glob("installed-*"):
                    old.unlink()
                # Who begins with the copy has no profile yet when it boots.
                device.guest.run("systemctl disable edgeweb.service")
                device.copy_disk(copy)
                device.guest.run("systemctl enable edgeweb.service")
            yield device


def _copy(board: Board, wheels: Path) -> Path:
    """Where the disk with this checkout's edgeweb is kept, beside the image that it builds on."""
    digest = hashlib.sha256()
    for path in sorted(wheels.iterdir()):
        digest.update(path.read_bytes())
    for name in CARRIED:
        place = CHECKOUT / name
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            if path.is_file():
                digest.update(path.read_bytes())
    return image.build(board).folder / f"installed-{digest.hexdigest()[:12]}.qcow2"


def install(guest: Guest, wheels: Path) -> None:
    """Install edgeweb on a board that boots, from a folder of wheels."""
    guest.wait_booted()
    guest.unpack(WHEELS, _archive(*((path, path.name) for path in sorted(wheels.iterdir()))))
    carry(guest, SOURCE, *CARRIED)
    say(f"{guest.machine.board.name}: scripts/install --offline")
    guest.run(
        f"{SOURCE}/scripts/install --offline {WHEELS} --no-start",
        # It compiles some hundred modules: more than a boot where two suites run beside the board.
        timeout=2 * guest.machine.board.patience,
    )
    guest.run("sed -i 's/^EDGEWEB_OPTIONS=.*/EDGEWEB_OPTIONS=--host 0.0.0.0/' /etc/default/edgeweb")


def _choose_profile(guest: Guest) -> None:
    """Write the profile of this board where scripts/install has written that of another one."""
    guest.run(
        "profile=$(/opt/edgeweb/bin/edgeweb profile detect) &&"
        ' sed -i "s|^EDGEWEB_PROFILE=.*|EDGEWEB_PROFILE=$profile|" /etc/default/edgeweb'
    )


def start(guest: Guest) -> None:
    """Starts the service, and returns when it is ready."""
    say(f"{guest.machine.board.name}: systemctl start edgeweb")
    guest.run("systemctl start edgeweb.service", timeout=guest.machine.board.patience)
