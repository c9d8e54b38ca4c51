"""The card's disk: boot partition, root and state, to the byte the same from the same files.

The firmware of a Pi 3 reads a master boot record only, and of it the first partition with FAT. The state is
last, so that it can grow to the end of any card.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import uuid
from pathlib import Path

from scripts.qemu.progress import Fault, say

from . import tools

MIB = 1 << 20
_SECTOR = 512
#: In MiB: where the boot partition begins, then each partition's size. The first one has room for two kernels
#: with their initrds, the second for twice what is installed.
START, BOOT, ROOT, STATE = 4, 256, 1536, 64
_NAMESPACE = uuid.UUID("d9e4f0a2-6c1b-4e57-9f0e-3f1f4a0c5b77")


def make(disk: Path, card: str, archive: Path, firmware: Path, work: Path, epoch: int) -> None:
    """Write a disk of three partitions.

    Args:
        disk: The file; most of it is a hole.
        card: The card's name: the identifiers of the file systems are made of it.
        archive: The root file system, as a tar archive.
        firmware: The files of the boot partition, below `firmware`, as a tar archive.
        work: A folder for what is needed on the way.
        epoch: The time of the file systems, in seconds since 1970.

    Raises:
        Fault: there is nothing for the boot partition.
    """
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch), "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    with disk.open("wb") as file:
        file.truncate((START + BOOT + ROOT + STATE) * MIB)
    _partition(disk, card)
    say("making the file systems")
    boot = work / "boot.fat"
    _make_boot(boot, card, firmware, work / "boot", environment)
    _copy(boot, disk, START * MIB)
    boot.unlink()
    _make_ext4(disk, "edgeweb-root", card, START + BOOT, ROOT, archive, work, environment)
    empty = work / "empty.tar"
    with tarfile.open(empty, "w"):
        pass
    _make_ext4(disk, "edgeweb-state", card, START + BOOT + ROOT, STATE, empty, work, environment)


def _partition(disk: Path, card: str) -> None:
    first, second, third = START * MIB, (START + BOOT) * MIB, (START + BOOT + ROOT) * MIB
    table = "\n".join(
        (
            "label: dos",
            f"label-id: 0x{_identifier(card, 'disk').hex[:8]}",
            f"start={first // _SECTOR}, size={BOOT * MIB // _SECTOR}, type=c, bootable",
            f"start={second // _SECTOR}, size={ROOT * MIB // _SECTOR}, type=83",
            f"start={third // _SECTOR}, size={STATE * MIB // _SECTOR}, type=83",
        )
    )
    command = [tools.find("sfdisk"), "--quiet", "--no-reread", "--no-tell-kernel", str(disk)]
    subprocess.run(command, input=table + "\n", text=True, check=True)


def _make_boot(image: Path, card: str, firmware: Path, folder: Path, environment: dict[str, str]) -> None:
    with tarfile.open(firmware) as archive:
        archive.extractall(folder, filter="data")
    root = folder / "firmware"
    if not (root / "config.txt").exists():
        raise Fault(f"{firmware} has no firmware/config.txt, so no board would start from the card")
    image.unlink(missing_ok=True)
    number = _identifier(card, "boot").hex[:8]
    make = [tools.find("mkfs.vfat"), "--invariant", "-F", "32", "-n", "EDGEWEB", "-i", number]
    subprocess.run([*make, "-C", image, str(BOOT * 1024)], check=True, stdout=subprocess.DEVNULL)
    # Folder by folder, in a fixed order: the order decides where a file lies.
    for place, folders, files in os.walk(root):
        folders.sort()
        target = "::" + "/".join(Path(place).relative_to(root).parts)
        if place != str(root):
            subprocess.run([tools.find("mmd"), "-i", image, target], env=environment, check=True)
        sources = [f"{place}/{name}" for name in sorted(files)]
        if sources:
            copy = [tools.find("mcopy"), "-m", "-i", str(image), *sources, target]
            subprocess.run(copy, env=environment, check=True)
    shutil.rmtree(folder)


def _copy(source: Path, disk: Path, offset: int) -> None:
    """Copy a file into the disk at an offset in bytes; what is zero stays a hole."""
    with source.open("rb") as file, disk.open("r+b") as target:
        while block := file.read(MIB):
            if block.strip(b"\0"):
                target.seek(offset)
                target.write(block)
            offset += len(block)


def _make_ext4(
    disk: Path,
    label: str,
    card: str,
    start: int,
    size: int,
    archive: Path,
    work: Path,
    environment: dict[str, str],
) -> None:
    """Make a file system in the disk, in place: from `start`, `size` MiB large, with an archive's files."""
    number = str(_identifier(card, label))
    options = f"offset={start * MIB},hash_seed={number},lazy_itable_init=0,lazy_journal_init=0"
    program, settings = tools.mke2fs(work)
    command = [*program, "-q", "-F", "-t", "ext4", "-L", label, "-U", number, "-m", "1", "-E", options]
    subprocess.run(
        [*command, "-d", archive, disk, f"{size}M"],
        env={**environment, "MKE2FS_CONFIG": str(settings)},
        check=True,
    )


def _identifier(card: str, part: str) -> uuid.UUID:
    return uuid.uuid5(_NAMESPACE, f"{card} {part}")
