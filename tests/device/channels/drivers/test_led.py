"""The driver for LEDs, on a model of the kernel that refuses what the kernel refuses."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edgeweb.device.channels import driver_calls as driver_calls_module
from edgeweb.device.channels.drivers import DriverError, Level, make_driver
from edgeweb.device.channels.drivers.kernel.sysfs import Files
from edgeweb.device.channels.drivers.led import Driver
from edgeweb.device.channels.memory import STATE_DELAY, ChannelMemory
from edgeweb.device.config.schema import defaults
from edgeweb.device.storage.store import Store

from ..rig import Rig
from .fake_sysfs import FakeSysfs


def row(**values: Any) -> dict[str, Any]:
    return defaults("channels.*", **{"driver": "led", "mode": "output", "line": "ACT", **values})


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
def driver(files: FakeSysfs) -> Driver:
    return Driver(files)


@pytest.mark.parametrize("highest", [1, 15, 255])
def test_on_is_the_maximum_and_off_is_0(files: FakeSysfs, driver: Driver, highest: int) -> None:
    led = files.add_led("ACT", highest)
    assert driver.attach("x", row(), True, ignore) is True
    assert led.brightness == highest
    assert driver.write("x", False) is False
    assert (led.brightness, driver.read("x")) == (0, False)
    driver.close()
    driver.close()


@pytest.mark.parametrize(
    ("highest", "value", "found"), [(1, 0.4, 0.0), (1, 0.6, 1.0), (255, 0.5, 128 / 255), (255, 0.001, 0.0)]
)
def test_what_the_led_has_is_what_is_reported(
    files: FakeSysfs, driver: Driver, highest: int, value: float, found: float
) -> None:
    led = files.add_led("ACT", highest)
    assert driver.attach("x", row(mode="pwm"), value, ignore) == found
    assert driver.read("x") == found == led.brightness / highest


@pytest.mark.parametrize("level", [True, False])
def test_the_trigger_is_stopped(files: FakeSysfs, driver: Driver, level: bool) -> None:
    led = files.add_led("ACT", trigger="mmc0")
    assert driver.attach("x", row(), level, ignore) is level
    assert led.trigger == "none" and led.brightness == 255 * level


def test_an_led_that_is_left_keeps_its_trigger_until_it_is_switched(files: FakeSysfs, driver: Driver) -> None:
    led = files.add_led("ACT", trigger="heartbeat")
    led.brightness = 7
    assert driver.attach("x", row(), None, ignore) is True
    assert (led.trigger, files.writes) == ("heartbeat", [])
    assert driver.write("x", True) is True
    assert (led.trigger, led.brightness) == ("none", 255), "it would blink on, and be reported as on"


def test_a_trigger_that_another_program_sets_meanwhile(files: FakeSysfs, driver: Driver) -> None:
    led = files.add_led("ACT")
    driver.attach("x", row(), False, ignore)
    led.trigger = "heartbeat"
    driver.write("x", True)
    assert led.trigger == "none"


def test_dimming_is_never_dark_in_between(files: FakeSysfs, driver: Driver) -> None:
    led = files.add_led("ACT", 255)
    driver.attach("x", row(mode="pwm"), 0.2, ignore)
    driver.write("x", 0.4)
    assert led.levels == [51, 102]


def test_a_kernel_without_triggers(files: FakeSysfs, driver: Driver) -> None:
    led = files.add_led("ACT", triggers=None)
    assert driver.attach("x", row(), True, ignore) is True
    assert led.brightness == 255


def test_an_led_behind_a_bus_has_its_brightness_later(files: FakeSysfs, driver: Driver) -> None:
    led = files.add_led("ACT")
    led.lag = 2
    assert driver.attach("x", row(), True, ignore) is True
    assert driver.write("x", False) is False


# -- what fails ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["gone", "../../../etc", ".", "..", "ACT/brightness"])
def test_no_such_led(files: FakeSysfs, driver: Driver, line: str) -> None:
    files.add_led("PWR")
    files.add_led("ACT")
    assert failure(lambda: driver.attach("x", row(line=line), None, ignore)) == (
        f'there is no LED "{line}": set line to one of ACT, PWR'
    )


def test_a_machine_without_leds(driver: Driver) -> None:
    assert failure(lambda: driver.attach("x", row(), None, ignore)) == (
        "this machine has no LEDs (/sys/class/leds): load the driver of the LED"
    )


def test_an_led_that_is_unplugged(files: FakeSysfs, driver: Driver) -> None:
    files.add_led("ACT")
    driver.attach("x", row(), None, ignore)
    files.unbind("ACT")
    for call in (lambda: driver.write("x", True), lambda: driver.read("x")):
        assert failure(call) == 'the LED "ACT" is gone: plug it in again, or load its driver'


def test_rights_that_are_missing(files: FakeSysfs, driver: Driver) -> None:
    files.add_led("ACT")
    files.denied.add("sys/class/leds/ACT/trigger")
    assert failure(lambda: driver.attach("x", row(), True, ignore)) == (
        'the LED "ACT" may not be written: install the udev rules 60-edgeweb-gpio.rules, add the user edgeweb'
        " to the group gpio (usermod -aG gpio edgeweb), and restart the machine"
    )
    files.read_only = True
    assert failure(lambda: driver.attach("x", row(), False, ignore)) == (
        'the LED "ACT" is read-only for this service: add the drop-in leds-and-pwm.conf to its unit,'
        " and restart it"
    )


def test_leds_of_the_kernel_s_own(files: FakeSysfs, driver: Driver) -> None:
    led = files.add_led("ACT", trigger="netdev")
    led.moved_by_hardware = True
    assert failure(lambda: driver.attach("x", row(), None, ignore)) == (
        'the LED "ACT" is moved by its own hardware: set at_start = "off" or "on", which stops that'
    )
    assert driver.attach("x", row(), False, ignore) is False
    led.taken = True
    assert failure(lambda: driver.write("x", True)) == (
        'the LED "ACT" is used by the kernel, as the flash of a camera: end the program that uses it'
    )
    led.taken, led.broken = False, errno.ETIMEDOUT
    assert failure(lambda: driver.write("x", True)) == (
        'the LED "ACT" does not answer: check the wiring and the supply of its chip'
    )


# -- with the controller ---------------------------------------------------------------------------------


@pytest.fixture
def rig_of(files: FakeSysfs, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Rig]:
    monkeypatch.setattr(driver_calls_module, "make_driver", lambda name: Driver(files))
    return lambda memory=None, **values: Rig(memory, x=row(mode="pwm", **values))


def test_a_channel_with_one_level_is_off_at_0_4(files: FakeSysfs, rig_of: Callable[..., Rig]) -> None:
    files.add_led("ACT", 1)
    rig = rig_of()
    current = rig.controller.set_value("x", 0.4)
    assert (current.state, current.value) == (False, 0.0)
    current = rig.controller.set_value("x", 0.6)
    assert (current.state, current.value) == (True, 1.0)


@pytest.mark.parametrize("highest", [1, 255])
def test_a_slow_ramp_gets_there(files: FakeSysfs, rig_of: Callable[..., Rig], highest: int) -> None:
    led = files.add_led("ACT", highest)
    rig = rig_of(ramp=60.0)
    rig.controller.set_value("x", 1.0)
    rig.step(61)
    assert not rig.busy() and led.brightness == highest
    rig.controller.set("x", False)
    rig.step(61)
    assert not rig.busy() and led.brightness == 0


def test_an_led_that_goes_and_comes_back(files: FakeSysfs, rig_of: Callable[..., Rig]) -> None:
    files.add_led("ACT")
    rig = rig_of(poll=1.0)
    rig.controller.set_value("x", 0.2)
    files.unbind("ACT")
    rig.step(1)
    current = rig.controller["x"].current
    assert (current.online, current.reason) == (
        False,
        'the LED "ACT" is gone: plug it in again, or load its driver',
    )
    led = files.add_led("ACT")
    rig.step(6)
    assert rig.controller["x"].current.online and led.brightness == 51


def test_restored_is_what_was_reported(files: FakeSysfs, rig_of: Callable[..., Rig], tmp_path: Path) -> None:
    led = files.add_led("ACT", 1)

    def start() -> tuple[Rig, Store]:
        store = Store(str(tmp_path))
        rig = rig_of(at_start="restore")
        rig.remember(ChannelMemory(store, rig.timers.after))
        rig.controller.open()
        return rig, store

    for value, on in ((0.6, True), (0.4, False)):
        rig, store = start()
        rig.controller.set_value("x", value)
        rig.step(STATE_DELAY)
        store.close()
        led.brightness = 0
        rig, store = start()
        store.close()
        assert (rig.state(), led.brightness) == (on, on)


# -- the real calls --------------------------------------------------------------------------------------


def test_on_a_recorded_tree(tmp_path: Path) -> None:
    assert isinstance(make_driver("led"), Driver)
    folder = tmp_path / "sys/class/leds/ACT"
    folder.mkdir(parents=True)
    for name, value in (("brightness", 0), ("max_brightness", 255), ("trigger", "mmc0")):
        (folder / name).write_text(f"{value}\n")
    driver = Driver(Files(str(tmp_path)))
    assert driver.attach("x", row(), True, ignore) is True
    assert ((folder / "brightness").read_text(), (folder / "trigger").read_text()) == ("255\n", "none\n")
    (folder / "max_brightness").write_text("x\n")
    assert "in place of a number" in failure(lambda: driver.attach("x", row(), None, ignore))
