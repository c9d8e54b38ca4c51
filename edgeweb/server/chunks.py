"""A request body that comes in chunks: `chunked` of HTTP/1.1.

    size line   1A;name=value CRLF     at most `_SIZE_LINE` bytes
    data        26 bytes, then CRLF
    ...         the last size is 0
    trailer     Name: value CRLF       at most `_TRAILER` bytes in all, checked and dropped
    end         CRLF

Each byte counts either as data, which the limit for bodies bounds, or as framing, of which there may be as
much as of data and `_FRAMING` more: chunks of one byte are five times as much framing. A size is refused
where its line ends, before its data comes. What is not exactly so is refused, as two parties may read it
differently: blank lines between chunks, half line ends, sizes that overflow an integer elsewhere.

Source: RFC 9112, sections 7.1 and 7.1.2.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from waitress.rfc7230 import CHUNK_EXT_RE

if TYPE_CHECKING:
    from waitress.buffers import OverflowableBuffer

#: Bytes of a size line with its extensions, without the line end.
_SIZE_LINE = 256

#: Digits of a size: one more, and it would not fit 64 bits.
_SIZE_DIGITS = 15

#: Bytes of framing beyond those of the data, and of all trailer fields.
_FRAMING = 16_384
_TRAILER = 4096

_HEX = frozenset(b"0123456789abcdefABCDEF")
_TOKEN = frozenset(b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_LEGAL_BYTES = bytes([0x09, *range(0x20, 0x7F), *range(0x80, 0x100)])


class BadChunk(Exception):
    """Framing that is refused; the text is the reason."""


class TooLarge(Exception):
    """More data than the limit for bodies."""


class ChunkedReceiver:
    """The body of one request, with the interface of waitress's receivers."""

    def __init__(self, buffer: OverflowableBuffer, limit: int) -> None:
        self.completed = False
        self._buffer = buffer
        self._limit = limit
        self._size = 0
        self._framing = 0
        #: Bytes of data of this chunk that are still to come.
        self._left = 0
        self._line = b""
        self._take = self._take_size

    def __len__(self) -> int:
        """Return the bytes of data so far."""
        return self._size

    def getfile(self) -> IO[bytes]:
        file: IO[bytes] = self._buffer.getfile()
        return file

    def getbuf(self) -> OverflowableBuffer:
        return self._buffer

    def received(self, data: bytes) -> int:
        """Take what belongs to this body; return how many bytes that were. Raises `BadChunk`, `TooLarge`."""
        position, end = 0, len(data)
        while position < end and not self.completed:
            if self._left:
                part = data[position : position + self._left]
                self._buffer.append(part)
                self._size += len(part)
                self._left -= len(part)
                position += len(part)
                if not self._left:
                    self._take = self._take_end
            else:
                position = self._receive_line(data, position)
        return position

    def _receive_line(self, data: bytes, position: int) -> int:
        limit = _TRAILER if self._take == self._take_field else _SIZE_LINE
        part = data[position : position + limit + 2 - len(self._line)]
        line = self._line + part
        at = line.find(b"\r\n")
        if at < 0:
            if len(line) >= limit + 2:
                raise BadChunk(f"a line of the chunks' framing is longer than {limit} bytes")
            self._line = line
            return position + len(part)
        position += at + 2 - len(self._line)
        self._line = b""
        self._framing += at + 2
        if self._framing > _FRAMING + self._size:
            raise BadChunk("the chunks have more framing than data")
        self._take(line[:at])
        return position

    def _take_size(self, line: bytes) -> None:
        digits, semicolon, extensions = line.partition(b";")
        if not digits or not _HEX.issuperset(digits):
            raise BadChunk("the size of a chunk is not a hexadecimal number")
        if len(digits) > _SIZE_DIGITS:
            raise BadChunk(f"the size of a chunk has more than {_SIZE_DIGITS} digits")
        if semicolon and not CHUNK_EXT_RE.fullmatch(b";" + extensions):
            raise BadChunk("the extension of a chunk is malformed")
        size = int(digits, 16)
        if self._size + size > self._limit:
            raise TooLarge
        self._left = size
        if not size:
            self._framing = 0  # the trailer has a bound of its own
            self._take = self._take_field

    def _take_end(self, line: bytes) -> None:
        if line:
            raise BadChunk("a chunk is longer than its size")
        self._take = self._take_size

    def _take_field(self, line: bytes) -> None:
        if not line:
            self.completed = True
            return
        if self._framing > _TRAILER:
            raise BadChunk(f"the trailer is longer than {_TRAILER} bytes")
        name, colon, _ = line.partition(b":")
        if not colon or not name or not _TOKEN.issuperset(name) or line.translate(None, _LEGAL_BYTES):
            raise BadChunk("the trailer has a malformed field")
