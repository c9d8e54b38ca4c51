"""LEDs that the kernel knows, such as the green one of a Raspberry Pi (`line = "ACT"`), with or without PWM.

Source: Linux kernel documentation, leds/leds-class.rst.
"""

from __future__ import annotations

from . import ALL_MODES, BaseDriver, Level, Option, Options, Report
from .kernel import sysfs

MODES = ALL_MODES

OPTIONS = (Option("line", "string", 64, "", 'Name of the LED, such as "ACT".', needed=ALL_MODES),)


class Driver(BaseDriver):
    """A driver that sets the brightness: 0 for off, the LED's maximum for on. It stops the trigger."""

    __slots__ = ("_leds",)

    def __init__(self) -> None:
        #: channel: (folder, largest brightness, whether it is PWM)
        self._leds: dict[str, tuple[str, int, bool]] = {}

    def attach(self, name: str, options: Options, level: Level | None, report: Report) -> Level | None:
        folder = sysfs.folder("sys/class/leds", options["line"])
        highest = max(sysfs.read_number(folder, "max_brightness"), 1)
        self._leds[name] = (folder, highest, options["mode"] == "pwm")
        if level is None:
            return self.read(name)
        sysfs.write("none", folder, "trigger")
        return self.write(name, level)

    def write(self, name: str, level: Level) -> Level:
        folder, highest, _ = self._leds[name]
        sysfs.write(round(level * highest), folder, "brightness")
        # An LED has few steps, or one: what it shines with now is not always what was asked for.
        return self.read(name)

    def read(self, name: str) -> Level:
        folder, highest, is_pwm = self._leds[name]
        share = min(sysfs.read_number(folder, "brightness") / highest, 1.0)
        return share if is_pwm else share > 0

    def close(self) -> None:
        self._leds = {}
