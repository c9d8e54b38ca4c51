"""The device's id: the same for the life of an installation, and of no use elsewhere."""

from __future__ import annotations

import socket

from ..access.secrets import sha256

#: Of edgeweb's own, made once by `systemd-id128 new`.
_APPLICATION = bytes.fromhex("5c1d0d2b6f4e4a6c9a6b3a8f2e7d9140")

#: Characters of an id: 64 bits. That two of a million devices have the same one has a chance of 1 to 37
#: million.
_LENGTH = 16

_BLOCK = 64


def device_id(path: str = "/etc/machine-id") -> str:
    """Return the id of this machine, made of its machine-id, which itself must not be shown to others.

    It is the keyed hash that systemd has for that. A machine without one gets an id of its host name, which
    changes when it is renamed. Source: machine-id(5), sd_id128_get_machine_app_specific(3).
    """
    try:
        with open(path, encoding="ascii") as file:
            machine = bytes.fromhex(file.read(64).strip())
    except (OSError, ValueError):
        machine = b""
    if len(machine) != 16:
        machine = socket.gethostname().encode("utf-8", "surrogateescape")
    return keyed_hash(machine[:_BLOCK], _APPLICATION).hex()[:_LENGTH]


def keyed_hash(key: bytes, message: bytes) -> bytes:
    """Return the HMAC-SHA256 of a message; the module `hmac` would import OpenSSL. Source: RFC 2104.

    >>> keyed_hash(b"key", b"The quick brown fox jumps over the lazy dog").hex()[:16]
    'f7bc83f430538424'
    """
    padded = key.ljust(_BLOCK, b"\0")
    inner = sha256(bytes(byte ^ 0x36 for byte in padded) + message).digest()
    found: bytes = sha256(bytes(byte ^ 0x5C for byte in padded) + inner).digest()
    return found
