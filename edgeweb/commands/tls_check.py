"""What a browser will say to a certificate, in the words of its owner, each with the next step.

Names, dates, keys and signatures are read from the certificate itself; `openssl verify` judges the chain with
the system's authorities and those given. openssl's texts differ between versions, its numbers do not.

Sources: openssl-verification-options(1), "Verification options"; x509_vfy.h for the numbers; Apple HT211025
and HT210176 for the longest lives.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from edgeweb.device.tls.certificate import Certificate, blocks, read

DAY = 86400

#: Days of the longest life that all browsers take from authorities that they know.
LONGEST = 398

#: Bits of the shortest RSA key that they take.
SHORTEST_RSA = 2048

#: Seconds for openssl, and for a server to answer.
PATIENCE = 30

#: Number of an error of `openssl verify` to a finding of `FINDINGS`.
_ERRORS = {
    **dict.fromkeys((2, 20, 21), "unknown"),
    18: "self-signed",
    19: "unknown",
    **dict.fromkeys((26, 79), "purpose"),
    **dict.fromkeys((47, 48, 49), "constraints"),
}

#: Finding to its line for people. {renew} is how the certificate is made again.
FINDINGS = {
    "expired": "{subject} expired on {end}: {renew}",
    "not-yet-valid": "{subject} is valid from {start} on: set the clock (timedatectl), or {renew}",
    "name": "the certificate is not for {name}, only for {names}: open one of these, or {rename}",
    "no-names": "the certificate has no names (subjectAltName), and browsers read no others: {renew}",
    "key": "the key in {key} does not fit the certificate: use the key that was made with it, or {renew}",
    "unknown": (
        "the authority {issuer} is not known here: import it on this device (http://DEVICE/tls explains how),"
        " or name its file with --authority"
    ),
    "incomplete": (
        "the chain is incomplete, {issuer} is missing: put its certificate behind the host's in the same file"
        " (fullchain.pem of certbot)"
    ),
    "self-signed": "it is signed by itself, which no browser takes: edgeweb tls init makes another one",
    "constraints": "{issuer} may not certify these names (its name constraints): {renew}, for others",
    "purpose": "it is not for servers (extended key usage): {renew}",
    "short-key": "the key of {subject} has {bits} bits of RSA, browsers want 2048: {renew}, with EC P-256",
    "weak-hash": "the signature of {subject} rests on {hash}, which browsers refuse: {renew}, with SHA-256",
    "long-life": "it is valid for {days} days, browsers take 398 at most: {renew}, for 397 days",
    "other": "openssl does not accept the chain ({text}): {renew}",
}


class CannotCheck(Exception):
    """There is nothing to check; the text has the next step."""


class Subject(NamedTuple):
    """A certificate to check, with what belongs to it."""

    #: The certificate of the host first, then those of its authorities, as PEM.
    chain: bytes
    #: Names and addresses that it has to be for.
    names: Sequence[str]
    #: Files with authorities that count as known.
    authorities: Sequence[str]
    #: The file of its key; empty: not checked.
    key: str = ""
    #: How it is made again, for people.
    renew: str = "make it again where it was made"
    rename: str = "have it made for that name, too"


def check(subject: Subject, now: float | None = None) -> list[str]:
    """Return a line for each thing that a browser refuses. Raises `CannotCheck`, `NotACertificate`."""
    chain = read(subject.chain)
    host = chain[0]
    moment = time.time() if now is None else now
    found = [*_names(subject, host), *_dates(chain, moment), *_strength(chain)]
    if subject.key and _public_key(subject.key) != _public_key(subject.chain):
        found.append(("key", {"key": subject.key}))
    found += _verify(subject, chain)
    values = {"renew": subject.renew, "rename": subject.rename}
    # an error of the chain may be one of each of its certificates
    return list(dict.fromkeys(FINDINGS[kind].format(**values, **more) for kind, more in found))


_Findings = Iterator[tuple[str, dict[str, object]]]


def _names(subject: Subject, host: Certificate) -> _Findings:
    names = (*host.names, *host.addresses)
    if not names:
        yield "no-names", {}
        return
    for name in subject.names:
        if not _covers(names, name.lower()):
            yield "name", {"name": name, "names": ", ".join(names)}


def _covers(names: Sequence[str], name: str) -> bool:
    """Return whether one of the names is this one, or has a `*` for its first part (RFC 6125, 6.4.3)."""
    packed = address(name)
    if packed:
        return any(address(one) == packed for one in names)
    return name in names or f"*.{name.partition('.')[2]}" in names


def address(text: str) -> bytes:
    """Return an IP address in bytes; nothing for a name."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            return socket.inet_pton(family, text)
        except OSError:
            continue
    return b""


