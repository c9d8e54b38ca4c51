"""What a board boots: kernel, initrd, device tree and disk; kept until the packages or the scripts change."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from . import debian, kernel, root
from .boards import KERNELS, Board
from .progress import Fault, say

CHECKOUT = Path(__file__).resolve().parents[2]
#: Where images, consoles and overlays are; git ignores it.
FOLDER = Path(os.environ.get("EDGEWEB_QEMU", CHECKOUT / ".qemu"))
#: Of the disk, in bytes. QEMU's SD card has to have a power of two; most of it is a hole in the file.
DISK = 1 << 30
#: The line of a 1-Wire bus, the one that Raspberry Pi OS takes.
ONE_WIRE_LINE = 4
#: The scripts whose content decides what an image is.
SCRIPTS = ("releases.py", "root.py", "kernel.py", "image.py", "debian.py", "inside/shell.py")


class Image(NamedTuple):
    """The files of one release and architecture, and one board's device tree."""

    folder: Path
    tree: Path | None

    @property
    def kernel(self) -> Path:
        return self.folder / "kernel"

    @property
    def initrd(self) -> Path:
        return self.folder / "initrd"

    @property
    def disk(self) -> Path:
        return self.folder / "disk.raw"

    @property
    def megabytes(self) -> float:
        """What the disk's files take, in MB."""
        return self.disk.stat().st_blocks * 512 / 1e6


def build(board: Board) -> Image:
    """The image of a board, from the cache where nothing has changed.

    Raises:
        Fault: a program is missing, or the mirror cannot be reached and no image is there.
    """
    debian.install_missing()
    FOLDER.mkdir(parents=True, exist_ok=True)
    # Boards of one release and architecture share an image, which two that start at once must not both make.
    with (FOLDER / f"{_kind(board)}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = _folder(board)
        if not (folder / "disk.raw").exists():
            try:
                _make(folder, board)
            except Fault as fault:
                raise Fault(f"{board.name}: {fault}") from fault
        return Image(folder, _tree(folder, board))


def _kind(board: Board) -> str:
    """What boards with the same image have in common; the beginning of its folder's name."""
    return f"{board.release.codename}-{board.architecture}"


def _folder(board: Board) -> Path:
    """Where the image of a board is, or has to be made."""
    digest = hashlib.sha256()
    for name in SCRIPTS:
        digest.update((Path(__file__).parent / name).read_bytes())
    scripts = digest.hexdigest()[:12]
    try:
        state = debian.state(board.release)
    except Fault as fault:
        made = sorted(FOLDER.glob(f"{_kind(board)}-{scripts}-*"), key=lambda path: path.stat().st_mtime)
        if not made:
            raise
        say(f"{fault}; taking the image that is here")
        return made[-1]
    return FOLDER / f"{_kind(board)}-{scripts}-{hashlib.sha256(state.encode()).hexdigest()[:12]}"


def _make(folder: Path, board: Board) -> None:
    if os.geteuid() != 0:
        raise Fault("the files of an image belong to root: run this as root, or by `fakeroot`")
    what = f"Debian {board.release.number} {board.architecture}"
    say(f"making the image of {what}: {folder}")
    unfinished = folder.with_name(f"{folder.name}.part{os.getpid()}")
    system = unfinished / "root"
    unfinished.mkdir(parents=True)
    try:
        root.make(system, board.release, board.architecture, KERNELS[board.architecture])
        kernel.prune(system, unfinished / "initrd")
        kernel.take(system, unfinished)
        disk = unfinished / "disk.raw"
        with disk.open("wb") as file:
            file.truncate(DISK)
        say("making the disk")
        subprocess.run(
            [debian.find("mke2fs"), "-q", "-F", "-t", "ext4", "-m", "0", "-d", system, disk], check=True
        )
        shutil.rmtree(system)
        for old in FOLDER.glob(f"{_kind(board)}-*"):
            if old != unfinished and ".part" not in old.name:
                shutil.rmtree(old)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    say(f"made the image of {what}")


def _tree(folder: Path, board: Board) -> Path | None:
    """The board's device tree, changed as the emulator and the tests need it; made each time: it is quick."""
    if not board.device_tree:
        return None
    tree = folder / f"{board.name}.dtb"
    shutil.copy(folder / "trees" / board.device_tree, tree)
    if board.usb_as_host:
        subprocess.run(
            [debian.find("fdtput"), "-t", "s", tree, "/soc/usb@7e980000", "dr_mode", "host"], check=True
        )
    _add_one_wire(tree)
    return tree


def _add_one_wire(tree: Path) -> None:
    """Declare a 1-Wire bus, as Raspberry Pi OS's `dtoverlay=w1-gpio` does."""
    get, put = debian.find("fdtget"), debian.find("fdtput")
    chip = subprocess.check_output([get, "-t", "u", tree, "/soc/gpio@7e200000", "phandle"], text=True)
    line = (chip.strip(), str(ONE_WIRE_LINE), "0")
    subprocess.run([put, "-p", "-t", "s", tree, "/onewire", "compatible", "w1-gpio"], check=True)
    subprocess.run([put, "-t", "u", tree, "/onewire", "gpios", *line], check=True)
