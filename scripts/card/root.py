"""The card's root file system: Debian of `base`, and edgeweb's package and the card's own files on it."""

from __future__ import annotations

from pathlib import Path

from scripts.qemu.progress import say

from .base import mmdebstrap
from .cards import Card

#: Units that no package enables, or whose package asks for more than a card needs.
_ENABLED = ("card-profile", "card-wireless", "edgeweb.socket", "systemd-networkd")
_MASKED = (
    "apt-daily-upgrade.timer",
    "systemd-firstboot",
    "systemd-networkd-wait-online",
    # For D-Bus, which nothing here asks; the one for the adapter is wpa_supplicant@wlan0.
    "wpa_supplicant",
)


def make(archive: Path, firmware: Path, debian_only: Path, card: Card, package: Path, epoch: int) -> None:
    """Write the root file system of a card as a tar archive, and its boot partition's files as another one.

    Args:
        archive: Where the root goes.
        firmware: Where what belongs to /boot/firmware goes.
        debian_only: What `base.make` has returned.
        card: The card.
        package: edgeweb's .deb.
        epoch: The time of all that is made here, in seconds since 1970.

    Raises:
        Fault: one of the package's scripts fails.
    """
    say(f"installing {package.name}")
    mmdebstrap(
        card,
        epoch,
        archive,
        "--variant=custom",
        "--skip=update",
        f'--setup-hook=tar --numeric-owner -xpf {debian_only} -C "$1"',
        '--customize-hook=cp -rT --no-preserve=ownership,timestamps . "$1"',
        f"--customize-hook=upload {package} /edgeweb.deb",
        '--customize-hook=chroot "$1" dpkg --install /edgeweb.deb && rm "$1/edgeweb.deb"',
        f"--customize-hook={_enabled()}",
        f"--customize-hook={_TIDY}",
        f"--customize-hook=tar-out /boot/firmware {firmware}",
        '--customize-hook=rm -rf "$1/boot/firmware" && mkdir "$1/boot/firmware"',
    )


def _enabled() -> str:
    units = " ".join(_ENABLED)
    masked = " ".join(_MASKED)
    return f'systemctl --root="$1" --quiet enable {units} && systemctl --root="$1" --quiet mask {masked}'


# The same packages have to give the same bytes: no caches that hold times, no identity, no logs.
_REMOVED = (
    "etc/default/edgeweb etc/ssh"
    " var/cache/apt/*.bin var/cache/debconf/*-old var/cache/ldconfig/aux-cache"
    " var/lib/dbus/machine-id var/lib/dpkg/*-old var/lib/systemd/random-seed var/log/*"
)
_TIDY = (
    f'cd "$1" && rm -rf {_REMOVED} && : >etc/machine-id && mkdir -p var/lib/edgeweb'
    " && ln -sf ../run/systemd/resolve/stub-resolv.conf etc/resolv.conf"
)
