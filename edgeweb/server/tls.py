"""TLS on connections: the certificate that is served, and sockets that the loop can wait for.

Imported where a certificate is named. Not by `ssl`, whose classes and names of constants cost 0.4 MB more
than the C module below it, and without `typing` (0.5 MB), `contextlib` and `math` (0.1 MB each);
tests/server/test_tls_private.py names what is used of that, and how.

A handshake is made by reading: a record comes, and OpenSSL answers it. So it never holds up the loop,
whatever the client leaves out, and its time limit is that of the head of a request. A read takes a whole
record (16 KiB), as what OpenSSL keeps of one does not wake the loop; a write gives it one at most, since it
wants the same bytes again where the socket takes none.

| a file                       | what is done                                                  |
|------------------------------|---------------------------------------------------------------|
| is replaced (certbot, lego)  | seen by a connection a minute later at most, and at SIGHUP    |
| is faulty then               | logged; the certificate of before stays                       |

Sources: RFC 8446, section 5.1 (the size of a record); RFC 9325 (what TLS 1.2 may still use); OpenSSL's
SSL_write(3), "bad write retry"; Python documentation, `ssl`, "Notes on non-blocking sockets".
"""

from __future__ import annotations

import _ssl
import os
import socket
from collections.abc import Iterable
from errno import EPIPE, EWOULDBLOCK
from time import monotonic
from typing import TYPE_CHECKING

from .channel import Channel
from .log import logger
from .loop import WRITE

if TYPE_CHECKING:
    from typing import Any, Protocol

    from _typeshed import ReadableBuffer

    class _Layer(Protocol):
        """OpenSSL above one socket: an object of `_ssl`, whose types have no names."""

        def read(self, size: int) -> bytes: ...
        def write(self, data: memoryview) -> int: ...
        def shutdown(self) -> object: ...
        def version(self) -> str | None: ...

    class _Context(Protocol):
        """What makes such objects from one certificate."""

        def _wrap_socket(self, sock: socket.socket, server_side: bool) -> _Layer: ...
        def session_stats(self) -> dict[str, int]: ...


#: Bytes of a record at most.
_RECORD = 16_384

#: Seconds between two looks at the files.
_LOOK_SECONDS = 60.0

#: Sessions of TLS 1.2 clients without tickets, which OpenSSL keeps: 20,000 by default, of which each takes
#: 300 bytes and more. Above this number a new context, without any, takes its place.
_MAX_SESSIONS = 500

#: Of TLS 1.2: forward secrecy and authenticated encryption only. ChaCha20 first, as a Raspberry Pi before the
#: 5 has no instructions for AES.
_CIPHERS = "ECDHE+CHACHA20:ECDHE+AESGCM"

#: Between two looks for stalled handshakes while all places are taken.
_STALLED_SECONDS = 0.1

#: The one group for keys, which every client knows (RFC 8446, section 9.1). By OpenSSL's own list a client
#: may ask for 8192 bits (ffdhe8192), which take a board a second of its loop.
_GROUP = "prime256v1"

#: For ALPN: each name behind its length (RFC 7301, section 3.1).
_PROTOCOLS = b"\x08http/1.1"

#: For a client that speaks HTTP; it ends with the connection.
_PLAIN = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
    b"This port speaks TLS: open the same address with https:// before it.\n"
)


class TlsError(ValueError):
    """A certificate or a key that cannot be served. The text names the file and the next step."""


