"""Keys and certificates by the program `openssl`, 3.0 and later.

`openssl ca` issues: it alone takes a first and a last moment in every version (`req -not_before` came with
3.4). It wants files: a configuration, an empty database, a request. They lie in a folder of the caller,
which is for this user only, and nothing that is kept is read from there before the next step has checked
it.

Sources: openssl-ca(1), openssl-req(1), x509v3_config(5), config(5).
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Sequence

from ..errors import DeviceError
from ..system.command import CommandError
from . import names

Run = Callable[[Sequence[str], float], bytes]

#: Seconds for one call: a board with ARMv6 takes two to start the program.
PATIENCE = 60.0

#: Files of a work folder.
_CONFIG, _KEY, _REQUEST, _ISSUED, _DATABASE = (
    "openssl.cnf",
    "key.pem",
    "request.pem",
    "issued.pem",
    "index.txt",
)

_CONFIGURATION = """\
[ca]
default_ca = own
[own]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = policy
unique_subject = no
[policy]
organizationName = optional
commonName = supplied
[req]
prompt = no
default_md = sha256
string_mask = utf8only
distinguished_name = subject
[subject]
organizationName = edgeweb
commonName = {title}
[extensions]
subjectKeyIdentifier = hash
"""

_AUTHORITY = """\
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
nameConstraints = critical, @permitted
[permitted]
"""

_HOST = """\
authorityKeyIdentifier = keyid
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = @names
[names]
"""


class OpenSSLError(DeviceError):
    """The program failed or is missing; the text has the next step."""

    key = "system-refused"


def make_authority(
    run: Run, folder: str, title: str, permitted: Sequence[str], moments: tuple[int, int]
) -> bytes:
    """Return the key and certificate of an authority that signs itself, as PEM.

    `folder` is an empty folder for this user only; `permitted` are the DNS names that it may certify;
    `moments` are the first and the last of its life. Raises `OpenSSLError` or `OSError`.
    """
    rows = [f"permitted;DNS.{number} = {name}" for number, name in enumerate(permitted)]
    rows += [f"permitted;IP.{number} = {network}" for number, network in enumerate(names.NETWORKS)]
    key = _make_key(run, folder, title, _AUTHORITY + "\n".join(rows))
    issued = issue(run, folder, moments, "-selfsign", "-keyfile", os.path.join(folder, _KEY))
    return key + issued


def make_host(
    run: Run, folder: str, authority: str, sans: tuple[Sequence[str], Sequence[str]], moments: tuple[int, int]
) -> bytes:
    """Return a new key and its certificate for names and addresses, as PEM.

    `authority` is the file with the authority's key and certificate. What is returned is verified by
    openssl, its name constraints included. Raises `OpenSSLError` or `OSError`.
    """
    rows = [f"DNS.{number} = {name}" for number, name in enumerate(sans[0])]
    rows += [f"IP.{number} = {address}" for number, address in enumerate(sans[1])]
    key = _make_key(run, folder, sans[0][0][:64], _HOST + "\n".join(rows))
    issued = issue(run, folder, moments, "-cert", authority, "-keyfile", authority)
    # now, while the old pair is in place: no clock is asked, because it may be wrong
    checks = ["-no_check_time", "-x509_strict", "-purpose", "sslserver"]
    call(run, "verify", *checks, "-no-CApath", "-CAfile", authority, os.path.join(folder, _ISSUED))
    return key + issued


def call(run: Run, *arguments: str) -> bytes:
    """Run openssl; return its output. Raises `OpenSSLError` with the next step."""
    try:
        return run(["openssl", *arguments], PATIENCE)
    except CommandError as error:
        if str(error).endswith(os.strerror(2)):
            reason = "the program openssl is missing: install it (Debian: apt install openssl)"
            raise OpenSSLError(reason) from error
        raise OpenSSLError(
            f"openssl {arguments[0]} failed ({error}): try openssl version, and edgeweb tls init"
        ) from error


def _make_key(run: Run, folder: str, title: str, extensions: str) -> bytes:
    """Make a key with a request for its certificate; return the key."""
    config = _CONFIGURATION.format(folder=_escaped(folder), title=title) + extensions + "\n"
    for name, content in ((_CONFIG, config), (_DATABASE, "")):
        with open(os.path.join(folder, name), "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(content)
    key, request = os.path.join(folder, _KEY), os.path.join(folder, _REQUEST)
    call(
        run,
        *("req", "-new", "-config", os.path.join(folder, _CONFIG), "-out", request),
        *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key),
    )
    with open(key, "rb") as file:
        return file.read()


def issue(run: Run, folder: str, moments: tuple[int, int], *signer: str) -> bytes:
    """Have the request of a folder signed, by a signer given as options of `openssl ca`; return PEM."""
    first, last = (time.strftime("%Y%m%d%H%M%SZ", time.gmtime(moment)) for moment in moments)
    issued = os.path.join(folder, _ISSUED)
    call(
        run,
        *("ca", "-batch", "-notext", "-config", os.path.join(folder, _CONFIG), "-extensions", "extensions"),
        *(
            "-in",
            os.path.join(folder, _REQUEST),
            "-out",
            issued,
            *signer,
            "-startdate",
            first,
            "-enddate",
            last,
        ),
    )
    with open(issued, "rb") as file:
        return file.read()


def _escaped(path: str) -> str:
    """Return a path as a value of the configuration, where `$` is a variable and `#` a comment."""
    return re.sub(r"([^\w./-])", r"\\\1", path, flags=re.ASCII)
