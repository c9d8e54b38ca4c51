"""The Host header: what is valid in it, and whether it stands for this machine.

DNS rebinding: the owner of a site lets its name point at a device's address. To the browser that device is
then the site, and the site's page may send it requests and read the answers. The Host header of these
requests still has the site's name. Source: RFC 9110, sections 4.2.4 and 7.4 (421).
"""

from __future__ import annotations

import re
import socket

_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-._")
_MAX_PORT = 65_535
_IPV6_CHARACTERS = frozenset("0123456789abcdef:.")
# Patterns are compiled when they are used first: few servers need them, and each costs the start.

# Of the zone behind an IPv6 address, with the percent sign in front of it (RFC 6874).
_ZONE = r"%[a-z0-9._~%-]{1,40}(?=])"

#: Domains that routers of homes and companies give to their network. Nobody can register a name below them;
#: fritz.box is the router maker's. Sources: RFC 8375 (home.arpa); RFC 6762, appendix G; ICANN, resolution
#: 2024.07.29.06 (internal).
_LOCAL_DOMAINS = frozenset(
    {
        "corp",
        "fritz.box",
        "home",
        "home.arpa",
        "internal",
        "intranet",
        "lan",
        "local",
        "localdomain",
        "private",
    }
)

#: avahi's name for this machine where another one has the first: `board-2.local`.
_CONFLICT = r"-[1-9]\d?"

#: Seconds for which an accepted host counts without another look at this machine's names.
_REMEMBERED = 60.0

# Address of the machine's own name in /etc/hosts, as Debian writes it.
_OWN_ADDRESS = "127.0.1.1"

# Bytes of resolv.conf and hosts that are read, and search domains that count.
_FILE_BYTES = 16_384
_MAX_SEARCH_DOMAINS = 32


def split_host(value: str) -> tuple[str, str] | None:
    """Return the name, in lower case and without the final dot, and the port; None for an invalid host.

    >>> split_host("Board.Local.:8080"), split_host("[::1]"), split_host("a/../b@c"), split_host("a:65536")
    (('board.local', '8080'), ('::1', ''), None, None)
    """
    value = value.lower()
    if value.startswith("["):
        name, bracket, rest = value[1:].partition("]")
        good = bracket and ":" in name and _IPV6_CHARACTERS.issuperset(name)
    else:
        name, colon, port = value.partition(":")
        rest = colon + port
        name = name.removesuffix(".")
        good = name and _NAME_CHARACTERS.issuperset(name)
    port = rest[1:]
    if not good or (rest and rest[0] != ":") or (port and not _is_port(port)):
        return None
    return name, port


def _is_port(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) <= 5 and int(text) <= _MAX_PORT


def without_zone(value: str) -> str:
    """Return a Host field without the zone of a link-local address, which means something to its client only.

    >>> without_zone("[fe80::1%25eth0]:8080"), without_zone("board%eth0")
    ('[fe80::1]:8080', 'board%eth0')
    """
    return re.sub(_ZONE, "", value.lower(), count=1) if value.startswith("[") and "%" in value else value


class HostList:
    """The names that this machine answers to. Without `check` it answers to every name.

    Its own names are those at the moment of the question: a machine is renamed, and moves to another network,
    while the server runs.
    """

    #: Maximum of accepted spellings to remember; clients may send any number of them.
    SIZE = 64

    def __init__(self, extra: tuple[str, ...], check: bool = True) -> None:
        self._extra = frozenset(name.lower().removesuffix(".") for name in extra)
        self._check = check
        self._accepted: set[tuple[str, str]] = set()
        self._forgets_at = 0.0
        #: Grows when what was accepted is forgotten.
        self.generation = 1

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

    def forget(self, now: float) -> None:
        """Forget once a minute what was accepted, since a name may be another machine's by now."""
        if now >= self._forgets_at:
            self._forgets_at = now + _REMEMBERED
            self._accepted.clear()
            self.generation += 1

    def _means_us(self, name: str, local_address: str) -> bool:
        # The address that the client connected to is safe: unlike a name, it cannot be made to point here.
        if name == local_address or name in self._extra or is_own_name(name):
            return True
        number = _packed(name) if ":" in name else None
        return number is not None and number == _packed(local_address)


def is_own_name(name: str) -> bool:
    """Return whether a name, in lower case, is this machine's own.

    Below a domain of the local network only the machine's own first label is its own: a page of a stranger is
    at no such name, so that DNS rebinding stays impossible.
    """
    own = socket.gethostname().lower()
    if name in ("localhost", own):
        return True
    short = own.partition(".")[0]
    first, _, domain = name.partition(".")
    if not short:
        return False
    if first == short and (not domain or domain in _LOCAL_DOMAINS or domain in search_domains()):
        return True
    conflict = first.removeprefix(short)
    if domain == "local" and conflict != first and re.fullmatch(_CONFLICT, conflict):
        return True
    return name in names_in_hosts_file()


def is_local_name(name: str) -> bool:
    """Return whether a name, in lower case, is of the local network: nobody can register it.

    >>> is_local_name("board.fritz.box"), is_local_name("board"), is_local_name("lan.example")
    (True, True, False)
    """
    domain = name.partition(".")[2]
    return ":" not in name and (not domain or domain in _LOCAL_DOMAINS)


def search_domains(file: str = "/etc/resolv.conf") -> frozenset[str]:
    """Return the domains in which this machine's resolver looks for short names.

    A domain of one label counts among `_LOCAL_DOMAINS` only: below `com` anyone can have a name. Source:
    resolv.conf(5), "search" and "domain"; the last of them counts.
    """
    found: list[str] = []
    for keyword, *domains in _words(file):
        if keyword in ("search", "domain"):
            found = domains[:_MAX_SEARCH_DOMAINS]
    return frozenset(name for name in (each.strip(".").lower() for each in found) if "." in name)


def names_in_hosts_file(file: str = "/etc/hosts") -> frozenset[str]:
    """Return the names that the administrator has given to this machine: those of 127.0.1.1.

    Not those of 127.0.0.1, below which lists of advertisers stand, who own their names. Source: Debian
    reference, 5.1.1, "The hostname resolution".
    """
    return frozenset(
        name.lower().removesuffix(".")
        for address, *names in _words(file)
        if address == _OWN_ADDRESS
        for name in names
    )


def _words(file: str) -> list[list[str]]:
    """Return the words of each line that has any, without the comments. Empty where it cannot be read."""
    try:
        with open(file, encoding="ascii", errors="replace") as lines:
            text = lines.read(_FILE_BYTES)
    except OSError:
        return []
    return [words for line in text.splitlines() if (words := line.partition("#")[0].split())]


def _packed(address: str) -> bytes | None:
    try:
        return socket.inet_pton(socket.AF_INET6, address)
    except OSError:
        return None
