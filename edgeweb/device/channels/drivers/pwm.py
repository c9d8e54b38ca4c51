"""Outputs of the kernel's PWM controllers: `chip = "pwmchip0"`, `line = "0"`, `frequency = 1000`.

An output is exported first, which makes its folder. It has a period, the part of it in which the output is
high (`duty_cycle`), both in nanoseconds, and is enabled or not. The kernel refuses each write that would make
the duty cycle longer than the period, and everything but a period while that is 0, as it is of a fresh
output. So the order of the writes depends on what is there.

Off is a duty cycle of 0 of an enabled output: what a disabled one gives out is not certain.

Sources: Linux kernel documentation, driver-api/pwm.rst, and drivers/pwm/core.c for the rules.
"""

from __future__ import annotations

import errno
import time

from . import ALL_MODES, BaseDriver, DriverError, Level, Option, Options, Report
from .kernel.sysfs import Device, Files, devices

MODES = ALL_MODES

OPTIONS = (
    Option("line", "string", 64, "", "Number of the output.", needed=True),
    Option("chip", "string", 64, "pwmchip0", "The controller of the output."),
    Option("frequency", "number", (1, 100_000), 1000.0, "Periods a second, in hertz."),
)

_FOLDER = "sys/class/pwm"
_VALUES = ("period", "duty_cycle", "enable")
_NANOSECONDS = 1_000_000_000
#: Seconds for udev to give an exported output its owner, and between two looks.
_PATIENCE, _PAUSE = 1.0, 0.01

_NO_CONTROLLER = (
    f"this machine has no PWM controller (/{_FOLDER}): on a Raspberry Pi add dtoverlay=pwm-2chan to"
    " /boot/firmware/config.txt and restart it, elsewhere load the controller's driver"
)
_REASONS_OF_CHIP = {
    errno.EBUSY: "{} has lent this output to the kernel, for a fan or a backlight: choose another line, or"
    " remove the overlay that uses it",
}
_REASONS = {
    errno.EINVAL: "{} cannot have this frequency: set another frequency",
    errno.ERANGE: "{} cannot have this frequency: set another frequency",
    errno.EBUSY: "{} cannot be changed while others of its controller are on: give them the same frequency",
}


class Output:
    """An exported output.

    Attributes:
        device: Its folder.
        period: The nanoseconds of its `frequency`.
        found: The period that the kernel had after it was set; hardware may round it.
        is_pwm: Whether the channel has values; else 100 % is on.
    """

    __slots__ = ("device", "found", "is_pwm", "period")

    def __init__(self, device: Device, period: int, is_pwm: bool) -> None:
        self.device = device
        self.period = self.found = period
        self.is_pwm = is_pwm


class Driver(BaseDriver):
    """A driver that sets the duty cycle. Outside the mode `pwm`, on and off are 100 % and 0 %."""

    __slots__ = ("_files", "_outputs")

    def __init__(self, files: Files | None = None) -> None:
        self._files = files or Files()
        self._outputs: dict[str, Output] = {}

    def attach(self, name: str, options: Options, level: Level | None, report: Report) -> Level | None:
        period = round(_NANOSECONDS / options["frequency"])
        device = self._export(options["chip"], options["line"])
        self._outputs[name] = Output(device, period, options["mode"] == "pwm")
        return self.read(name) if level is None else self.write(name, level)

    def write(self, name: str, level: Level) -> Level:
        output = self._outputs[name]
        device = output.device
        if device.number("period") != output.found:
            duty = round(level * output.period)
            if device.number("duty_cycle") > output.period:
                # The new duty cycle is shorter than the old one, and fits both periods.
                device.write("duty_cycle", duty)
            device.write("period", output.period)
            output.found = device.number("period")
        device.write("duty_cycle", round(level * output.found))
        device.write("enable", 1)
        return self.read(name)

    def read(self, name: str) -> Level:
        output = self._outputs[name]
        period, duty, enabled = map(output.device.number, _VALUES)
        # Not the period of the profile: an output that is left as it is has one of its own.
        share = min(duty / period, 1.0) if period and enabled else 0.0
        return share if output.is_pwm else share > 0

    def detach(self, name: str) -> None:
        self._outputs.pop(name, None)

    def close(self) -> None:
        self._outputs = {}

    def _export(self, chip: str, line: str) -> Device:
        """Return an output, exported. It stays so after the end, and keeps its level."""
        names = devices(self._files, _FOLDER)
        if chip not in names:
            if not names:
                raise DriverError(_NO_CONTROLLER)
            raise DriverError(f'there is no PWM controller "{chip}": set chip to one of {", ".join(names)}')
        controller = Device(self._files, f"{_FOLDER}/{chip}", chip, _REASONS_OF_CHIP)
        last = controller.number("npwm") - 1
        if not line.isdecimal() or int(line) > last:
            raise DriverError(f'{chip} has no output "{line}": set line to a number from 0 to {last}')
        folder = f"pwm{int(line)}"
        device = Device(self._files, f"{controller.path}/{folder}", f"{chip} output {int(line)}", _REASONS)
        if not controller.has(folder):
            controller.write("export", int(line))
            end = time.monotonic() + _PATIENCE
            while not all(map(device.may_write, _VALUES)) and time.monotonic() < end:
                time.sleep(_PAUSE)
        return device
