from __future__ import annotations

import time

import pytest

from edgeweb.device.channels.drivers import DriverError
from edgeweb.device.channels.drivers.memory import HISTORY, Driver


def test_levels_and_changes_with_their_times() -> None:
    driver = Driver()
    assert driver.open({"a": {}, "b": {}}, lambda name, level: None) == {"a": False, "b": False}
    before = time.monotonic()
    driver.write("a", True)
    driver.write("a", True)
    driver.write("a", False)
    assert [(name, level) for _, name, level in driver.changes] == [("a", True), ("a", False)]
    moments = [moment for moment, _, _ in driver.changes]
    assert before <= moments[0] <= moments[1] <= time.monotonic()


def test_the_history_is_bounded() -> None:
    driver = Driver()
    driver.open({"a": {}}, lambda name, level: None)
    for number in range(HISTORY + 10):
        driver.write("a", number % 2 == 0)
    assert len(driver.changes) == HISTORY


def test_feed_reports() -> None:
    reports: list[tuple[str, bool]] = []
    driver = Driver()
    driver.open({"door": {}}, lambda name, level: reports.append((name, level)))
    driver.feed("door", True)
    assert reports == [("door", True)]


def test_a_channel_that_is_not_open() -> None:
    driver = Driver()
    driver.open({"a": {}}, lambda name, level: None)
    driver.close()
    driver.close()
    with pytest.raises(DriverError, match="channel 'a' is not open"):
        driver.write("a", True)
