"""What edgeweb.server.tls relies on in `_ssl`, the C module below `ssl`, name by name.

It is undocumented: a release of Python may rename what is here. Then these tests fail, and not a device.
"""

from __future__ import annotations

import _ssl
import os
import socket
import ssl
import subprocess
import sys
from pathlib import Path

from edgeweb.server.tls import Certificate, TlsSocket

from .certificates import make, trusting

#: Names of the module to those of `ssl` that are the same objects or values.
SAME = {
    "OP_CIPHER_SERVER_PREFERENCE": ssl.OP_CIPHER_SERVER_PREFERENCE,
    "OP_NO_RENEGOTIATION": ssl.OP_NO_RENEGOTIATION,
    "PROTOCOL_TLS_SERVER": ssl.PROTOCOL_TLS_SERVER,
    "PROTO_TLSv1_2": ssl.TLSVersion.TLSv1_2,
    "SSLEOFError": ssl.SSLEOFError,
    "SSLError": ssl.SSLError,
    "SSLWantReadError": ssl.SSLWantReadError,
    "SSLWantWriteError": ssl.SSLWantWriteError,
}


def test_names_of_the_module() -> None:
    assert {name: getattr(_ssl, name) for name in SAME} == SAME


def test_the_context_is_set_as_one_of_ssl(tmp_path: Path) -> None:
    ours = Certificate(*map(str, make(tmp_path / "tls")))._context
    assert issubclass(ssl.SSLContext, type(ours))
    # what `ssl` itself chooses for a server, and nothing less
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    assert theirs.options & ~ours.options == 0
    assert ours.minimum_version == ssl.TLSVersion.TLSv1_2
    suites = ours.get_ciphers()
    assert {suite["protocol"] for suite in suites} == {"TLSv1.2", "TLSv1.3"}
    assert all(suite["aead"] for suite in suites)
    old = [suite["name"] for suite in suites if suite["protocol"] == "TLSv1.2"]
    assert all(name.startswith("ECDHE-") for name in old) and "CHACHA20" in old[0]


def test_calls_of_a_socket(tmp_path: Path) -> None:
    certificate, key = make(tmp_path / "tls")
    ours, theirs = socket.socketpair()
    with theirs:
        sock = Certificate(str(certificate), str(key)).wrap(ours)
        assert isinstance(sock, TlsSocket) and not sock.is_agreed()
        client = trusting(certificate).wrap_bio(
            coming := ssl.MemoryBIO(), going := ssl.MemoryBIO(), server_hostname="localhost"
        )
        for _ in range(4):
            try:
                client.do_handshake()
            except ssl.SSLWantReadError:
                pass
            theirs.sendall(going.read())
            try:
                sock.recv(1)
            except BlockingIOError:
                pass
            theirs.setblocking(False)
            try:
                coming.write(theirs.recv(65536))
            except BlockingIOError:
                pass
            theirs.setblocking(True)
        assert sock.is_agreed() and client.selected_alpn_protocol() is None
        client.write(b"x" * 3)
        theirs.sendall(going.read())
        assert sock.recv(1) == b"xxx"  # more than was asked for: nothing may stay inside
        assert sock.send(b"y" * 100_000) == 16_384
        sock.shutdown(socket.SHUT_WR)
        coming.write(theirs.recv(65536))
        coming.write(theirs.recv(65536))
        assert client.read(65536) == b"y" * 16_384
        assert client.read(65536) == b""  # the end was said
        sock.close()


def test_it_loads_nothing_else(tmp_path: Path) -> None:
    """Each of the others is 0.1 MB to 0.5 MB of a server that has no other use for it."""
    code = (
        "import os, sys, edgeweb.server.runner\nbefore = set(sys.modules)\n"
        "from edgeweb.server.tls import Certificate\nCertificate(*sys.argv[1:])\n"
        "os.write(1, ' '.join(sorted(set(sys.modules) - before)).encode())"
    )
    files = map(str, make(tmp_path / "tls"))
    root = Path(__file__).resolve().parent.parent.parent
    environ = {**os.environ, "PYTHONPATH": str(root), "EDGEWEB_LEAN": "1"}
    command = [sys.executable, "-W", "error", "-c", code, *files]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["_ssl", "edgeweb.server.tls"]
