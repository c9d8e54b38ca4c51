"""What all drivers have, and the driver for commands on real programs; the others are in `drivers/`."""

from __future__ import annotations

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
from edgeweb.device.channels.drivers.led import Driver as LedDriver
from edgeweb.device.channels.drivers.pwm import Driver as PwmDriver
from edgeweb.device.config.checks import accept
from edgeweb.device.config.schema import KEYS, defaults

from .drivers.fake_sysfs import FakeSysfs


def row(driver: str, **values: Any) -> dict[str, Any]:
    return defaults("channels.*", **{"driver": driver, "mode": "output", **values})


def ignore(name: str, level: bool | DriverError) -> None:
    pass


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
        assert isinstance(option.needed, bool) or set(option.needed) < set(module.MODES)
        assert accept(option.kind, option.limits, option.default) == option.default
        assert not (option.needed and option.default), "what is needed has no default"


def test_a_channel_that_is_detached_is_gone_and_others_are_not(tmp_path: Path) -> None:
    led, pwm = FakeSysfs(), FakeSysfs()
    led.add_led("ACT", 1)
    pwm.add_chip("pwmchip0", 2)
    drivers: dict[str, tuple[BaseDriver, dict[str, Any]]] = {
        "memory": (make_driver("memory"), {}),
        "command": (make_driver("command"), {"on": ("true",), "off": ("true",)}),
        "led": (LedDriver(led), {"line": "ACT"}),
        "pwm": (PwmDriver(pwm), {"line": "0"}),
    }
    assert {*drivers, "gpio"} == set(DRIVERS), "that of pins is in drivers/test_gpio.py"
    for driver, (made, options) in drivers.items():
        for name in ("x", "y"):
            made.attach(name, row(driver, **options), True, ignore)
        made.detach("x")
        made.detach("x")
        made.write("y", True)
        with pytest.raises((KeyError, DriverError)):
            made.write("x", True)
        made.close()


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


@pytest.mark.parametrize(
    ("program", "text"),
    [
        (("/no/such/program",), "/no/such/program was not found: set on to the full path of a program"),
        (
            ("/etc/passwd",),
            "/etc/passwd may not be started by the user edgeweb: give it the right to (chmod +x)",
        ),
        (
            ("sh", "-c", "exit 7"),
            "sh ended with code 7: start it by hand as the user edgeweb to see why",
        ),
        (
            ("sh", "-c", "kill -9 $$"),
            "sh was ended by signal 9: start it by hand as the user edgeweb to see why",
        ),
        (("sleep", "9"), "sleep did not end within 0.1 s: see what it waits for, or set a longer timeout"),
        (("./script",), './script is no program: begin a script with a line such as "#!/bin/sh"'),
    ],
)
def test_programs_that_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: tuple[str, ...], text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("script").write_text("echo on\n")
    Path("script").chmod(0o755)
    driver = make_driver("command")
    timeout = 0.1 if program[0] == "sleep" else 10.0
    options = row("command", on=program, off=("true",), timeout=timeout)
    assert driver.attach("x", options, False, ignore) is False
    with pytest.raises(DriverError) as error:
        driver.write("x", True)
    assert str(error.value) == text
    assert driver.read("x") is None, "it may have switched before it failed"


def test_a_state_that_is_none() -> None:
    with pytest.raises(DriverError, match="sh ended with code 7, where 0 is on and 1 is off: start it"):
        make_driver("command").attach("y", row("command", read=("sh", "-c", "exit 7")), None, ignore)


def test_without_a_program_to_read_it_is_as_it_was_written() -> None:
    driver = make_driver("command")
    options = row("command", on=("true",), off=("true",))
    assert driver.attach("x", options, True, ignore) is True
    assert driver.attach("x", options, None, ignore) is True
