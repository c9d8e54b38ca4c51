"""`edgeweb tls`: a certificate by an authority of the device's own, and what a browser will say to one.

The authority can speak for this device, for names that end in .local and for private addresses only; its key
never leaves the device. Import its certificate on your phones and computers once: the page /tls of the device
explains how. Call it as the user of the service, for example
`sudo -u edgeweb env STATE_DIRECTORY=/var/lib/edgeweb edgeweb tls init`.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence

from edgeweb.device.config.errors import ProfileError
from edgeweb.device.config.profile import load
from edgeweb.device.device import state_folder
from edgeweb.device.errors import DeviceError
from edgeweb.device.storage import recovery, reset
from edgeweb.device.tls.authority import Authority
from edgeweb.device.tls.certificate import NotACertificate, read

from .tls_check import CannotCheck, Subject, check, date, fetch

#: What `check` of another machine, or of files, may be given.
_TARGET = "HOST[:PORT]|CERTIFICATE"

_PORT = 443


def main(argv: Sequence[str]) -> int:
    """Run `edgeweb tls ...`.

    Return 0; 1 where `check` has found something; 2 after a line on stderr where it cannot be done.
    """
    options = make_parser().parse_args(argv)
    try:
        code: int = options.run(options)
    except (CannotCheck, DeviceError, ProfileError) as error:
        print(f"edgeweb tls: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"edgeweb tls: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    return code


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="edgeweb tls", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    text = "make the authority and the certificate, or what is missing of them"
    added = commands.add_parser("init", help=text)
    _add_name(added, "a further name of this device, in place of those given before; can be repeated")
    added.add_argument(
        "--new-authority",
        action="store_true",
        help="make another authority, which has to be imported on all phones and computers again",
    )
    _add_profile(added)
    added.set_defaults(run=_init)

    text = "make the certificate again where it is due: by its age, or for another name or address"
    added = commands.add_parser("renew", help=text)
    _add_profile(added)
    added.set_defaults(run=_renew)

    text = "show what a browser will say to this device, to another one or to files"
    added = commands.add_parser("check", help=text)
    text = "a server, or a file; without: this device's own certificate"
    added.add_argument("target", nargs="?", metavar=_TARGET, help=text)
    added.add_argument("key", nargs="?", metavar="KEY", help="the file of the certificate's key")
    _add_name(added, "a name that it has to be for; can be repeated")
    text = "a file with an authority that browsers know; can be repeated"
    added.add_argument("--authority", action="append", default=[], metavar="CA_FILE", help=text)
    _add_profile(added)
    added.set_defaults(run=_check)
    return parser


def _add_name(parser: argparse.ArgumentParser, text: str) -> None:
    parser.add_argument("--name", action="append", default=[], help=text)


def _add_profile(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--profile", default="generic-linux", help="the board's profile, for storage.state")


def _authority(options: argparse.Namespace) -> Authority:
    folder = state_folder(load(options.profile))
    if not folder:
        raise CannotCheck(
            "the profile keeps the state in memory, and an authority has to stay:"
            " name a folder for storage.state"
        )
    reset.check(folder)
    return Authority(os.path.join(folder, recovery.TLS))


def _init(options: argparse.Namespace) -> int:
    authority = _authority(options)
    is_new = authority.init(options.name, replace=options.new_authority)
    print(f"{'made' if is_new else 'nothing was missing'}: {authority.certificate}")
    _show(authority)
    print("next: import the authority on your phones and computers; http://DEVICE/tls explains how")
    return 0


def _renew(options: argparse.Namespace) -> int:
    authority = _authority(options)
    if not authority.exists:
        raise CannotCheck("this device has no authority: make one with edgeweb tls init")
    if authority.renew_if_due(time.time()):
        print("renewed: a running server takes it up with systemctl reload edgeweb")
    else:
        print("nothing is due")
    _show(authority)
    return 0


def _show(authority: Authority) -> None:
    """Print what people need of it: names, dates, and the fingerprint to compare."""
    found = authority.describe()
    if found is None or found.host is None:
        return
    print(f"names: {', '.join((*found.host.names, *found.host.addresses))}")
    for name in found.left_out:
        print(f"not {name}: the authority was made without it; --new-authority makes another one")
    print(f"valid until: {date(found.host.not_after)}, made again in time; the authority until", end=" ")
    print(date(found.authority.not_after))
    print(f"authority: {found.authority.title}")
    print(f"SHA-256: {found.authority.fingerprint}")


def _check(options: argparse.Namespace) -> int:
    if options.target is None:
        subject = _own(options)
    elif options.key is not None or os.path.isfile(options.target):
        subject = _files(options)
    else:
        subject = _server(options)
    try:
        chain = read(subject.chain)
        found = check(subject)
    except NotACertificate as error:
        raise CannotCheck(f"{options.target or 'the certificate'}: {error}: name a file in PEM") from error
    host = chain[0]
    days = f"{date(host.not_before)} to {date(host.not_after)}"
    print(f"certificate: {host.title}, by {host.issuer_title}, {days}")
    print(f"names: {', '.join((*host.names, *host.addresses)) or 'none'}")
    for line in found:
        print(line)
    if not found:
        print("a browser that knows the authority will show no warning")
    return 1 if found else 0


def _own(options: argparse.Namespace) -> Subject:
    authority = _authority(options)
    described = authority.describe()
    if described is None:
        raise CannotCheck("this device has no certificate of its own: make one with edgeweb tls init")
    print(f"authority: {described.authority.title}")
    print(f"SHA-256: {described.authority.fingerprint}")
    try:
        with open(authority.certificate, "rb") as file:
            chain = file.read()
    except FileNotFoundError:
        raise CannotCheck(f"{authority.certificate} is missing: make it with edgeweb tls init") from None
    return Subject(
        chain,
        [*authority.names(), *options.name],
        [authority.authority, *options.authority],
        authority.key,
        "edgeweb tls init makes it again",
        "edgeweb tls init --name NAME adds it",
    )


def _files(options: argparse.Namespace) -> Subject:
    with open(options.target, "rb") as file:
        chain = file.read()
    key = options.key or (options.target if b"PRIVATE KEY-----" in chain else "")
    if not key:
        raise CannotCheck(f"{options.target}: name its key, too: edgeweb tls check CERTIFICATE KEY")
    # a wrong path is a fault of the call, not of the certificate
    with open(key, "rb"):
        pass
    return Subject(chain, options.name, options.authority, key)


def _server(options: argparse.Namespace) -> Subject:
    host, port = split(options.target)
    known = list(options.authority)
    try:
        own = _authority(options)
        if os.path.exists(own.authority):
            known.append(own.authority)
    except (CannotCheck, DeviceError, ProfileError):
        pass  # another machine's server can be checked without a state of this one
    return Subject(fetch(host, port), [host, *options.name], known)


def split(target: str) -> tuple[str, int]:
    """Return host and port of HOST, HOST:PORT, [IPV6]:PORT or an https address. Raises `CannotCheck`.

    >>> split("board.local"), split("https://[fd00::7]:8443/tls"), split("fd00::7")
    (('board.local', 443), ('fd00::7', 8443), ('fd00::7', 443))
    """
    text = target.removeprefix("https://").partition("/")[0]
    host, port = text, ""
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        port = port.removeprefix(":")
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    if not host or (port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536)):
        raise CannotCheck(f"{target}: expected HOST, HOST:PORT or the file of a certificate")
    return host, int(port or _PORT)
