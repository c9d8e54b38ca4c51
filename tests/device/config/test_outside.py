"""Things of the state with drivers and kinds of other packages: requests, and the next start."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

from edgeweb.device.channels import outside as drivers
from edgeweb.device.config import outside
from edgeweb.device.config.profile import Profile
from edgeweb.device.config.things import ThingError
from edgeweb.device.device import Device
from edgeweb.device.sensors import outside as kinds

from ..people import SOMEBODY
from ..plugins.conftest import site
from ..plugins.packages import DRIVER, KIND, KINDS, install

__all__ = ["site"]

FAN = {"driver": "relay8", "mode": "output", "address": 0x21}
LAMP = '[channels.lamp]\ndriver = "memory"\nmode = "output"\n'


@pytest.fixture
def device(site: Path, make_profile: Callable[..., Profile], tmp_path: Path) -> Iterator[Device]:
    install(site, "boards", {"relay8": "boards"}, modules={"boards": DRIVER})
    device = Device(make_profile(LAMP, {"storage.state": str(tmp_path / "state")}), threaded=False)
    device.open()
    device.channels.open()
    yield device
    device.close()


def again(device: Device, text: str = DRIVER) -> Device:
    """The device after its next start, with another version of the package."""
    device.close()
    for module, register in ((drivers, drivers.OutsideDrivers), (kinds, kinds.OutsideKinds)):
        old = module.OUTSIDE
        make = {drivers: drivers.OutsideDriverModule, kinds: kinds.OutsideKindModule}[module]
        module.OUTSIDE = register(old.group, old.own, make)  # type: ignore[attr-defined]
    (boards,) = [Path(path) / "boards.py" for path in sys.path if (Path(path) / "boards.py").exists()]
    boards.write_text(text)
    for cached in (boards.parent / "__pycache__").glob("boards.*"):
        cached.unlink()
    sys.modules.pop("boards", None)
    other = Device(device.things.base, threaded=False)
    other.open()
    return other


def test_a_request_names_one(device: Device) -> None:
    device.things.add(SOMEBODY, "channels", "fan", FAN)
    assert device.switch(SOMEBODY, "fan", True).state is True
    assert device.things.definition("channels", "fan") == FAN
    with pytest.raises(ThingError, match="address: expected a whole number from 32 to 39"):
        device.things.change(SOMEBODY, "channels", "fan", {"address": 1})
    other = again(device)
    assert other.channels["fan"].current.online and other.things.definition("channels", "fan") == FAN
    other.close()


def test_the_first_sensor_is_of_another_package(device: Device, site: Path) -> None:
    install(site, "volts", {"volts": "volts"}, KINDS, modules={"volts": KIND})
    device.things.add(SOMEBODY, "sensors", "supply", {"kind": "volts", "number": 3})
    assert device.sensors is not None
    device.sensors.open()
    assert (device.sensors["supply"].value, device.sensors["supply"].unit) == (3.0, "V")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import smbus3000", "boards 1.0: it needs smbus3000, which is not installed"),
        (f"{DRIVER}\nRUNS_PROGRAMS = True\n", "what runs programs"),
    ],
)
def test_a_request_may_not_name_one(device: Device, site: Path, text: str, reason: str) -> None:
    (site / "boards.py").write_text(text)
    with pytest.raises(ThingError) as error:
        device.things.add(SOMEBODY, "channels", "fan", FAN)
    ((path, detail),) = error.value.errors
    assert path == ("driver",) and reason in detail
    assert device.store.read("SELECT * FROM things") == []


def test_a_request_does_not_wait_for_a_long_import(
    device: Device, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "PATIENCE", 0.0)
    gate = Event()
    monkeypatch.setattr(drivers, "GATE", gate, raising=False)
    text = f"from edgeweb.device.channels import outside\noutside.GATE.wait()\n{DRIVER}"
    install(site, "slow", {"relay9": "slow_boards"}, modules={"slow_boards": text})
    late = r"slow 1\.0: its import is still under way: try again in a few seconds"
    with pytest.raises(ThingError, match=late):
        device.things.add(SOMEBODY, "channels", "fan", {**FAN, "driver": "relay9"})
    assert "relay9" not in outside.usable("channels")
    gate.set()
    assert drivers.OUTSIDE.trouble("relay9", 30.0) == ""
    device.things.add(SOMEBODY, "channels", "fan", {**FAN, "driver": "relay9"})
    assert "relay9" in outside.usable("channels")


def test_one_of_the_state_that_has_become_faulty(device: Device) -> None:
    device.things.add(SOMEBODY, "channels", "fan", FAN)
    other = again(device, "1 / 0")
    fan = other.channels["fan"].current
    assert not fan.online and fan.reason.startswith("boards 1.0: ZeroDivisionError")
    assert other.switch(SOMEBODY, "lamp", True).state is True
    # nothing of it is lost, and what is known of every channel can be changed
    other.things.change(SOMEBODY, "channels", "fan", {"title": "Fan"})
    assert other.things.definition("channels", "fan") == {**FAN, "title": "Fan"}
    for change in ({"address": 0x22}, {"unknown": 1}, {"address": None}):
        with pytest.raises(ThingError, match=r"driver: boards 1\.0: ZeroDivisionError"):
            other.things.change(SOMEBODY, "channels", "fan", change)
    whole = again(other)
    assert whole.channels["fan"].current.online and whole.channels["fan"].title == "Fan"
    whole.close()


def test_a_faulty_one_is_said_once_at_the_start(device: Device, capsys: pytest.CaptureFixture[str]) -> None:
    device.things.add(SOMEBODY, "channels", "fan", FAN)
    device.things.add(SOMEBODY, "channels", "pump", FAN)
    capsys.readouterr()
    other = again(device, "1 / 0")
    log = capsys.readouterr().err
    assert log.count("expected a driver that can be used; boards 1.0: ZeroDivisionError") == 1, log
    assert "Traceback" not in log
    other.close()
