"""The sockets that the server listens on: every address of every host, also one that is not there yet.

A device starts before its network. Four things follow for an address to listen on:

| the address                                | what happens                                              |
|--------------------------------------------|-----------------------------------------------------------|
| belongs to this machine                    | bound                                                     |
| belongs to no interface yet (DHCP, WiFi)   | bound all the same; the kernel serves it once it is there |
| has no number yet (a name, a link's zone)  | a thread tries again until it has one: `late.py`          |
| is of a family that this kernel lacks      | left out, if another address of the host is served        |

Each but the first is logged once. A port that is taken or not permitted is refused at the start: time does
not mend it.

`::` is every address of both families: one socket takes IPv4 as well, and the kernel writes such a client as
`::ffff:192.0.2.1`. Where the kernel has no IPv6, `::` is `0.0.0.0`.

Sources: ip(7), IP_FREEBIND; ipv6(7), IPV6_V6ONLY; RFC 4291, section 2.5.5.2; RFC 4007, section 11 (zones).
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Sequence
from typing import Any

from .log import logger

#: A socket address: host and port, for IPv6 with flow and zone.
Number = tuple[Any, ...]

EVERY_IPV6, EVERY_IPV4 = "::", "0.0.0.0"

# <linux/in.h> and <linux/in6.h>; Python has no names for them.
_FREEBIND = {socket.AF_INET: (socket.IPPROTO_IP, 15), socket.AF_INET6: (socket.IPPROTO_IPV6, 78)}

_WHAT_TO_DO = {
    errno.EADDRINUSE: "Another program listens there: stop it or choose another --port.",
    errno.EACCES: "Ports below 1024 need a socket unit, or CAP_NET_BIND_SERVICE: choose another --port.",
    errno.EAFNOSUPPORT: "This kernel has no IPv6: give an IPv4 address.",
    errno.EINVAL: "A link-local address needs its interface, as in fe80::1%eth0.",
}

# Of one address. Another address of the same host may be served.
_ONE_ADDRESS_ONLY = (errno.EAFNOSUPPORT, errno.EINVAL)


class AddressError(Exception):
    """An address that cannot be served on; the text is the reason and the next step."""


class NoNumber(Exception):
    """A host that the resolver does not know at this moment."""


def bind(hosts: Sequence[str], port: int, backlog: int = 64) -> tuple[list[socket.socket], list[str]]:
    """Return sockets that listen on every address of the hosts, and the hosts that have no address yet.

    The system chooses a port in place of 0. A host of `unix:/path` is a Unix socket.

    Raises `AddressError`: port taken, not permitted, or nothing that this machine can serve.
    """
    sockets: list[socket.socket] = []
    late: list[str] = []
    try:
        for host in _without_covered(hosts):
            try:
                sockets += bind_host(host, port, backlog)
            except NoNumber as error:
                late.append(host)
                logger.warning(
                    "cannot serve on %s yet: %s. It is served as soon as it is there; if it never will be,"
                    " correct server.host",
                    where(host, port),
                    error,
                )
    except AddressError:
        for sock in sockets:
            sock.close()
        raise
    return sockets, late


def where(host: str, port: int) -> str:
    """Return a host and a port as people write them.

    >>> where("::1", 80), where("[::1]", 80), where("board.local", 80)
    ('[::1]:80', '[::1]:80', 'board.local:80')
    """
    return f"[{host}]:{port}" if ":" in host and not host.startswith("[") else f"{host}:{port}"


def scheme_of(secured: bool) -> str:
    """Return the scheme of an address with TLS, or without."""
    return "https" if secured else "http"


def _without_covered(hosts: Sequence[str]) -> list[str]:
    """Return the hosts without those whose addresses a wildcard of the list has: each can be bound once.

    >>> _without_covered(["127.0.0.1", "::", "unix:/run/edgeweb.sock"])
    ['::', 'unix:/run/edgeweb.sock']
    """
    names = list(dict.fromkeys(host.strip("[]") for host in hosts))
    if EVERY_IPV6 in names:
        return [name for name in names if name == EVERY_IPV6 or name.startswith("unix:")]
    if EVERY_IPV4 in names:
        return [name for name in names if name == EVERY_IPV4 or not _is_ipv4(name)]
    return names


def _is_ipv4(name: str) -> bool:
    try:
        socket.inet_aton(name)
    except OSError:
        return False
    return True


def bind_host(host: str, port: int, backlog: int) -> list[socket.socket]:
    """Return sockets for every address of a host. Raises `NoNumber`, and as `bind`."""
    if host.startswith("unix:"):
        return [_bind_path(host.removeprefix("unix:"), backlog)]
    if host == EVERY_IPV6:
        return [_bind_everything(port, backlog)]
    sockets: list[socket.socket] = []
    faults: list[str] = []
    for family, address in _numbers(host, port):
        try:
            sockets.append(_bind_number(family, address, backlog))
        except OSError as error:
            code = error.errno or 0
            hint = _WHAT_TO_DO.get(code, "Give an address of this machine with --host.")
            fault = f"cannot serve on {where(str(address[0]), port)}: {os.strerror(code)}. {hint}"
            faults.append(fault)
            if code not in _ONE_ADDRESS_ONLY:
                for sock in sockets:
                    sock.close()
                raise AddressError(fault) from error
    if not sockets:
        raise AddressError(" ".join(faults))
    for fault in faults:
        logger.warning("%s %s is served on its other addresses", fault, host)
    return sockets


def _numbers(host: str, port: int) -> list[tuple[socket.AddressFamily, Number]]:
    """Return families and socket addresses of a host, each once. Raises `NoNumber`."""
    # As bytes, because a str goes through the IDNA codec, which brings in a megabyte of Unicode tables.
    name = host.encode("ascii" if host.isascii() else "idna")
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise NoNumber(error.strerror) from error
    return list(dict.fromkeys((family, tuple(address)) for family, *_, address in found))


def _bind_number(family: socket.AddressFamily, address: Number, backlog: int) -> socket.socket:
    try:
        return _listen(family, address, backlog)
    except OSError as error:
        if error.errno != errno.EADDRNOTAVAIL:
            raise
    sock = _listen(family, address, backlog, early=True)
    logger.warning(
        "%s is no address of this machine yet. It is served as soon as it is; if it never will be, correct"
        " server.host",
        where(str(address[0]), int(address[1])),
    )
    return sock


def _bind_everything(port: int, backlog: int) -> socket.socket:
    try:
        return _listen(socket.AF_INET6, (EVERY_IPV6, port), backlog, both=True)
    except OSError as error:
        if error.errno not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
            text = os.strerror(error.errno or 0)
            hint = _WHAT_TO_DO.get(error.errno or 0, "")
            raise AddressError(f"cannot serve on {where(EVERY_IPV6, port)}: {text}. {hint}") from error
    logger.warning("this machine has no IPv6: serving on every IPv4 address (0.0.0.0) in place of ::")
    return bind_host(EVERY_IPV4, port, backlog)[0]


def _listen(
    family: socket.AddressFamily,
    address: Number,
    backlog: int,
    *,
    early: bool = False,
    both: bool = False,
) -> socket.socket:
    """Return a listening socket.

    `early`: also on an address that no interface has yet. `both`: of IPv6, for clients of IPv4 as well.
    """
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not both)
        if early:
            sock.setsockopt(*_FREEBIND[family], 1)
        sock.bind(address)
        sock.listen(backlog)
    except OSError:
        sock.close()
        raise
    return sock


def takes_both(sock: socket.socket) -> bool:
    """Return whether a socket of IPv6 takes clients of IPv4 as well, also one that systemd has bound."""
    if sock.family != socket.AF_INET6 or sock.getsockname()[0] != EVERY_IPV6:
        return False
    return not sock.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)


def _bind_path(path: str, backlog: int) -> socket.socket:
    remove_unix_socket(f"unix:{path}")
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.bind(path)
        os.chmod(path, 0o660)  # for the group of a proxy
        sock.listen(backlog)
    except OSError as error:
        sock.close()
        raise AddressError(
            f"cannot serve on {path}: {os.strerror(error.errno or 0)}. Give a path in a folder of this user, "
            "where no other server listens."
        ) from error
    return sock


def remove_unix_socket(host: str) -> None:
    """Remove the socket of a server that has ended. One that a server listens on stays."""
    path = host.removeprefix("unix:")
    if path == host:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
        except OSError:
            pass
