"""The IP addresses of this machine at the moment: they come and go with its networks.

Every function returns what can be read and raises nothing: a kernel without IPv6, a table that cannot be read
and a line that is none mean no address. Sources: netdevice(7); proc_net(5), "/proc/net/if_inet6".
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator

from .source import read_file

#: The kernel's table of IPv6 addresses: address, interface, prefix length, scope, flags, name.
IF_INET6 = "/proc/net/if_inet6"

#: Is there while avahi runs.
AVAHI = "/run/avahi-daemon/socket"

#: Asks for the IPv4 address of a network interface (linux/sockios.h); the question and the answer are a
#: `struct ifreq`: 16 bytes of name, then a `struct sockaddr_in` with the address in its fifth to eighth byte.
_SIOCGIFADDR = 0x8915
_IFREQ_SIZE = 40
_ADDRESS = slice(20, 24)

#: The scope of an address that is valid beyond one link.
_GLOBAL = "00"

#: The flag of an address that the kernel gives up after a day (IFA_F_TEMPORARY of linux/if_addr.h).
_TEMPORARY = 0x01

#: First bytes of the private IPv4 networks of RFC 1918 and of the link-local one of RFC 3927: first byte, and
#: the second ones.
_PRIVATE = {10: range(256), 172: range(16, 32), 192: range(168, 169), 169: range(254, 255)}

#: Interfaces and lines of the table that are read at most: a host of containers has hundreds.
MAX_ADDRESSES = 256


def mdns_names() -> list[str]:
    """Return this machine's name in the local network, where avahi announces it: `["board.local"]`.

    Avahi gives it another number after a conflict, which only its own interface tells.
    """
    name = socket.gethostname().partition(".")[0].lower()
    return [f"{name}.local"] if name and os.path.exists(AVAHI) else []


def ipv4_addresses() -> list[str]:
    """Return the first IPv4 address of each network interface, without those of this machine alone."""
    from fcntl import ioctl  # for a page that is rarely looked at

    found = []
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            for _, name in socket.if_nameindex()[:MAX_ADDRESSES]:
                try:
                    answer = ioctl(probe, _SIOCGIFADDR, name.encode().ljust(_IFREQ_SIZE, b"\0"))
                except (OSError, ValueError):
                    continue  # it has none
                address = socket.inet_ntoa(answer[_ADDRESS])
                if not address.startswith("127."):
                    found.append(address)
    except OSError:  # no IPv4, or no descriptor left
        pass
    return found


def ipv6_addresses(path: str = "") -> list[str]:
    """Return the IPv6 addresses that are valid beyond one link."""
    rows = _ipv6_rows(path or IF_INET6)
    return [socket.inet_ntop(socket.AF_INET6, address) for address, scope, _ in rows if scope == _GLOBAL]


def private_addresses(path: str = "") -> list[str]:
    """Return the addresses that mean this machine in its own networks only, IPv4 first.

    Those of IPv6 are of fc00::/7, without temporary ones. Sources: RFC 1918, RFC 3927, RFC 4193.
    """
    found = []
    for address in ipv4_addresses():
        first, second = map(int, address.split(".")[:2])
        if second in _PRIVATE.get(first, ()):
            found.append(address)
    for packed, scope, flags in _ipv6_rows(path or IF_INET6):
        if scope == _GLOBAL and packed[0] & 0xFE == 0xFC and not flags & _TEMPORARY:
            found.append(socket.inet_ntop(socket.AF_INET6, packed))
    return found


def ipv6_networks(path: str = "") -> frozenset[str]:
    """Return the IPv6 networks of 64 bits that this machine has an address in, as `2001:db8:1:2`."""
    return frozenset(
        ":".join(f"{int.from_bytes(address[at : at + 2], 'big'):x}" for at in (0, 2, 4, 6))
        for address, _, _ in _ipv6_rows(path or IF_INET6)
    )


def _ipv6_rows(path: str) -> Iterator[tuple[bytes, str, int]]:
    """Yield address, scope and flags of each line of the kernel's table."""
    try:
        lines = read_file(path).decode("ascii", "replace").splitlines()
    except OSError:  # a kernel without IPv6
        return
    for line in lines[:MAX_ADDRESSES]:
        fields = line.split()
        if len(fields) >= 4 and re.fullmatch("[0-9a-f]{32}", fields[0]):
            flags = fields[4] if len(fields) > 4 else ""
            is_number = re.fullmatch("[0-9a-f]{1,8}", flags)
            yield bytes.fromhex(fields[0]), fields[3], int(flags, 16) if is_number else 0
