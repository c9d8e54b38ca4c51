"""A kernel with PWM controllers and LEDs below /sys, for tests: it refuses what Linux refuses.

It stands in for `Files`. What is written to a value has the kernel's effects, and what is read is the state
that follows, not the text that was written.

    files = FakeSysfs()
    chip = files.add_chip("pwmchip0", outputs=2)
    led = files.add_led("ACT", highest=255, trigger="mmc0")
    Driver(files).attach(...)
    files.unbind("pwmchip0")

Sources: Linux, Documentation/driver-api/pwm.rst, drivers/pwm/core.c and, in older ones, drivers/pwm/sysfs.c;
Documentation/leds/leds-class.rst, Documentation/ABI/testing/sysfs-class-led, drivers/leds/led-class.c,
led-core.c and led-triggers.c. Each rule names its own.
"""

from __future__ import annotations

import errno
import os

from edgeweb.device.channels.drivers.kernel.sysfs import Files

PWM, LEDS = "sys/class/pwm", "sys/class/leds"


def refuse(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def parse(text: str, base: int = 0) -> int:
    """kstrtouint: one number, and a line end at most; EINVAL for anything else."""
    try:
        number = int(text.removesuffix("\n"), base)
    except ValueError:
        raise refuse(errno.EINVAL) from None
    if number < 0:
        raise refuse(errno.EINVAL)
    return number


class PwmState:
    """pwm_state of linux/pwm.h: what one write applies as a whole."""

    def __init__(self, period: int = 0, duty: int = 0, enabled: bool = False, inversed: bool = False) -> None:
        self.period = period
        self.duty = duty
        self.enabled = enabled
        self.inversed = inversed

    def copy(self, **changes: int) -> PwmState:
        new = PwmState(self.period, self.duty, self.enabled, self.inversed)
        for name, value in changes.items():
            setattr(new, name, value)
        return new

    @property
    def is_valid(self) -> bool:
        """The first lines of __pwm_apply."""
        return self.period > 0 and self.duty <= self.period


class PwmOutput:
    """An output of a controller.

    Attributes:
        state: What sysfs reads: the last state that was applied (pwm_get_state), not that of the hardware.
        hardware: What the controller makes of it: rounded down to its clock.
        levels: The share of the time that the output was high after each change, from the first on.
    """

    def __init__(self, chip: PwmChip) -> None:
        self.chip = chip
        self.state = PwmState()
        self.hardware = PwmState()
        self.levels: list[float] = []
        self.exported = False
        #: A driver of the kernel has it (a fan, a backlight).
        self.lent = False

    @property
    def level(self) -> float:
        state = self.hardware
        return state.duty / state.period if state.enabled and state.period else 0.0

    def request(self) -> None:
        """pwm_device_request: reads the state from the hardware, where the driver can (get_state)."""
        if self.lent or self.exported:
            raise refuse(errno.EBUSY)
        self.exported = True
        self.state = self.hardware.copy() if self.chip.reads_state else PwmState()

    def apply(self, state: PwmState) -> None:
        """__pwm_apply."""
        if not state.is_valid:
            if not self.chip.since_6_11 or self.state.is_valid:
                raise refuse(errno.EINVAL)
            self.state = state  # noted, and not applied
            return
        if self.chip.broken:
            raise refuse(self.chip.broken)
        if state.inversed != self.state.inversed and self.state.enabled:
            raise refuse(errno.EBUSY)  # pwm_set_polarity, and drivers whose hardware cannot do it
        if self.chip.longest and state.period > self.chip.longest:
            raise refuse(errno.EINVAL)  # the .apply of most drivers
        clock = self.chip.clock
        before = self.level
        self.state = state
        self.hardware = state.copy(period=state.period // clock * clock, duty=state.duty // clock * clock)
        if self.chip.returns_implemented:
            self.state = self.hardware.copy()
        if self.level != before or not self.levels:
            self.levels.append(self.level)


class PwmChip:
    """A controller.

    Attributes:
        clock: Nanoseconds to which it rounds down ("is supposed to round down", pwm_apply_debug).
        longest: The longest period that it can have; 0 for any.
        reads_state: Its driver has get_state, so that a fresh export has what the hardware does.
        returns_implemented: As Linux 5.5, whose pwm_get_state returned what the hardware had made of it.
        since_6_11: As Linux 6.11 and newer: from a state that is not valid any other may follow ("pwm: Allow
            pwm state transitions from an invalid state").
        slow_udev: Questions for an exported file that go by until udev has given it to the group.
        broken: The number with which its driver fails, as when a bus does.
    """

    def __init__(self, outputs: int) -> None:
        self.outputs = [PwmOutput(self) for _ in range(outputs)]
        self.clock = 1
        self.longest = 0
        self.reads_state = False
        self.returns_implemented = False
        self.since_6_11 = False
        self.slow_udev = 0
        self.broken = 0


class Led:
    """An LED.

    Attributes:
        triggers: What the kernel offers; None for one that was built without triggers.
        trigger: The active one, or "none".
        lag: Reads until a new brightness has arrived: the kernel sets an LED behind a bus by a work queue,
            while brightness_show asks the hardware (led_set_brightness_nopm, led_update_brightness).
        levels: Every brightness that it has had, from the first write on.
        taken: As led_sysfs_disable does for a flash.
    """

    def __init__(self, highest: int, trigger: str, triggers: tuple[str, ...] | None) -> None:
        self.highest = highest
        self.trigger = trigger
        self.triggers = triggers
        self.brightness = 0
        self.lag = 0
        self.levels: list[int] = []
        self.taken = False
        self.moved_by_hardware = False
        self.broken = 0
        self._coming: list[int] = []

    def set(self, brightness: int) -> None:
        """led_set_brightness_nosleep: more than the maximum is the maximum."""
        new = min(brightness, self.highest)
        if self.lag:
            self._coming = [self.brightness] * self.lag + [new]
        else:
            self.brightness = new
        if not self.levels or self.levels[-1] != new:
            self.levels.append(new)

    def show(self) -> int:
        if self.moved_by_hardware and self.trigger != "none":
            raise refuse(errno.ENODATA)  # brightness_show, led_trigger_is_hw_controlled
        if self._coming:
            self.brightness = self._coming.pop(0)
        return self.brightness

    def stop_trigger(self) -> None:
        """led_trigger_set without a trigger: the LED is dark where one was active, and as it was else."""
        if self.trigger != "none":
            self.trigger = "none"
            self.set(0)


class FakeSysfs(Files):
    """The files below /sys/class/pwm and /sys/class/leds.

    Attributes:
        read_only: systemd's ReadOnlyPaths: opening for writing is EROFS.
        denied: Paths that belong to root alone.
        writes: Every write that the kernel has taken, in order: (path, text without its line end).
    """

    def __init__(self) -> None:
        super().__init__()
        self.chips: dict[str, PwmChip] = {}
        self.leds: dict[str, Led] = {}
        self.read_only = False
        self.denied: set[str] = set()
        self.writes: list[tuple[str, str]] = []
        #: path: questions that go by until udev has done its work there
        self._waiting: dict[str, int] = {}

    # -- the outside world -----------------------------------------------------------------------------

    def add_chip(self, name: str, outputs: int = 2) -> PwmChip:
        chip = self.chips[name] = PwmChip(outputs)
        return chip

    def add_led(
        self,
        name: str,
        highest: int = 255,
        trigger: str = "none",
        triggers: tuple[str, ...] | None = ("mmc0", "heartbeat", "default-on"),
    ) -> Led:
        led = self.leds[name] = Led(highest, trigger, triggers)
        return led

    def unbind(self, name: str) -> PwmChip | Led:
        """pwmchip_remove, led_classdev_unregister: the folder goes, and exported outputs with it."""
        if name in self.leds:
            return self.leds.pop(name)
        chip = self.chips.pop(name)
        for output in chip.outputs:
            output.exported = False
        return chip

    # -- system calls ----------------------------------------------------------------------------------

    def names(self, folder: str) -> list[str]:
        parts = folder.split("/")[3:]
        if folder == PWM:
            return list(self.chips)
        if folder == LEDS:
            return list(self.leds)
        if folder.startswith(f"{PWM}/"):
            chip = self._chip(parts[0])
            if len(parts) == 1:
                exported = [f"pwm{n}" for n, output in enumerate(chip.outputs) if output.exported]
                return ["device", "export", "npwm", "power", "subsystem", "uevent", "unexport", *exported]
            self._output(parts)
            return ["capture", "duty_cycle", "enable", "period", "polarity", "power", "uevent"]
        led = self._led(parts[0])
        triggers = ["trigger"] if led.triggers is not None else []
        return ["brightness", "device", "max_brightness", "power", "subsystem", "uevent", *triggers]

    def read(self, path: str) -> str:
        root, _, rest = path.removeprefix("sys/class/").partition("/")
        parts = rest.split("/")
        if root == "pwm":
            return self._read_pwm(parts)
        return self._read_led(parts)

    def write(self, path: str, text: str) -> None:
        if path.rpartition("/")[2] not in self.names(path.rpartition("/")[0]):
            raise refuse(errno.ENOENT)
        if self.read_only:
            raise refuse(errno.EROFS)
        if path.rpartition("/")[2] in ("npwm", "max_brightness", "capture") or not self.may_write(path):
            raise refuse(errno.EACCES)
        root, _, rest = path.removeprefix("sys/class/").partition("/")
        parts = rest.split("/")
        if root == "pwm":
            self._write_pwm(parts, text)
        else:
            self._write_led(parts, text)
        self.writes.append((path, text.removesuffix("\n")))

    def may_write(self, path: str) -> bool:
        """access(2) with W_OK: False also on a read-only file system, and of a file that is not there."""
        folder, _, name = path.rpartition("/")
        try:
            if self.read_only or path in self.denied or name not in self.names(folder):
                return False
        except OSError:
            return False
        left = self._waiting.get(path, 0)
        if left:
            self._waiting[path] = left - 1
        return not left

    # -- drivers/pwm/core.c ----------------------------------------------------------------------------

    def _chip(self, name: str) -> PwmChip:
        if name not in self.chips:
            raise refuse(errno.ENOENT)
        return self.chips[name]

    def _output(self, parts: list[str]) -> PwmOutput:
        chip = self._chip(parts[0])
        for number, output in enumerate(chip.outputs):
            if parts[1] == f"pwm{number}" and output.exported:
                return output
        raise refuse(errno.ENOENT)

    def _read_pwm(self, parts: list[str]) -> str:
        if len(parts) == 2:
            chip = self._chip(parts[0])
            if parts[1] == "npwm":
                return f"{len(chip.outputs)}\n"
            raise refuse(errno.EACCES if parts[1] in ("export", "unexport") else errno.ENOENT)
        state = self._output(parts).state
        values = {
            "period": state.period,
            "duty_cycle": state.duty,
            "enable": int(state.enabled),
            "polarity": "inversed" if state.inversed else "normal",
        }
        if parts[2] not in values:
            raise refuse(errno.ENOENT)
        return f"{values[parts[2]]}\n"

    def _write_pwm(self, parts: list[str], text: str) -> None:
        if len(parts) == 2:
            chip, number = self._chip(parts[0]), parse(text)
            if number >= len(chip.outputs):
                raise refuse(errno.ENODEV)  # export_store
            output = chip.outputs[number]
            if parts[1] == "export":
                output.request()
                for name in ("period", "duty_cycle", "enable"):
                    self._waiting[f"{PWM}/{parts[0]}/pwm{number}/{name}"] = chip.slow_udev
            elif not output.exported:
                raise refuse(errno.ENODEV)  # pwm_unexport_child
            else:
                output.exported = False
            return
        output = self._output(parts)
        if parts[2] == "polarity":
            if text.removesuffix("\n") not in ("normal", "inversed"):
                raise refuse(errno.EINVAL)
            output.apply(output.state.copy(inversed=text.startswith("inversed")))
        elif parts[2] == "enable":
            number = parse(text)
            if number > 1:
                raise refuse(errno.EINVAL)
            output.apply(output.state.copy(enabled=bool(number)))
        else:
            key = {"period": "period", "duty_cycle": "duty"}[parts[2]]
            output.apply(output.state.copy(**{key: parse(text)}))

    # -- drivers/leds ----------------------------------------------------------------------------------

    def _led(self, name: str) -> Led:
        if name not in self.leds:
            raise refuse(errno.ENOENT)
        return self.leds[name]

    def _read_led(self, parts: list[str]) -> str:
        led = self._led(parts[0])
        if parts[1] == "brightness":
            return f"{led.show()}\n"
        if parts[1] == "max_brightness":
            return f"{led.highest}\n"
        if parts[1] == "trigger" and led.triggers is not None:
            names = ("none", *led.triggers)
            return " ".join(f"[{name}]" if name == led.trigger else name for name in names) + "\n"
        raise refuse(errno.ENOENT)

    def _write_led(self, parts: list[str], text: str) -> None:
        led = self._led(parts[0])
        if led.taken:
            raise refuse(errno.EBUSY)  # led_sysfs_is_disabled
        if led.broken:
            raise refuse(led.broken)
        if parts[1] == "brightness":
            brightness = parse(text, 10)
            if not brightness:
                led.stop_trigger()
            led.set(brightness)
        elif text.strip() == "none":
            led.stop_trigger()
        elif led.triggers is not None and text.strip() in led.triggers:
            led.trigger = text.strip()
        else:
            raise refuse(errno.EINVAL)  # led_trigger_write
