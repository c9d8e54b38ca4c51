"""The kernel of an image: the modules that a board here needs, and the initrd that finds the disk."""

from __future__ import annotations

import lzma
import shutil
import subprocess
from pathlib import Path

from . import debian
from .progress import Fault

#: To reach the disk: loaded by the initrd, in this order, each after what it needs itself.
FOR_DISK = (
    "crc32c_generic",
    "crc32c_cryptoapi",
    "ext4",
    "mmc_block",
    "bcm2835_dma",
    "bcm2835",
    "sdhci_iproc",
    "virtio_mmio",
    "virtio_pci",
    "virtio_blk",
)
#: The rest: loaded by udev, or by name from modules-load.d.
FOR_SYSTEM = (
    "dwc2",
    "cdc_ether",
    "rndis_host",
    "virtio_net",
    "virtio_rng",
    "bcm2835_wdt",
    "bcm2835_thermal",
    "bcm2835_rng",
    "i6300esb",
    "raspberrypi_hwmon",
    "leds_gpio",
    "gpio_raspberrypi_exp",
    "overlay",
    "autofs4",
    # for tests/vm/inside/dead_mount.py
    "fuse",
    # for tests/vm/test_sensors.py. Debian builds neither i2c-stub nor iio_dummy for these boards.
    "w1_gpio",
    "w1_therm",
    "binfmt_misc",
    "configfs",
    "efivarfs",
    "ipv6",
    "af_packet",
    "dummy",
)
_INIT = """\
#!/bin/busybox sh
bb=/bin/busybox
$bb mount -t proc proc /proc
$bb mount -t sysfs sysfs /sys
$bb mount -t devtmpfs devtmpfs /dev
while read module; do $bb insmod /modules/$module || echo "initrd: cannot load $module"; done </modules/order
for word in $($bb cat /proc/cmdline); do case $word in root=*) root=${word#root=} ;; esac; done
waited=0
until [ -b "$root" ]; do
  waited=$((waited + 1))
  [ $waited -lt 600 ] || { echo "Kernel panic - not syncing: the initrd found no $root"; exit 1; }
  $bb usleep 100000
done
$bb mount -t ext4 "$root" /root || { echo "Kernel panic - not syncing: $root cannot be mounted"; exit 1; }
$bb mount -o move /dev /root/dev
$bb umount /proc
$bb umount /sys
exec $bb switch_root /root /usr/lib/systemd/systemd
"""


def _modules(root: Path) -> Path:
    found = list((root / "usr/lib/modules").iterdir())
    if len(found) != 1:
        raise Fault(f"expected the modules of one kernel, found {[path.name for path in found]}")
    return found[0]


def _name(path: Path | str) -> str:
    """A module's name: files and names mix - and _."""
    return Path(path).name.partition(".ko")[0].replace("-", "_")


def _needs(modules: Path) -> dict[str, list[Path]]:
    """Module: its file, after the files of all it needs, in the order in which they have to be loaded."""
    needs = {}
    for line in (modules / "modules.dep").read_text().splitlines():
        file, _, others = line.partition(":")
        # depmod names what is needed directly first, and what that needs after it.
        needs[_name(file)] = [modules / name for name in (*reversed(others.split()), file)]
    return needs


def prune(root: Path, initrd: Path) -> None:
    """Makes `initrd`, and leaves of the modules in `root` only those that a board here uses."""
    modules = _modules(root)
    subprocess.run([debian.find("depmod"), "-b", root / "usr", modules.name], check=True)
    needs = _needs(modules)
    _make_initrd(root, initrd, [path for name in FOR_DISK for path in needs.get(name, ())])
    kept = {path for name in (*FOR_DISK, *FOR_SYSTEM) for path in needs.get(name, ())}
    for path in modules.rglob("*.ko*"):
        if path not in kept:
            path.unlink()
    subprocess.run([debian.find("depmod"), "-b", root / "usr", modules.name], check=True)


def _make_initrd(root: Path, initrd: Path, modules: list[Path]) -> None:
    folder = initrd.with_suffix(".folder")
    for name in ("bin", "dev", "proc", "sys", "root", "modules"):
        (folder / name).mkdir(parents=True)
    shutil.copy(root / "usr/bin/busybox", folder / "bin/busybox")
    (folder / "init").write_text(_INIT)
    (folder / "init").chmod(0o755)
    order = []
    for path in modules:
        name = f"{_name(path)}.ko"
        if name in order:
            continue
        # busybox's insmod takes no compressed ones.
        content = path.read_bytes()
        (folder / "modules" / name).write_bytes(lzma.decompress(content) if path.suffix == ".xz" else content)
        order.append(name)
    (folder / "modules/order").write_text("".join(f"{name}\n" for name in order))
    names = "\0".join(str(path.relative_to(folder)) for path in sorted(folder.rglob("*")))
    archive = subprocess.run(
        [debian.find("cpio"), "--quiet", "--null", "--create", "--format=newc", "--owner=0:0"],
        cwd=folder,
        input=names.encode(),
        capture_output=True,
        check=True,
    )
    initrd.write_bytes(archive.stdout)
    shutil.rmtree(folder)


def take(root: Path, folder: Path) -> None:
    """Moves the kernel to `folder`/kernel and its device trees to `folder`/trees: QEMU loads them itself."""
    (kernel,) = (root / "boot").glob("vmlinuz-*")
    kernel.rename(folder / "kernel")
    trees = folder / "trees"
    trees.mkdir()
    for tree in root.glob("usr/lib/linux-image-*/**/bcm283*.dtb"):
        relative = Path(*tree.relative_to(root / "usr/lib").parts[1:])
        (trees / relative).parent.mkdir(exist_ok=True)
        shutil.copy(tree, trees / relative)
    for rest in (*root.glob("usr/lib/linux-image-*"), *root.glob("boot/*")):
        if rest.is_dir():
            shutil.rmtree(rest)
        else:
            rest.unlink()
