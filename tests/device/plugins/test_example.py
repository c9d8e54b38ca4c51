"""The arithmetic of the example's sensor, beside the formulas in whole numbers of the data sheet."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from struct import pack
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeweb.device.system.source import SourceError

from .environments import EXAMPLE

#: The worked example of Bosch Sensortec's BMP280 data sheet (BST-BMP280-DS001), section 3.12, whose formulas
#: of temperature and pressure are the BME280's: 25.08 °C and 100653 Pa.
T = (27504, 26435, -1000)
P = (36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000)
ADC_T, ADC_P = 519888, 415148
#: Of humidity no data sheet has an example; these are the numbers of a chip, and what it measured.
H = (75, 353, 0, 340, 0, 30)
ADC_H = 29000

CALIBRATION = pack("<Hhh", *T) + pack("<H8h", *P) + bytes((0, H[0]))
CALIBRATION_HUMIDITY = pack("<hB", H[1], H[2]) + bytes(
    (H[3] >> 4 & 0xFF, (H[3] & 0x0F) | (H[4] & 0x0F) << 4, H[4] >> 4 & 0xFF, H[5])
)
DATA = (ADC_P << 4).to_bytes(3, "big") + (ADC_T << 4).to_bytes(3, "big") + ADC_H.to_bytes(2, "big")


@pytest.fixture(scope="module")
def bme280() -> Iterator[Any]:
    """The module of the example, from its source."""
    sys.path.insert(0, str(EXAMPLE / "src"))
    yield import_module("edgeweb_relay8.bme280")
    sys.path.remove(str(EXAMPLE / "src"))
    for name in [name for name in sys.modules if name.startswith("edgeweb_relay8")]:
        del sys.modules[name]


def humidity_in_whole_numbers(adc: int, fine: int, h: tuple[int, ...]) -> float:
    """Section 4.2.3 of the BME280's data sheet: 32 bits, a percent is 1024."""
    x = fine - 76800
    left = ((adc << 14) - (h[3] << 20) - h[4] * x + 16384) >> 15
    right = ((((x * h[5]) >> 10) * (((x * h[2]) >> 11) + 32768)) >> 10) + 2097152
    x = left * ((right * h[1] + 8192) >> 14)
    x -= ((((x >> 15) * (x >> 15)) >> 7) * h[0]) >> 4
    return (min(max(x, 0), 419430400) >> 12) / 1024


def temperature_in_whole_numbers(adc: int, t: tuple[int, ...]) -> int:
    """Return the fine temperature, by section 4.2.3."""
    first = (((adc >> 3) - (t[0] << 1)) * t[1]) >> 11
    return first + ((((((adc >> 4) - t[0]) * ((adc >> 4) - t[0])) >> 12) * t[2]) >> 14)


def test_the_worked_example(bme280: Any) -> None:
    calibration = bme280.Calibration(CALIBRATION, CALIBRATION_HUMIDITY)
    assert (tuple(calibration.t), tuple(calibration.p), tuple(calibration.h)) == (T, P, H)
    fine = calibration.fine(ADC_T)
    assert round(fine) == temperature_in_whole_numbers(ADC_T, T) == 128422
    assert bme280.measured("temperature", calibration, DATA) == 25.08
    assert calibration.pressure(ADC_P, fine) == pytest.approx(1006.5327, abs=1e-4)
    assert bme280.measured("pressure", calibration, DATA) == 1006.53


@given(
    adc=st.integers(0, 65535),
    adc_t=st.integers(400_000, 650_000),
    h=st.tuples(
        *(st.integers(0, 255), st.integers(200, 500), st.integers(0, 255)),
        *(st.integers(200, 500), st.integers(-100, 100), st.integers(-50, 50)),
    ),
)
def test_humidity_is_that_of_whole_numbers(
    bme280: Any, adc: int, adc_t: int, h: tuple[int, int, int, int, int, int]
) -> None:
    fine = temperature_in_whole_numbers(adc_t, T)
    calibration = bme280.Calibration(CALIBRATION, CALIBRATION_HUMIDITY)
    calibration.h = h
    assert calibration.humidity(adc, fine) == pytest.approx(humidity_in_whole_numbers(adc, fine, h), abs=0.05)


@given(
    h4=st.integers(-2048, 2047),
    h5=st.integers(-2048, 2047),
    rest=st.tuples(
        st.integers(0, 255), st.integers(-32768, 32767), st.integers(0, 255), st.integers(-128, 127)
    ),
)
def test_the_numbers_of_humidity_are_packed_across_bytes(
    bme280: Any, h4: int, h5: int, rest: tuple[int, int, int, int]
) -> None:
    h1, h2, h3, h6 = rest
    high = (
        pack("<hB", h2, h3)
        + bytes((h4 >> 4 & 0xFF, (h4 & 0x0F) | (h5 & 0x0F) << 4, h5 >> 4 & 0xFF))
        + pack("b", h6)
    )
    found = bme280.Calibration(CALIBRATION[:25] + bytes((h1,)), high)
    assert tuple(found.h) == (h1, h2, h3, h4, h5, h6)


def test_a_chip_without_its_calibration(bme280: Any) -> None:
    calibration = bme280.Calibration(bytes(26), bytes(7))
    with pytest.raises(SourceError, match="has lost its calibration"):
        calibration.pressure(ADC_P, calibration.fine(ADC_T))
