"""The contract of all sources: they return in time, raise `SourceError` only, and their text is clean."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edgeweb.device.hardware.reader import Hardware
from edgeweb.device.metrics.reader import Metrics
from edgeweb.device.system import poller as poller_module
from edgeweb.device.system.executor import Executor, Inline
from edgeweb.device.system.poller import Poller
from edgeweb.device.system.source import LOG_AGAIN, Source, SourceError, read_file

from .attacks import CALLS, PLACES, SOURCES, Row, World, faults_of, hang, hang_call, mutations, patch_call

ROWS = pytest.mark.parametrize("row", SOURCES, ids=[f"{row.module}: {row.name}" for row in SOURCES])

#: A script of random bytes is a program of its own, which the test must not run.
NO_MUTATIONS = {"program"}


@pytest.fixture
def make_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Row], World]]:
    worlds: list[World] = []

    def make(row: Row) -> World:
        world = World(tmp_path / "root", row, monkeypatch)
        worlds.append(world)
        return world

    yield make
    for world in worlds:
        world.release()


def check(source: Source[object], kind: str) -> None:
    """Read; whatever comes has to be clean. Anything but `SourceError` fails the test."""
    try:
        value = source.read()
    except SourceError as error:
        assert str(error).isprintable() and str(error), kind
        return
    assert list(faults_of(value)) == [], kind


@ROWS
def test_a_source_that_is_in_order_has_a_value(row: Row, make_world: Callable[[Row], World]) -> None:
    assert list(faults_of(row.source(make_world(row)).read())) == []


@ROWS
def test_no_content_gets_through(row: Row, make_world: Callable[[Row], World]) -> None:
    world = make_world(row)
    source = row.source(world)
    if row.name not in NO_MUTATIONS:
        for name, good in row.files.items():
            for kind, content in mutations(good, zlib.crc32(f"{row.name} {name}".encode())):
                world.path(name).write_bytes(content)
                check(source, kind)
                check(row.source(world), f"{kind}, at the first reading")
            world.restore(name)
    if row.output is not None:
        for kind, content in mutations(row.output, zlib.crc32(row.name.encode())):
            world.output = content
            check(source, kind)
        world.output = None
        check(source, "a program that fails")
        world.output = row.output
    source.read()


@ROWS
def test_no_file_in_another_place_gets_through(row: Row, make_world: Callable[[Row], World]) -> None:
    world = make_world(row)
    source = row.source(world)
    for name in row.files:
        for kind, attack in PLACES.items():
            attack(world, name)
            check(source, kind)
            check(row.source(world), f"{kind}, at the first reading")
            world.restore(name)
    source.read()


@ROWS
def test_no_call_gets_through(row: Row, make_world: Callable[[Row], World]) -> None:
    world = make_world(row)
    for kind in CALLS if row.call else ():
        patch_call(world, kind)
        check(row.source(world), kind)


@ROWS
def test_what_hangs_keeps_nothing_else_waiting(
    row: Row, make_world: Callable[[Row], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller_module, "FIRST", 0.01)
    now = 100.0

    def clock() -> float:
        return now

    for name in row.files or [""]:
        world = make_world(row)
        log: list[str] = []
        source, other = row.source(world), Source("other", lambda: 1)
        poller = Poller("test", (source, other), Executor(), clock, log.append)
        if row.call:
            hang_call(world)
        else:
            hang(world, name)
        poller.read()  # the test's clock stands, so no other thread takes the round over yet
        for _ in range(4):
            now += source.deadline
            poller.read()
        assert other.value == 1
        if source.begun is not None:
            assert source.error is not None and source.error.kind == "late"
        assert len(log) <= 1, log
        world.release()
        if row.files:
            world.restore(name)


@ROWS
def test_what_comes_and_goes_writes_two_lines(row: Row, make_world: Callable[[Row], World]) -> None:
    world = make_world(row)
    now = 100.0
    log: list[str] = []
    poller = Poller("test", (row.source(world),), Inline(), lambda: now, log.append)
    for number in range(20):
        now += 10
        for name in row.files:
            if number % 2:
                PLACES["unreadable"](world, name)
            else:
                world.restore(name)
        poller.read()
    assert len(log) in (0, 2), "none where the file's content does not matter"


def test_every_figure_and_every_bus_is_in_the_table() -> None:
    sources = (*Metrics().sources, *Hardware().sources)
    assert {source.name for source in sources} <= {row.name for row in SOURCES}


def test_a_state_is_logged_again_an_hour_later() -> None:
    source = Source("load", lambda: 1.0)
    failed = SourceError("Input/output error")
    lines = [source.fail(0.0, failed), source.fail(1.0, failed), source.succeed(2.0, 1.0)]
    assert lines == ["load cannot be read: Input/output error", "", "load can be read again"]
    assert [source.fail(3.0, failed), source.succeed(4.0, 1.0)] == ["", ""]
    assert source.fail(LOG_AGAIN, failed) == lines[0]
    assert source.current(LOG_AGAIN, 1e9) is None


def test_a_source_raises_source_errors_only() -> None:
    def fail() -> None:
        raise KeyError("MemTotal")

    with pytest.raises(SourceError, match=r"unexpected content \(KeyError\)"):
        Source("memory", fail).read()
    with pytest.raises(SourceError, match="No such file or directory"):
        Source("memory", lambda: read_file("/none")).read()
