"""What a board's firmware loads from a card: for QEMU, whose boards have no such firmware."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from scripts.qemu.image import Image
from scripts.qemu.progress import Fault

from . import tools
from .disk import MIB, START

_FIRMWARE = f"@@{START * MIB}"


def take(image: Path, folder: Path) -> tuple[Image, tuple[str, ...]]:
    """Return what to boot of a card, and the kernel's arguments, as the card's own files name them.

    Args:
        image: The card.
        folder: Where kernel and initrd go, with a link to the card as `disk.raw`.

    Raises:
        Fault: the boot partition names no kernel and initrd.

    Source: the Raspberry Pi documentation, "config.txt": `kernel`, `initramfs`.
    """
    config = _read(image, "config.txt")
    names = [re.search(pattern, config, re.MULTILINE) for pattern in (r"^kernel=(\S+)", r"^initramfs (\S+)")]
    for found, name in zip(names, ("kernel", "initrd"), strict=True):
        if found is None:
            raise Fault(f"config.txt of {image} names no {name}")
        command = [tools.find("mcopy"), "-n", "-o", "-i", f"{image}{_FIRMWARE}", f"::{found[1]}"]
        subprocess.run([*command, str(folder / name)], check=True)
    disk = folder / "disk.raw"
    disk.unlink(missing_ok=True)
    disk.symlink_to(image.resolve())
    return Image(folder, None), tuple(_read(image, "cmdline.txt").split())


def _read(image: Path, name: str) -> str:
    command = [tools.find("mtype"), "-i", f"{image}{_FIRMWARE}", f"::{name}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