class TlsSocket(socket.socket):
    """A connection's socket. It says "not now" and "it has ended" as a plain socket does.

    Attributes:
        waits_to_write: Reading goes on as soon as the socket takes bytes: an answer of the handshake waits.
    """

    __slots__ = ("_layer", "waits_to_write")

    def __init__(self, sock: socket.socket, context: _Context) -> None:
        """Take over a connected socket, which is not to be used any more. Raises `OSError`."""
        super().__init__(sock.family, sock.type, sock.proto, sock.detach())
        self.setblocking(False)
        self.waits_to_write = False
        #: None: what comes is no TLS any more, and read as it is.
        self._layer: _Layer | None = context._wrap_socket(self, True)

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Return what has come, more than `size` where a record has more; with flags, of the bytes as sent.

        Raises `BlockingIOError`, and `OSError` as a plain socket does.
        """
        if flags or self._layer is None:
            return super().recv(size, flags)
        self.waits_to_write = False
        try:
            return self._layer.read(max(size, _RECORD))
        except _ssl.SSLWantReadError as error:
            raise BlockingIOError(EWOULDBLOCK, "not now") from error
        except _ssl.SSLWantWriteError as error:
            self.waits_to_write = True
            raise BlockingIOError(EWOULDBLOCK, "not now") from error
        except _ssl.SSLEOFError:  # closed without saying so, as many do
            return b""
        except _ssl.SSLError as error:
            if error.reason == "HTTP_REQUEST":
                try:
                    super().send(_PLAIN)
                except OSError:
                    pass  # the connection is over either way
            raise

    def send(self, data: ReadableBuffer, flags: int = 0) -> int:
        """Return how many bytes were taken: one record at most."""
        if self._layer is None:
            raise BrokenPipeError(EPIPE, "the connection has ended")
        try:
            return self._layer.write(memoryview(data)[:_RECORD])
        except (_ssl.SSLWantWriteError, _ssl.SSLWantReadError) as error:
            raise BlockingIOError(EWOULDBLOCK, "not now") from error

    def is_agreed(self) -> bool:
        """Return whether the handshake is over."""
        return self._layer is None or self._layer.version() is not None

    def say_end(self) -> None:
        """Say that nothing follows (RFC 8446, section 6.1): else a client takes an answer for cut off."""
        layer, self._layer = self._layer, None
        try:
            if layer is not None:
                layer.shutdown()
        except OSError:  # the client's is not there yet, the handshake was not over, or the socket takes none
            pass

    def shutdown(self, how: int) -> None:
        self.say_end()
        super().shutdown(how)


class TlsChannel(Channel):
    """A connection with TLS."""

    __slots__ = ("_begun", "sendbuf_len")

    # Of waitress: bytes that are given to the socket at once.
    sendbuf_len: int
    socket: TlsSocket

    def __init__(self, *arguments: object, **named: object) -> None:
        self._begun = monotonic()
        super().__init__(*arguments, **named)  # type: ignore[arg-type]
        # What waits is then given to OpenSSL record by record, and not copied as a whole for each.
        self.sendbuf_len = _RECORD

    def wanted(self) -> int:
        return WRITE if self._waits_to_write() else super().wanted()

    def handle_write(self) -> None:
        if self._waits_to_write():
            self.handle_read()
        else:
            super().handle_write()

    def is_idle(self) -> bool:
        return super().is_idle() and not self.shakes_hands()

    def pace(self, now: float) -> tuple[float, float] | None:
        """As of other connections; a handshake counts as slow a quarter of a second after its connection."""
        return (4 * (now - self._begun), 0.0) if self.shakes_hands() else super().pace(now)

    def handle_close(self) -> None:
        # Under the lock of those who send: OpenSSL does not take two calls at once.
        with self._answer_lock:
            if self.connected:
                self.socket.say_end()
        super().handle_close()

    def _current_phase(self) -> tuple[str, int, int]:
        return ("header", 0, 0) if self.shakes_hands() else super()._current_phase()

    # Both are asked of a closed connection as well, which has no socket any more.

    def _waits_to_write(self) -> bool:
        return self.connected and self.socket.waits_to_write

    def shakes_hands(self) -> bool:
        """Return whether the handshake is not over."""
        return self._requests_begun == 0 and self.connected and not self.socket.is_agreed()


class Certificate:
    """The certificate that is served now, from two files of PEM; the first may have a whole chain.

    Raises:
        TlsError: a file cannot be read, or the two do not fit each other.
    """

    channel_class = TlsChannel

    def __init__(self, certificate: str, key: str) -> None:
        self._files = (certificate, key)
        self._seen = self._look()
        self._context = self._load()
        #: Whether the files were faulty when they were read last: once in the log is enough.
        self._is_faulty = False
        self._next_look = monotonic() + _LOOK_SECONDS

    def wrap(self, sock: socket.socket) -> socket.socket:
        """Return a new connection's socket with TLS, before its handshake. Raises `OSError`."""
        now = monotonic()
        if now >= self._next_look:
            self._next_look = now + _LOOK_SECONDS
            if self._look() != self._seen:
                self.try_again()
        if not self._is_faulty and self._context.session_stats()["number"] > _MAX_SESSIONS:
            self.try_again()
        return TlsSocket(sock, self._context)

    def try_again(self) -> None:
        """Take the files as they are now, for new connections; where they are faulty, log it and go on."""
        self._seen = self._look()
        self._is_faulty = True
        try:
            self._context = self._load()
            self._is_faulty = False
        except TlsError as error:
            logger.error("%s; the certificate of before stays", error)

    def _look(self) -> tuple[tuple[int, int, int], ...]:
        """Return what changes when a file is written or replaced."""
        found = []
        for path in self._files:
            try:
                status = os.stat(path)
            except OSError:
                found.append((0, 0, 0))
            else:
                found.append((status.st_ino, status.st_size, status.st_mtime_ns))
        return tuple(found)

    def _load(self) -> _Context:
        context: Any = _ssl._SSLContext(_ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = _ssl.PROTO_TLSv1_2
        # A client that asks for new keys again and again would have the loop work for it.
        context.options |= _ssl.OP_NO_RENEGOTIATION | _ssl.OP_CIPHER_SERVER_PREFERENCE
        context.set_ciphers(_CIPHERS)
        context.set_ecdh_curve(_GROUP)
        context._set_alpn_protocols(_PROTOCOLS)
        certificate, key = self._files
        for path in self._files:
            if not os.access(path, os.R_OK):
                why = "is not there" if not os.path.exists(path) else "cannot be read by this user"
                raise TlsError(f"{path} {why}: name a file of PEM that the service may read")
        try:
            # A key with a passphrase would ask for it on the terminal.
            context.load_cert_chain(certificate, key, password=_no_passphrase)
        except _ssl.SSLError as error:
            why = _REASONS.get(error.reason or "PEM_LIB", error.reason)
            raise TlsError(f"{certificate} and {key}: {why}") from error
        except (OSError, ValueError) as error:
            raise TlsError(f"{key}: {error}") from error
        made: _Context = context
        return made


class Tls:
    """What is served with TLS, and what the port without it does."""

    def __init__(self, certificate: Certificate, port: int, redirects: bool) -> None:
        self.certificate = certificate
        self.port = port
        self.redirects = redirects

    def next_look(self, channels: Iterable[Channel]) -> float:
        """Return the seconds after which a handshake may have to make room, where all places are taken.

        Clients that stall in theirs cost next to nothing, and come in hundreds; one that does not is through
        in some milliseconds.
        """
        return (
            _STALLED_SECONDS
            if any(isinstance(one, TlsChannel) and one.shakes_hands() for one in channels)
            else float("inf")
        )


def _no_passphrase() -> str:
    raise ValueError("the key has a passphrase, which a service cannot ask for: remove it")


_OTHER_KEY = "the key is not that of the certificate; both have to come from the same order"

_REASONS = {
    "KEY_VALUES_MISMATCH": _OTHER_KEY,
    "KEY_TYPE_MISMATCH": _OTHER_KEY,
    # RSA for a certificate of an elliptic curve, or the other way round: OpenSSL has a place for each kind.
    "NO_CERTIFICATE_ASSIGNED": _OTHER_KEY,
    "PEM_LIB": "one of them is no PEM file; convert it by openssl",
    "EE_KEY_TOO_SMALL": "the key is too short; make a new one, of P-256 or of 2048 bits",
}
