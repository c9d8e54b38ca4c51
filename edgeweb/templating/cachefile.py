"""The file of compiled templates: its layout, and the reader that a device runs.

    header | stamp | origins | slots | records

The slots are a hash table that stays in the file: a look-up reads one or two of them and one record, and
nothing is kept in memory, whether the file has one template or a thousand. Numbers are little-endian.

A damaged part counts as missing. Each part has a check value, because `marshal` may crash the interpreter on
bytes that it did not write. The checks detect damage; `trust` keeps attackers out. They use the hash of
PEP 552, which is always in memory: `hashlib` would map OpenSSL.
"""

from __future__ import annotations

import os
import struct
import sys
import typing as t
from _thread import allocate_lock as Lock
from importlib.util import source_hash

from . import trust

MAGIC = b"edgewebT"
#: Increase it with every change of the layout, of the lines of a stamp, or of how templates are compiled.
FORMAT = 1
#: A flag: `sealed` raises an error for a template that is missing, in place of compiling it.
STRICT = 1

# magic, format, flags, entries, slots, length of the stamp, of the origins, and of the whole file; then the
# check.
HEADER = struct.Struct("<8sHHIIIIQ8s")
# the first eight bytes of the key's hash, offset and length of the record; a length of 0 is a free slot
SLOT = struct.Struct("<8sQI")
# check, autoescape, length of key and code, size, time and hash of the source
RECORD = struct.Struct("<8sBxxxIIQQ8s")
CHECK_BYTES = 8


class Damaged(Exception):
    """A file that is no complete cache of this format; the text is the fault."""


class Entry(t.NamedTuple):
    """A compiled template, and the source that it was made from."""

    autoescape: bool
    #: Bytes of the source.
    size: int
    #: When the source was changed; 0 where that was so recent that another change may have the same time.
    mtime_ns: int
    source_hash: bytes
    #: Marshalled.
    code: bytes | memoryview


def key_of(origin: str, index: int, name: str) -> str:
    """Return the key of a template: the loader that has it, the number of its folder, and its name.

    >>> key_of("app|templates", 0, "base.html")
    'app|templates\\x000\\x00base.html'
    """
    return f"{origin}\0{index}\0{name}"


def encoded(key: str) -> bytes:
    """Return a key as the file has it. Also for file names that are not UTF-8."""
    return key.encode("utf-8", "surrogatepass")


if sys.platform == "win32":
    _reading = Lock()

    def _read_at(descriptor: int, length: int, offset: int) -> bytes:
        """Do what `pread` does; threads take turns, because they share the file's position."""
        with _reading:
            os.lseek(descriptor, offset, os.SEEK_SET)
            return os.read(descriptor, length)
else:
    _read_at = os.pread


class CacheFile:
    """An open cache. `find` may be called from any thread; the file is closed with the last reference."""

    def __init__(self, path: str) -> None:
        """Open the file and check all but its records.

        Raises `trust.Untrusted`, `Damaged`, and `OSError` where there is no such file or it cannot be read.
        """
        self._descriptor = -1
        self.path = path
        self._descriptor = trust.open_for_reading(path)
        self._read_front()

    def __del__(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _read_front(self) -> None:
        header = _read_at(self._descriptor, HEADER.size, 0)
        if len(header) < HEADER.size:
            raise Damaged("it is too short")
        magic, version, flags, entries, slots, stamp_length, origins_length, size, check = HEADER.unpack(
            header
        )
        if magic != MAGIC or version != FORMAT:
            raise Damaged("it is not a template cache of this version of edgeweb")
        if size != os.fstat(self._descriptor).st_size or size < HEADER.size + stamp_length + origins_length:
            raise Damaged("it is not complete")
        texts = _read_at(self._descriptor, stamp_length + origins_length, HEADER.size)
        if source_hash(header[:-CHECK_BYTES] + texts) != check:
            raise Damaged("its check value is wrong")
        self.strict = bool(flags & STRICT)
        self.entries = entries
        self.stamp = texts[:stamp_length].decode()
        #: The loaders all of whose templates were compiled: what is not in the file does not exist.
        self.origins = frozenset(texts[stamp_length:].decode().splitlines())
        self._size = size
        self._slots = slots
        self._slots_offset = HEADER.size + len(texts)

    def is_still(self, status: os.stat_result) -> bool:
        """Return whether this is the status of the open file, and not of another at its path."""
        mine = os.fstat(self._descriptor)
        return (status.st_dev, status.st_ino, status.st_mtime_ns) == (
            mine.st_dev,
            mine.st_ino,
            mine.st_mtime_ns,
        )

    def find(self, key: str) -> Entry | None:
        """Return the entry of this key (see `key_of`); None if there is none, or if it is damaged."""
        key_bytes = encoded(key)
        wanted = source_hash(key_bytes)
        first = int.from_bytes(wanted, "little")
        for step in range(self._slots):
            slot = self._read(self._slots_offset + (first + step) % self._slots * SLOT.size, SLOT.size)
            if slot is None:
                return None
            found, offset, length = SLOT.unpack(slot)
            if not length:
                return None
            if found == wanted:
                record = self._record(offset, length)
                if record is not None and record[0] == key_bytes:
                    return record[1]
        return None

    def all(self) -> t.Iterator[tuple[str, Entry]]:
        """Yield every key with its entry, without damaged ones."""
        for number in range(self._slots):
            slot = self._read(self._slots_offset + number * SLOT.size, SLOT.size)
            if slot is not None:
                _, offset, length = SLOT.unpack(slot)
                record = self._record(offset, length) if length else None
                if record is not None:
                    yield record[0].decode("utf-8", "surrogatepass"), record[1]

    def _read(self, offset: int, length: int) -> bytes | None:
        if offset + length > self._size:  # a damaged slot: do not allocate the memory for it
            return None
        try:
            data = _read_at(self._descriptor, length, offset)
        except OSError:  # a worn-out card
            return None
        return data if len(data) == length else None

    def _record(self, offset: int, length: int) -> tuple[bytes, Entry] | None:
        data = self._read(offset, length) if length >= RECORD.size else None
        if data is None:
            return None
        check, autoescape, key_length, code_length, size, mtime_ns, hash_ = RECORD.unpack_from(data)
        key_end = RECORD.size + key_length
        rest = memoryview(data)
        if key_end + code_length != length or source_hash(rest[CHECK_BYTES:]) != check:
            return None
        return data[RECORD.size : key_end], Entry(bool(autoescape), size, mtime_ns, hash_, rest[key_end:])
