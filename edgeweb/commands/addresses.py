"""The addresses at which people can open what a server listens on.

A server on the wildcard address `0.0.0.0` or `::` listens on every address of the machine. A browser opens
neither of the two.
"""

from __future__ import annotations

from collections.abc import Sequence


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
            network += [f"http://{address}:{port}" for address in _addresses("ipv4")]
        elif host == "[::]":
            is_wildcard = True
            here.append(f"http://[::1]:{port}")
            network += [f"http://[{address}]:{port}" for address in _addresses("ipv6")]
        else:
            here.append(url)
    text = " ".join(here)
    if network:
        text += f" and, from the network, {' '.join(network)}"
    elif is_wildcard:
        text += " and, as soon as there is a network, on all addresses of this machine"
    return text


def _addresses(family: str) -> list[str]:
    """Return the addresses of this machine; a server for this machine alone does not import their code."""
    from ..device.system import addresses

    return addresses.ipv4_addresses() if family == "ipv4" else addresses.ipv6_addresses()
