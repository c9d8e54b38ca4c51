"""The names that a device's certificate is for, and those that its authority may certify.

A name constraint permits a name *and all names below it* (RFC 5280, section 4.2.1.10). Permitting the bare
name of a device called "garden" or "dev" would therefore permit all of that top-level domain, and who
steals the key of the authority could stand between its owner and any such site. A top-level domain is
letters only, or begins with "xn--" (RFC 3696, section 2): a bare name with a digit or a hyphen is none,
today and later. Others are left out; `garden.local` and the addresses of the device are in any case
permitted.
"""

from __future__ import annotations

import re

from ..errors import DeviceError

#: Permitted to every authority: names of multicast DNS (RFC 6762), and the device itself.
LOCAL = ("local", "localhost")

#: Networks that every authority may certify, as openssl writes them: private, link-local, and the device
#: itself. Sources: RFC 1918, RFC 3927, RFC 4193, RFC 4291, RFC 1122.
NETWORKS = (
    "10.0.0.0/255.0.0.0",
    "172.16.0.0/255.240.0.0",
    "192.168.0.0/255.255.0.0",
    "169.254.0.0/255.255.0.0",
    "127.0.0.0/255.0.0.0",
    "FE80:0:0:0:0:0:0:0/FFC0:0:0:0:0:0:0:0",
    "FC00:0:0:0:0:0:0:0/FE00:0:0:0:0:0:0:0",
    "0:0:0:0:0:0:0:1/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF",
)

#: Addresses of the device itself, in every certificate.
LOOPBACK = ("127.0.0.1", "::1")

#: Names and addresses of a certificate: a host of containers has hundreds of networks.
MAX_NAMES = 32
MAX_ADDRESSES = 64

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


class BadName(DeviceError):
    """A name that no certificate of the device's authority can have."""

    key = "system-refused"


def is_name(text: str) -> bool:
    """Return whether a text is a DNS name, in lower case and ASCII.

    >>> is_name("greenhouse.local"), is_name("192.168.1.20"), is_name("küche")
    (True, False, False)
    """
    labels = text.split(".")
    return len(text) <= 253 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()


def could_be_top_level(name: str) -> bool:
    """Return whether a name could be a top-level domain, now or later.

    >>> could_be_top_level("garden"), could_be_top_level("board-2"), could_be_top_level("garden.lan")
    (True, False, False)
    """
    return "." not in name and (name.isalpha() or name.startswith("xn--"))


def checked(name: str) -> str:
    """Return a name that a person has given as a certificate has it. Raises `BadName` with the next step."""
    found = name.strip().rstrip(".").lower()
    if not is_name(found):
        if found.replace(".", "").isdigit() or ":" in found:
            raise BadName(
                f"{name}: an address is no name: the private addresses of the device are in it anyway"
            )
        raise BadName(f"{name}: a name has letters a to z, digits and hyphens, and dots between its parts")
    if could_be_top_level(found) and found not in LOCAL[1:]:
        raise BadName(
            f"{name}: it could be a top-level domain, and an authority for it may certify every name"
            f" that ends in it: use {found}.local, or a name with a dot in it"
        )
    return found


def of_host(hostname: str) -> list[str]:
    """Return the names that a device has by itself, the one to show to people first.

    >>> of_host("board-2.lan"), of_host("garden"), of_host("küche")
    (['board-2.local', 'board-2.lan', 'board-2', 'localhost'], ['garden.local', 'localhost'], ['localhost'])
    """
    full = hostname.strip(".").lower()
    label = full.partition(".")[0]
    found = [f"{label}.local", full, label, LOCAL[1]]
    return [
        name
        for name in dict.fromkeys(found)
        if is_name(name) and (name in LOCAL or not could_be_top_level(name))
    ]


def is_permitted(name: str, permitted: tuple[str, ...]) -> bool:
    """Return whether an authority with these constraints may certify a name."""
    return any(name == one or name.endswith(f".{one}") for one in permitted)
