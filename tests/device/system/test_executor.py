"""Threads of drivers: the order in a lane, lanes beside each other, bounds, and the end of a thread."""

from __future__ import annotations

import threading
import time
from _thread import allocate_lock

import pytest

from edgeweb.device.system import executor as executor_module
from edgeweb.device.system.executor import MAX_CALLS, Executor, Inline

#: Seconds after which a test fails; none takes nearly as long.
STUCK = 30.0


class Lane:
    """A lane of an executor whose first call blocks until `release`."""

    def __init__(self, executor: Executor, name: str) -> None:
        self.executor = executor
        self.name = name
        self.made: list[object] = []
        self._gate = threading.Event()
        self._began = threading.Event()
        assert executor.submit(name, self._block)
        assert self._began.wait(STUCK)

    def _block(self) -> None:
        self._began.set()
        self._gate.wait(STUCK)

    def add(self, what: object) -> bool:
        return self.executor.submit(self.name, lambda: self.made.append(what))

    def release(self) -> None:
        """Let the first call return, and wait for all others."""
        self._gate.set()
        wait_for_lane(self.executor, self.name)


def wait_for_lane(executor: Executor, name: str) -> int:
    """Wait until a lane has made its calls. Return its thread's number."""
    threads: list[int] = []
    done = threading.Event()

    def note() -> None:
        threads.append(threading.get_ident())
        done.set()

    deadline = time.monotonic() + STUCK
    while not executor.submit(name, note):  # as many wait as may
        assert time.monotonic() < deadline
        time.sleep(0.001)
    assert done.wait(STUCK)
    return threads[0]


def test_a_lane_makes_its_calls_in_their_order() -> None:
    lane = Lane(Executor(), "gpio")
    for number in range(20):
        assert lane.add(number)
    assert lane.made == []
    lane.release()
    assert lane.made == list(range(20))


def test_a_lane_waits_for_no_other() -> None:
    executor = Executor()
    slow = Lane(executor, "slow")
    slow.add("late")
    assert wait_for_lane(executor, "fast") != threading.get_ident()
    assert slow.made == []
    slow.release()
    assert slow.made == ["late"]


def test_as_many_calls_wait_as_may() -> None:
    lane = Lane(Executor(), "gpio")
    assert MAX_CALLS == 64
    assert all(lane.add(number) for number in range(MAX_CALLS))
    assert not lane.add("one more")
    lane.release()
    assert lane.made == list(range(MAX_CALLS))
    assert lane.add("afterwards")


def test_a_lane_keeps_its_thread() -> None:
    executor = Executor()
    assert wait_for_lane(executor, "gpio") == wait_for_lane(executor, "gpio")


def test_a_thread_without_calls_ends_and_the_next_call_starts_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert executor_module.IDLE == 60.0, "a minute"
    monkeypatch.setattr(executor_module, "IDLE", 0.01)
    ended = threading.Event()
    started: list[object] = []

    def start(call: object, arguments: tuple[object, ...]) -> None:
        started.append(call)

        def run() -> None:
            call()  # type: ignore[operator]
            ended.set()

        threading.Thread(target=run, daemon=True).start()

    monkeypatch.setattr(executor_module, "start_new_thread", start)
    executor = Executor()
    for count in (1, 2):
        wait_for_lane(executor, "gpio")
        assert ended.wait(STUCK)
        ended.clear()
        assert len(started) == count


def test_a_call_for_which_there_is_no_thread_is_never_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(call: object, arguments: tuple[object, ...]) -> None:
        raise RuntimeError("can't start new thread")

    executor = Executor()
    made: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(executor_module, "start_new_thread", fail)
        assert not executor.submit("gpio", lambda: made.append("refused"))
    assert executor.submit("gpio", lambda: made.append("accepted"))
    wait_for_lane(executor, "gpio")
    assert made == ["accepted"]


@pytest.mark.parametrize("executor", [Executor(), Inline()])
def test_waiting_for_a_call(executor: Executor | Inline) -> None:
    done = allocate_lock()
    done.acquire()
    assert not executor.wait(done, 0.01)
    assert executor.submit("gpio", done.release)
    assert executor.wait(done, STUCK)
    assert done.locked(), "it was taken"


def test_the_last_calls_are_made_where_no_thread_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    made: list[str] = []
    executor = Executor()
    with monkeypatch.context() as patch:
        patch.setattr("edgeweb.device.system.executor.start_new_thread", refuse)
        assert executor.submit("gpio", lambda: made.append("lost")) is False
        executor.end()
        assert executor.submit("gpio", lambda: made.append("off")) is True
        assert made == ["off"]
        executor.begin()
        assert executor.submit("gpio", lambda: made.append("lost")) is False
    done = allocate_lock()
    done.acquire()
    assert executor.submit("gpio", done.release)
    assert executor.wait(done, 30)
    assert made == ["off"]
