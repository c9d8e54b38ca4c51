"""The model of sysfs, held against the kernel's rules: what is refused, and with which number."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

import pytest

from .fake_sysfs import FakeSysfs, PwmChip

CHIP, OUT = "sys/class/pwm/pwmchip0", "sys/class/pwm/pwmchip0/pwm0"
LED = "sys/class/leds/ACT"


@pytest.fixture
def files() -> FakeSysfs:
    return FakeSysfs()


@pytest.fixture
def chip(files: FakeSysfs) -> PwmChip:
    return files.add_chip("pwmchip0", outputs=2)


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(OSError) as error:
        call()
    return errno.errorcode[error.value.errno or 0]


def values(files: FakeSysfs) -> tuple[str, ...]:
    return tuple(
        files.read(f"{OUT}/{name}").strip() for name in ("period", "duty_cycle", "enable", "polarity")
    )


# -- PWM -----------------------------------------------------------------------------------------------


def test_an_output_appears_with_its_export(files: FakeSysfs, chip: PwmChip) -> None:
    assert files.names("sys/class/pwm") == ["pwmchip0"] and files.read(f"{CHIP}/npwm") == "2\n"
    assert "pwm0" not in files.names(CHIP)
    assert refusal(lambda: files.read(f"{OUT}/period")) == "ENOENT"
    files.write(f"{CHIP}/export", "0\n")
    assert "pwm0" in files.names(CHIP) and values(files) == ("0", "0", "0", "normal")
    files.write(f"{CHIP}/unexport", "0\n")
    assert "pwm0" not in files.names(CHIP)


@pytest.mark.parametrize(
    ("name", "text", "number"),
    [
        ("export", "0", "EBUSY"),
        ("export", "1", "EBUSY"),
        ("export", "2", "ENODEV"),
        ("export", "-1", "EINVAL"),
        ("export", "one", "EINVAL"),
        ("unexport", "1", "ENODEV"),
        ("npwm", "3", "EACCES"),
        ("exports", "0", "ENOENT"),
    ],
)
def test_exports_that_are_refused(files: FakeSysfs, chip: PwmChip, name: str, text: str, number: str) -> None:
    files.write(f"{CHIP}/export", "0\n")
    chip.outputs[1].lent = True
    assert refusal(lambda: files.write(f"{CHIP}/{name}", text)) == number
    assert refusal(lambda: files.read(f"{CHIP}/export")) == "EACCES"


@pytest.mark.parametrize(
    ("before", "name", "text"),
    [
        ({}, "duty_cycle", "0"),
        ({}, "enable", "1"),
        ({}, "enable", "0"),
        ({}, "polarity", "inversed"),
        ({}, "period", "0"),
        ({"period": "1000"}, "duty_cycle", "1001"),
        ({"period": "1000", "duty_cycle": "500"}, "period", "499"),
        ({"period": "1000"}, "enable", "2"),
        ({"period": "1000"}, "polarity", "upside down"),
        ({"period": "1000"}, "duty_cycle", "-1"),
    ],
)
def test_states_that_are_not_valid(
    files: FakeSysfs, chip: PwmChip, before: dict[str, str], name: str, text: str
) -> None:
    files.write(f"{CHIP}/export", "0")
    for file, value in before.items():
        files.write(f"{OUT}/{file}", value)
    found = values(files)
    assert refusal(lambda: files.write(f"{OUT}/{name}", text)) == "EINVAL"
    assert values(files) == found and chip.outputs[0].level == 0


def test_since_6_11_a_fresh_output_takes_anything_and_does_nothing(files: FakeSysfs, chip: PwmChip) -> None:
    chip.since_6_11 = True
    files.write(f"{CHIP}/export", "0")
    files.write(f"{OUT}/duty_cycle", "500")
    files.write(f"{OUT}/period", "100")
    assert values(files) == ("100", "500", "0", "normal") and chip.outputs[0].levels == []
    files.write(f"{OUT}/period", "1000")
    assert refusal(lambda: files.write(f"{OUT}/duty_cycle", "1001")) == "EINVAL"


def test_the_level_is_that_of_an_enabled_output(files: FakeSysfs, chip: PwmChip) -> None:
    files.write(f"{CHIP}/export", "0")
    for name, text in (("period", "1000"), ("duty_cycle", "250"), ("enable", "1"), ("duty_cycle", "1000")):
        files.write(f"{OUT}/{name}", text)
    assert chip.outputs[0].levels == [0, 0.25, 1]
    assert refusal(lambda: files.write(f"{OUT}/polarity", "inversed")) == "EBUSY"
    files.write(f"{OUT}/enable", "0")
    files.write(f"{OUT}/polarity", "inversed")
    assert chip.outputs[0].level == 0 and values(files)[3] == "inversed"


def test_what_the_clock_rounds_is_seen_with_the_next_export(files: FakeSysfs, chip: PwmChip) -> None:
    chip.clock, chip.reads_state = 300, True
    files.write(f"{CHIP}/export", "0")
    files.write(f"{OUT}/period", "1000")
    files.write(f"{OUT}/duty_cycle", "700")
    assert values(files)[:2] == ("1000", "700"), "what was asked for last"
    files.write(f"{CHIP}/unexport", "0")
    files.write(f"{CHIP}/export", "0")
    assert values(files)[:2] == ("900", "600")
    chip.returns_implemented = True
    files.write(f"{OUT}/duty_cycle", "899")
    assert values(files)[:2] == ("900", "600")


def test_a_period_that_the_hardware_cannot_have_and_a_bus_that_fails(files: FakeSysfs, chip: PwmChip) -> None:
    files.write(f"{CHIP}/export", "0")
    chip.longest = 999
    assert refusal(lambda: files.write(f"{OUT}/period", "1000")) == "EINVAL"
    chip.broken = errno.EREMOTEIO
    assert refusal(lambda: files.write(f"{OUT}/period", "10")) == "EREMOTEIO"


def test_udev_takes_its_time(files: FakeSysfs, chip: PwmChip) -> None:
    chip.slow_udev = 2
    files.write(f"{CHIP}/export", "0")
    assert not files.may_write(f"{OUT}/period")
    assert refusal(lambda: files.write(f"{OUT}/period", "10")) == "EACCES"
    files.write(f"{OUT}/period", "10")
    assert not files.may_write(f"{OUT}/enable")


def test_a_controller_that_is_unbound(files: FakeSysfs, chip: PwmChip) -> None:
    files.write(f"{CHIP}/export", "0")
    files.unbind("pwmchip0")
    assert files.names("sys/class/pwm") == []
    for call in (
        lambda: files.names(CHIP),
        lambda: files.read(f"{OUT}/period"),
        lambda: files.write(f"{OUT}/period", "10"),
    ):
        assert refusal(call) == "ENOENT"


def test_files_that_may_not_be_written(files: FakeSysfs, chip: PwmChip) -> None:
    files.denied.add(f"{CHIP}/export")
    assert refusal(lambda: files.write(f"{CHIP}/export", "0")) == "EACCES"
    files.read_only = True
    assert refusal(lambda: files.write(f"{CHIP}/unexport", "0")) == "EROFS"
    assert not files.may_write(f"{CHIP}/unexport") and not files.may_write(f"{CHIP}/nothing")
    assert files.writes == []


# -- LEDs ----------------------------------------------------------------------------------------------


def test_more_than_the_maximum_is_the_maximum(files: FakeSysfs) -> None:
    led = files.add_led("ACT", highest=15)
    for text, brightness in (("7\n", 7), ("16", 15), ("4096", 15), ("0", 0)):
        files.write(f"{LED}/brightness", text)
        assert files.read(f"{LED}/brightness") == f"{brightness}\n"
    assert led.levels == [7, 15, 0]
    for text in ("-1", "0x10", "bright", ""):
        assert refusal(lambda text=text: files.write(f"{LED}/brightness", text)) == "EINVAL"  # type: ignore[misc]
    assert refusal(lambda: files.write(f"{LED}/max_brightness", "1")) == "EACCES"


def test_a_brightness_of_0_stops_the_trigger_and_another_does_not(files: FakeSysfs) -> None:
    files.add_led("ACT", trigger="heartbeat")
    assert files.read(f"{LED}/trigger") == "none mmc0 [heartbeat] default-on\n"
    files.write(f"{LED}/brightness", "255")
    assert "[heartbeat]" in files.read(f"{LED}/trigger")
    files.write(f"{LED}/brightness", "0")
    assert files.read(f"{LED}/trigger") == "[none] mmc0 heartbeat default-on\n"


def test_a_trigger_that_is_stopped_leaves_the_led_dark(files: FakeSysfs) -> None:
    led = files.add_led("ACT", trigger="heartbeat")
    files.write(f"{LED}/brightness", "9")
    files.write(f"{LED}/trigger", "none\n")
    assert led.brightness == 0
    files.write(f"{LED}/brightness", "9")
    files.write(f"{LED}/trigger", "none\n")
    assert led.brightness == 9, "where none is active nothing is stopped"
    assert refusal(lambda: files.write(f"{LED}/trigger", "disco")) == "EINVAL"
    files.write(f"{LED}/trigger", "mmc0\n")
    assert led.trigger == "mmc0"


def test_an_led_of_a_kernel_without_triggers(files: FakeSysfs) -> None:
    files.add_led("ACT", triggers=None)
    assert "trigger" not in files.names(LED)
    assert refusal(lambda: files.write(f"{LED}/trigger", "none")) == "ENOENT"
    assert refusal(lambda: files.read(f"{LED}/trigger")) == "ENOENT"


def test_an_led_behind_a_bus(files: FakeSysfs) -> None:
    led = files.add_led("ACT")
    led.lag = 2
    files.write(f"{LED}/brightness", "9")
    assert [files.read(f"{LED}/brightness") for _ in range(4)] == ["0\n", "0\n", "9\n", "9\n"]


def test_leds_that_are_busy_broken_or_gone(files: FakeSysfs) -> None:
    led = files.add_led("ACT", trigger="netdev")
    led.moved_by_hardware = True
    assert refusal(lambda: files.read(f"{LED}/brightness")) == "ENODATA"
    led.taken = True
    assert refusal(lambda: files.write(f"{LED}/brightness", "1")) == "EBUSY"
    led.taken, led.broken = False, errno.EIO
    assert refusal(lambda: files.write(f"{LED}/brightness", "1")) == "EIO"
    files.unbind("ACT")
    assert files.names(os.path.dirname(LED)) == []
    assert refusal(lambda: files.write(f"{LED}/brightness", "1")) == "ENOENT"
