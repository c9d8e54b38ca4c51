"""The Host header: what is valid in it, and whether it stands for this machine.

DNS rebinding: the owner of a site lets its name point at a device's address. To the browser that device is
then the site, and the site's page may send it requests and read the answers. The Host header of these
requests still has the site's name. Source: RFC 9110, sections 4.2.4 and 7.4 (421).
"""

from __future__ import annotations

import socket

_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-._")
_IPV6_CHARACTERS = frozenset("0123456789abcdef:.")


def split_host(value: str) -> tuple[str, str] | None:
    """Return the name, in lower case and without the final dot, and the port; None for an invalid host.

    >>> split_host("Board.Local.:8080"), split_host("[::1]"), split_host("a/../b@c")
    (('board.local', '8080'), ('::1', ''), None)
    """
    value = value.lower()
    if value.startswith("["):
        name, bracket, rest = value[1:].partition("]")
        good = bracket and name and _IPV6_CHARACTERS.issuperset(name)
    else:
        name, colon, port = value.partition(":")
        rest = colon + port
        name = name.removesuffix(".")
        good = name and _NAME_CHARACTERS.issuperset(name)
    port = rest[1:]
    if not good or (rest and (rest[0] != ":" or not port.isdecimal() or not port.isascii())):
        return None
    return name, port


class HostList:
    """The names that this machine answers to. Without `check` it answers to every name."""

    #: Maximum of accepted spellings to remember; clients may send any number of them.
    SIZE = 64

    def __init__(self, extra: tuple[str, ...], check: bool = True) -> None:
        self._extra = frozenset(name.lower().removesuffix(".") for name in extra)
        self._check = check
        self._own = _own_names()
        self._accepted: set[tuple[str, str]] = set()

    def accepts(self, value: str, local_address: str) -> bool:
        """Return whether a Host field stands for the address that the client connected to."""
        if (value, local_address) in self._accepted:
            return True
        parts = split_host(value)
        if parts is None or (self._check and not self._means_us(parts[0], local_address)):
            return False
        if len(self._accepted) < self.SIZE:
            self._accepted.add((value, local_address))
        return True

    def _means_us(self, name: str, local_address: str) -> bool:
        # The address that the client connected to is safe: unlike a name, it cannot be made to point here.
        if name == local_address or name in self._own or name in self._extra:
            return True
        self._own = _own_names()  # the machine may have been renamed
        return name in self._own


def _own_names() -> frozenset[str]:
    name = socket.gethostname().lower()
    short = name.partition(".")[0]
    return frozenset({"localhost", name, short, f"{short}.local"})
