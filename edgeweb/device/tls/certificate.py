"""What a certificate says, read from its own bytes.

A certificate is a tree in DER: each node is a tag, a length and a content, and the content of a SEQUENCE or
SET is a row of nodes. The text that `openssl x509` prints of it differs between versions, a call costs a
process, and `ssl` shows no certificate that it has not verified. No signature is checked here: `openssl
verify` does.

Sources: RFC 5280, sections 4.1 and 4.2; X.690, section 8.1.
"""

from __future__ import annotations

import re
import socket
from binascii import Error, a2b_base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from ..access.secrets import sha256
from ..system.text import clean

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----\s([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")

#: Certificates of a file that are read.
MAX_CHAIN = 16

# Tags of DER that certificates have.
_BOOLEAN, _SEQUENCE, _UTC_TIME = 0x01, 0x30, 0x17
_VERSION, _EXTENSIONS = 0xA0, 0xA3

# Kinds of a GeneralName, and the permitted ones of name constraints.
_DNS, _ADDRESS, _PERMITTED = 0x82, 0x87, 0xA0

# Object identifiers, as DER has them.
_SUBJECT_NAMES, _BASIC_CONSTRAINTS, _NAME_CONSTRAINTS = b"\x55\x1d\x11", b"\x55\x1d\x13", b"\x55\x1d\x1e"
_INFORMATION_ACCESS = bytes.fromhex("2b06010505070101")
_CA_ISSUERS = bytes.fromhex("2b06010505073002")
_RSA = bytes.fromhex("2a864886f70d010101")

#: Parts of a name that people read.
_PARTS = {b"\x55\x04\x03": "CN", b"\x55\x04\x0a": "O", b"\x55\x04\x0b": "OU", b"\x55\x04\x06": "C"}

#: Signatures that browsers refuse. Sources: RFC 8017, appendix A.2.4; RFC 3279, section 2.2.3.
_WEAK = {
    bytes.fromhex("2a864886f70d010104"): "MD5",
    bytes.fromhex("2a864886f70d010105"): "SHA-1",
    bytes.fromhex("2a8648ce3d0401"): "SHA-1",
}

_Node = tuple[int, bytes]


class NotACertificate(ValueError):
    """The bytes are no certificate."""


class Certificate(NamedTuple):
    """One certificate. Moments are in seconds since 1970."""

    der: bytes
    #: The names of issuer and subject in DER, to be compared; then as people read them.
    issuer: bytes
    subject: bytes
    issuer_title: str
    title: str
    not_before: int
    not_after: int
    #: DNS names and addresses that it is for (subjectAltName).
    names: tuple[str, ...]
    addresses: tuple[str, ...]
    #: DNS names that an authority may certify, with all names below them; none: any.
    permitted: tuple[str, ...]
    is_authority: bool
    #: Whether it says where its issuer's certificate is.
    has_issuer_address: bool
    #: Bits of an RSA key; 0 for any other.
    rsa_bits: int
    #: "MD5" or "SHA-1" where its signature rests on that; empty for what is safe.
    weak_hash: str

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the certificate as browsers and phones show it: "3F:9A:..."."""
        # Not by hashlib, which loads OpenSSL's library into the server.
        digest: bytes = sha256(self.der).digest()
        return digest.hex(":").upper()

    @property
    def is_self_issued(self) -> bool:
        """Return whether it names itself as its issuer."""
        return self.issuer == self.subject

    @property
    def life(self) -> int:
        """Return for how many seconds it is valid."""
        return self.not_after - self.not_before


def blocks(pem: bytes) -> list[bytes]:
    """Return the certificates of a text as they stand in it, without what is between them."""
    return [found[0] + b"\n" for found in _PEM.finditer(pem)][:MAX_CHAIN]


def read(pem: bytes) -> list[Certificate]:
    """Return the certificates of a text, in its order. Raises `NotACertificate`."""
    try:
        found = [_read(a2b_base64(match[1])) for match in _PEM.finditer(pem)]
    except NotACertificate:
        raise
    except (Error, IndexError, ValueError, OSError, OverflowError, StopIteration) as error:
        raise NotACertificate(f"damaged ({type(error).__name__})") from error
    if not found:
        raise NotACertificate("there is no certificate in it")
    return found[:MAX_CHAIN]


def _read(der: bytes) -> Certificate:
    ((_, whole),) = _nodes(der)
    (_, signed), (_, algorithm), _ = _nodes(whole)
    fields = list(_nodes(signed))
    if fields[0][0] == _VERSION:
        del fields[0]
    _, _, (_, issuer), (_, validity), (_, subject), (_, key), *rest = fields
    not_before, not_after = map(_moment, _nodes(validity))
    extensions = _extensions(rest)
    names, addresses = _subject_names(extensions.get(_SUBJECT_NAMES, b""))
    return Certificate(
        der,
        issuer,
        subject,
        _title(issuer),
        _title(subject),
        not_before,
        not_after,
        names,
        addresses,
        _permitted(extensions.get(_NAME_CONSTRAINTS, b"")),
        _is_authority(extensions.get(_BASIC_CONSTRAINTS, b"")),
        _CA_ISSUERS in extensions.get(_INFORMATION_ACCESS, b""),
        _rsa_bits(key),
        _WEAK.get(next(_nodes(algorithm))[1], ""),
    )


def _nodes(content: bytes) -> Iterator[_Node]:
    """Yield tag and content of each node in a row. Raises `NotACertificate` where one is too long for it."""
    at = 0
    while at < len(content):
        tag, length, at = content[at], content[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            # four bytes are 4 GiB; none would be the indefinite length, which DER does not have
            if not 1 <= size <= 4:
                raise NotACertificate("damaged (length)")
            length, at = int.from_bytes(content[at : at + size], "big"), at + size
        if at + length > len(content):
            raise NotACertificate("damaged (it ends too early)")
        yield tag, content[at : at + length]
        at += length


def _moment(node: _Node) -> int:
    tag, content = node
    text = content.decode("ascii")
    if tag == _UTC_TIME:
        # RFC 5280, section 4.1.2.5.1: from 50 on it is the last century
        text = ("20" if text[:2] < "50" else "19") + text
    return int(datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp())


def _extensions(fields: list[_Node]) -> dict[bytes, bytes]:
    """Return the content of each extension by its object identifier."""
    found = {}
    for tag, content in fields:
        if tag == _EXTENSIONS:
            ((_, row),) = _nodes(content)
            for _, extension in _nodes(row):
                # between the two may be whether it is critical
                (_, name), *_, (_, value) = _nodes(extension)
                found[name] = value
    return found


def _subject_names(content: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names, addresses = [], []
    for _, row in _nodes(content):
        for tag, value in _nodes(row):
            if tag == _DNS:
                names.append(clean(value).lower())
            elif tag == _ADDRESS:
                family = socket.AF_INET if len(value) == 4 else socket.AF_INET6
                addresses.append(socket.inet_ntop(family, value))
    return tuple(names), tuple(addresses)


def _permitted(content: bytes) -> tuple[str, ...]:
    found = []
    for _, constraints in _nodes(content):
        for tag, subtrees in _nodes(constraints):
            for _, subtree in _nodes(subtrees) if tag == _PERMITTED else ():
                kind, value = next(_nodes(subtree))
                if kind == _DNS:
                    found.append(clean(value).lower())
    return tuple(found)


def _is_authority(content: bytes) -> bool:
    return any(tag == _BOOLEAN and value != b"\0" for _, row in _nodes(content) for tag, value in _nodes(row))


def _rsa_bits(key: bytes) -> int:
    (_, algorithm), (_, bits) = _nodes(key)
    if next(_nodes(algorithm))[1] != _RSA:
        return 0
    # the first byte of a bit string is the number of bits that its last one has too many
    ((_, numbers),) = _nodes(bits[1:])
    return int.from_bytes(next(_nodes(numbers))[1], "big").bit_length()


def _title(name: bytes) -> str:
    """Return the common name of a subject or issuer, or else what there is: "CN=...", "O=..."."""
    parts = {}
    for _, row in _nodes(name):
        for _, pair in _nodes(row):
            (_, kind), (_, value) = _nodes(pair)
            if kind in _PARTS:
                parts[_PARTS[kind]] = clean(value)
    return parts.get("CN") or ", ".join(f"{kind}={value}" for kind, value in parts.items()) or "(no name)"
