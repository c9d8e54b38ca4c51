"""Relays of a board with eight of them behind a PCF8574 on I2C.

    [channels.pump]
    driver = "relay8"
    mode = "output"
    relay = 3

The expander has no registers: a byte that is written is the level of its eight pins, and a byte that is read
is what they are. Such boards switch a relay on with a low pin, hence `active_low`.

Source: NXP, PCF8574 data sheet, sections 7 and 8.
"""

from __future__ import annotations

from smbus2 import SMBus

from edgeweb.device.channels.drivers import BaseDriver, DriverError, Level, Option, Options, Report

OPTIONS = (
    Option("chip", "string", 100, "/dev/i2c-1", "Device of the bus."),
    Option("address", "integer", (0x20, 0x3F), 0x20, "Address of the board on the bus."),
    Option("relay", "integer", (1, 8), 1, "Number of the relay on the board."),
    Option("active_low", "boolean", None, True, "A low pin switches the relay on."),
)
MODES = ("output", "button")


class Relay:
    """One relay: its board, and its bit there."""

    def __init__(self, options: Options) -> None:
        self.bus: str = options["chip"]
        self.address: int = options["address"]
        self.bit = 1 << options["relay"] - 1
        self.active_low: bool = options["active_low"]


class Driver(BaseDriver):
    """All relays of all boards. Those of one bus share a thread, as they name the same `chip`."""

    def __init__(self) -> None:
        self._relays: dict[str, Relay] = {}

    def attach(self, name: str, options: Options, level: Level | None, report: Report) -> Level | None:
        self._relays[name] = Relay(options)
        return self.read(name) if level is None else self.write(name, level)

    def write(self, name: str, level: Level) -> Level:
        relay = self._relays[name]
        with SMBus(relay.bus) as bus:
            pins = bus.read_byte(relay.address)
            pins = pins | relay.bit if bool(level) != relay.active_low else pins & ~relay.bit
            bus.write_byte(relay.address, pins)
            if bus.read_byte(relay.address) != pins:
                raise DriverError(
                    f"the board at {relay.address:#x} does not keep what it is sent: check its supply"
                )
        return bool(level)

    def read(self, name: str) -> Level:
        relay = self._relays[name]
        with SMBus(relay.bus) as bus:
            return bool(bus.read_byte(relay.address) & relay.bit) != relay.active_low

    def detach(self, name: str) -> None:
        self._relays.pop(name, None)
