"""Debian 13 for a card, without edgeweb: installed by apt as on a device, and kept.

The packages' scripts run here, under qemu-user where the processor is another one. So dpkg knows the result,
which can be updated on the board. That takes minutes; `root` adds to it what takes seconds.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from pathlib import Path

from scripts import mirror
from scripts.qemu import debian
from scripts.qemu.progress import Fault, say
from scripts.qemu.releases import RELEASES

from .cards import Card

RELEASE = "trixie"
#: What a board needs to start, to get into a network and to be found there. The rest comes with edgeweb.
PACKAGES = (
    "systemd-sysv systemd-resolved systemd-timesyncd udev dbus polkitd kmod"
    " iproute2 wpasupplicant wireless-regdb avahi-daemon ca-certificates tzdata openssl"
    " e2fsprogs dosfstools fdisk util-linux initramfs-tools zstd"
    " raspi-firmware firmware-brcm80211"
).split()
FILES = Path(__file__).with_name("files")
#: Of these, what the packages' own scripts read.
_EARLY = "etc/default/raspi-firmware"
#: Nothing on a card reads these.
UNREAD = ("doc", "info", "lintian", "locale", "man")
_BASE_TIDY = 'rm "$1/etc/apt/apt.conf.d/99mmdebstrap"'


def make(folder: Path, card: Card, package: Path) -> Path:
    """Return Debian without edgeweb, but with all that its package needs, as a tar archive; kept in `folder`.

    Args:
        folder: Where it is kept, until Debian's release, or what is wanted of it, changes.
        card: The card.
        package: edgeweb's .deb, for the names of what it depends on.

    Raises:
        Fault: a package cannot be had, or one of its scripts fails.
    """
    wanted = (*PACKAGES, card.kernel, *needed(package))
    state = debian.state(RELEASES["13"])
    text = "\0".join((state, *wanted, Path(__file__).read_text(), (FILES / _EARLY).read_text()))
    archive = folder / f"{card.name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}.tar"
    if archive.exists():
        return archive
    folder.mkdir(parents=True, exist_ok=True)
    say(f"installing Debian for {card.boards}: some minutes")
    unfinished = folder / f"{card.name}.part{os.getpid()}.tar"
    try:
        _install(unfinished, card, wanted, debian.date(state))
        for old in folder.glob(f"{card.name}-*.tar"):
            old.unlink()
        unfinished.rename(archive)
    finally:
        unfinished.unlink(missing_ok=True)
    return archive


def _install(archive: Path, card: Card, wanted: tuple[str, ...], epoch: int) -> None:
    mmdebstrap(
        card,
        epoch,
        archive,
        "--variant=apt",
        f"--include={','.join(wanted)}",
        "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
        "--aptopt=Acquire::Retries 5",
        # The settings that are there before their package count, on the board as well; dpkg would ask, and
        # fail where no person answers. Not by apt's options: mmdebstrap has apt call dpkg by `env`, which
        # would take them for its own.
        "--dpkgopt=force-confold",
        # debconf would look for questions in each package, minutes under emulation, and ask none.
        "--aptopt=#clear DPkg::Pre-Install-Pkgs",
        *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in UNREAD),
        "--dpkgopt=path-include=/usr/share/doc/*/copyright",
        "--dpkgopt=path-include=/usr/share/doc/edgeweb/*",
        f'--essential-hook=cp --parents -t "$1" {_EARLY}',
        '--customize-hook=chroot "$1" update-initramfs -c -k all',
        f"--customize-hook={_BASE_TIDY}",
    )


def mmdebstrap(card: Card, epoch: int, archive: Path, *options: str) -> None:
    """Run mmdebstrap for a card, in the folder with its files."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch), "LC_ALL": "C.UTF-8"}
    # The kernel package and its triggers would each make the initrd, minutes under emulation: made last.
    environment["INITRD"] = "No"
    # It would leave out the compiled modules of Python.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [debian.find("mmdebstrap"), "--mode=root", f"--architectures={card.architecture}"]
    command += ["--components=main,non-free-firmware", *options, RELEASE, str(archive)]
    command += [f"deb {mirror.url()} {RELEASE} main non-free-firmware"]
    done = subprocess.run(command, env=environment, cwd=FILES, capture_output=True, text=True, check=False)
    if done.returncode:
        missing = mirror.missing_line(done.stderr, f"Debian {RELEASE} {card.architecture}")
        raise Fault(missing or f"mmdebstrap failed:\n{done.stderr[-4000:]}")


def needed(package: Path) -> list[str]:
    """Return the names of the packages that a package depends on; of alternatives the first."""
    command = ["dpkg-deb", "--field", str(package), "Depends"]
    field = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return list(dict.fromkeys(re.findall(r"(?:^|,)\s*([a-z0-9.+-]+)", field)))
