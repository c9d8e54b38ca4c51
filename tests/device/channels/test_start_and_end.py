"""What outputs are at the start and at the end, and what is remembered in between."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from edgeweb.device.channels.channel import Channel, ChannelOffline
from edgeweb.device.channels.machine import RETRY
from edgeweb.device.channels.memory import COUNT_DELAY, LIMIT_DELAY, STATE_DELAY, ChannelMemory, Remembered
from edgeweb.device.storage.store import Store

from .fragile import Fragile
from .rig import HeldRig, Rig


@pytest.mark.parametrize(("at_exit", "expected"), [("leave", True), ("off", False), ("on", True)])
def test_at_exit(fragile: Fragile, at_exit: str, expected: bool) -> None:
    levels: list[bool | float] = []
    rig = Rig(x={"at_exit": at_exit})
    rig.controller.set("x", True)
    close = fragile.close

    def watching() -> None:
        levels.append(fragile._levels["x"])
        close()

    type(fragile).close = lambda self: watching()  # type: ignore[method-assign]
    try:
        rig.controller.close()
    finally:
        del type(fragile).close
    assert levels == [expected]


def test_at_the_exit_a_group_keeps_its_rules() -> None:
    row = {"interlock": "blind", "at_exit": "on"}
    rig = Rig(up=row, down=row)
    rig.controller.set("down", True)
    memory = rig.memory()
    memory.changes.clear()
    rig.controller.close()
    assert list(memory.changes) == [], "up stays off"
    assert rig.happened == [("up", "channel.exit", "failed: interlocked")]

    rig = Rig(up={"busy_delay": 2.0, **row}, down={"busy_delay": 2.0, "interlock": "blind", "at_exit": "off"})
    rig.controller.open()
    rig.step(2)
    rig.controller.set("down", True)
    rig.step(2)
    memory = rig.memory()
    memory.changes.clear()
    rig.controller.close()
    assert [(name, level) for _, name, level in memory.changes] == [("down", False)], "and up may rest first"

    rig = Rig(up=row, down={**row, "at_exit": "off"})
    rig.controller.set("down", True)
    memory = rig.memory()
    memory.changes.clear()
    rig.controller.close()
    assert [(name, level) for _, name, level in memory.changes] == [("down", False), ("up", True)]


def exit_changes(rig: Rig) -> list[tuple[str, Any]]:
    """Close a controller, and return what its outputs were switched to."""
    memory = rig.memory()
    memory.changes.clear()
    rig.controller.close()
    return [(name, level) for _, name, level in memory.changes]


def test_at_the_exit_nothing_goes_on_in_its_rest() -> None:
    rig = Rig(x={"at_exit": "on", "busy_delay": 5.0})
    rig.controller.set("x", True)
    rig.step(5)
    rig.controller.set("x", False)
    assert exit_changes(rig) == []
    assert rig.happened == [("x", "channel.exit", "failed: interlocked")]


def test_at_the_exit_nothing_goes_on_beside_a_call_that_is_under_way() -> None:
    rig = HeldRig(up={"interlock": "blind"}, down={"interlock": "blind", "at_exit": "on"})
    rig.controller.open()
    changes: list[tuple[str, Any]] = []

    def end() -> None:
        rig.meanwhile = lambda: None
        changes.extend(exit_changes(rig))

    rig.meanwhile = end
    with pytest.raises(ChannelOffline, match="the server ends"):
        rig.controller.set("up", True)
    assert changes == []
    assert rig.happened == [("down", "channel.exit", "failed: interlocked")]


def test_at_the_exit_a_driver_that_fails_is_reported(fragile: Fragile) -> None:
    rig = Rig(x={"at_exit": "off"}, y={"at_exit": "off"})
    for name in ("x", "y"):
        rig.controller.set(name, True)
    fragile.broken = {"x"}
    levels = fragile._levels
    rig.controller.close()
    assert rig.happened == [("x", "channel.exit", "failed: gone")]
    assert levels["y"] is False


def test_at_the_exit_a_driver_that_hangs_is_reported() -> None:
    rig = HeldRig(x={"at_exit": "off"})
    rig.controller.set("x", True)
    channel = rig.controller["x"]
    rig.executor.hung.add("memory")
    rig.controller.close()
    assert rig.happened == [("x", "channel.exit", "failed: its driver did not answer")]
    assert channel.current.state is None


def test_a_driver_has_two_seconds_and_the_timeout_of_its_channel() -> None:
    rig = HeldRig(x={}, y={"timeout": 1.5})
    rig.controller.open()
    rig.executor.hung.add("memory")
    for name, seconds in (("x", "2"), ("y", "3.5")):
        with pytest.raises(ChannelOffline, match=f"did not answer within {seconds} s"):
            rig.controller.set(name, True)


@pytest.mark.parametrize("at_exit", ["on", "off"])
def test_at_the_exit_a_button_goes_off(at_exit: str) -> None:
    rig = Rig(gate={"mode": "button", "at_exit": at_exit})
    rig.controller.pulse("gate", 60.0)
    assert exit_changes(rig) == [("gate", False)]


def test_at_start_restores_what_was_last_and_counters_go_on(tmp_path: Path) -> None:
    table: dict[str, Mapping[str, Any]] = {
        "x": {"at_start": "restore"},
        "y": {"at_start": "restore"},
        "z": {},
        "door": {"mode": "input"},
    }

    def start() -> tuple[Rig, Store]:
        store = Store(str(tmp_path))
        rig = Rig(**table)
        rig.remember(ChannelMemory(store, rig.timers.after))
        rig.controller.open()
        return rig, store

    first, store = start()
    assert [first.state(name) for name in "xyz"] == [False, False, False], "the first time"
    for name in "xyz":
        first.controller.set(name, name != "y")
    first.memory().feed("door", True)
    first.step(STATE_DELAY)
    store.close()

    second, store = start()
    assert [second.state(name) for name in "xyz"] == [True, False, False]
    first.step(COUNT_DELAY)
    third, store = start()
    assert third.controller["door"].current.on_count == 1


def test_what_is_again_as_it_was_is_not_written(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    rig = Rig(x={"at_start": "restore"})
    rig.remember(ChannelMemory(store, rig.timers.after))
    rig.controller.open()
    rig.step(STATE_DELAY)
    writes: list[Any] = []
    store.write = lambda *arguments, **options: writes.append(arguments)  # type: ignore[method-assign, assignment]
    for _ in range(500):
        rig.controller.set("x", True)
        rig.controller.set("x", False)
    rig.step(STATE_DELAY)
    assert writes == []
    rig.controller.set("x", True)
    rig.step(STATE_DELAY)
    assert len(writes) == 1


class Remembers:
    """A memory that has the same of each channel."""

    def __init__(self, found: Remembered) -> None:
        self.found = found

    def recall(self, channel: Channel) -> Remembered:
        return self.found

    def remember(self, channel: Channel) -> None:
        pass


def test_a_limit_that_ends_in_the_rest_at_the_start(fragile: Fragile) -> None:
    row = {"interlock": "blind", "busy_delay": 5.0, "max_on": 60.0, "at_start": "restore"}
    rig = Rig(Remembers(Remembered(True, off_at=105.0)), up=row)
    rig.controller.open()
    rig.step(10)
    assert list(fragile.changes) == [], "it does not go on for a moment"
    assert rig.controller["up"].current[:3] == (True, False, False)


def test_a_limit_of_the_last_process_goes_on_for_what_its_group_restores_at_once() -> None:
    row = {"interlock": "blind", "max_on": 60.0, "at_start": "restore"}
    rig = Rig(Remembers(Remembered(True, off_at=105.0)), up=row)
    rig.controller.open()
    assert (rig.state("up"), rig.controller["up"].off_at) == (True, 105.0)


def test_a_limit_that_ended_before_the_start_switches_what_is_left_on_off_with_it(fragile: Fragile) -> None:
    fragile._levels["x"] = True
    rig = Rig(Remembers(Remembered(True, off_at=99.0)), x={"at_start": "leave", "max_on": 60.0})
    rig.controller.open()
    assert rig.state() is False
    assert rig.happened == [("x", "channel.start", "off")]


def test_a_limit_of_the_last_process_goes_on_for_what_is_left_on(fragile: Fragile) -> None:
    fragile._levels["x"] = True
    rig = Rig(Remembers(Remembered(True, off_at=105.0)), x={"at_start": "leave", "max_on": 60.0})
    rig.controller.open()
    rig.step(4.9)
    assert rig.state() is True
    rig.step(0.1)
    assert rig.state() is False


@pytest.mark.parametrize("policy", ["leave", "restore", "on"])
@pytest.mark.parametrize("group", [{}, {"interlock": "blind", "busy_delay": 1.0}])
def test_a_limit_that_ends_before_the_hardware_comes_back(
    fragile: Fragile, policy: str, group: dict[str, Any]
) -> None:
    fragile._levels["x"] = True
    fragile.broken = {"x"}
    rig = Rig(Remembers(Remembered(True, off_at=103.0)), x={"at_start": policy, "max_on": 60.0, **group})
    rig.controller.open()
    fragile.broken = set()
    rig.step(RETRY)
    assert rig.controller["x"].current[:2] == (True, False)
    assert [level for _, _, level in fragile.changes] == [False]


def test_a_pulse_of_the_last_process_ends_when_the_hardware_comes_back(fragile: Fragile) -> None:
    fragile._levels["x"] = True
    fragile.broken = {"x"}
    rig = Rig(Remembers(Remembered(False)), x={"at_start": "leave"})
    rig.controller.open()
    fragile.broken = set()
    rig.step(RETRY)
    assert rig.controller["x"].current[:2] == (True, False)


@pytest.mark.parametrize("remembered", [True, False, None])
def test_what_is_found_on_goes_off_only_where_it_was_off(fragile: Fragile, remembered: bool | None) -> None:
    """Then the end of the last process has cut off a pulse."""
    fragile._levels["x"] = True
    rig = Rig(Remembers(Remembered(remembered)), x={"at_start": "leave"})
    assert rig.state() is (remembered is not False)
    assert rig.happened == ([("x", "channel.start", "off")] if remembered is False else [])


@pytest.mark.parametrize("ends", ["off", "pulse"])
def test_what_went_off_is_off_after_a_kill(tmp_path: Path, ends: str) -> None:
    store = Store(str(tmp_path))
    rig = Rig(x={"at_start": "restore"})
    rig.remember(ChannelMemory(store, rig.timers.after))
    rig.controller.set("x", True)
    rig.step(STATE_DELAY)
    if ends == "off":
        rig.controller.set("x", False)
    else:
        rig.controller.pulse("x", 60.0)
    rig.step(LIMIT_DELAY)
    store.close()
    after = Rig(x={"at_start": "restore"})
    after.remember(ChannelMemory(Store(str(tmp_path)), after.timers.after))
    assert after.state("x") is False


def test_a_group_is_not_restored_with_two_on(tmp_path: Path) -> None:
    class BothOn:
        def recall(self, channel: Channel) -> Remembered:
            return Remembered(True)

        def remember(self, channel: Channel) -> None:
            pass

    row = {"interlock": "blind", "at_start": "restore"}
    rig = Rig(BothOn(), up=row, down=row)
    assert [rig.state(name) for name in ("up", "down")] == [True, False]


def test_one_whose_longest_time_on_is_over_keeps_no_other_of_its_group_off() -> None:
    class Over:
        def recall(self, channel: Channel) -> Remembered:
            return Remembered(True, off_at=99.0) if channel.name == "up" else Remembered()

        def remember(self, channel: Channel) -> None:
            pass

    row = {"interlock": "blind", "max_on": 60.0}
    rig = Rig(Over(), up={"at_start": "restore", **row}, tilt={"at_start": "on", **row})
    assert [rig.state(name) for name in ("up", "tilt")] == [False, True]


def test_closing_ends_every_timer(fragile: Fragile) -> None:
    rig = Rig(x={"max_on": 5.0}, y={}, z={"mode": "input", "poll": 1.0})
    rig.controller.set("x", True)
    rig.controller.pulse("y", 9.0)
    rig.controller.close()
    rig.step(100.0)
    assert rig.happened == []
    assert not rig.controller._machine.calls.drivers