def date(moment: float) -> str:
    """Return a moment as a date in UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime(moment))


def _dates(chain: list[Certificate], moment: float) -> _Findings:
    for one in chain:
        if moment > one.not_after:
            yield "expired", {"subject": one.title, "end": date(one.not_after)}
        elif moment < one.not_before:
            yield "not-yet-valid", {"subject": one.title, "start": date(one.not_before)}
    if chain[0].life > LONGEST * DAY:
        yield "long-life", {"days": -(-chain[0].life // DAY)}


def _strength(chain: list[Certificate]) -> _Findings:
    for one in chain:
        if 0 < one.rsa_bits < SHORTEST_RSA:
            yield "short-key", {"subject": one.title, "bits": one.rsa_bits}
        # no client reads the signature of what is trusted for itself
        if one.weak_hash and (one is chain[0] or not one.is_self_issued):
            yield "weak-hash", {"subject": one.title, "hash": one.weak_hash}


def _verify(subject: Subject, chain: list[Certificate]) -> _Findings:
    parts = blocks(subject.chain)
    with tempfile.TemporaryDirectory(prefix="edgeweb-") as folder:
        files = {"host": parts[0], "chain": b"".join(parts[1:]), "known": b""}
        for path in subject.authorities:
            with open(path, "rb") as file:
                files["known"] += file.read()
        for name, content in files.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)
        arguments = ["verify", "-no_check_time", "-purpose", "sslserver"]
        for option, name in (("-untrusted", "chain"), ("-CAfile", "known")):
            if files[name]:
                arguments += [option, os.path.join(folder, name)]
        done = openssl([*arguments, os.path.join(folder, "host")])
    for number, depth, text in re.findall(r"^error (\d+) at (\d+) depth lookup: *(.*)$", done.stderr, re.M):
        at = chain[min(int(depth), len(chain) - 1)]
        kind = _ERRORS.get(int(number), "other")
        if kind == "unknown" and len(chain) == 1 and at.has_issuer_address:
            # a browser may know the authority above the one that is missing
            kind = "incomplete"
        yield kind, {"issuer": at.issuer_title, "text": text}


def _public_key(source: str | bytes) -> str:
    """Return the public key of a key's file, or of a certificate."""
    if isinstance(source, bytes):
        done = openssl(["x509", "-noout", "-pubkey"], blocks(source)[0])
    else:
        # an empty password: openssl would ask a person for it
        done = openssl(["pkey", "-pubout", "-passin", "pass:", "-in", source])
        if done.returncode:
            raise CannotCheck(f"{source}: there is no key in it that can be read without a password")
    return done.stdout


def fetch(host: str, port: int) -> bytes:
    """Return the certificates that a server shows, as PEM. Raises `CannotCheck` with the next step."""
    shown = f"{host}:{port}"
    try:
        socket.create_connection((host, port), PATIENCE).close()
    except socket.gaierror as error:
        raise CannotCheck(f"{host}: no such name in this network: check it, or use the address") from error
    except OSError as error:
        raise CannotCheck(f"{shown} does not answer ({error.strerror or error}): check the port") from error
    arguments = ["s_client", "-connect", f"[{host}]:{port}" if ":" in host else shown, "-showcerts"]
    arguments += ["-noservername"] if address(host) else ["-servername", host]
    done = openssl(arguments, b"")
    if not blocks(done.stdout.encode()):
        raise CannotCheck(f"{shown} answers, but not with TLS: check the port, or open it as http://{shown}/")
    return done.stdout.encode()


def openssl(arguments: list[str], given: bytes = b"") -> subprocess.CompletedProcess[str]:
    """Run openssl. Raises `CannotCheck` where it is missing or does not end."""
    try:
        done = subprocess.run(
            ["openssl", *arguments], input=given, capture_output=True, timeout=PATIENCE, check=False
        )
    except FileNotFoundError as error:
        raise CannotCheck(
            "the program openssl is missing: install it (Debian: apt install openssl)"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise CannotCheck(f"openssl {arguments[0]} did not end within {PATIENCE} s: try again") from error
    output, errors = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, output, errors)
