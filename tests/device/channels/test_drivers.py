"""The drivers for LEDs, PWM and commands: on recorded trees of /sys and on real programs."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from edgeweb.device.channels import drivers
from edgeweb.device.channels.drivers import (
    ALL_MODES,
    DRIVERS,
    BaseDriver,
    DriverError,
    driver_module,
    make_driver,
)
from edgeweb.device.channels.drivers.kernel import sysfs
from edgeweb.device.config.checks import accept
from edgeweb.device.config.schema import KEYS, defaults


def row(driver: str, **values: Any) -> dict[str, Any]:
    return defaults("channels.*", **{"driver": driver, "mode": "output", **values})


def ignore(name: str, level: bool | DriverError) -> None:
    pass


def record(root: Path, path: str, **files: object) -> Path:
    folder = root / path
    folder.mkdir(parents=True)
    for name, value in files.items():
        (folder / name).write_text(f"{value}\n")
    return folder


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sysfs, "ROOT", str(tmp_path))
    return tmp_path


def test_the_drivers_are_the_modules_of_the_folder() -> None:
    files = {path.stem for path in Path(drivers.__file__).parent.glob("*.py")}
    assert list(DRIVERS) == sorted(files - {"__init__"}) and {"gpio", "memory"} < files
    for name in DRIVERS:
        assert isinstance(make_driver(name), BaseDriver)
    with pytest.raises(KeyError):
        make_driver("os")


@pytest.mark.parametrize("name", DRIVERS)
def test_a_driver_declares_its_modes_and_options(name: str) -> None:
    module = driver_module(name)
    assert module.MODES and set(module.MODES) <= set(ALL_MODES)
    common = {row.path.rpartition(".")[2] for row in KEYS}
    keys = [option.key for option in module.OPTIONS]
    assert len(set(keys)) == len(keys) and not common.intersection(keys), "a key of its own"
    for option in module.OPTIONS:
        assert set(option.needed) <= set(ALL_MODES)
        assert accept(option.kind, option.limits, option.default) == option.default
        assert not (option.needed and option.default), "what is needed has no default"


# -- LEDs ----------------------------------------------------------------------------------------------


def test_an_led(root: Path) -> None:
    led = record(root, "sys/class/leds/ACT", brightness=0, max_brightness=255, trigger="mmc0")
    driver = make_driver("led")
    assert driver.attach("x", row("led", line="ACT"), True, ignore) is True
    assert ((led / "brightness").read_text(), (led / "trigger").read_text()) == ("255\n", "none\n")
    driver.write("x", False)
    assert (led / "brightness").read_text() == "0\n"
    assert driver.read("x") is False
    assert driver.attach("x", row("led", line="ACT", mode="pwm"), 0.5, ignore) == pytest.approx(0.5, abs=0.01)


def test_an_led_that_is_left_as_it_is(root: Path) -> None:
    led = record(root, "sys/class/leds/ACT", brightness=7, max_brightness=255, trigger="mmc0")
    assert make_driver("led").attach("x", row("led", line="ACT"), None, ignore) is True
    assert (led / "trigger").read_text() == "mmc0\n"


@pytest.mark.parametrize("line", ["gone", "../../../etc", ".", ".."])
def test_no_led(root: Path, line: str) -> None:
    record(root, "sys/class/leds/ACT", brightness=0, max_brightness=255, trigger="none")
    with pytest.raises(DriverError, match=r"there is no|is not the name"):
        make_driver("led").attach("x", row("led", line=line), None, ignore)


def test_an_led_that_is_unplugged(root: Path) -> None:
    led = record(root, "sys/class/leds/ACT", brightness=0, max_brightness=1, trigger="none")
    driver = make_driver("led")
    driver.attach("x", row("led", line="ACT"), None, ignore)
    (led / "brightness").unlink()
    for call in (lambda: driver.write("x", True), lambda: driver.read("x")):
        with pytest.raises(DriverError, match="No such file"):
            call()
    assert not (led / "brightness").exists(), "no file of ours takes its place"


def test_nonsense_in_sysfs(root: Path) -> None:
    record(root, "sys/class/leds/ACT", brightness="x", max_brightness=1, trigger="none")
    with pytest.raises(DriverError, match="in place of a number"):
        make_driver("led").attach("x", row("led", line="ACT"), None, ignore)


# -- PWM -----------------------------------------------------------------------------------------------


def test_pwm(root: Path) -> None:
    out = record(root, "sys/class/pwm/pwmchip0/pwm1", period=0, duty_cycle=0, enable=0)
    driver = make_driver("pwm")
    options = row("pwm", mode="pwm", line="1", frequency=1000.0)
    assert driver.attach("x", options, 0.25, ignore) == 0.25
    assert [(out / name).read_text() for name in ("period", "duty_cycle", "enable")] == [
        "1000000\n",
        "250000\n",
        "1\n",
    ]
    assert driver.write("x", 1.0) == 1.0
    assert (out / "duty_cycle").read_text() == "1000000\n"
    assert driver.read("x") == 1.0


def test_pwm_is_exported_first(root: Path) -> None:
    chip = record(root, "sys/class/pwm/pwmchip2", export="")

    def kernel() -> None:
        while (chip / "export").read_text() != "3\n":
            time.sleep(0.005)
        record(root, "sys/class/pwm/pwmchip2/pwm3", period=0, duty_cycle=0, enable=0)

    thread = threading.Thread(target=kernel)
    thread.start()
    driver = make_driver("pwm")
    assert driver.attach("x", row("pwm", chip="pwmchip2", line="3"), True, ignore) is True
    thread.join(20)


@pytest.mark.parametrize(
    ("chip", "line"), [("pwmchip9", "0"), ("../x", "0"), ("pwmchip0", "one"), ("pwmchip0", "-1")]
)
def test_no_pwm(root: Path, chip: str, line: str) -> None:
    record(root, "sys/class/pwm/pwmchip0/pwm0", period=0, duty_cycle=0, enable=0)
    with pytest.raises(DriverError):
        make_driver("pwm").attach("x", row("pwm", chip=chip, line=line), None, ignore)


# -- commands ------------------------------------------------------------------------------------------


def test_commands(tmp_path: Path) -> None:
    flag = tmp_path / "on; rm -rf $HOME"
    options = row("command", on=("touch", str(flag)), off=("rm", str(flag)), read=("test", "-e", str(flag)))
    driver = make_driver("command")
    assert driver.attach("x", options, None, ignore) is False
    driver.write("x", True)
    assert flag.exists() and driver.read("x") is True, "no shell has looked at the name"
    driver.write("x", False)
    assert driver.read("x") is False
    with pytest.raises(DriverError, match="rm ended with code 1"):
        driver.write("x", False)


def test_commands_that_fail() -> None:
    driver = make_driver("command")
    driver.attach(
        "x", row("command", on=("/no/such/program",), off=("sleep", "9"), timeout=0.1), None, ignore
    )
    with pytest.raises(DriverError, match="No such file"):
        driver.write("x", True)
    with pytest.raises(DriverError, match=r"sleep did not end within 0\.1 s"):
        driver.write("x", False)
    with pytest.raises(DriverError, match="0 is on, 1 is off"):
        driver.attach("y", row("command", read=("sh", "-c", "exit 7")), None, ignore)


def test_without_a_program_to_read_it_is_as_it_was_written() -> None:
    driver = make_driver("command")
    options = row("command", on=("true",), off=("true",))
    assert driver.attach("x", options, True, ignore) is True
    assert driver.attach("x", options, None, ignore) is True
