r"""Other boards in the network, as avahi finds them by the type `_edgeweb._tcp`.

    $ avahi-browse -prt _edgeweb._tcp
    +;eth0;IPv4;greenhouse;_edgeweb._tcp;local
    =;eth0;IPv4;greenhouse;_edgeweb._tcp;local;greenhouse.local;192.168.1.20;80;"path=/api/v1"

A line with `=` is an address of a board: it has one for each interface and family. Anybody in the network can
announce a board with any name, so names are cleaned, and their number is bounded.

Source: avahi-browse(1); RFC 6763; `avahi_escape_label` for `\032` in names.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import NamedTuple

from .text import clean

Run = Callable[[list[str]], bytes]

TYPE = "_edgeweb._tcp"
BROWSE = ["avahi-browse", "-prt", TYPE]

#: Boards at most; a network that announces more is under attack, or has a list of its own.
MAX_BOARDS = 256
#: Characters of a name. Source: RFC 6763, section 4.1.1, has 63 bytes.
MAX_NAME = 63

_FIELDS = 9
_ESCAPED = re.compile(rb"\\(\d{3}|.)", re.ASCII)


class Board(NamedTuple):
    """One board: its name, and `host:port`."""

    name: str
    target: str


def boards(run: Run) -> list[Board]:
    """Return the boards that avahi knows, by name. Raises what `run` raises, and nothing else.

    >>> line = b'=;eth0;IPv4;shed\\\\032two;_edgeweb._tcp;local;shed.local;192.168.1.21;80;"path=/"'
    >>> boards(lambda arguments: line)
    [Board(name='shed two', target='192.168.1.21:80')]
    """
    best: dict[str, tuple[tuple[bool, bool], str]] = {}
    for line in run(BROWSE).splitlines():
        fields = line.split(b";", _FIELDS)
        if len(fields) < _FIELDS or fields[0] != b"=":
            continue
        name = clean(_ESCAPED.sub(_unescape, fields[3]), MAX_NAME)
        address = _address(fields[7], fields[8])
        if not name or address is None or (name not in best and len(best) >= MAX_BOARDS):
            continue
        best[name] = min(best.get(name, address), address)
    return [Board(name, target) for name, (_, target) in sorted(best.items())]


def _unescape(found: re.Match[bytes]) -> bytes:
    code = found[1]
    return bytes([int(code)]) if len(code) == 3 and int(code) < 256 else code


def _address(host: bytes, port: bytes) -> tuple[tuple[bool, bool], str] | None:
    """Return how far another machine gets with an address, the best first, and the address; None for none."""
    if not (port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536):
        return None
    try:
        address = ip_address(host.decode("ascii", "replace"))
    except ValueError:
        return None
    if address.is_link_local and address.version == 6:
        return None  # it counts together with an interface, which is another one for each machine
    shown = f"[{address}]" if address.version == 6 else str(address)
    return (address.is_loopback, address.version == 6), f"{shown}:{int(port)}"
