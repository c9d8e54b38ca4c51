from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from edgeweb.device.channels import driver_calls as driver_calls_module
from edgeweb.device.channels.channel import (
    Channel,
    ChannelOffline,
    NotAnOutput,
    UnknownChannel,
)
from edgeweb.device.channels.controller import ChannelController
from edgeweb.device.channels.drivers import BaseDriver, DriverError, Report
from edgeweb.device.channels.drivers.memory import Driver as MemoryDriver
from edgeweb.device.channels.memory import NullMemory, Remembered

from .hanging import memory_of, row
from .rig import Rig


def test_making_a_bank_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> BaseDriver:
        raise AssertionError("a driver was opened")

    monkeypatch.setattr(driver_calls_module, "make_driver", fail)
    controller = ChannelController({"lamp": row()})
    assert len(controller) == 1
    assert controller.revision == 0


def test_initial_states() -> None:
    controller = ChannelController(
        {
            "off": row(),
            "on": row(at_start="on"),
            "leave": row(at_start="leave"),
            "inverted_off": row(inverted=True),
            "inverted_on": row(inverted=True, at_start="on"),
            "input": row(mode="input"),
            "inverted_input": row(mode="input", inverted=True),
        }
    )
    assert {channel.name: channel.current.state for channel in controller} == {
        "off": False,
        "on": True,
        "leave": False,
        "inverted_off": False,
        "inverted_on": True,
        "input": False,
        "inverted_input": True,
    }
    levels = {name: level for _, name, level in memory_of(controller).changes}
    assert levels == {"on": True, "inverted_off": True}, "what was low stays low without being written"


def test_set_and_its_time() -> None:
    now = [5.0]
    controller = ChannelController({"lamp": row()}, clock=lambda: now[0])
    controller.open()
    now[0] = 7.0
    revision = controller.revision
    state = controller.set("lamp", True)
    assert (state.online, state.state, state.busy, state.changed) == (True, True, False, 7.0)
    assert controller["lamp"].current is state
    assert controller.revision > revision


def test_setting_the_same_again_keeps_the_time() -> None:
    now = [5.0]
    controller = ChannelController({"lamp": row()}, clock=lambda: now[0])
    controller.set("lamp", True)
    now[0] = 9.0
    assert controller.set("lamp", True).changed == 5.0


def test_inversion_is_between_state_and_level() -> None:
    controller = ChannelController({"lamp": row(inverted=True)})
    assert controller.set("lamp", True).state is True
    assert [level for _, _, level in memory_of(controller).changes] == [True, False]


def test_an_input_follows_its_driver_and_cannot_be_set() -> None:
    controller = ChannelController({"door": row(mode="input"), "gate": row(mode="input", inverted=True)})
    controller.open()
    revision = controller.revision
    memory_of(controller).feed("door", True)
    memory_of(controller).feed("gate", True)
    assert controller["door"].current.state is True
    assert controller["gate"].current.state is False
    assert controller.revision == revision + 2
    with pytest.raises(NotAnOutput, match='Channel "door" is an input'):
        controller.set("door", False)


def test_an_unknown_channel() -> None:
    controller = ChannelController({})
    with pytest.raises(UnknownChannel, match='no channel named "lmap"'):
        controller["lmap"]
    with pytest.raises(UnknownChannel):
        controller.set("lmap", True)


class Failing(MemoryDriver):
    """Fails while its `broken` says so."""

    __slots__ = ("broken",)

    def __init__(self) -> None:
        super().__init__()
        self.broken = "no such chip"

    def attach(
        self, name: str, options: Mapping[str, Any], level: bool | float | None, report: Report
    ) -> bool | float:
        if self.broken:
            raise DriverError(self.broken)
        return super().attach(name, options, level, report)

    def write(self, name: str, level: bool | float) -> None:
        if self.broken:
            raise DriverError(self.broken)
        super().write(name, level)


def test_a_driver_that_does_not_open_takes_only_its_channels_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        driver_calls_module, "make_driver", lambda name: Failing() if name == "failing" else MemoryDriver()
    )
    controller = ChannelController({"far": row(driver="failing"), "near": row()})
    assert controller.set("near", True).state is True
    far = controller["far"].current
    assert (far.online, far.state, far.reason) == (False, None, "no such chip")
    with pytest.raises(ChannelOffline, match='"far" is offline: no such chip'):
        controller.set("far", True)


