"""A pulse is as long as asked whatever stands still: a card that does not answer, a network drive.

The times are those of the guest, whose clock counts its instructions: they do not depend on how busy this
machine is.
"""

from __future__ import annotations

import pytest

from .conftest import Owned
from .pulses import check_pulses

pytestmark = pytest.mark.vm


def test_a_pulse_is_as_long_as_asked_whatever_stands_still(board: Owned) -> None:
    if board.device.board.name == "zero":
        pytest.skip("asked with a garden of 16 channels and 16 sensors: test_garden.py")
    if not board.device.board.counts_instructions:
        pytest.skip("its clock is this machine's: how long a pulse is depends on what else runs here")
    check_pulses(board)
