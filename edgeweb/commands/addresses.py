"""The addresses at which people can open what a server listens on.

A server on the wildcard address `0.0.0.0` or `::` listens on every address of the machine. A browser opens
neither of the two.
"""

from __future__ import annotations

from collections.abc import Sequence

from edgeweb.server.origin import is_loopback


def describe(urls: Sequence[str]) -> str:
    """Return the addresses for people on this machine, then those for the network where there are more.

    >>> describe(["http://127.0.0.1:8080/"])
    'http://127.0.0.1:8080/'

    For the wildcard address, e.g.: http://127.0.0.1:8080/ and, from the network, http://192.168.1.20:8080/
    """
    here, network, is_wildcard = _split(urls)
    text = " ".join(here)
    if network:
        text += f" and, from the network, {' '.join(network)}"
    elif is_wildcard:
        text += " and, as soon as there is a network, on all addresses of this machine"
    return text


def from_network(urls: Sequence[str]) -> list[str]:
    """Return those of the addresses that another machine can open, such as a phone, a wildcard's included."""
    here, network, _ = _split(urls)
    own = [url for url in here if "://" in url and not is_loopback(_split_url(url)[1])]
    return network + own


def _split(urls: Sequence[str]) -> tuple[list[str], list[str], bool]:
    """Return the addresses for this machine, the others, and whether one is a wildcard.

    Where avahi announces this machine, its name comes first of the others.
    """
    here: list[str] = []
    network: list[str] = []
    names: list[str] = []
    is_wildcard = False
    for url in urls:
        scheme, host, port = _split_url(url)
        if host in ("0.0.0.0", "[::]"):
            is_wildcard = True
            names += [name for one in _mdns_names() if (name := f"{scheme}://{one}:{port}") not in names]
        if host == "0.0.0.0":
            here.append(f"{scheme}://127.0.0.1:{port}")
            network += [f"{scheme}://{address}:{port}" for address in _addresses("ipv4")]
        elif host == "[::]":
            here.append(f"{scheme}://[::1]:{port}")
            network += [f"{scheme}://[{address}]:{port}" for address in _addresses("ipv6")]
        else:
            here.append(url)
    return here, (names + network if network else []), is_wildcard


def _split_url(url: str) -> tuple[str, str, str]:
    scheme, _, rest = url.partition("://")
    host, _, port = rest.rpartition(":")
    return scheme, host, port


def _mdns_names() -> list[str]:
    from ..device.system import addresses

    return addresses.mdns_names()


def _addresses(family: str) -> list[str]:
    """Return the addresses of this machine; a server for this machine alone does not import their code."""
    from ..device.system import addresses

    return addresses.ipv4_addresses() if family == "ipv4" else addresses.ipv6_addresses()
