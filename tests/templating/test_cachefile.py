"""The cache file: what was written is found again; what is damaged is not there."""

from __future__ import annotations

import marshal
import os
import random
import tracemalloc
from pathlib import Path

import pytest

from edgeweb.templating import cachefile
from edgeweb.templating.cachefile import HEADER, CacheFile, Damaged, Entry, key_of
from edgeweb.templating.writing import write

STAMP = "python: 3\njinja2: 3.1.6"


def entry(number: int, code_size: int = 40) -> Entry:
    code = marshal.dumps(compile(f"value = {number}{'0' * code_size}", f"{number}.html", "exec"))
    return Entry(number % 2 == 0, 100 + number, 10**18 + number, bytes([number % 256] * 8), code)


def keys(count: int) -> dict[str, Entry]:
    return {
        key_of("app|utf-8 ./templates", number % 3, f"page{number}.html"): entry(number)
        for number in range(count)
    }


def same(found: Entry | None, expected: Entry) -> bool:
    return found is not None and (*found[:4], bytes(found.code)) == (*expected[:4], bytes(expected.code))


@pytest.fixture
def path(place: Path) -> str:
    return str(place / "cache")


@pytest.mark.parametrize("count", [0, 1, 2, 40, 1000])
def test_what_was_written_is_found(path: str, count: int) -> None:
    entries = keys(count)
    size = write(path, STAMP, ["one", "two"], entries)
    file = CacheFile(path)
    assert (file.stamp, file.origins, file.entries, file.strict) == (STAMP, {"one", "two"}, count, False)
    assert size == os.path.getsize(path)
    assert all(same(file.find(key), expected) for key, expected in entries.items())
    assert dict(file.all()).keys() == entries.keys()
    assert file.find("no such key") is None
    assert file.find(key_of("app|utf-8 ./templates", 7, "page1.html")) is None


def test_names_of_every_kind(path: str) -> None:
    names = ["Größe.html", "a b/c.html", "日本.html", "bad\udcff.html", "", "\n", "x" * 5000]
    entries = {key_of("app", 0, name): entry(number) for number, name in enumerate(names)}
    write(path, STAMP, [], entries)
    file = CacheFile(path)
    assert all(same(file.find(key), expected) for key, expected in entries.items())
    assert dict(file.all()).keys() == entries.keys()


def test_the_flag_for_strict(path: str) -> None:
    write(path, STAMP, [], {}, strict=True)
    assert CacheFile(path).strict


def test_an_open_file_stays_what_it_was(path: str) -> None:
    write(path, STAMP, [], keys(3))
    file = CacheFile(path)
    assert file.is_still(os.stat(path))
    write(path, "another", [], {})
    assert not file.is_still(os.stat(path))
    assert all(same(file.find(key), expected) for key, expected in keys(3).items())


def test_truncated_at_every_64th_byte(path: str) -> None:
    write(path, STAMP, ["one"], keys(20))
    whole = Path(path).read_bytes()
    lengths = [*range(0, len(whole), 64), len(whole) - 1]
    assert len(lengths) > 50
    for length in lengths:
        Path(path).write_bytes(whole[:length])
        with pytest.raises(Damaged):
            CacheFile(path)


def test_cut_off_while_it_is_open(path: str) -> None:
    """A file that is written over in place, as nobody should, is damaged for those who have it open."""
    entries = keys(20)
    write(path, STAMP, [], entries)
    whole = Path(path).read_bytes()
    for length in range(0, len(whole), 64):
        Path(path).write_bytes(whole)
        file = CacheFile(path)
        os.truncate(path, length)
        for key, expected in entries.items():
            found = file.find(key)
            assert found is None or same(found, expected)


def test_with_something_behind_it(path: str) -> None:
    write(path, STAMP, [], keys(2))
    with open(path, "ab") as file:
        file.write(b"more")
    with pytest.raises(Damaged):
        CacheFile(path)


@pytest.mark.slow
def test_one_wrong_bit_anywhere(path: str) -> None:
    """Each byte of a small file in turn: the file is refused, or just what is damaged is missing."""
    entries = keys(4)
    write(path, STAMP, ["one"], entries)
    whole = Path(path).read_bytes()
    missing = refused = 0
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << position % 8
        Path(path).write_bytes(damaged)
        try:
            file = CacheFile(path)
        except Damaged:
            refused += 1
            continue
        assert (file.stamp, file.origins, file.entries) == (STAMP, {"one"}, 4)
        found = {key: file.find(key) for key in entries}
        assert all(value is None or same(value, entries[key]) for key, value in found.items())
        missing += None in found.values()
        assert all(same(value, entries[key]) for key, value in file.all())
    assert refused >= HEADER.size + len(STAMP)
    # Free slots are the only bytes that nothing is lost with.
    assert missing > len(whole) - refused - 9 * cachefile.SLOT.size


def test_random_bytes_between(path: str) -> None:
    entries = keys(30)
    write(path, STAMP, [], entries)
    whole = Path(path).read_bytes()
    rest = random.Random(7)
    for _ in range(100):
        damaged = bytearray(whole)
        start = rest.randrange(len(whole))
        damaged[start : start + 300] = rest.randbytes(len(damaged[start : start + 300]))
        Path(path).write_bytes(damaged)
        try:
            file = CacheFile(path)
        except Damaged:
            continue
        assert all(same(found, entries[key]) for key, found in file.all())


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 4096, b"\x7fELF" + b"\0" * 4096, b"edgewebT", b"x" * 100_000]
)
def test_files_that_are_something_else(path: str, content: bytes) -> None:
    Path(path).write_bytes(content)
    with pytest.raises(Damaged):
        CacheFile(path)


def test_another_format(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, STAMP, [], keys(2))
    monkeypatch.setattr(cachefile, "FORMAT", cachefile.FORMAT + 1)
    with pytest.raises(Damaged):
        CacheFile(path)


def test_memory_does_not_grow_with_the_number_of_templates(place: Path) -> None:
    """What an open file holds, and what a look-up needs at most, with 10 templates and with 4,000."""
    held = []
    for count in (10, 4000):
        path = str(place / str(count))
        entries = keys(count)
        write(path, STAMP, [], entries)
        wanted = next(iter(entries))
        CacheFile(path).find(wanted)
        tracemalloc.start()
        try:
            file = CacheFile(path)
            file.find(wanted)
            held.append(tracemalloc.get_traced_memory())
        finally:
            tracemalloc.stop()
    assert abs(held[1][0] - held[0][0]) < 200
    assert abs(held[1][1] - held[0][1]) < 200


def test_an_opened_file_is_closed_with_its_last_reference(path: str) -> None:
    write(path, STAMP, [], keys(2))
    before = len(os.listdir("/proc/self/fd"))
    file = CacheFile(path)
    assert len(os.listdir("/proc/self/fd")) == before + 1
    del file
    assert len(os.listdir("/proc/self/fd")) == before
