"""The 40 pins of a Raspberry Pi's header: what is at each position.

All models with 40 pins have the same header, from the Raspberry Pi 1 B+ on. Its lines are those of one chip,
and their numbers there are the BCM numbers: pin 11 is GPIO17, which is line 17. Position 1 has the square
pad, and the odd ones are in its row.

Source: Raspberry Pi documentation, "GPIO and the 40-pin header".
"""

from __future__ import annotations

#: How the drivers of the header's chip call it: models up to 3 and all Zeros, 4, 5.
LABELS = ("pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1")

#: How the labels of chips begin whose lines are wired to parts of these boards: radio, power, card, HDMI.
INTERNAL = ("raspberrypi-exp-gpio", "brcmvirt-gpio", "gpio-brcmstb@")

#: The lines at positions 27 and 28, which the firmware keeps for the memory of an add-on board.
ID_LINES = (0, 1)

# fmt: off
#: By position: the number of the line, or what else is there. A row here is a row of two on the board.
HEADER: tuple[int | str, ...] = (
    "no pin",
    "3.3 V", "5 V",
    2, "5 V",
    3, "ground",
    4, 14,
    "ground", 15,
    17, 18,
    27, "ground",
    22, 23,
    "3.3 V", 24,
    10, "ground",
    9, 25,
    11, 8,
    "ground", 7,
    0, 1,
    5, "ground",
    6, 12,
    13, "ground",
    19, 16,
    26, 20,
    "ground", 21,
)
# fmt: on
