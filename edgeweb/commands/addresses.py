"""The addresses at which people can open what a server listens on.

A server on the wildcard address `0.0.0.0` or `::` listens on every address of the machine. A browser opens
neither of the two.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from fcntl import ioctl

#: Asks for the IPv4 address of a network interface (linux/sockios.h); the question and the answer are a
#: `struct ifreq`: 16 bytes of name, then a `struct sockaddr_in` with the address in its fifth to eighth byte.
_SIOCGIFADDR = 0x8915
_IFREQ_SIZE = 40
_ADDRESS = slice(20, 24)


def describe(urls: Sequence[str]) -> str:
    """Return the addresses for people on this machine, then those for the network where there are more.

    >>> describe(["http://127.0.0.1:8080/"])
    'http://127.0.0.1:8080/'

    For the wildcard address, e.g.: http://127.0.0.1:8080/ and, from the network, http://192.168.1.20:8080/
    """
    here: list[str] = []
    network: list[str] = []
    is_wildcard = False
    for url in urls:
        host, _, port = url.removeprefix("http://").rpartition(":")
        if host == "0.0.0.0":
            is_wildcard = True
            here.append(f"http://127.0.0.1:{port}")
            network += [f"http://{address}:{port}" for address in ipv4_addresses()]
        elif host == "[::]":
            is_wildcard = True
            here.append(f"http://[::1]:{port}")
            network += [f"http://[{address}]:{port}" for address in ipv6_addresses()]
        else:
            here.append(url)
    text = " ".join(here)
    if network:
        text += f" and, from the network, {' '.join(network)}"
    elif is_wildcard:
        text += " and, as soon as there is a network, on all addresses of this machine"
    return text


def ipv4_addresses() -> list[str]:
    """Return the first IPv4 address of each network interface, without those of this machine alone.

    Source: netdevice(7).
    """
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            try:
                answer = ioctl(probe, _SIOCGIFADDR, name.encode().ljust(_IFREQ_SIZE, b"\0"))
            except OSError:
                continue  # It has none.
            address = socket.inet_ntoa(answer[_ADDRESS])
            if not address.startswith("127."):
                found.append(address)
    return found


def ipv6_addresses() -> list[str]:
    """Return the IPv6 addresses that are valid beyond one link.

    Source: proc_net(5), "/proc/net/if_inet6"; a scope of 0 is a global address.
    """
    try:
        with open("/proc/net/if_inet6") as file:
            fields = [line.split() for line in file]
    except FileNotFoundError:
        return []  # This kernel has no IPv6.
    return [socket.inet_ntop(socket.AF_INET6, bytes.fromhex(each[0])) for each in fields if each[3] == "00"]
