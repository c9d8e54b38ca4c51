"""One slow source keeps nothing else waiting, and costs one thread at most."""

from __future__ import annotations

import threading
from _thread import LockType
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from edgeweb.device.system import poller as poller_module
from edgeweb.device.system.executor import Call, Executor, Inline
from edgeweb.device.system.poller import MAX_WAIT, MAX_WAITING, Poller
from edgeweb.device.system.source import Source

LONG = 60.0


class Slow:
    """A source that hangs until it is released, and counts the threads that are in it."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.entered = 0
        self.left = threading.Semaphore(0)
        self.hangs = True
        self.source = Source("disk", self.read, deadline=5.0, subject="/nas")

    def read(self) -> int:
        self.entered += 1
        if self.hangs:
            assert self.released.wait(LONG)
        self.left.release()
        return self.entered


class Rig:
    """A poller with a hanging source between two prompt ones, and its clock in the test's hands."""

    def __init__(self) -> None:
        self.now = 100.0
        self.log: list[str] = []
        self.slow = Slow()
        self.reads = [0, 0]
        self.changes = threading.Semaphore(0)
        first, last = Source("first", self.count(0)), Source("last", self.count(1))
        self.poller = Poller(
            *("test", (first, self.slow.source, last), Executor(), lambda: self.now),
            *(self.log.append, self.changes.release),
        )

    def count(self, place: int) -> Callable[[], int]:
        def read() -> int:
            self.reads[place] += 1
            return self.reads[place]

        return read

    def look(self, after: float = 0.0) -> bool:
        self.now += after
        return self.poller.read()


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    monkeypatch.setattr(poller_module, "FIRST", 0.02)
    rig = Rig()
    yield rig
    rig.slow.released.set()


def test_a_hanging_source_has_one_thread_however_often_somebody_looks(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.look()
    monkeypatch.setattr(poller_module, "PROMPT", LONG)
    for number in range(20):
        assert rig.look(after=1.0), "all but the one that hangs have answered"
        assert rig.reads == [number + 1, number + 1] if number == 0 else rig.reads[0] == number + 1
    assert rig.slow.entered == 1
    assert rig.log == ["disk /nas cannot be read: no answer within 5 s"]


def test_it_comes_back(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.look()
    monkeypatch.setattr(poller_module, "PROMPT", LONG)
    rig.look(after=1.0)
    rig.look(after=5.0)
    source = rig.slow.source
    assert source.error is not None and source.current(rig.now, LONG) is None
    rig.slow.hangs = False
    rig.slow.released.set()
    assert rig.slow.left.acquire(timeout=LONG)
    while source.begun is not None:
        rig.changes.acquire(timeout=LONG)
    assert source.value == 1 and source.error is None
    rig.look(after=1.0)
    assert rig.slow.left.acquire(timeout=LONG), "it is read again, on a lane of its own"
    while source.begun is not None:
        rig.changes.acquire(timeout=LONG)
    assert source.value == 2 and not source.is_slow
    assert rig.log[1:] == ["disk /nas can be read again"]


def test_calls_that_wait_are_bounded() -> None:
    calls: list[Call] = []

    class Held(Inline):
        def submit(self, lane: str, call: Call) -> bool:
            calls.append(call)
            return True

    poller = Poller("test", (Source("one", lambda: 1),), Held())
    done: list[int] = []
    for number in range(MAX_WAITING + 5):
        poller.begin(lambda number=number: done.append(number))  # type: ignore[misc]
    assert len(calls) == 1, "they join the round that is under way"
    calls[0]()
    assert done == list(range(MAX_WAITING))


@pytest.mark.parametrize("alone", [False, True])
def test_no_memory_for_a_thread(alone: bool) -> None:
    class Full(Inline):
        is_full = True

        def submit(self, lane: str, call: Call) -> bool:
            if self.is_full and (not alone or ":" in lane):
                return False
            return super().submit(lane, call)

    executor, log = Full(), []  # type: ignore[var-annotated]
    one, two = Source("one", lambda: 1), Source("two", lambda: 2)
    two.is_slow = alone
    poller = Poller("test", (one, two), executor, log=log.append)
    assert poller.read() and poller.read()
    assert two.error is not None and str(two.error) == "no memory for a thread"
    assert (one.error is None) == alone
    assert len(log) == 1 if alone else 2
    executor.is_full = False
    assert poller.read()
    assert (one.value, two.value, one.error, two.error) == (1, 2, None, None)


def test_what_waits_and_fails_stops_no_round(capsys: pytest.CaptureFixture[str]) -> None:
    poller = Poller("test", (Source("one", lambda: 1),), Inline())

    def fail() -> Any:
        raise ValueError("what waits has failed")

    poller.begin(fail)
    assert "what waits has failed" in capsys.readouterr().err
    assert poller.read()


class Stuck(Inline):
    """An executor whose calls never begin. `waited` is the time that was asked for."""

    waited = 0.0

    def submit(self, lane: str, call: Call) -> bool:
        return True

    def wait(self, done: LockType, seconds: float) -> bool:
        self.waited += seconds
        return False


def test_a_view_waits_less_than_a_second_whatever_hangs() -> None:
    executor = Stuck()
    poller = Poller("test", [Source("answer", lambda: 42)], executor)
    assert poller.read() is False
    assert executor.waited == pytest.approx(MAX_WAIT)
    assert MAX_WAIT < 1
