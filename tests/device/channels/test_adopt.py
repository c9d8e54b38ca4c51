"""Channels that come, change and go on a running device."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from edgeweb.device.channels import driver_calls as driver_calls_module
from edgeweb.device.channels.channel import ChannelBusy, Interlocked
from edgeweb.device.channels.controller import ChannelController
from edgeweb.device.channels.drivers import DriverError
from edgeweb.device.system.patience import MAX_WAIT, Patience

from ..faults import GOING_ON, HANGING, Threads, Waits
from .hanging import Hung, Slow, eventually, memory_of, row, switch_slowly
from .rig import Rig


def same_driver(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    return bool(before["driver"] == now["driver"])


def test_a_channel_that_is_removed_goes_off_as_its_profile_has_it() -> None:
    controller = ChannelController({"x": row(at_exit="off"), "y": row(), "z": row()})
    for name in ("x", "y", "z"):
        controller.set(name, True)
    memory = memory_of(controller)
    controller.adopt({"z": row()})
    assert [channel.name for channel in controller] == ["z"]
    assert controller["z"].current.state is True, "others go on"
    levels = {name: level for _, name, level in memory.changes}
    assert levels == {"x": False, "y": True, "z": True}
    with pytest.raises(DriverError):
        memory.read("x")
    controller.close()


def test_a_channel_whose_driver_hangs_can_be_removed(slow: Slow) -> None:
    controller = ChannelController({"x": row(driver="slow", at_exit="off"), "y": row()})
    thread = switch_slowly(controller, slow)
    controller.patience = 0.1
    controller.adopt({"y": row()})
    assert [channel.name for channel in controller] == ["y"]
    slow.go_on.set()
    thread.join(20)
    assert eventually(lambda: [level for _, _, level in slow.changes] == [True, False]), "once it answers"
    assert controller.set("y", True).state is True
    controller.close()


def test_a_change_between_two_drivers_that_hang_waits_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the old driver has taken of the client's patience, the new one does not have."""
    go_on = threading.Event()
    go_on.set()
    monkeypatch.setattr(driver_calls_module, "make_driver", lambda name: Hung(go_on))
    waits = Waits()
    patience = Patience(waits.clock)
    controller = ChannelController({"x": row(driver="led")}, executor=Threads(waits), left=patience.left)
    controller.open()
    go_on.clear()
    waits.really = HANGING
    patience.begin()
    controller.adopt({"x": row()}, same_driver)
    assert controller["x"].current.busy
    assert waits.seconds <= MAX_WAIT
    waits.really = GOING_ON
    go_on.set()
    assert eventually(lambda: controller["x"].current.online)
    controller.close()


def test_one_with_another_driver_is_another_in_its_place(slow: Slow) -> None:
    controller = ChannelController({"x": row(driver="slow"), "y": row()})
    controller.open()
    first = controller["x"]
    controller.adopt({"x": row(), "y": row()}, same_driver)
    assert controller["x"] is not first and first.group.members == []
    assert [channel.name for channel in controller] == ["x", "y"]
    assert controller.set("x", True).state is True
    controller.close()


def test_a_new_member_of_a_group_keeps_its_rules() -> None:
    controller = ChannelController({"up": row(interlock="motor")})
    controller.set("up", True)
    controller.adopt({"up": row(interlock="motor"), "down": row(interlock="motor", at_start="on")})
    assert controller["down"].current.state is False, "the other one is on"
    with pytest.raises(Interlocked):
        controller.set("down", True)
    controller.adopt({"down": row(interlock="motor", at_start="on")})
    assert controller.set("down", True).state is True
    controller.close()


def test_a_group_rests_after_one_that_was_on_is_removed() -> None:
    rest = {"interlock": "motor", "busy_delay": 5.0}
    rig = Rig(up=rest, down=rest)
    rig.controller.open()
    rig.step(60.0)
    rig.controller.set("up", True)
    rig.controller.adopt({"down": row(**rest)})
    with pytest.raises(ChannelBusy):
        rig.controller.set("down", True)
    rig.step(5.0)
    assert rig.controller.set("down", True).state is True
