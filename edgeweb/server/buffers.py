"""Buffers: for bodies of requests until they are complete, for answers until the client takes them."""

from __future__ import annotations

import sys
import threading
from typing import IO

from waitress.buffers import OverflowableBuffer, ReadOnlyFileBasedBuffer, TempfileBasedBuffer

#: With a folder for uploads, a body moves there at this size.
SPOOLED_BYTES = 131_072


class Budget:
    """A number of bytes that all requests share.

    >>> budget = Budget(100)
    >>> budget.reserve(60), budget.reserve(60)
    (True, False)
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.used = 0
        self._lock = threading.Lock()  # reserved on the loop's thread, released on a worker's

    def reserve(self, size: int) -> bool:
        """Reserve bytes and return True; reserve nothing and return False where there are not enough."""
        with self._lock:
            if self.used + size > self.total:
                return False
            self.used += size
        return True

    def release(self, size: int) -> None:
        with self._lock:
            self.used -= size


def make_body_buffer(folder: str) -> OverflowableBuffer:
    """Return a buffer that moves to a file in `folder` when it grows, or stays in memory without a folder."""
    return _SpoolingBuffer(folder) if folder else OverflowableBuffer(sys.maxsize)


class _SpoolingBuffer(OverflowableBuffer):
    def __init__(self, folder: str) -> None:
        super().__init__(SPOOLED_BYTES)
        self.folder = folder

    def _set_large_buffer(self) -> None:
        self.buf: TempfileBasedBuffer = _FileBuffer(self.folder, self.buf)
        self.overflowed = True


class _FileBuffer(TempfileBasedBuffer):
    def __init__(self, folder: str, content: object) -> None:
        self.folder = folder
        super().__init__(content)

    def newfile(self) -> IO[bytes]:
        from tempfile import TemporaryFile  # with shutil and two compression libraries

        return TemporaryFile("w+b", dir=self.folder)


class WholeBytes(ReadOnlyFileBasedBuffer):
    """One large chunk of an answer, sent without being copied."""

    def __init__(self, data: bytes) -> None:
        self._rest = memoryview(data)
        self.remain = len(data)

    def get(self, numbytes: int = -1, skip: bool = False) -> memoryview:
        found = self._rest if numbytes < 0 else self._rest[:numbytes]
        if skip:
            self.skip(len(found))
        return found

    def skip(self, numbytes: int, allow_prune: bool = False) -> None:
        self._rest = self._rest[numbytes:]
        self.remain = len(self._rest)

    def close(self) -> None:
        # Even an empty slice would keep the whole chunk in memory.
        self._rest = memoryview(b"")
        self.remain = 0
