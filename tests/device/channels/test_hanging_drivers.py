"""A driver that is slow or hangs keeps its own channels waiting, and no client for a second."""

from __future__ import annotations

import threading

import pytest

from edgeweb.device.channels import controller as controller_module
from edgeweb.device.channels import driver_calls as driver_calls_module
from edgeweb.device.channels import machine as machine_module
from edgeweb.device.channels.channel import ChannelBusy, ChannelOffline, TooManyWaiting
from edgeweb.device.channels.controller import ChannelController
from edgeweb.device.channels.drivers import Level, Options, Report
from edgeweb.device.channels.drivers.memory import Driver as MemoryDriver
from edgeweb.device.channels.states import SWITCHING

from .hanging import Slow, eventually, row, switch_slowly
from .rig import HeldRig, Rig


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


def test_of_all_threads_two_may_wait_for_slow_drivers() -> None:
    """A third one is refused to switch on, so that the server has threads left; off is always tried."""
    rig = HeldRig(a={}, b={}, c={})
    rig.controller.open()
    rig.executor.hung.add("memory")
    moments: list[float] = []
    refused: list[str] = []

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
            refused.append("c")

    rig.meanwhile = meanwhile
    for _ in range(2):  # those of the first time wait no more
        moments.clear()
        with pytest.raises(ChannelOffline):
            rig.controller.set("a", True)
        assert moments[1] - moments[0] == pytest.approx(0.05), "a driver is slow after 50 ms"
    assert refused == ["c", "c"], "not offline, which would pass for the error of b"
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
