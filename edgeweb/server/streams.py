"""stdout and stderr that never wait: a log that is not read must not hold up the server.

Under systemd both lead to the journal's socket, in a container to a pipe. A journal that waits for its memory
card, or a program that has stopped reading, fills either within some hundred lines; the next `print` would
then block its thread, and with it the loop that has to ping the watchdog.
"""

from __future__ import annotations

import io
import os
import select
import socket
import stat
import sys
from threading import Lock
from typing import TextIO

#: Bytes that wait for the reader. What does not fit is dropped, and counted.
MAX_WAITING = 64 * 1024

#: Bytes that a pipe takes at once where `poll` reports it as writable. Source: pipe(7), PIPE_BUF.
_PIPE_PIECE = 4096

# Python ignores SIGPIPE, and a program may not; macOS has no flag against it.
_SEND_FLAGS = getattr(socket, "MSG_DONTWAIT", 0) | getattr(socket, "MSG_NOSIGNAL", 0)


def never_wait() -> None:
    """Replace `sys.stdout` and `sys.stderr`, each where it leads to a socket or a pipe.

    A terminal or a file stays as it is, and so does a stream that the program has replaced itself.
    """
    sys.stdout = _patient(sys.stdout, sys.__stdout__)
    sys.stderr = _patient(sys.stderr, sys.__stderr__)


def _patient(stream: TextIO, original: TextIO | None) -> TextIO:
    if stream is not original or not isinstance(stream, io.TextIOWrapper):
        return stream
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except (OSError, ValueError):
        return stream  # it is closed
    if not (stat.S_ISSOCK(mode) or stat.S_ISFIFO(mode)):
        return stream
    # by lines, so that each line is one write, which is kept or dropped whole
    output = Output(stream.fileno())
    return io.TextIOWrapper(output, stream.encoding, stream.errors, line_buffering=True)  # type: ignore[type-var]


class Output(io.RawIOBase):
    """A socket or a pipe, by its descriptor, that takes what fits and drops what is too much.

    Once the reader is back, a line has the number of those that were dropped.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        is_socket = stat.S_ISSOCK(os.fstat(descriptor).st_mode)
        self._socket = socket.socket(fileno=os.dup(descriptor)) if is_socket else None
        self._lock = Lock()
        self._waiting = bytearray()
        self._dropped = 0

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Take all of the data, whatever becomes of it; return its length."""
        with self._lock:
            if len(self._waiting) + len(data) <= MAX_WAITING:
                self._waiting += data
            else:
                self._dropped += max(bytes(data).count(b"\n"), 1)
            self._send()
        return len(data)

    def flush(self) -> None:
        """Send what waits, as far as it is taken."""
        if not self.closed:
            with self._lock:
                self._send()

    def close(self) -> None:
        super().close()
        if self._socket is not None:
            self._socket.close()

    def _send(self) -> None:
        waiting = self._waiting
        try:
            while waiting or self._dropped:
                if not waiting:
                    waiting += b"edgeweb: %d lines were not logged: their reader was stuck\n" % self._dropped
                    self._dropped = 0
                sent = self._write_now(bytes(waiting))
                if not sent:
                    return
                del waiting[:sent]
        except BlockingIOError:
            pass
        except OSError:
            waiting.clear()  # the reader is gone for good

    def _write_now(self, data: bytes) -> int:
        if self._socket is not None:
            # not by O_NONBLOCK, which other processes with the same socket would share
            return self._socket.send(data, _SEND_FLAGS)
        poll = select.poll()
        poll.register(self._descriptor, select.POLLOUT)
        return os.write(self._descriptor, data[:_PIPE_PIECE]) if poll.poll(0) else 0
