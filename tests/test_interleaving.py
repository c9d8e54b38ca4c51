"""The helper for two threads: it sees what is missing, on each run, and never waits for ever."""

from __future__ import annotations

import sys
import threading
from threading import Condition, Lock, RLock  # noqa: F401 (replaced by `watch_locks`)

import pytest

from . import interleaving
from .interleaving import Hung, Meeting, check_serial, every_stop, watch_locks

THIS = sys.modules[__name__]


class Counter:
    def __init__(self) -> None:
        self.lock = Lock()
        self.number = 0

    def guarded(self) -> None:
        with self.lock:
            number = self.number
            self.number = number + 1

    def bare(self) -> None:
        number = self.number
        self.number = number + 1


def numbers(method: str) -> list[int]:
    """What a counter has after two calls, for each instruction before which the first one was stopped."""
    found = []
    for meeting in every_stop(THIS):
        counter = Counter()
        call = getattr(counter, method)
        for future in meeting.run(call, call):
            future.result()
        found.append(counter.number)
    return found


def test_a_lost_update_is_seen_without_a_lock_and_not_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    watch_locks(monkeypatch, THIS)
    assert set(numbers("bare")) == {1, 2}, "one is lost between reading and writing"
    assert set(numbers("guarded")) == {2}
    assert numbers("bare") == numbers("bare"), "the same each time"


def test_what_no_order_gives_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    watch_locks(monkeypatch, THIS)
    check_serial(THIS, Counter, Counter.guarded, Counter.guarded, lambda counter: counter.number)
    with pytest.raises(AssertionError):
        check_serial(THIS, Counter, Counter.bare, Counter.bare, lambda counter: counter.number)
    with pytest.raises(ZeroDivisionError):
        check_serial(THIS, Counter, Counter.bare, lambda counter: 1 / (counter.number - 1), id)


@pytest.mark.parametrize("kind", ["Lock", "RLock", "Condition"])
def test_it_is_said_who_waits(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    watch_locks(monkeypatch, THIS)
    lock = getattr(THIS, kind)()
    meeting, order = Meeting(), []

    def first() -> None:
        with lock:
            meeting.stop()
            order.append("first")

    def second() -> None:
        with lock:
            order.append("second")

    meeting.run(first, second)
    assert (meeting.waited, order) == (True, ["first", "second"])


def test_what_a_call_raises_is_kept() -> None:
    meeting = Meeting()

    def first() -> None:
        meeting.stop()
        raise LookupError("first")

    one, other = meeting.run(first, lambda: 5)
    assert isinstance(one.exception(), LookupError)
    assert (other.result(), meeting.waited) == (5, False)


def test_a_first_call_that_does_not_stop_is_a_failure() -> None:
    with pytest.raises(AssertionError, match="never came"):
        Meeting().run(lambda: None, lambda: None)
    with pytest.raises(AssertionError, match="never came"):
        for meeting in every_stop(pytest):
            meeting.run(lambda: None, lambda: None)


def test_a_thread_that_does_not_end_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interleaving, "STUCK", 0.05)
    meeting, free = Meeting(), threading.Event()
    with pytest.raises(Hung):
        # Not a watched lock: nothing tells that the second thread waits.
        meeting.run(meeting.stop, lambda: free.wait(60))
    free.set()


def test_a_lock_that_is_never_released_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    watch_locks(monkeypatch, THIS)
    monkeypatch.setattr(interleaving, "STUCK", 0.05)
    lock = Lock()
    lock.acquire()
    with pytest.raises(Hung, match="was not released"):
        lock.acquire()
    assert lock.acquire(timeout=0.01) is False
    assert lock.acquire(blocking=False) is False
