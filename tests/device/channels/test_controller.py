from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from edgeweb.device.channels import controller as controller_module
from edgeweb.device.channels import driver_calls as driver_calls_module
from edgeweb.device.channels import machine as machine_module
from edgeweb.device.channels.channel import (
    Channel,
    ChannelBusy,
    ChannelError,
    ChannelOffline,
    Interlocked,
    NotAnOutput,
    TooManyWaiting,
    UnknownChannel,
)
from edgeweb.device.channels.controller import ChannelController
from edgeweb.device.channels.drivers import BaseDriver, DriverError, Level, Options, Report
from edgeweb.device.channels.drivers.memory import Driver as MemoryDriver
from edgeweb.device.channels.memory import NullMemory, Remembered
from edgeweb.device.channels.states import SWITCHING
from edgeweb.device.config.schema import defaults

from .rig import HeldRig, Rig


def row(**changes: Any) -> dict[str, Any]:
    return defaults("channels.*", **{"driver": "memory", "mode": "output", **changes})


def memory_of(controller: ChannelController) -> MemoryDriver:
    driver = controller.driver("memory")
    assert isinstance(driver, MemoryDriver)
    return driver


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


class Slow(MemoryDriver):
    """Waits in `write` to high until it may go on."""

    __slots__ = ("go_on", "writing")

    def __init__(self) -> None:
        super().__init__()
        self.writing, self.go_on = threading.Event(), threading.Event()

    def is_instant(self, name: str) -> bool:
        return False

    def write(self, name: str, level: bool | float) -> None:
        if level:
            self.writing.set()
            assert self.go_on.wait(20)
        super().write(name, level)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    """The driver `slow` of the controllers of a test; every other one is the memory's."""
    driver = Slow()
    monkeypatch.setattr(
        driver_calls_module, "make_driver", lambda name: driver if name == "slow" else MemoryDriver()
    )
    yield driver
    driver.go_on.set()


def switch_slowly(controller: ChannelController, slow: Slow) -> threading.Thread:
    """Begin to switch the channel `x`, which does not end before `go_on`."""
    controller.open()

    def switch() -> None:
        with contextlib.suppress(ChannelError):
            controller.set("x", True)

    thread = threading.Thread(target=switch)
    thread.start()
    assert slow.writing.wait(20)
    return thread


def test_a_channel_is_busy_while_its_driver_writes(slow: Slow) -> None:
    controller = ChannelController({"x": row(driver="slow"), "other": row()})
    thread = switch_slowly(controller, slow)
    assert controller["x"].current.busy is True
    assert controller.set("other", True).busy is False, "channels of other drivers do not wait"
    with pytest.raises(ChannelBusy):
        controller.set("x", True)
    slow.go_on.set()
    thread.join(20)
    assert (controller["x"].current.busy, controller["x"].current.state) == (False, True)
    controller.close()


def test_off_is_done_as_soon_as_the_driver_answers(slow: Slow) -> None:
    controller = ChannelController({"x": row(driver="slow")})
    thread = switch_slowly(controller, slow)
    with pytest.raises(ChannelBusy, match="it goes off when that answers"):
        controller.set("x", False)
    slow.go_on.set()
    thread.join(20)
    assert controller.wait("x", 20).state is False
    controller.close()


def test_a_driver_that_hangs_is_offline_and_keeps_no_other_waiting(
    slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver_calls_module, "DEADLINE", 0.2)
    monkeypatch.setattr(machine_module, "RETRY", 0.05)
    controller = ChannelController({"x": row(driver="slow"), "y": row(driver="slow"), "other": row()})
    controller.open()
    with pytest.raises(ChannelOffline, match=r"its driver did not answer within 0\.2 s"):
        controller.set("x", True)
    with pytest.raises(ChannelOffline):
        controller.set("y", False)
    assert controller.set("other", True).state is True
    slow.go_on.set()
    for name in ("x", "y"):
        assert eventually(lambda name=name: controller[name].current.online)
        assert controller[name].current.state is False, "what was refused is not done later"
    controller.close()


def test_a_command_leaves_a_driver_that_is_slow_before_its_deadline(slow: Slow) -> None:
    """No client waits for a second; the switch goes on, and the state has what came of it."""
    happened: list[tuple[str, str, str]] = []
    controller = ChannelController({"x": row(driver="slow")}, happened=lambda *row: happened.append(row))
    controller.patience = 0.1
    state = controller.set("x", True)
    assert (state.online, state.state, state.busy) == (True, False, True)
    assert controller["x"].phase == SWITCHING
    slow.go_on.set()
    state = controller.wait("x", 20)
    assert (state.online, state.state, state.busy) == (True, True, False)
    controller.close()
    assert happened == []


