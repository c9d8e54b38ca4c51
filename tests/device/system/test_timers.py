from __future__ import annotations

import threading

import pytest

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


def test_a_call_that_fails_stops_no_other(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    timers, calls = Timers(clock, threaded=False), []
    timers.after(1.0, lambda: 1 / 0)
    timers.after(1.0, lambda: calls.append("yes"))
    clock.now = 1.0
    timers.run_due()
    assert calls == ["yes"]
    assert "ZeroDivisionError" in capsys.readouterr().err


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
    timers = Timers(clock, threaded=False, name="edgeweb-channels", longest=0.02)

    def take(seconds: float) -> None:
        clock.now += seconds

    for seconds in (0.02, 0.021, 5.0):
        timers.after(0.0, lambda seconds=seconds: take(seconds))
        timers.run_due()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and "a call of edgeweb-channels took 21 ms" in lines[0]
