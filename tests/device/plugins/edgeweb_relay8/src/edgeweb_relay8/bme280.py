"""Temperature, humidity or pressure of a BME280 on I2C, for boards without the kernel's driver.

    [sensors.cellar]
    kind = "bme280_i2c"
    quantity = "humidity"

Each chip has numbers of its own, from its calibration, which turn what it measures into a temperature, and
that and the rest into humidity and pressure.

Source: Bosch Sensortec, BME280 data sheet (BST-BME280-DS002), sections 4.2.2, 5.3, 5.4 and 8.1.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from struct import unpack

from smbus2 import SMBus

from edgeweb.device.sensors.kinds import BaseInput, Option, Options
from edgeweb.device.system.source import SourceError

UNITS = {"temperature": "°C", "humidity": "%", "pressure": "hPa"}

OPTIONS = (
    Option("bus", "string", 100, "/dev/i2c-1", "Device of the bus."),
    Option("address", "integer", (0x76, 0x77), 0x76, "Address of the chip on the bus."),
    Option("quantity", "choice", tuple(UNITS), "temperature", "What is measured."),
)

_ID, _STATUS, _CTRL_HUM, _CTRL_MEAS, _DATA = 0xD0, 0xF3, 0xF2, 0xF4, 0xF7
_CALIBRATION, _CALIBRATION_HUMIDITY = 0x88, 0xE1
#: One sample of each quantity, once ("forced mode"): 9.3 ms at most.
_ONE_SAMPLE, _FORCED = 0x01, 0b001_001_01
_MEASURING = 0x08


class Calibration:
    """The numbers of one chip, and what they make of what it measures."""

    def __init__(self, low: bytes, high: bytes) -> None:
        self.t: Sequence[int] = unpack("<Hhh", low[:6])
        self.p: Sequence[int] = unpack("<Hhhhhhhhh", low[6:24])
        h2, h3 = unpack("<hB", high[:3])
        h4 = unpack("b", high[3:4])[0] << 4 | high[4] & 0x0F
        h5 = unpack("b", high[5:6])[0] << 4 | high[4] >> 4
        self.h: Sequence[int] = (low[25], h2, h3, h4, h5, unpack("b", high[6:7])[0])

    def fine(self, adc: int) -> float:
        """Return the fine temperature, of which 5120 are a degree."""
        first = (adc / 16384 - self.t[0] / 1024) * self.t[1]
        second = (adc / 131072 - self.t[0] / 8192) ** 2 * self.t[2]
        return first + second

    def pressure(self, adc: int, fine: float) -> float:
        """Return the pressure in hPa."""
        p = (0, *self.p)
        first = fine / 2 - 64000
        second = first * first * p[6] / 32768 + first * p[5] * 2
        second = second / 4 + p[4] * 65536
        first = (p[3] * first * first / 524288 + p[2] * first) / 524288
        first = (1 + first / 32768) * p[1]
        if first == 0:
            raise SourceError("the chip has lost its calibration: switch its supply off and on")
        found = (1048576 - adc - second / 4096) * 6250 / first
        return (found + (p[9] * found * found / 2147483648 + found * p[8] / 32768 + p[7]) / 16) / 100

    def humidity(self, adc: int, fine: float) -> float:
        """Return the relative humidity in percent."""
        h = (0, *self.h)
        found = fine - 76800
        found = (adc - (h[4] * 64 + h[5] / 16384 * found)) * (
            h[2] / 65536 * (1 + h[6] / 67108864 * found * (1 + h[3] / 67108864 * found))
        )
        return min(max(found * (1 - h[1] * found / 524288), 0.0), 100.0)


class Input(BaseInput):
    """One quantity of a chip. All chips of a bus share a thread."""

    def __init__(self, options: Options, root: str = "/") -> None:
        super().__init__(options, root)
        self._bus: str = options["bus"]
        self._address: int = options["address"]
        self._quantity: str = options["quantity"]
        self.unit = UNITS[self._quantity]
        self.lane = self._bus
        self.deadline = 3.0

    def read(self) -> float:
        with SMBus(self._bus) as bus:

            def block(register: int, length: int) -> bytes:
                return bytes(bus.read_i2c_block_data(self._address, register, length))

            if (chip := bus.read_byte_data(self._address, _ID)) != 0x60:
                raise SourceError(
                    f"there is no BME280 at {self._address:#x}, but a chip with the id {chip:#x}"
                )
            bus.write_byte_data(self._address, _CTRL_HUM, _ONE_SAMPLE)
            bus.write_byte_data(self._address, _CTRL_MEAS, _FORCED)
            for _ in range(20):
                if not bus.read_byte_data(self._address, _STATUS) & _MEASURING:
                    break
                time.sleep(0.001)
            calibration = Calibration(block(_CALIBRATION, 26), block(_CALIBRATION_HUMIDITY, 7))
            data = block(_DATA, 8)
        return measured(self._quantity, calibration, data)


def measured(quantity: str, calibration: Calibration, data: bytes) -> float:
    """Return a quantity of the eight bytes of a measurement: pressure, temperature, humidity."""
    fine = calibration.fine(int.from_bytes(data[3:6], "big") >> 4)
    if quantity == "temperature":
        return round(fine / 5120, 2)
    if quantity == "pressure":
        return round(calibration.pressure(int.from_bytes(data[:3], "big") >> 4, fine), 2)
    return round(calibration.humidity(int.from_bytes(data[6:8], "big"), fine), 2)
