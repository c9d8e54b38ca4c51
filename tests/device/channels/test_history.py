"""The history of channels: gathered by the right date, written every five minutes at most, bounded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edgeweb.device.channels import history as module
from edgeweb.device.channels.history import (
    DELAY,
    MAX_AGE,
    MAX_PIECES,
    MIXED,
    OFF,
    ON,
    UNKNOWN,
    ChannelHistory,
    Piece,
    Span,
    compact,
    spans,
)
from edgeweb.device.schedules.timesync import TimeSync
from edgeweb.device.storage.store import Execute, Locked, Store
from edgeweb.device.system.clock import WallClock
from edgeweb.device.system.timers import Timers

#: 2027-01-15 08:00 UTC.
BEGIN = 1_800_000_000.0
DAY, WEEK = 86_400, 604_800


class Rig:
    """A history in a file, with clocks that the test moves and timers that it runs."""

    def __init__(self, folder: Path | str, wall: float = BEGIN, is_right: bool = True) -> None:
        self.now = 100.0
        self.wall = wall
        self.is_right = is_right
        self.writes = 0
        self.state: bool | None = None
        self.value: float | None = None
        self.changed = 0.0
        self.timers = Timers(lambda: self.now, threaded=False)
        self.clock = WallClock(lambda: self.now, lambda: self.wall)
        self.store = Store(str(folder), lambda: self.now, patience=0.0)
        write = self.store.write

        def counted(change: object, *, backup: bool = True) -> object:
            assert not backup, "a switch is not worth a copy of the whole state"
            self.writes += 1
            return write(change, backup=backup)  # type: ignore[arg-type]

        self.store.write = counted  # type: ignore[method-assign, assignment]
        sync = TimeSync(lambda: not self.is_right, lambda arguments: b"no", lambda: self.now, "/nowhere")
        sync._kernel = lambda: False
        self.history = ChannelHistory(self.store, self.clock, sync, self.timers.after)

    def step(self, seconds: float) -> None:
        self.now += seconds
        self.wall += seconds
        self.timers.run_due()

    def switch(self, *states: bool | None, every: float = 0.0, name: str = "lamp") -> None:
        for state in states:
            self.history.note(name, self.state, state, self.now)
            self.state, self.changed = state, self.now
            self.step(every)

    def pieces(self, name: str = "lamp") -> list[tuple[float, int]]:
        """When each piece begins, in seconds since `BEGIN`, and its state."""
        found = self.history.read(name, self.state, self.changed)
        return [(round(piece.begin - BEGIN, 3), piece.state) for piece in found]

    def sums(self, seconds: float, name: str = "lamp") -> tuple[float, int, float]:
        """The seconds on, the switches and the seconds known, of the last so many seconds."""
        found = list(spans(self.history.read(name, self.state, self.changed), self.wall - seconds, self.wall))
        return (
            round(sum(span.on for span in found), 2),
            sum(span.switches for span in found),
            round(sum(span.known for span in found), 2),
        )


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    found = Rig(tmp_path)
    yield found
    found.timers.close()
    found.store.close()


def test_a_switch_each_second_is_a_write_in_five_minutes(rig: Rig, tmp_path: Path) -> None:
    rig.switch(*[False, True] * 450, every=1.0)
    assert rig.writes == 900 // DELAY == 3
    assert rig.sums(900) == (450.0, 450, 900.0)
    rig.step(DELAY)
    writes = rig.writes
    rig.step(WEEK)
    assert rig.writes == writes, "nothing is switched, and nothing is written"
    assert rig.history._new == {}, "and nothing is kept in memory"
    rig.store.close()
    later = Rig(tmp_path, rig.wall)
    later.state = True
    assert later.sums(3600) == (3600.0, 0, 3600.0)
    later.store.close()


def test_several_channels_are_one_transaction(rig: Rig) -> None:
    for name in ("lamp", "fan", "gate"):
        rig.switch(None, False, name=name)
    rig.step(DELAY)
    assert rig.writes == 1
    assert rig.store.read("SELECT name FROM channel_history ORDER BY name") == [
        ("fan",),
        ("gate",),
        ("lamp",),
    ]


def test_pulses_count(rig: Rig) -> None:
    rig.switch(False, every=60)
    for _ in range(3):
        rig.switch(True, every=0.06)
        rig.switch(False, every=20)
    rig.step(DELAY)
    assert rig.sums(3600)[:2] == (0.18, 3)
    assert [state for _, state in rig.pieces()] == [OFF, *[ON, OFF] * 3]


def test_it_survives_a_restart_with_a_gap(rig: Rig, tmp_path: Path) -> None:
    rig.switch(False, every=10)
    rig.switch(True, every=10)
    rig.history.close()
    rig.store.close()
    later = Rig(tmp_path, rig.wall + 100)
    later.switch(True, every=30)
    assert later.pieces() == [(0, OFF), (10, ON), (20, UNKNOWN), (120, ON)]
    assert later.sums(150) == (40.0, 1, 50.0), "on again is no switch"
    later.history.close()
    assert later.pieces() == [(0, OFF), (10, ON), (20, UNKNOWN), (120, ON), (150, UNKNOWN), (150, ON)]
    later.store.close()


@pytest.mark.parametrize(
    ("state", "expected"), [(True, [(0, ON), (300, UNKNOWN), (1000, OFF)]), (False, [(0, OFF)])]
)
def test_a_power_cut(rig: Rig, tmp_path: Path, state: bool, expected: list[tuple[float, int]]) -> None:
    rig.switch(state)
    rig.step(DELAY)
    rig.switch(not state)
    # the file as it is now, without an end
    later = Rig(tmp_path, BEGIN + 1000)
    later.switch(False)
    assert later.pieces() == expected, "what was off counts as off, what was on is not known"
    later.store.close()


def test_offline_is_not_known(rig: Rig) -> None:
    rig.switch(False, every=10)
    rig.switch(None, every=10)
    rig.switch(True, every=10)
    assert rig.pieces() == [(0, OFF), (10, UNKNOWN), (20, ON)]
    assert rig.sums(30) == (10.0, 0, 20.0)


# -- a dimmer ------------------------------------------------------------------------------------------


def dim(rig: Rig, *values: float, every: float = 10.0) -> None:
    for value in values:
        rig.history.note("lamp", rig.state, value > 0, rig.now, value)
        rig.state, rig.value, rig.changed = value > 0, value, rig.now
        rig.step(every)


def values(rig: Rig) -> list[tuple[float, int, int]]:
    """When each piece begins, in seconds since `BEGIN`, its state and its percent."""
    found = rig.history.read("lamp", rig.state, rig.changed, rig.value)
    return [(round(piece.begin - BEGIN, 3), piece.state, piece.percent) for piece in found]


def test_a_value_begins_a_piece(rig: Rig, tmp_path: Path) -> None:
    dim(rig, 0.0, 0.4, 0.75, 0.0)
    expected = [(0, OFF, 100), (10, ON, 40), (20, ON, 75), (30, OFF, 100)]
    assert values(rig) == expected
    assert rig.sums(40) == (20.0, 1, 40.0), "another value is no switch"
    rig.history.close()
    rig.store.close()
    later = Rig(tmp_path, rig.wall + 100)
    dim(later, 0.2)
    assert values(later) == [*expected, (40, UNKNOWN, 100), (140, ON, 20)]
    later.store.close()


def test_a_value_within_a_percent_is_no_change(rig: Rig) -> None:
    dim(rig, 0.001, 0.013, 0.0149, 0.016)
    assert values(rig) == [(0, ON, 1), (30, ON, 2)], "what is on has one percent"
    rig.step(DELAY)
    writes = rig.writes
    dim(rig, 0.0201, every=DELAY)
    assert rig.writes == writes, "and writes nothing"


def test_the_value_of_joined_pieces_is_the_mean_while_it_was_on() -> None:
    pieces = [Piece(BEGIN, OFF)]
    for turn in range(MAX_PIECES // 2):
        begin = BEGIN + 1 + turn * 0.08
        pieces += [Piece(begin, ON, 1, percent=80), Piece(begin + 0.02, ON, percent=20)]
    off = BEGIN + 1 + MAX_PIECES // 2 * 0.08
    pieces += [Piece(off, OFF), Piece(BEGIN + 400.0, ON, 1, percent=33)]
    first, rest, last = compact(pieces, BEGIN + 1000)
    # a quarter of the time on 80, the rest on 20
    assert (first.state, first.percent, rest.percent, last.percent) == (MIXED, 35, 100, 33)
    (span, *_) = spans([first, rest], BEGIN, BEGIN + 10)
    assert span.percent == 35


def test_a_server_that_begins_again_shows_the_value_of_now(rig: Rig) -> None:
    dim(rig, 0.5)
    found = rig.history.read("lamp", True, rig.changed, 0.5)
    assert [piece.percent for piece in found] == [50]
    found = rig.history.read("lamp", False, rig.now, 0.0)
    assert [(piece.state, piece.percent) for piece in found] == [(ON, 50), (OFF, 100)]


# -- the clock -----------------------------------------------------------------------------------------


def test_what_happens_in_1970_has_its_date_once_that_is_known(tmp_path: Path) -> None:
    rig = Rig(tmp_path, 0.0, is_right=False)
    rig.switch(False, every=DELAY)
    rig.switch(True, every=DELAY)
    assert rig.writes == 0, "nothing is written in 1970"
    assert len(rig.history.read("lamp", True, rig.changed)) == 2, "and it is shown"
    rig.wall, rig.is_right = BEGIN, True
    rig.step(DELAY)
    assert rig.writes == 1
    assert rig.pieces() == [(-2 * DELAY, OFF), (-DELAY, ON)]
    rig.store.close()


def test_memory_is_bounded_while_the_clock_is_not_right(tmp_path: Path) -> None:
    rig = Rig(tmp_path, 0.0, is_right=False)
    rig.switch(*[False, True] * 2500, every=1.0)
    assert len(rig.history._new["lamp"]) <= MAX_PIECES * module._ROW.size
    assert rig.sums(5000) == (2500.0, 2500, 5000.0)
    rig.store.close()


def test_a_clock_that_is_set_back_replaces_the_time_that_comes_again(rig: Rig) -> None:
    rig.switch(False, every=1000)
    rig.switch(True, every=DELAY)
    rig.wall = BEGIN + 500
    rig.switch(False, every=DELAY)
    assert rig.pieces() == [(0, OFF)]
    rig.switch(True)
    assert rig.pieces() == [(0, OFF), (500 + DELAY, ON)]


# -- bounds --------------------------------------------------------------------------------------------


def test_a_week_of_seconds_is_bounded_and_sums_stay_right() -> None:
    pieces: list[Piece] = []
    most = 0
    for second in range(0, int(MAX_AGE) + DAY, 4):
        pieces.append(Piece(BEGIN + second, second // 4 % 2, second // 4 % 2))
        if len(pieces) >= MAX_PIECES + 300:
            pieces = compact(pieces, BEGIN + second)
            most = max(most, len(pieces))
    assert most <= MAX_PIECES
    now = BEGIN + second
    pieces = compact(pieces, now)
    assert pieces[1].begin >= now - MAX_AGE
    for seconds in (3600, DAY, WEEK):
        found = list(spans(pieces, now - seconds, now))
        assert sum(span.on for span in found) == pytest.approx(seconds / 2, rel=2e-3)
        assert sum(span.switches for span in found) == pytest.approx(seconds / 8, rel=1e-2)
        assert sum(span.known for span in found) == pytest.approx(seconds)


def test_few_changes_stay_exact_for_a_week() -> None:
    pieces = [Piece(BEGIN + at * 3600.5, at % 2, at % 2) for at in range(160)]
    assert compact(pieces, BEGIN + 160 * 3600.5) == pieces


def test_a_long_piece_is_not_joined_with_the_pulses_before_it() -> None:
    pieces = [Piece(BEGIN, OFF)]
    for pulse in range(MAX_PIECES // 2):
        pieces += [Piece(BEGIN + 1 + pulse * 0.02, ON, 1), Piece(BEGIN + 1.01 + pulse * 0.02, OFF)]
    now = BEGIN + 3000
    found = compact(pieces, now)
    assert len(found) == 2
    assert (found[0].state, found[0].switches) == (MIXED, 160)
    assert found[0].on == pytest.approx(1.6, rel=1e-3)
    assert found[1] == pieces[-1], "since the last change, and not since the end of the slice"
    found = compact([*pieces, Piece(BEGIN + 2900, ON, 1)], now)
    assert [(piece.begin - BEGIN, piece.state) for piece in found] == [(0, MIXED), (30, OFF), (2900, ON)]


def test_rows_of_the_table_are_bounded(rig: Rig) -> None:
    rig.switch(*[False, True] * 3000, every=1.0)
    rig.step(DELAY)
    ((length,),) = rig.store.read("SELECT length(pieces) FROM channel_history")
    assert length <= MAX_PIECES * 20


def test_a_damaged_row_is_no_history(rig: Rig) -> None:
    rig.switch(False)
    rig.step(DELAY)
    rig.store.write(lambda execute: execute("UPDATE channel_history SET pieces = x'00ff'"), backup=False)
    rig.switch(True)
    assert rig.pieces() == [(DELAY, ON)]


def test_spans_at_the_edges() -> None:
    pieces = [Piece(0.0, OFF), Piece(10.0, MIXED, 4, 5.0, 20.0), Piece(30.0, ON, 1)]
    assert list(spans(pieces, 20.0, 40.0)) == [
        Span(20.0, 30.0, MIXED, 2, 2.5, 10.0),
        Span(30.0, 40.0, ON, 1, 10.0, 10.0),
    ]
    assert list(spans(pieces, -20.0, 0.0)) == []
    assert list(spans([], 0.0, 10.0)) == []


# -- what goes wrong -----------------------------------------------------------------------------------


def test_a_state_that_another_program_holds_is_written_later(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(change: object, *, backup: bool = True) -> object:
        raise Locked

    rig.switch(False)
    with monkeypatch.context() as patch:
        patch.setattr(rig.store, "write", refuse)
        rig.step(DELAY)
        rig.switch(True)
    rig.step(DELAY)
    assert rig.writes == 1
    assert rig.pieces() == [(0, OFF), (DELAY, ON)]


def test_what_comes_during_a_write_is_not_lost(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    write = rig.store.write

    def slow(change: object, *, backup: bool = True) -> object:
        rig.history.note("lamp", False, True, rig.now)
        raise Locked

    rig.switch(False)
    with monkeypatch.context() as patch:
        patch.setattr(rig.store, "write", slow)
        rig.step(DELAY)
    assert write is not None
    rig.state, rig.changed = True, rig.now
    rig.step(DELAY)
    assert rig.pieces() == [(0, OFF), (DELAY, ON)]


def test_another_channel_of_the_same_name_has_no_past(rig: Rig) -> None:
    rig.switch(False)
    rig.step(DELAY)
    rig.history.drop("lamp")
    rig.state, rig.changed = None, rig.now
    assert rig.pieces() == [(DELAY, UNKNOWN)]
    rig.switch(True)
    assert rig.pieces() == [(DELAY, ON)]
    rig.step(DELAY)
    assert rig.pieces() == [(DELAY, ON)]
    rig.history.drop("lamp")
    rig.step(DELAY)
    assert rig.store.read("SELECT name FROM channel_history") == []


def test_execute_is_all_that_a_change_does(rig: Rig) -> None:
    """The store calls it a second time where the disk refuses."""
    rig.switch(False)
    calls: list[str] = []
    write = rig.store.write

    def twice(change: object, *, backup: bool = True) -> object:
        def both(execute: Execute) -> object:
            calls.append("")
            change(execute)  # type: ignore[operator]
            return change(execute)  # type: ignore[operator]

        return write(both, backup=backup)

    rig.store.write = twice  # type: ignore[method-assign, assignment]
    rig.step(DELAY)
    assert calls and rig.pieces() == [(0, OFF)]
