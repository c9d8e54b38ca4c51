from __future__ import annotations

import time

import pytest

from edgeweb.device.channels.drivers import DriverError
from edgeweb.device.channels.drivers.memory import HISTORY, Driver


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
