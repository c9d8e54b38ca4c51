from __future__ import annotations

from pathlib import Path

import pytest

from edgeweb.device.system.clock import ASK, WallClock, is_set


class Clocks:
    monotonic = 100.0
    wall = 100.0


def make() -> tuple[Clocks, WallClock]:
    clocks = Clocks()
    return clocks, WallClock(monotonic=lambda: clocks.monotonic, wall=lambda: clocks.wall)


def test_a_moment_of_before_the_clock_was_set_is_right_afterwards() -> None:
    clocks, clock = make()
    assert clock.iso(90.0) == "1970-01-01T00:01:30.000Z"
    clocks.monotonic, clocks.wall = 110.0, 1_800_000_000.0
    assert clock.check() == 1
    assert clock.iso(90.0) == "2027-01-15T07:59:40.000Z"


def test_an_hour_back_is_a_step_too() -> None:
    clocks, clock = make()
    clocks.wall -= 3600
    assert clock.check() == 1


def test_small_corrections_change_nothing() -> None:
    clocks, clock = make()
    before = clock.iso(50.0)
    for _ in range(40):
        clocks.monotonic += 10
        clocks.wall += 10.01
        clock.check()
    assert clock.steps == 0
    assert clock.iso(50.0) == before


def test_drift_is_followed_when_it_has_added_up() -> None:
    clocks, clock = make()
    clocks.monotonic += 1000
    clocks.wall += 1000.6
    assert clock.check() == 1
    assert clock.check() == 1, "once"


def test_milliseconds_carry_over() -> None:
    _, clock = make()
    assert clock.iso(0.9996) == "1970-01-01T00:00:01.000Z"
    assert clock.iso(-0.25) == "1969-12-31T23:59:59.750Z"


@pytest.mark.parametrize(
    ("files", "answer", "expected"),
    [
        (["run/systemd/timesync/synchronized"], b"", True),
        (["run/systemd/timesync/other", "run/systemd/system/x"], b"yes", False),
        (["run/systemd/system/x"], b"yes\n", True),
        (["run/systemd/system/x"], b"no\n", False),
    ],
)
def test_whether_the_clock_is_set(tmp_path: Path, files: list[str], answer: bytes, expected: bool) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    asked: list[list[str]] = []

    def run(arguments: list[str]) -> bytes:
        asked.append(arguments)
        return answer

    assert is_set(run, str(tmp_path)) is expected
    assert asked in ([], [ASK])
