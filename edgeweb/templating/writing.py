"""Writing a cache file: readers see the old one or the new one, also after a crash or a power cut."""

from __future__ import annotations

import os
import sys
import typing as t
from contextlib import contextmanager
from importlib.util import source_hash

from .cachefile import (
    CHECK_BYTES,
    FORMAT,
    HEADER,
    MAGIC,
    RECORD,
    SLOT,
    STRICT,
    CacheFile,
    Damaged,
    Entry,
    encoded,
)
from .trust import Untrusted, check_folder

if sys.platform != "win32":
    import fcntl

#: Suffix of a file while it is written, in the folder of the one that it will replace.
NEW = ".new"


def write(
    path: str, stamp: str, origins: t.Iterable[str], entries: t.Mapping[str, Entry], strict: bool = False
) -> int:
    """Write a cache of these entries, by key, and return its size in bytes.

    It waits while another process writes. `origins` are the keys of the loaders that have no other templates.

    Raises `trust.Untrusted` where a reader would refuse the file, and `OSError` where it cannot be written.
    """
    with _replacing(path, wait=True) as file:
        return _write_parts(file, stamp, origins, entries, strict)


def update(path: str, stamp: str, entries: t.Mapping[str, Entry]) -> int:
    """Add entries to a cache, and return how many it has then. One with another stamp is replaced.

    So is one that cannot be read. Raises as `write` does, and `BlockingIOError` while another process writes.
    """
    with _replacing(path, wait=False) as file:
        origins: frozenset[str] = frozenset()
        strict = False
        kept: dict[str, Entry] = {}
        try:
            old = CacheFile(path)
        except (OSError, Damaged, Untrusted):
            pass
        else:
            if old.stamp == stamp:
                kept, origins, strict = dict(old.all()), old.origins, old.strict
        kept.update(entries)
        _write_parts(file, stamp, origins, kept, strict)
    return len(kept)


@contextmanager
def _replacing(path: str, wait: bool) -> t.Iterator[t.BinaryIO]:
    """Yield a file to write to, and put it in the place of the one at `path`.

    All processes use the same new file, and lock it: two of them take turns, and one that is killed leaves a
    single file behind, which the next one uses. Windows renames no open file: see `_replacing_closed`.
    """
    make_folder(path)
    if sys.platform == "win32":
        with _replacing_closed(path) as file:
            yield file
        return
    descriptor = _lock(path + NEW, wait)
    with open(descriptor, "wb") as file:
        try:
            os.ftruncate(descriptor, 0)
            # Independent of the umask: another user may serve, and must read it; only this one may write.
            os.fchmod(descriptor, 0o644)
            yield file
            file.flush()
            os.fsync(descriptor)
            os.replace(path + NEW, path)
        except BaseException:
            os.unlink(path + NEW)
            raise
        _sync_folder(os.path.dirname(os.path.abspath(path)))


@contextmanager
def _replacing_closed(path: str) -> t.Iterator[t.BinaryIO]:
    """Do the same with a new file for each process: of two that write at a time, the last one's stays."""
    unfinished = f"{path}.{os.getpid()}{NEW}"
    try:
        with open(unfinished, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except BaseException:
        os.unlink(unfinished)
        raise


def make_folder(path: str) -> None:
    """Make the folder of a cache file, unless it exists. Raises as `write` does."""
    folder = os.path.dirname(os.path.abspath(path))
    above = folder
    while not os.path.isdir(above) and above != os.path.dirname(above):
        above = os.path.dirname(above)
    check_folder(above)
    if above != folder:
        os.makedirs(folder, mode=0o755, exist_ok=True)
        check_folder(folder)


def _lock(path: str, wait: bool) -> int:
    while True:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            # The holder of the lock before may have renamed or removed the file. Then open the new one.
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                return descriptor
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _sync_folder(folder: str) -> None:
    """Flush a folder, so that the new name survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_parts(
    file: t.BinaryIO, stamp: str, origins: t.Iterable[str], entries: t.Mapping[str, Entry], strict: bool
) -> int:
    texts = stamp.encode(), "\n".join(sorted(origins)).encode()
    slots: list[bytes | None] = [None] * (2 * len(entries) + 1)
    records = []
    offset = HEADER.size + sum(map(len, texts)) + SLOT.size * len(slots)
    for key, entry in sorted(entries.items()):
        record = _record(encoded(key), entry)
        _place(slots, source_hash(encoded(key)), offset, len(record))
        records.append(record)
        offset += len(record)
    numbers = (MAGIC, FORMAT, STRICT if strict else 0, len(entries), len(slots), *map(len, texts), offset)
    front = HEADER.pack(*numbers, b"")[:-CHECK_BYTES]
    check = source_hash(b"".join((front, *texts)))
    file.writelines((front, check, *texts, *(slot or SLOT.pack(b"", 0, 0) for slot in slots), *records))
    return offset


def _place(slots: list[bytes | None], key_hash: bytes, offset: int, length: int) -> None:
    place = int.from_bytes(key_hash, "little") % len(slots)
    while slots[place] is not None:
        place = (place + 1) % len(slots)
    slots[place] = SLOT.pack(key_hash, offset, length)


def _record(key: bytes, entry: Entry) -> bytes:
    numbers = (entry.autoescape, len(key), len(entry.code), entry.size, entry.mtime_ns, entry.source_hash)
    rest = b"".join((RECORD.pack(b"", *numbers)[CHECK_BYTES:], key, entry.code))
    return source_hash(rest) + rest
