"""What is read of a certificate, and what is no certificate."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from edgeweb.device.tls.certificate import MAX_CHAIN, NotACertificate, blocks, read

from .conftest import TODAY, Make, openssl


def make_by_openssl(folder: Path, key: str, *options: str) -> Path:
    made = folder / "made.pem"
    done = openssl(
        *("req", "-x509", "-newkey", key, "-nodes", "-keyout", str(folder / "made.key"), "-out", str(made)),
        *("-subj", "/C=DE/O=Käserei/CN=Brücke", "-utf8", "-days", "2", *options),
    )
    assert done.returncode == 0, done.stderr
    return made


def test_as_openssl_reads_it(tmp_path: Path) -> None:
    extensions = ("-addext", "subjectAltName=DNS:Board.LAN,IP:10.0.0.1,IP:fd00::1,email:a@example.com")
    made = make_by_openssl(tmp_path, "rsa:1024", "-sha1", *extensions)
    (found,) = read(made.read_bytes())
    assert (found.title, found.issuer_title, found.is_self_issued) == ("Brücke", "Brücke", True)
    assert (found.names, found.addresses) == (("board.lan",), ("10.0.0.1", "fd00::1"))
    assert (found.rsa_bits, found.weak_hash, found.is_authority) == (1024, "SHA-1", True)
    assert found.life == 2 * 86400
    shown = openssl("x509", "-in", str(made), "-noout", "-fingerprint", "-sha256").stdout
    assert shown.strip().endswith(f"={found.fingerprint}")


def test_other_keys_and_issuers(tmp_path: Path) -> None:
    access = ("-addext", "authorityInfoAccess=caIssuers;URI:http://ca.example/ca.crt")
    (found,) = read(make_by_openssl(tmp_path, "ed25519", *access).read_bytes())
    assert (found.rsa_bits, found.weak_hash, found.has_issuer_address) == (0, "", True)
    assert found.names == found.addresses == found.permitted == ()


def test_a_chain_keeps_its_order(make: Make, tmp_path: Path) -> None:
    authority = make()
    authority.init(now=TODAY)
    text = Path(authority.certificate).read_bytes() + b"text\n" + Path(authority.authority).read_bytes()
    assert [one.is_authority for one in read(text)] == [False, True]
    assert [read(block)[0] for block in blocks(text)] == read(text)
    assert len(read(text * 20)) == len(blocks(text * 20)) == MAX_CHAIN


def test_what_is_no_certificate(make: Make) -> None:
    with pytest.raises(NotACertificate, match="no certificate in it"):
        read(b"-----BEGIN CERTIFICATE-----\n")
    with pytest.raises(NotACertificate):
        read(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")


@pytest.mark.parametrize(
    ("length", "reason"),
    [
        ("03", "ValueError"),
        ("8400000003", "ValueError"),
        ("850000000003", "length"),
        ("80", "length"),
        ("04", "too early"),
        ("81", "IndexError|too early"),
    ],
)
def test_lengths_of_der(length: str, reason: str) -> None:
    """What has a good one is no certificate for another reason: it is one number."""
    with pytest.raises(NotACertificate, match=reason):
        read(pem(bytes.fromhex(f"30{length}020101")))


def test_damage_raises_nothing_else(make: Make) -> None:
    authority = make()
    authority.init(now=TODAY)
    for path in (authority.certificate, authority.authority):
        (good,) = read(Path(path).read_bytes())
        chance = random.Random(7)
        refused = 0
        for _ in range(3000):
            der = bytearray(good.der)
            for _ in range(chance.randint(1, 3)):
                der[chance.randrange(len(der))] = chance.randrange(256)
            if chance.random() < 0.2:
                del der[chance.randrange(len(der)) :]
            try:
                read(pem(bytes(der)))
            except NotACertificate:
                refused += 1
        assert refused > 300


def pem(der: bytes) -> bytes:
    from base64 import encodebytes

    return b"-----BEGIN CERTIFICATE-----\n" + encodebytes(der) + b"-----END CERTIFICATE-----\n"
