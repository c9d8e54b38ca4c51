"""What the making of a card needs of this machine: programs, and a processor's emulation."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

from scripts.qemu import debian
from scripts.qemu.progress import Fault
from scripts.qemu.releases import RELEASES

from .cards import Card

#: Program: the Debian package that has it.
PROGRAMS = {
    "mmdebstrap": "mmdebstrap",
    "arch-test": "arch-test",
    "mkfs.vfat": "dosfstools",
    "mcopy": "mtools",
    "mmd": "mtools",
    "mtype": "mtools",
    "sfdisk": "fdisk",
}
_NATIVE = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "armhf"}
_BINFMT = Path("/proc/sys/fs/binfmt_misc")


def find(program: str) -> str:
    """Return where a program is.

    Raises:
        Fault: it is missing; the text names its package.
    """
    return debian.find(program, PROGRAMS)


def prepare(card: Card) -> None:
    """Install what is missing here, and make sure that programs of the card's processor run.

    Raises:
        Fault: this is not root, a package cannot be installed, or the kernel runs no foreign programs.
    """
    if os.geteuid() != 0:
        raise Fault("the files of a card belong to root: run this as root")
    foreign = _NATIVE.get(platform.machine()) != card.architecture
    debian.install_missing({**PROGRAMS, **({card.emulator: "qemu-user-static"} if foreign else {})})
    if not foreign or _runs(card):
        return
    # A machine that has not been started by systemd has neither the file system nor the entries.
    if not (_BINFMT / "register").exists():
        subprocess.run(["mount", "-t", "binfmt_misc", "none", _BINFMT], check=False, capture_output=True)
    entry = Path("/usr/lib/binfmt.d", f"{card.emulator.removesuffix('-static')}.conf")
    subprocess.run(["/usr/lib/systemd/systemd-binfmt", entry], check=False, capture_output=True)
    if not _runs(card):
        raise Fault(f"programs for {card.architecture} do not run here: no binfmt_misc in the kernel")


def _runs(card: Card) -> bool:
    command = [find("arch-test"), card.architecture]
    return not subprocess.run(command, check=False, capture_output=True).returncode


def mke2fs(work: Path) -> tuple[list[str | Path], Path]:
    """Return the command of Debian 13's mke2fs for this machine, and its settings; unpacked into `work` once.

    It takes its files from an archive and its times from SOURCE_DATE_EPOCH, which Debian 12's does not.
    """
    folder = work / "mke2fs"
    if not folder.exists():
        own = _NATIVE.get(platform.machine())
        if own is None:
            raise Fault(f"no Debian to make file systems with for {platform.machine()}")
        debian.unpack(folder, RELEASES["13"], own, ("e2fsprogs", "libarchive13t64"))
    return debian.command(folder, "usr/sbin/mke2fs"), folder / "etc/mke2fs.conf"
