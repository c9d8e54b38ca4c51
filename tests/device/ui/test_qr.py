"""QR codes, compared module for module with those of a library."""

from __future__ import annotations

import re

import pytest
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_L
from qrcode.util import MODE_8BIT_BYTE, QRData

from edgeweb.device.access.second_factor import uri
from edgeweb.device.ui.qr import MAX_BYTES, QUIET_ZONE, VERSIONS, matrix, svg


def of_library(text: str, mask: int) -> list[list[int]]:
    code = QRCode(error_correction=ERROR_CORRECT_L, mask_pattern=mask, border=0)
    code.add_data(QRData(text.encode(), mode=MODE_8BIT_BYTE))
    code.make()
    return [[int(dark) for dark in row] for row in code.get_matrix()]


@pytest.mark.parametrize(
    "length", sorted({0, *(room - 2 for room, _, _ in VERSIONS.values()), *range(1, 230, 19)})
)
def test_a_code_is_that_of_a_library(length: int) -> None:
    text = "".join(chr(33 + (7 * at + length) % 90) for at in range(length))
    found = matrix(text)
    assert found in [of_library(text, mask) for mask in range(8)]


def test_a_text_in_utf_8() -> None:
    assert matrix("Gewächshaus") in [of_library("Gewächshaus", mask) for mask in range(8)]


def test_the_longest_text_of_a_second_factor_fits() -> None:
    # a host name has 64 characters, a user's name as many
    matrix(uri("A" * 32, "u" * 64, "h" * 64))


def test_a_text_that_is_too_long() -> None:
    with pytest.raises(ValueError, match=f"{MAX_BYTES + 1} bytes are too many"):
        matrix("x" * (MAX_BYTES + 1))


def test_the_picture_has_these_modules() -> None:
    found = matrix("a picture")
    drawn: set[tuple[int, int]] = set()
    text = svg("a picture")
    dark = text.rpartition('d="')[2]
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", dark):
        drawn |= {(int(x) + step, int(y)) for step in range(int(length))}
    assert drawn == {
        (x + QUIET_ZONE, y + QUIET_ZONE)
        for y, row in enumerate(found)
        for x, value in enumerate(row)
        if value
    }
    assert f'viewBox="0 0 {len(found) + 8} {len(found) + 8}"' in text