def test_a_driver_that_was_left_and_hangs_is_offline_at_its_deadline(
    slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver_calls_module, "DEADLINE", 0.3)
    happened: list[tuple[str, str, str]] = []
    controller = ChannelController({"x": row(driver="slow")}, happened=lambda *row: happened.append(row))
    controller.patience = 0.1
    assert controller.set("x", True).busy is True
    assert controller.wait("x", 20).online is False
    assert "did not answer within 0.3 s" in controller["x"].current.reason
    assert happened == [("x", "channel.set", "channel-offline")], "the log has the command as done"
    slow.go_on.set()
    controller.close()


def test_the_first_call_of_each_output_that_has_a_thread_of_its_own_waits_for_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The program of the first one hangs at the start, and does not end in its deadline."""
    go_on = threading.Event()

    class Programs(MemoryDriver):
        def has_own_thread(self, options: Options) -> bool:
            return True

        def attach(self, name: str, options: Options, level: Level | None, report: Report) -> bool | float:
            if name == "x":
                go_on.wait(30)
            return super().attach(name, options, level, report)

    driver = Programs()
    monkeypatch.setattr(driver_calls_module, "make_driver", lambda name: driver)
    monkeypatch.setattr(driver_calls_module, "DEADLINE", 0.2)
    monkeypatch.setattr(machine_module, "RETRY", 0.05)
    controller = ChannelController({"x": row(), "y": row()})
    controller.open()
    assert eventually(lambda: controller["y"].current.online)
    assert not controller["x"].current.online
    go_on.set()
    assert eventually(lambda: controller["x"].current.online)
    controller.close()


# -- channels that come and go -------------------------------------------------------------------------


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


def eventually(condition: Callable[[], object]) -> bool:
    """Return whether a condition comes to hold within 20 seconds."""
    end = time.monotonic() + 20
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


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


def test_of_all_threads_two_may_wait_for_slow_drivers() -> None:
    """A third one is refused to switch on, so that the server has threads left; off is always tried."""
    rig = HeldRig(a={}, b={}, c={})
    rig.controller.open()
    rig.executor.hung.add("memory")
    moments: list[float] = []

    def meanwhile() -> None:
        moments.append(rig.now)
        if len(moments) == 2:
            with pytest.raises(ChannelOffline):
                rig.controller.set("b", True)
        elif len(moments) == 4:
            with pytest.raises(ChannelBusy, match="Other channels wait for slow hardware"):
                rig.controller.set("c", True)
            with pytest.raises(ChannelOffline):
                rig.controller.set("c", False)

    rig.meanwhile = meanwhile
    for _ in range(2):  # those of the first time wait no more
        moments.clear()
        with pytest.raises(ChannelOffline):
            rig.controller.set("a", True)
        assert moments[1] - moments[0] == pytest.approx(0.05), "a driver is slow after 50 ms"
    rig.meanwhile = lambda: None
    rig.executor.hung.clear()
    assert rig.controller.set("c", True).state is True


def test_two_threads_may_wait_for_a_channel() -> None:
    rig = Rig(x={})
    rig.controller.pulse("x", 1.0)
    lock = rig.controller._machine.lock
    threads = [threading.Thread(target=lambda: rig.controller.wait("x", 600), daemon=True) for _ in range(2)]
    for number, thread in enumerate(threads, 1):
        thread.start()
        assert eventually(lambda number=number: len(lock._waiters) == number)  # type: ignore[attr-defined]
    with pytest.raises(TooManyWaiting):
        rig.controller.wait("x", 600)
    rig.step(1.0)
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    rig.controller.pulse("x", 1.0)
    assert rig.controller.wait("x", 0).busy is True, "they wait no more"


def test_a_command_waits_for_the_one_before(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controller_module, "TURN_TIME", 20.0)
    controller = ChannelController({"x": row(driver="slow")})
    first = switch_slowly(controller, slow)
    states: list[bool | None] = []
    second = threading.Thread(target=lambda: states.append(controller.set("x", False).state))
    second.start()
    lock = controller._machine.lock
    assert eventually(lambda: states or not second.is_alive() or lock._waiters)  # type: ignore[attr-defined]
    slow.go_on.set()
    for thread in (first, second):
        thread.join(20)
    assert states == [False]
    controller.close()


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
