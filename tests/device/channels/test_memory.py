"""What is remembered of channels, and how soon; the last state is kept where a switch meets a write."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edgeweb.device.channels import memory as memory_module
from edgeweb.device.channels.channel import Channel, Group
from edgeweb.device.channels.memory import ChannelMemory, Remembered
from edgeweb.device.config.schema import defaults
from edgeweb.device.storage.store import Store
from edgeweb.device.system.timers import Timers
from tests.interleaving import check_serial, watch_locks


class Remembering:
    """An output that is restored at the start, and what was promised to be done later."""

    def __init__(self) -> None:
        self.store = Store("")
        self.later: list[Callable[[], object]] = []
        self.memory = ChannelMemory(self.store, lambda seconds, call: self.later.append(call))
        row = defaults("channels.*", driver="memory", mode="output", at_start="restore")
        self.lamp = Channel("lamp", row, 0.0, Group())
        self.fan = Channel("fan", row, 0.0, Group())
        self.switch(self.lamp)

    def switch(self, channel: Channel) -> None:
        channel.wanted = not channel.wanted
        self.memory.remember(channel)

    def rows(self) -> list[tuple[Any, ...]]:
        """What the store has in the end."""
        for call in self.later:
            call()
        return self.store.read("SELECT name, state FROM channels ORDER BY name")


def flush(remembering: Remembering) -> None:
    remembering.memory.flush()


def switch_lamp(remembering: Remembering) -> None:
    remembering.switch(remembering.lamp)


def switch_fan(remembering: Remembering) -> None:
    remembering.switch(remembering.fan)


@pytest.mark.parametrize(
    "calls", [(flush, switch_lamp), (flush, switch_fan), (switch_lamp, flush), (switch_fan, flush)]
)
def test_the_last_state_of_an_output_is_written(monkeypatch: pytest.MonkeyPatch, calls: Any) -> None:
    watch_locks(monkeypatch, memory_module)
    check_serial(memory_module, Remembering, *calls, Remembering.rows)


# -- how soon, and what ----------------------------------------------------------------------------------


class Notes:
    """A memory in a store, with what it has promised to do later: the seconds and the call."""

    def __init__(self, boot: str = "a", **options: Any) -> None:
        self.store = Store("")
        self.now = 100.0
        self.timers = Timers(lambda: self.now, threaded=False)
        self.begin(boot)
        row = defaults("channels.*", **{"driver": "memory", "mode": "output", **options})
        self.channel = Channel("x", row, 0.0, Group())

    def begin(self, boot: str) -> None:
        """Begin another process."""
        self.later: list[tuple[float, Callable[[], object]]] = []
        self.memory = ChannelMemory(self.store, lambda *what: self.later.append(what), boot)

    def remember(self, wanted: bool | float | None = None) -> list[float]:
        """Have a channel remembered. Return the seconds after which it is written."""
        self.later.clear()
        if wanted is not None:
            self.channel.wanted = wanted
        self.memory.remember(self.channel)
        return [seconds for seconds, _ in self.later]

    def row(self) -> tuple[Any, ...] | None:
        rows = self.store.read("SELECT state, value, on_count, off_at, rest_until, boot FROM channels")
        return tuple(rows[0]) if rows else None


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ({"at_start": "restore"}, [5.0]),
        ({"at_start": "leave"}, [5.0]),
        ({"at_start": "off"}, []),
        ({"mode": "button"}, []),
        ({"mode": "button", "at_start": "restore"}, []),
        ({"mode": "input"}, [300.0]),
        ({"busy_delay": 0.5}, []),
        ({"busy_delay": 0.6}, [0.5]),
        ({"busy_delay": 0.6, "interlock": "blind"}, []),
    ],
)
def test_how_soon_a_channel_is_written(options: dict[str, Any], seconds: list[float]) -> None:
    notes = Notes(**options)
    assert notes.remember(True) == seconds
    assert notes.remember(True) == [], "once for all changes until then"
    notes.memory.flush()
    assert (notes.row() is None) is (seconds == [])
    assert notes.remember(True) == seconds, "another time after that"


def test_a_limit_and_what_ends_it_are_written_soon() -> None:
    notes = Notes(at_start="restore")
    notes.channel.limit = notes.timers.after(20.0, lambda: None)
    assert notes.remember(True) == [0.5]
    notes.memory.flush()
    assert notes.row() == (True, None, 0, 120.0, None, "a")
    notes.channel.limit = None
    assert notes.remember(False) == [0.5], "it must not come back on after a kill"
    notes.memory.flush()
    assert notes.row() == (False, None, 0, None, None, None)
    assert notes.remember(True) == [5.0]


@pytest.mark.parametrize("off_at", [None, 120.0])
@pytest.mark.parametrize("rest_until", [None, 130.0])
def test_moments_count_for_the_run_of_the_machine_that_they_are_of(
    off_at: float | None, rest_until: float | None
) -> None:
    notes = Notes(at_start="restore", busy_delay=9.0)
    notes.channel.known_off_at, notes.channel.group.rest_until = off_at, rest_until
    notes.channel.current = notes.channel.current._replace(state=False)
    notes.remember(True)
    notes.memory.flush()
    notes.begin("a")
    assert notes.memory.recall(notes.channel) == (True, None, 0, off_at, rest_until)
    notes.begin("b")
    assert notes.memory.recall(notes.channel) == (
        *(True, None, 0),
        *(off_at and -math.inf, rest_until and math.inf),
    )


@pytest.mark.parametrize(
    ("options", "rest_until"),
    [
        ({"busy_delay": 0.5}, math.inf),
        ({"busy_delay": 0.0}, None),
        ({"busy_delay": 0.6}, None),
        ({"busy_delay": 0.5, "interlock": "blind"}, None),
        ({"busy_delay": 0.5, "mode": "input"}, None),
    ],
)
def test_a_rest_shorter_than_its_way_to_the_disk_may_always_be_under_way(
    options: dict[str, Any], rest_until: float | None
) -> None:
    notes = Notes(**options)
    assert notes.memory.recall(notes.channel) == Remembered(rest_until=rest_until)


def test_what_a_pwm_output_remembers() -> None:
    notes = Notes(at_start="restore", mode="pwm")
    notes.channel.last_value = 0.3
    for wanted, resume, on in ((0.3, None, True), (0.0, None, False), (0.0, 0.3, True)):
        notes.channel.resume = resume
        notes.remember(wanted)
        notes.memory.flush()
        assert notes.row() == (on, 0.3, 0, None, None, None)
        assert notes.memory.recall(notes.channel) == Remembered(on, 0.3)


def test_a_state_that_was_never_remembered_is_none() -> None:
    """The row of an output of which only the rest is remembered."""
    notes = Notes(busy_delay=9.0)
    notes.remember(True)
    notes.memory.flush()
    assert notes.memory.recall(notes.channel) == Remembered(None, None, 0, None, math.inf)


def test_what_could_not_be_written_is_written_the_next_time() -> None:
    notes = Notes(at_start="restore")
    write = notes.store.write

    def fail(*arguments: Any, **options: Any) -> None:
        assert options == {"backup": False}
        raise OSError("no space left")

    notes.store.write = fail  # type: ignore[method-assign, assignment]
    notes.remember(True)
    with pytest.raises(OSError, match="no space"):
        notes.memory.flush()
    notes.store.write = write  # type: ignore[method-assign]
    notes.memory.flush()
    assert notes.row() == (True, None, 0, None, None, None)


def test_after_a_restored_backup_the_same_state_is_written_again() -> None:
    notes = Notes(at_start="restore")
    for expected in (True, False):
        notes.remember(True)
        notes.memory.flush()
        assert (notes.row() is not None) is expected
        notes.store.write(lambda execute: execute("DELETE FROM channels"), backup=False)
    notes.memory.forget()
    notes.remember(True)
    notes.memory.flush()
    assert notes.row() is not None


def test_the_run_of_the_machine_has_the_kernels_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, expected in ((tmp_path / "boot_id", "4c6f"), (tmp_path / "missing", "unknown")):
        if expected != "unknown":
            name.write_text(f"{expected}\n")
        monkeypatch.setattr(memory_module, "_BOOT", str(name))
        notes = Notes(boot="", busy_delay=9.0)
        for _ in range(2):
            notes.remember(True)
            notes.memory.flush()
        row = notes.row()
        assert row is not None and row[-1] == expected
