"""The time that a request may wait for the system, for all its waits together."""

from __future__ import annotations

from threading import Thread

import pytest

from edgeweb.device.system.patience import MAX_WAIT, Patience


def test_all_waits_of_a_request_take_from_one_time() -> None:
    now = 100.0
    patience = Patience(lambda: now)
    patience.begin()
    assert patience.left(5.0) == pytest.approx(MAX_WAIT)
    assert MAX_WAIT < 1
    now += 0.6
    assert patience.left(5.0) == pytest.approx(MAX_WAIT - 0.6)
    assert patience.left(0.2) == 0.2
    now += 10
    assert patience.left(0.2) == 0
    patience.begin()
    assert patience.left(5.0) == pytest.approx(MAX_WAIT)


def test_a_thread_without_a_request_waits_as_long_as_it_likes() -> None:
    patience = Patience()
    patience.begin()
    found: list[float] = []
    thread = Thread(target=lambda: found.append(patience.left(5.0)))
    thread.start()
    thread.join()
    assert found == [5.0]
