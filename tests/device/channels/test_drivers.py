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
from edgeweb.device.config.checks import accept
from edgeweb.device.config.schema import KEYS, defaults


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
        assert set(option.needed) <= set(ALL_MODES)
        assert accept(option.kind, option.limits, option.default) == option.default
        assert not (option.needed and option.default), "what is needed has no default"


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