def test_a_missing_package_of_a_driver_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> BaseDriver:
        raise ModuleNotFoundError("No module named 'spidev'")

    monkeypatch.setattr(driver_calls_module, "make_driver", missing)
    controller = ChannelController({"lamp": row()})
    assert controller["lamp"].current.reason == "No module named 'spidev'"


def test_a_write_that_fails_is_offline_until_one_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Failing()
    driver.broken = ""
    monkeypatch.setattr(driver_calls_module, "make_driver", lambda name: driver)
    controller = ChannelController({"lamp": row()})
    controller.open()
    driver.broken = "the cable is cut"
    with pytest.raises(ChannelOffline, match="the cable is cut"):
        controller.set("lamp", True)
    state = controller["lamp"].current
    assert (state.online, state.state, state.busy, state.reason) == (False, None, False, "the cable is cut")
    driver.broken = ""
    state = controller.set("lamp", True)
    assert (state.online, state.state, state.reason) == (True, True, "")


def test_a_surprise_in_a_driver_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    class Old(MemoryDriver):
        """A library of another version."""

        __slots__ = ()

        def write(self, name: str, level: bool | float) -> None:
            raise AttributeError("module 'gpiod' has no attribute 'request_lines'")

    monkeypatch.setattr(
        driver_calls_module, "make_driver", lambda name: Old() if name == "old" else MemoryDriver()
    )
    controller = ChannelController({"x": row(driver="old", at_start="leave"), "near": row()})
    with pytest.raises(ChannelOffline, match="unexpected AttributeError in the driver: module 'gpiod'"):
        controller.set("x", True)
    assert controller.set("near", True).state is True
    controller.close()


def test_closing_and_opening_again() -> None:
    controller = ChannelController({"lamp": row()})
    controller.set("lamp", True)
    first = memory_of(controller)
    controller.close()
    assert controller["lamp"].current.state is False, "opened again, at its initial state"
    assert memory_of(controller) is not first


class Noting(NullMemory):
    """Notes what it is asked to remember, and has counted up to `on_count`."""

    def __init__(self) -> None:
        self.remembered: list[str] = []
        self.on_count = 7

    def recall(self, channel: Channel) -> Remembered:
        return Remembered(on_count=0 if channel.is_output else self.on_count)

    def remember(self, channel: Channel) -> None:
        self.remembered.append(channel.name)


def test_other_settings_change_titles_and_have_what_restores_remembered() -> None:
    memory = Noting()
    rig = Rig(memory, x={}, y={"title": "Pump"})
    titled = {"x": row(title="Lamp"), "y": row()}
    rig.controller.adopt({name: {**options, "at_start": "on"} for name, options in titled.items()})
    assert memory.remembered == [], "before the start nothing is known"
    rig.controller.open()
    memory.remembered.clear()
    restored = {**titled, "x": {**titled["x"], "at_start": "restore"}, "y": row(at_start="on")}
    rig.controller.adopt(restored)
    assert memory.remembered == ["x"]
    assert [channel.title for channel in rig.controller] == ["Lamp", "y"]


def test_a_backup_that_is_restored_has_inputs_count_on() -> None:
    memory = Noting()
    rig = Rig(memory, door={"mode": "input"}, x={})
    (door, _) = rig.controller
    memory.on_count = 9
    rig.controller.recall()
    assert door.current.on_count == 9
    rig.controller.close()
    memory.on_count = 11
    rig.controller.recall()
    assert door.current.on_count == 9, "the next start recalls it"


def test_a_restored_backup_counts_nothing_of_outputs() -> None:
    memory = Noting()
    rig = Rig(memory, x={})
    rig.controller.open()
    memory.recall = lambda channel: Remembered(on_count=3)  # type: ignore[method-assign]
    rig.controller.recall()
    assert rig.controller["x"].current.on_count == 0


def test_after_the_end_a_channel_is_offline_and_not_busy() -> None:
    rig = Rig(x={})
    rig.controller.pulse("x", 5.0)
    channel = rig.controller["x"]
    rig.controller.close()
    assert (channel.phase, channel.current.busy) == ("offline", False)
