"""The boards that are tested, and the machine of QEMU that stands for each: data, no code that boots.

A board is a machine with a release of Debian: `zero` is the Pi Zero with the release that stands in its row,
`virt64@12` the machine `virt64` with Debian 12.

The kernel arguments and device trees that differ from a real board's are there for the emulator's gaps; each
says which. Tried with QEMU 7.2 (Debian 12).
"""

from __future__ import annotations

from typing import NamedTuple

from .releases import RELEASES, Release

#: The guest's clock counts its instructions, 4 ns each, and real time only while the guest is idle. With the
#: host's clock, a busy host can stop QEMU between the two steps in which a kernel sets its next timer; the
#: moment has then passed, and the BCM2835's timer fires only when its counter comes round, 71 minutes later.
#: For one core: of several, QEMU 7.2 can give all instructions until the next timer to one that waits for
#: another.
COUNTED = ("-icount", "shift=2")
#: All cores in turn on one thread of the host: cheaper than four that wait for each other. With a thread for
#: each, on a host with two processors, a core can wait longer for another one than its kernel waits for the
#: card: Debian 13's driver of the card (6.12) then ends in an oops, and nothing is read any more.
ONE_THREAD = ("-accel", "tcg,thread=single")


class Board(NamedTuple):
    """One board."""

    name: str
    title: str
    #: Debian's name of the processor: which image it boots.
    architecture: str
    #: `-machine`, and what else QEMU needs for it.
    machine: tuple[str, ...]
    console: str
    #: The profile that `edgeweb profile detect` has to find there.
    profile: str
    #: Below the kernel package's folder of device trees; empty where QEMU brings its own.
    device_tree: str = ""
    #: The tree leaves USB as a device's side; only as a host is there a network.
    usb_as_host: bool = False
    arguments: tuple[str, ...] = ()
    release: Release = RELEASES["13"]
    #: How QEMU runs the processors: `COUNTED`, `ONE_THREAD`, or a thread of the host for each.
    runs: tuple[str, ...] = ()
    #: Longest time for a boot, in seconds, on a machine that does other work, too.
    patience: int = 420
    #: Whether it has the BCM2835's pins, watchdog and thermal sensor.
    broadcom: bool = True

    @property
    def counts_instructions(self) -> bool:
        """Whether the guest's clock goes by its instructions."""
        return self.runs == COUNTED

    @property
    def disk(self) -> str:
        """The kernel's name of the disk with the root file system."""
        return "/dev/mmcblk0" if self.broadcom else "/dev/vda"


# QEMU has no power controller: the driver's first read of it ends in a panic.
_NO_POWER = "initcall_blacklist=bcm2835_power_driver_init"
# The Pi 2's kernel does not boot on one thread of the host when it starts all four cores.
_ONE_CORE = "maxcpus=1"

BOARDS = {
    board.name: board
    for board in (
        Board(
            "zero",
            "Pi Zero, ARMv6",
            "armel",
            ("-machine", "raspi0"),
            "ttyAMA0",
            "raspberry-pi-zero-w",
            "bcm2835-rpi-zero.dtb",
            usb_as_host=True,
            arguments=("earlycon=pl011,0x20201000", "keep_bootcon", _NO_POWER),
            # Debian 13 has no installable ARMv6 any more, and who owns such a board runs 12.
            release=RELEASES["12"],
            runs=COUNTED,
        ),
        Board(
            "pi2",
            "Pi 2, ARMv7",
            "armhf",
            ("-machine", "raspi2b"),
            "ttyAMA0",
            "raspberry-pi-2",
            "bcm2836-rpi-2-b.dtb",
            arguments=(_ONE_CORE,),
            runs=ONE_THREAD,
        ),
        Board(
            "pi3",
            "Pi 3, arm64",
            "arm64",
            ("-machine", "raspi3b"),
            "ttyS1",
            "raspberry-pi-3",
            "broadcom/bcm2837-rpi-3-b.dtb",
            runs=ONE_THREAD,
        ),
        Board(
            "zero2",
            "Zero 2 W class, arm64",
            "arm64",
            ("-machine", "raspi3ap"),
            "ttyS1",
            "raspberry-pi-3",
            "broadcom/bcm2837-rpi-3-a-plus.dtb",
            usb_as_host=True,
            arguments=(_NO_POWER, _ONE_CORE),
            runs=ONE_THREAD,
        ),
        Board(
            "virt64",
            "virt, arm64, 512 MB",
            "arm64",
            ("-machine", "virt", "-cpu", "cortex-a53", "-m", "512", "-device", "i6300esb"),
            "ttyAMA0",
            "qemu-virt-arm64",
            broadcom=False,
            runs=COUNTED,
        ),
    )
}

#: Debian's kernel for each architecture. ARMv6 has one of its own.
KERNELS = {"arm64": "linux-image-arm64", "armhf": "linux-image-armmp", "armel": "linux-image-rpi"}


def find(name: str) -> Board:
    """Return a board by its name, `MACHINE` or `MACHINE@RELEASE`.

    >>> find("virt64@12").release.codename
    'bookworm'

    Raises:
        KeyError: there is no such machine or release.
    """
    machine, at, number = name.partition("@")
    board = BOARDS[machine]
    if not at or number == board.release.number:
        return board
    release = RELEASES[number]
    return board._replace(name=name, release=release)


def every_name() -> list[str]:
    """Return all names that `find` knows: each machine, then the same with other releases."""
    others = {board.name: RELEASES.keys() - {board.release.number} for board in BOARDS.values()}
    return [name for board in BOARDS for name in (board, *(f"{board}@{n}" for n in sorted(others[board])))]
