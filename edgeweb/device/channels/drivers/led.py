"""LEDs that the kernel knows, such as the green one of a Raspberry Pi (`line = "ACT"`), with or without PWM.

A trigger is what else may move an LED: the card's traffic, a heartbeat. Each write stops it. The kernel does
so for 0; for other values it would let the trigger go on. Where one is stopped, the LED is dark for a moment.

Sources: Linux kernel documentation, leds/leds-class.rst, and drivers/leds/led-class.c for the rules.
"""

from __future__ import annotations

import errno
import time
from typing import NamedTuple

from . import ALL_MODES, BaseDriver, DriverError, Level, Option, Options, Report
from .kernel.sysfs import Device, Files, devices

MODES = ALL_MODES

OPTIONS = (Option("line", "string", 64, "", 'Name of the LED, such as "ACT".', needed=True),)

_FOLDER = "sys/class/leds"
_REASONS = {
    errno.EBUSY: "{} is used by the kernel, as the flash of a camera: end the program that uses it",
    errno.ENODATA: '{} is moved by its own hardware: set at_start = "off" or "on", which stops that',
}
#: Reads of an LED behind a bus until it has its new value, and the seconds between two of them.
_READS, _PAUSE = 5, 0.01


class Led(NamedTuple):
    """An LED.

    Attributes:
        device: Its folder.
        highest: The brightness of an LED that is wholly on.
        has_trigger: Whether the kernel was built with triggers.
        is_pwm: Whether the channel has values; else every brightness but 0 is on.
    """

    device: Device
    highest: int
    has_trigger: bool
    is_pwm: bool

    def level(self, brightness: int) -> Level:
        """Return what a brightness is as a level."""
        share = min(brightness / self.highest, 1.0)
        return share if self.is_pwm else share > 0


class Driver(BaseDriver):
    """A driver that sets the brightness: 0 for off, the LED's maximum for on."""

    __slots__ = ("_files", "_leds")

    def __init__(self, files: Files | None = None) -> None:
        self._files = files or Files()
        self._leds: dict[str, Led] = {}

    def attach(self, name: str, options: Options, level: Level | None, report: Report) -> Level | None:
        device = self._find(options["line"])
        highest = max(device.number("max_brightness"), 1)
        self._leds[name] = Led(device, highest, device.has("trigger"), options["mode"] == "pwm")
        return self.read(name) if level is None else self.write(name, level)

    def write(self, name: str, level: Level) -> Level:
        led = self._leds[name]
        wanted = round(level * led.highest)
        if wanted and led.has_trigger:
            led.device.write("trigger", "none")
        led.device.write("brightness", wanted)
        # An LED has few steps, or one: what it has now is not always what was asked for.
        found = led.device.number("brightness")
        for _ in range(_READS):
            if found == wanted:
                break
            # The kernel sets an LED behind a bus a moment later, and reads it from there.
            time.sleep(_PAUSE)
            found = led.device.number("brightness")
        return led.level(found)

    def read(self, name: str) -> Level:
        led = self._leds[name]
        return led.level(led.device.number("brightness"))

    def detach(self, name: str) -> None:
        self._leds.pop(name, None)

    def close(self) -> None:
        self._leds = {}

    def _find(self, line: str) -> Device:
        names = devices(self._files, _FOLDER)
        if line in names:
            return Device(self._files, f"{_FOLDER}/{line}", f'the LED "{line}"', _REASONS)
        if not names:
            raise DriverError(f"this machine has no LEDs (/{_FOLDER}): load the driver of the LED")
        raise DriverError(f'there is no LED "{line}": set line to one of {", ".join(names)}')
