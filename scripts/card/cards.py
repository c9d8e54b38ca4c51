"""The cards that can be made: data, no code."""

from __future__ import annotations

from typing import NamedTuple


class Card(NamedTuple):
    """One card, and the boards that start from it."""

    name: str
    boards: str
    #: Debian's name of the processor.
    architecture: str
    #: Debian's kernel for it.
    kernel: str
    #: The program of qemu-user that runs the packages' scripts on a machine with another processor.
    emulator: str


CARDS = {
    card.name: card
    for card in (
        Card("pi64", "Pi 3, Pi 4, Zero 2 W", "arm64", "linux-image-arm64", "qemu-aarch64-static"),
        Card("pi32", "Pi 2", "armhf", "linux-image-armmp", "qemu-arm-static"),
    )
}
