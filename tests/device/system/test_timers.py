from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from edgeweb.device.errors import DeviceError
from edgeweb.device.system.timers import _SWEEP, Timers


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_timers_are_called_in_the_order_of_their_moments(clock: Clock) -> None:
    timers, calls = Timers(clock, threaded=False), []
    for name, seconds in (("c", 3.0), ("a", 1.0), ("b", 1.0)):
        timers.after(seconds, lambda name=name: calls.append(name))
    assert timers.run_due() == 1.0
    clock.now = 2.0
    assert timers.run_due() == 1.0
    assert calls == ["a", "b"]
    clock.now = 9.0
    assert timers.run_due() is None
    assert calls == ["a", "b", "c"]


def test_cancelled_timers_are_not_called_and_do_not_pile_up(clock: Clock) -> None:
    timers, calls = Timers(clock, threaded=False), []
    for _ in range(10 * _SWEEP):
        timers.after(1.0, lambda: calls.append("no")).cancel()
    assert len(timers._heap) <= _SWEEP + 1
    clock.now = 1.0
    assert timers.run_due() is None
    assert calls == []


def test_a_cancelled_timer_before_one_that_waits_is_not_called(clock: Clock) -> None:
    timers, calls = Timers(clock, threaded=False), []
    timers.after(1.0, lambda: calls.append("no")).cancel()
    timers.after(2.0, lambda: calls.append("yes"))
    assert timers.run_due() == 2.0
    for clock.now in (1.5, 2.0):
        timers.run_due()
    assert calls == ["yes"]


def test_a_call_that_fails_stops_no_other(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    timers, calls = Timers(clock, threaded=False), []
    timers.after(1.0, lambda: 1 / 0)
    timers.after(1.0, lambda: calls.append("yes"))
    clock.now = 1.0
    timers.run_due()
    assert calls == ["yes"]
    assert "ZeroDivisionError" in capsys.readouterr().err


class Busy(DeviceError):
    """Asks for another call, or not."""

    def __init__(self, retry_after: int | None) -> None:
        super().__init__("busy")
        self.retry_after = retry_after


@pytest.mark.parametrize("seconds", [7, None])
def test_a_call_is_made_again_where_its_error_asks_for_it(
    clock: Clock, capsys: pytest.CaptureFixture[str], seconds: int | None
) -> None:
    timers, calls = Timers(clock, threaded=False), []

    def call() -> None:
        calls.append(clock.now)
        if len(calls) < 3:
            raise Busy(seconds)

    timers.after(1.0, call)
    clock.now = 1.0
    assert timers.run_due() == seconds
    for clock.now in (8.0, 15.0, 99.0):
        timers.run_due()
    assert calls == ([1.0, 8.0, 15.0] if seconds else [1.0])
    assert ("Busy: busy" in capsys.readouterr().err) is (seconds is None)


def test_timers_of_one_moment_are_called_in_the_order_of_their_making(clock: Clock) -> None:
    timers, calls = Timers(clock, threaded=False), []
    for number in range(50):
        timers.after(1.0, lambda number=number: calls.append(number))
    clock.now = 1.0
    timers.run_due()
    assert calls == list(range(50))


def test_timers_that_wait_survive_a_sweep(clock: Clock) -> None:
    timers, calls = Timers(clock, threaded=False), []
    for number in range(_SWEEP + 10):
        timers.after(2.0 + number, lambda number=number: calls.append(number))
    timers.after(1.0, lambda: calls.append("first"))
    clock.now = 2.0
    assert timers.run_due() == 1.0
    assert calls == ["first", 0]


def test_the_end_drops_all_timers_and_waits_for_a_call() -> None:
    timers, working, go_on, ended = Timers(name="edgeweb-test"), threading.Event(), threading.Event(), []

    def work() -> None:
        working.set()
        go_on.wait(20)
        ended.append(True)

    timers.after(0.0, work)
    assert working.wait(20)
    (thread,) = (thread for thread in threading.enumerate() if thread.name == "edgeweb-test")
    assert thread.daemon, "a call that hangs does not keep the process"
    timers.after(0.0, lambda: ended.append(False))
    threading.Timer(0.05, go_on.set).start()
    timers.close()
    assert ended == [True] and not thread.is_alive()
    assert timers.run_due() is None


def test_a_call_may_set_the_next_timer(clock: Clock) -> None:
    timers = Timers(clock, threaded=False)
    timers.after(1.0, lambda: timers.after(1.0, lambda: None))
    clock.now = 1.0
    assert timers.run_due() == 1.0


def test_the_thread_wakes_for_a_nearer_timer_and_ends() -> None:
    timers, first, second = Timers(), threading.Event(), threading.Event()
    before = threading.active_count()
    timers.after(1000.0, lambda: None)
    timers.after(0.01, first.set)
    assert first.wait(20)
    timers.after(0.0, second.set)
    assert second.wait(20)
    assert threading.active_count() == before + 1, "one thread for all of them"
    timers.close()
    assert threading.active_count() == before


def test_the_thread_sleeps_until_the_next_timer_is_due(clock: Clock) -> None:
    waits: list[float | None] = []
    sleeps = threading.Event()

    class Noting(threading.Condition):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            sleeps.set()
            return super().wait(timeout)

    clock.now = 10.0
    timers = Timers(clock)
    timers._changed = Noting()
    timers.after(1000.0, lambda: None)
    assert sleeps.wait(20)
    timers.close()
    assert waits == [1000.0]


def test_a_call_that_goes_on_over_the_end_begins_nothing_new() -> None:
    timers, working, go_on, late = Timers(), threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        working.set()
        go_on.wait(20)
        timers.after(0.0, late.set)

    timers.after(0.0, work)
    assert working.wait(20)
    thread = timers._thread
    assert thread is not None
    closing = threading.Thread(target=timers.close)
    closing.start()
    while timers._thread is not None:
        threading.Event().wait(0.01)
    go_on.set()
    closing.join(20)
    thread.join(20)
    assert not thread.is_alive()
    assert (late.is_set(), timers._thread) == (False, None)
    timers.after(0.0, late.set)
    assert late.wait(20), "whoever uses it again starts it again"
    timers.close()


def test_the_first_call_that_takes_too_long_is_logged(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    timers = Timers(clock, threaded=False, name="edgeweb-channels", longest=0.5)

    def take(seconds: float) -> None:
        clock.now += seconds

    for seconds in (0.5, 0.501, 5.0):
        timers.after(0.0, lambda seconds=seconds: take(seconds))
        timers.run_due()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and "a call of edgeweb-channels took 501 ms" in lines[0]


ENDS = """
import atexit
from edgeweb.device.system.timers import Timers

def end():
    {before}
    print(timers.after(1.0, print).cancelled, flush=True)

timers = Timers()
atexit.register(end)
"""


def at_exit(before: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", ENDS.format(before=before)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)


def test_no_timer_is_set_while_python_ends() -> None:
    done = at_exit("timers.close()")
    assert done.stderr == ""
    # the others start a thread, and do not wait for it
    assert done.stdout == ("True\n" if sys.version_info[:2] == (3, 12) else "False\n")


def test_whoever_needs_a_timer_learns_that_there_is_no_thread_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    timers, called = Timers(), threading.Event()

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError):
            timers.after(0.0, called.set)
    assert not called.is_set()
    timers.after(0.0, called.set)
    assert called.wait(30), "and the next one gets a thread"
    timers.close()
