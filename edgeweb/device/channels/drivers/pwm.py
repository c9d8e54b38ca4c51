"""Outputs of the kernel's PWM controllers: `chip = "pwmchip0"`, `line = "0"`, `frequency = 1000`.

Source: Linux kernel documentation, driver-api/pwm.rst, "Using PWMs with the sysfs interface".
"""

from __future__ import annotations

import os
import time

from . import ALL_MODES, BaseDriver, DriverError, Level, Option, Options, Report
from .kernel import sysfs

MODES = ALL_MODES

OPTIONS = (
    Option("line", "string", 64, "", "Number of the output.", needed=ALL_MODES),
    Option("chip", "string", 64, "pwmchip0", "The controller of the output."),
    Option("frequency", "number", (1, 100_000), 1000.0, "Periods a second, in hertz."),
)

_NANOSECONDS = 1_000_000_000
#: Seconds for udev to give an exported output its owner.
_PATIENCE = 1.0


class Driver(BaseDriver):
    """A driver that sets the duty cycle. Outside the mode `pwm`, on and off are 100 % and 0 %."""

    __slots__ = ("_outputs",)

    def __init__(self) -> None:
        #: channel: (folder, period in nanoseconds, whether the mode is `pwm`)
        self._outputs: dict[str, tuple[str, int, bool]] = {}

    def attach(self, name: str, options: Options, level: Level | None, report: Report) -> Level | None:
        line: str = options["line"]
        if not line.isdecimal():
            raise DriverError(f"{line!r} is not the number of a PWM output")
        chip = sysfs.folder("sys/class/pwm", options["chip"])
        folder = os.path.join(chip, f"pwm{int(line)}")
        if not os.path.isdir(folder):
            sysfs.write(int(line), chip, "export")
            for name in ("period", "duty_cycle", "enable"):
                _wait_for(os.path.join(folder, name))
        period = round(_NANOSECONDS / options["frequency"])
        before = sysfs.read_number(folder, "period")
        if before != period:
            # The kernel refuses a period that is shorter than the duty cycle, and a duty cycle that is longer
            # than the period. A fresh output has a period of 0: nothing can be written before the period.
            if before and sysfs.read_number(folder, "duty_cycle") > period:
                sysfs.write(0, folder, "duty_cycle")
            sysfs.write(period, folder, "period")
        self._outputs[name] = (folder, period, options["mode"] == "pwm")
        return self.read(name) if level is None else self.write(name, level)

    def write(self, name: str, level: Level) -> Level:
        folder, period, _ = self._outputs[name]
        sysfs.write(round(level * period), folder, "duty_cycle")
        sysfs.write(1, folder, "enable")
        return self.read(name)

    def read(self, name: str) -> Level:
        folder, period, is_pwm = self._outputs[name]
        share = min(sysfs.read_number(folder, "duty_cycle") / period, 1.0)
        share = share if sysfs.read(folder, "enable") == "1" else 0.0
        return share if is_pwm else share > 0

    def close(self) -> None:
        self._outputs = {}


def _wait_for(path: str) -> None:
    end = time.monotonic() + _PATIENCE
    while not os.access(path, os.W_OK):
        if time.monotonic() > end:
            raise DriverError(f"there is no {path} that can be written after the export")
        time.sleep(0.01)
