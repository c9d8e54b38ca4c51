"""The driver for PWM outputs, on a model of the kernel that refuses what the kernel refuses."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeweb.device.channels import driver_calls as driver_calls_module
from edgeweb.device.channels.drivers import DriverError, Level, make_driver
from edgeweb.device.channels.drivers.kernel.sysfs import Files
from edgeweb.device.channels.drivers.pwm import Driver
from edgeweb.device.channels.memory import STATE_DELAY, ChannelMemory
from edgeweb.device.config.schema import defaults
from edgeweb.device.storage.store import Store

from ..rig import Rig
from .fake_sysfs import FakeSysfs, PwmChip, PwmState

OUT = "sys/class/pwm/pwmchip0/pwm0"
MS = 1_000_000


def row(**values: Any) -> dict[str, Any]:
    return defaults("channels.*", **{"driver": "pwm", "mode": "pwm", "line": "0", **values})


def ignore(name: str, level: Level | DriverError | None) -> None:
    pass


def failure(call: Callable[[], object]) -> str:
    with pytest.raises(DriverError) as error:
        call()
    return str(error.value)


@pytest.fixture
def files() -> FakeSysfs:
    return FakeSysfs()


@pytest.fixture
def chip(files: FakeSysfs) -> PwmChip:
    return files.add_chip("pwmchip0", outputs=2)


@pytest.fixture
def driver(files: FakeSysfs) -> Driver:
    return Driver(files)


def written(files: FakeSysfs) -> list[tuple[str, str]]:
    return [(path.rpartition("/")[2], text) for path, text in files.writes]


def left_by_another(chip: PwmChip, period: int, duty: int, enabled: bool = True) -> None:
    """Have output 0 exported and set, as another program or an earlier start has left it."""
    output = chip.outputs[0]
    output.request()
    output.apply(PwmState(period, duty, enabled))
    output.levels.clear()


# -- the order of the writes -----------------------------------------------------------------------------


@pytest.mark.parametrize("since_6_11", [False, True])
@pytest.mark.parametrize("level", [0.0, 0.25, 1.0])
def test_a_fresh_output_gets_its_period_first(
    files: FakeSysfs, chip: PwmChip, driver: Driver, level: float, since_6_11: bool
) -> None:
    chip.since_6_11 = since_6_11
    assert driver.attach("x", row(frequency=1000.0), level, ignore) == level
    assert written(files) == [
        ("export", "0"),
        ("period", str(MS)),
        ("duty_cycle", str(round(level * MS))),
        ("enable", "1"),
    ]
    assert chip.outputs[0].level == level
    assert set(chip.outputs[0].levels) <= {0, level}


def test_a_fresh_output_is_written_by_its_channel_s_name(chip: PwmChip, driver: Driver) -> None:
    driver.attach("fan", row(), 0.0, ignore)
    assert driver.write("fan", 0.75) == 0.75 == driver.read("fan")
    driver.close()
    driver.close()


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_a_period_that_is_shorter_than_the_duty_cycle_now(
    chip: PwmChip, driver: Driver, level: float
) -> None:
    left_by_another(chip, 20 * MS, 15 * MS)
    assert driver.attach("x", row(frequency=1000.0), level, ignore) == level
    assert chip.outputs[0].state.period == MS
    assert chip.outputs[0].level == level


def test_a_period_that_is_longer(chip: PwmChip, driver: Driver) -> None:
    left_by_another(chip, MS, MS)
    assert driver.attach("x", row(frequency=50.0), 0.5, ignore) == 0.5
    assert (chip.outputs[0].state.period, chip.outputs[0].state.duty) == (20 * MS, 10 * MS)


def test_an_output_that_is_exported_and_on_is_never_off_in_between(
    files: FakeSysfs, chip: PwmChip, driver: Driver
) -> None:
    left_by_another(chip, MS, MS // 2)
    assert driver.attach("x", row(frequency=1000.0), 0.75, ignore) == 0.75
    assert chip.outputs[0].levels == [0.75]
    assert written(files) == [("duty_cycle", "750000"), ("enable", "1")]


def test_an_output_that_is_left_keeps_its_share_of_whatever_period(
    files: FakeSysfs, chip: PwmChip, driver: Driver
) -> None:
    left_by_another(chip, 20 * MS, 15 * MS)
    assert driver.attach("x", row(frequency=1000.0), None, ignore) == 0.75
    assert files.writes == []
    assert driver.write("x", 0.1) == pytest.approx(0.1)
    assert chip.outputs[0].state.period == MS, "the profile's frequency, with the first write"


@pytest.mark.parametrize("mode", ["pwm", "output"])
def test_what_is_left_and_was_never_on_is_off(chip: PwmChip, driver: Driver, mode: str) -> None:
    assert driver.attach("x", row(mode=mode), None, ignore) is (0.0 if mode == "pwm" else False) or (
        mode == "pwm" and driver.read("x") == 0.0
    )
    chip.outputs[0].state = PwmState(MS, MS, enabled=False)
    assert not driver.read("x"), "a disabled output gives nothing out, whatever its duty cycle"


def test_on_and_off_are_all_and_nothing(chip: PwmChip, driver: Driver) -> None:
    assert driver.attach("x", row(mode="output"), True, ignore) is True
    assert chip.outputs[0].level == 1
    assert driver.write("x", False) is False
    assert chip.outputs[0].level == 0 and chip.outputs[0].state.enabled, "off is certain while it is enabled"


# -- what is read back -----------------------------------------------------------------------------------


def test_a_duty_cycle_that_is_rounded_is_reported_as_it_is(chip: PwmChip, driver: Driver) -> None:
    chip.clock, chip.returns_implemented = 300_000, True
    # A period of 0.9 ms; 0.5 of it is 0.45 ms, which the hardware rounds to 0.3.
    assert driver.attach("x", row(frequency=1000.0), 0.5, ignore) == pytest.approx(1 / 3)
    assert driver.write("x", 1.0) == 1.0, "not longer than the period, which was rounded, too"
    assert driver.write("x", 0.2) == 0.0 and driver.read("x") == 0.0


def test_a_period_that_was_rounded_is_not_written_again_and_again(
    files: FakeSysfs, chip: PwmChip, driver: Driver
) -> None:
    chip.clock, chip.returns_implemented = 300_000, True
    driver.attach("x", row(frequency=1000.0), 0.5, ignore)
    files.writes.clear()
    driver.write("x", 1.0)
    assert written(files) == [("duty_cycle", "900000"), ("enable", "1")]


def test_rounded_hardware_after_a_new_export(chip: PwmChip, files: FakeSysfs) -> None:
    chip.clock, chip.reads_state = 7, True
    Driver(files).attach("x", row(frequency=1000.0), 1.0, ignore)
    files.write("sys/class/pwm/pwmchip0/unexport", "0")
    driver = Driver(files)
    assert driver.attach("x", row(frequency=1000.0), None, ignore) == pytest.approx(1, abs=1e-5)
    assert driver.write("x", 1.0) == 1.0


def test_another_program_that_changes_the_period_meanwhile(chip: PwmChip, driver: Driver) -> None:
    driver.attach("x", row(frequency=1000.0), 0.5, ignore)
    chip.outputs[0].apply(PwmState(20 * MS, 15 * MS, True))
    assert driver.read("x") == 0.75
    assert driver.write("x", 0.9) == 0.9 and chip.outputs[0].state.period == MS


# -- what fails ------------------------------------------------------------------------------------------


def test_udev_gives_the_right_to_write_a_while_after_the_export(
    files: FakeSysfs, chip: PwmChip, driver: Driver
) -> None:
    chip.slow_udev = 3
    assert driver.attach("x", row(), 0.5, ignore) == 0.5


def test_udev_without_the_rules(files: FakeSysfs, chip: PwmChip, driver: Driver) -> None:
    files.denied.update(f"{OUT}/{name}" for name in ("period", "duty_cycle", "enable"))
    assert failure(lambda: driver.attach("x", row(), 0.5, ignore)) == (
        "pwmchip0 output 0 may not be written: install the udev rules 60-edgeweb-gpio.rules, add the user"
        " edgeweb to the group gpio (usermod -aG gpio edgeweb), and restart the machine"
    )
    files.denied.clear()
    assert driver.attach("x", row(), 0.5, ignore) == 0.5, "it is exported by now"


def test_a_service_with_a_read_only_sys(files: FakeSysfs, chip: PwmChip, driver: Driver) -> None:
    files.read_only = True
    assert failure(lambda: driver.attach("x", row(), 0.5, ignore)) == (
        "pwmchip0 is read-only for this service: add the drop-in leds-and-pwm.conf to its unit,"
        " and restart it"
    )


@pytest.mark.parametrize("line", ["2", "-1", "one", "", "1.0"])
def test_no_such_output(chip: PwmChip, driver: Driver, line: str) -> None:
    assert failure(lambda: driver.attach("x", row(line=line), None, ignore)) == (
        f'pwmchip0 has no output "{line}": set line to a number from 0 to 1'
    )


def test_no_such_controller(files: FakeSysfs, chip: PwmChip, driver: Driver) -> None:
    for name in ("pwmchip7", "../leds", ".", ""):
        assert failure(lambda name=name: driver.attach("x", row(chip=name), None, ignore)) == (  # type: ignore[misc]
            f'there is no PWM controller "{name}": set chip to one of pwmchip0'
        )
    files.unbind("pwmchip0")
    assert failure(lambda: driver.attach("x", row(), None, ignore)) == (
        "this machine has no PWM controller (/sys/class/pwm): on a Raspberry Pi add dtoverlay=pwm-2chan to"
        " /boot/firmware/config.txt and restart it, elsewhere load the controller's driver"
    )


def test_an_output_that_the_kernel_uses(chip: PwmChip, driver: Driver) -> None:
    chip.outputs[0].lent = True
    assert failure(lambda: driver.attach("x", row(), None, ignore)) == (
        "pwmchip0 has lent this output to the kernel, for a fan or a backlight: choose another line, or"
        " remove the overlay that uses it"
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (errno.EINVAL, "pwmchip0 output 0 cannot have this frequency: set another frequency"),
        (errno.EREMOTEIO, "pwmchip0 output 0 does not answer: check the wiring and the supply of its chip"),
        (
            errno.EBUSY,
            "pwmchip0 output 0 cannot be changed while others of its controller are on: give them the same"
            " frequency",
        ),
        (
            errno.ENOMEM,
            f"/{OUT}/period failed (Cannot allocate memory): the kernel's log may have the reason (dmesg)",
        ),
    ],
)
def test_hardware_that_refuses(chip: PwmChip, driver: Driver, number: int, text: str) -> None:
    chip.broken = number
    assert failure(lambda: driver.attach("x", row(), 0.5, ignore)) == text


def test_a_frequency_that_is_too_low_for_the_hardware(chip: PwmChip, driver: Driver) -> None:
    chip.longest = MS
    assert failure(lambda: driver.attach("x", row(frequency=50.0), 0.5, ignore)) == (
        "pwmchip0 output 0 cannot have this frequency: set another frequency"
    )


def test_a_controller_that_is_unbound(files: FakeSysfs, chip: PwmChip, driver: Driver) -> None:
    driver.attach("x", row(), 0.5, ignore)
    files.unbind("pwmchip0")
    gone = "pwmchip0 output 0 is gone: plug it in again, or load its driver"
    assert failure(lambda: driver.write("x", 0.1)) == gone
    assert failure(lambda: driver.read("x")) == gone
    files.add_chip("pwmchip0")
    assert failure(lambda: driver.write("x", 0.1)) == gone, "the new one is not exported"
    assert driver.attach("x", row(), 0.1, ignore) == pytest.approx(0.1)


# -- with the controller ---------------------------------------------------------------------------------


@pytest.fixture
def rig_of(files: FakeSysfs, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Rig]:
    monkeypatch.setattr(driver_calls_module, "make_driver", lambda name: Driver(files))
    return lambda memory=None, **values: Rig(memory, x=row(**values))


def test_a_channel_on_a_fresh_output(chip: PwmChip, rig_of: Callable[..., Rig]) -> None:
    rig = rig_of()
    current = rig.controller["x"].current
    assert (current.online, current.state, current.value) == (True, False, 0.0)
    rig.controller.set_value("x", 0.3)
    rig.controller.set("x", False)
    assert chip.outputs[0].level == 0
    assert rig.controller.set("x", True).value == pytest.approx(0.3), "the last value, not all"
    assert chip.outputs[0].level == pytest.approx(0.3)


def test_off_and_on_with_a_ramp_give_the_last_value(chip: PwmChip, rig_of: Callable[..., Rig]) -> None:
    rig = rig_of(ramp=1.0)
    rig.controller.set_value("x", 0.8)
    rig.step(2)
    assert chip.outputs[0].level == pytest.approx(0.8)
    rig.controller.set("x", False)
    rig.step(2)
    assert chip.outputs[0].level == 0
    rig.controller.set("x", True)
    rig.step(2)
    assert chip.outputs[0].level == pytest.approx(0.8)


def test_a_restart_brings_the_last_value_back(
    chip: PwmChip, rig_of: Callable[..., Rig], tmp_path: Path
) -> None:
    for start in (1, 2):
        store = Store(str(tmp_path))
        rig = rig_of(at_start="restore")
        rig.remember(ChannelMemory(store, rig.timers.after))
        rig.controller.open()
        if start == 1:
            rig.controller.set_value("x", 0.3)
            rig.step(STATE_DELAY)
            chip.outputs[0].apply(PwmState(MS, 0, True))
        store.close()
    assert chip.outputs[0].level == pytest.approx(0.3)
    assert rig.controller["x"].current.value == pytest.approx(0.3)


def test_a_slow_ramp_on_hardware_that_rounds_gets_there(chip: PwmChip, rig_of: Callable[..., Rig]) -> None:
    chip.clock, chip.returns_implemented = 1000, True
    rig = rig_of(ramp=10.0, frequency=25_000.0)
    rig.controller.set_value("x", 1.0)
    rig.step(11)
    assert not rig.busy() and chip.outputs[0].level == 1


def test_a_poll_sees_the_value_that_another_program_has_set(
    chip: PwmChip, rig_of: Callable[..., Rig]
) -> None:
    rig = rig_of(poll=1.0)
    rig.controller.set_value("x", 0.3)
    chip.outputs[0].apply(PwmState(MS, MS // 2, True))
    rig.step(1)
    current = rig.controller["x"].current
    assert (current.state, current.value) == (True, 0.5)
    chip.outputs[0].apply(PwmState(MS, MS // 2, False))
    rig.step(1)
    current = rig.controller["x"].current
    assert (current.state, current.value) == (False, 0.0)


def test_a_controller_that_goes_and_comes_back(
    files: FakeSysfs, chip: PwmChip, rig_of: Callable[..., Rig]
) -> None:
    rig = rig_of(poll=1.0)
    rig.controller.set_value("x", 0.3)
    files.unbind("pwmchip0")
    rig.step(1)
    current = rig.controller["x"].current
    assert (current.online, current.state) == (False, None)
    assert current.reason == "pwmchip0 output 0 is gone: plug it in again, or load its driver"
    new = files.add_chip("pwmchip0")
    rig.step(6)
    assert rig.controller["x"].current.online and new.outputs[0].level == pytest.approx(0.3)


# -- the real calls --------------------------------------------------------------------------------------


def test_the_profile_s_driver_has_the_real_files() -> None:
    assert isinstance(make_driver("pwm"), Driver)


def test_on_a_recorded_tree(tmp_path: Path) -> None:
    folder = tmp_path / OUT
    folder.mkdir(parents=True)
    for name in ("period", "duty_cycle", "enable"):
        (folder / name).write_text("0\n")
    (folder.parent / "npwm").write_text("2\n")
    driver = Driver(Files(str(tmp_path)))
    assert driver.attach("x", row(frequency=1000.0), 0.25, ignore) == 0.25
    found = [(folder / name).read_text() for name in ("period", "duty_cycle", "enable")]
    assert found == ["1000000\n", "250000\n", "1\n"]
    assert driver.write("x", 1.0) == 1.0
    (folder / "duty_cycle").write_text("many\n")
    assert failure(lambda: driver.read("x")).startswith(f"/{OUT}/duty_cycle has 'many' in place of a number")
    os.unlink(folder / "duty_cycle")
    assert "is gone" in failure(lambda: driver.write("x", 0.5))
    assert not (folder / "duty_cycle").exists(), "no file of ours takes its place"


# -- anything after anything -----------------------------------------------------------------------------


@given(
    before=st.tuples(st.integers(1, 10**9), st.floats(0, 1), st.booleans()) | st.none(),
    frequency=st.floats(1, 100_000),
    levels=st.lists(st.floats(0, 1), min_size=1, max_size=5),
    clock=st.integers(1, 5000),
    reads_state=st.booleans(),
    returns_implemented=st.booleans(),
    since_6_11=st.booleans(),
)
def test_no_output_is_refused_whatever_it_was(
    before: tuple[int, float, bool] | None,
    frequency: float,
    levels: list[float],
    clock: int,
    reads_state: bool,
    returns_implemented: bool,
    since_6_11: bool,
) -> None:
    files = FakeSysfs()
    chip = files.add_chip("pwmchip0")
    chip.reads_state, chip.since_6_11 = reads_state, since_6_11
    if before is not None:
        period, share, enabled = before
        left_by_another(chip, period, int(period * share), enabled)
    # Finer than a period, or there is none at all.
    chip.clock = max(min(clock, int(10**9 / frequency)), 1)
    chip.returns_implemented = returns_implemented
    driver = Driver(files)
    found = driver.attach("x", row(frequency=frequency), levels[0], ignore)
    for level in levels:
        found = driver.write("x", level)
        assert found == driver.read("x")
        # The hardware has the period within its clock, and the duty cycle within both.
        step = chip.clock / max(chip.outputs[0].hardware.period, 1)
        assert isinstance(found, float) and abs(found - level) <= step + 1 / chip.outputs[0].state.period
        assert chip.outputs[0].level == pytest.approx(found, abs=2 * step)
