from __future__ import annotations

import threading
import time

import pytest

from edgeweb.device.channels.drivers import DriverError
from edgeweb.device.channels.drivers.memory import GONE, HISTORY, THERE, Driver


def ignore(name: str, level: bool | DriverError) -> None:
    pass


def test_levels_and_changes_with_their_times() -> None:
    driver = Driver()
    assert [driver.attach(name, {}, None, ignore) for name in ("a", "b")] == [False, False]
    before = time.monotonic()
    driver.write("a", True)
    driver.write("a", True)
    driver.write("a", False)
    assert [(name, level) for _, name, level in driver.changes] == [("a", True), ("a", False)]
    moments = [moment for moment, _, _ in driver.changes]
    assert before <= moments[0] <= moments[1] <= time.monotonic()


def test_the_history_is_bounded() -> None:
    driver = Driver()
    driver.attach("a", {}, None, ignore)
    for number in range(HISTORY + 10):
        driver.write("a", number % 2 == 0)
    assert len(driver.changes) == HISTORY


def test_feed_reports() -> None:
    reports: list[tuple[str, bool | DriverError]] = []
    driver = Driver()
    driver.attach("door", {}, None, lambda name, level: reports.append((name, level)))
    driver.feed("door", True)
    assert reports == [("door", True)]


def test_a_channel_that_is_not_open() -> None:
    driver = Driver()
    driver.attach("a", {}, None, ignore)
    driver.close()
    driver.close()
    with pytest.raises(DriverError, match="channel 'a' is not open"):
        driver.write("a", True)
    with pytest.raises(DriverError, match="channel 'a' is not open"):
        driver.read("a")


def test_an_output_gets_its_first_level_and_keeps_it_when_attached_again() -> None:
    driver = Driver()
    assert driver.attach("a", {}, True, ignore) is True
    assert driver.attach("a", {}, None, ignore) is True
    assert driver.read("a") is True
    assert len(driver.changes) == 1


# -- rehearsals ------------------------------------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def rehearse(fault: str, clock: Clock | None = None) -> Driver:
    driver = Driver(clock or Clock())
    assert driver.attach("a", {"fault": fault}, True, ignore) is True, "the start is good"
    assert driver.has_own_thread({"fault": fault}) and not driver.has_own_thread({"fault": "none"})
    return driver


def test_a_rehearsal_of_calls_that_fail() -> None:
    driver = rehearse("fail")
    for call in (lambda: driver.write("a", False), lambda: driver.read("a")):
        with pytest.raises(DriverError) as error:
            call()
        assert str(error.value) == (
            'this is a rehearsal: remove fault = "fail" from its channel when it is over'
        )
    assert driver.attach("a", {"fault": "fail"}, None, ignore) is True


def test_a_rehearsal_of_hardware_that_vanishes_and_comes_back() -> None:
    clock = Clock()
    driver = rehearse("vanish", clock)
    for _ in range(2):
        for seconds in (0.0, THERE - 0.1):
            clock.now += seconds
            driver.write("a", False)
            assert driver.read("a") is False
        for seconds in (0.1, GONE - 0.1):
            clock.now += seconds
            for call in (
                lambda: driver.write("a", True),
                lambda: driver.read("a"),
                lambda: driver.attach("a", {"fault": "vanish"}, True, ignore),
            ):
                with pytest.raises(DriverError, match='remove fault = "vanish"'):
                    call()
        clock.now += 0.1
        assert driver.attach("a", {"fault": "vanish"}, None, ignore) is False


@pytest.mark.parametrize("fault", ["hang", "slow"])
def test_a_rehearsal_of_calls_that_take_their_time(fault: str) -> None:
    driver = rehearse(fault)
    driver.attach("b", {"fault": "none"}, None, ignore)
    errors: list[DriverError] = []

    def switch() -> None:
        try:
            driver.write("a", False)
        except DriverError as error:
            errors.append(error)

    thread = threading.Thread(target=switch)
    thread.start()
    driver.write("b", True)
    assert ("a", False) not in [(name, level) for _, name, level in driver.changes]
    if fault == "hang":
        thread.join(0.05)
        assert thread.is_alive()
        driver.close()
    thread.join(20)
    assert not thread.is_alive()
    assert bool(errors) == (fault == "hang"), "what hung has not switched"
