"""What the kernel measures, and in which units: one table for the list of hardware and for sensors.

Sources: Linux kernel documentation, hwmon/sysfs-interface.rst and ABI/testing/sysfs-bus-iio.
"""

from __future__ import annotations

from typing import NamedTuple


class Unit(NamedTuple):
    """The unit of a file of the kernel.

    Attributes:
        kernel: The unit of the number in the file.
        factor: What that number is multiplied by.
        people: The unit that people read, of the product.
    """

    kernel: str
    factor: float
    people: str


#: Of the hardware monitors, by the kind of an input: `temp` of `temp1_input`.
HWMON = {
    "temp": Unit("m°C", 0.001, "°C"),
    "in": Unit("mV", 0.001, "V"),
    "curr": Unit("mA", 0.001, "A"),
    "power": Unit("µW", 1e-6, "W"),
    "energy": Unit("µJ", 1e-6, "J"),
    "humidity": Unit("m%", 0.001, "%"),
    "fan": Unit("rpm", 1.0, "rpm"),
    "freq": Unit("Hz", 1.0, "Hz"),
}

#: Of industrial I/O, by the type of a channel: `temp` of `in_temp_input`. Others have no standard unit.
IIO = {
    "voltage": Unit("mV", 0.001, "V"),
    "altvoltage": Unit("mV", 0.001, "V"),
    "current": Unit("mA", 0.001, "A"),
    "power": Unit("mW", 0.001, "W"),
    "temp": Unit("m°C", 0.001, "°C"),
    "humidityrelative": Unit("m%", 0.001, "%"),
    "positionrelative": Unit("m%", 0.001, "%"),
    "pressure": Unit("kPa", 10.0, "hPa"),
    "illuminance": Unit("lx", 1.0, "lx"),
    "capacitance": Unit("nF", 1.0, "nF"),
    "resistance": Unit("Ω", 1.0, "Ω"),
    "distance": Unit("m", 1.0, "m"),
    "accel": Unit("m/s²", 1.0, "m/s²"),
    "gravity": Unit("m/s²", 1.0, "m/s²"),
    "anglvel": Unit("rad/s", 1.0, "rad/s"),
    "angl": Unit("rad", 1.0, "rad"),
    "incli": Unit("°", 1.0, "°"),
    "magn": Unit("G", 1.0, "G"),
    "concentration": Unit("%", 1.0, "%"),
    "electricalconductivity": Unit("S/m", 1.0, "S/m"),
    "energy": Unit("J", 1.0, "J"),
}
