"""What is made of `[vendor]`: the file security.txt, and what to log of its date.

Imported by the first request for the file, and where a profile has a contact.
"""

from __future__ import annotations

from collections.abc import Iterator

from .key import Table
from .quantities import date_seconds

#: Seconds since 1970 before which no clock is right: the beginning of 2025. A board without a battery starts
#: in 1970, or at the date on which its system was built.
LEAST = 1_735_689_600.0

#: Seconds of a year, at most of which RFC 9116, section 2.5.5, recommends.
_YEAR = 366 * 86_400

#: Fields in the order of the file. Source: RFC 9116, section 2.5.
_FIELDS = (
    ("Contact", "contact"),
    ("Encryption", "encryption"),
    ("Acknowledgments", "acknowledgments"),
    ("Policy", "policy"),
)


def security_txt(vendor: Table) -> str:
    """Return the text of `/.well-known/security.txt`; empty without a contact.

    >>> vendor = dict.fromkeys(("encryption", "acknowledgments", "policy"), ()) | {"languages": ("en", "de")}
    >>> vendor |= {"contact": ("mailto:psirt@example.com",), "expires": "2027-06-30"}
    >>> print(security_txt(vendor), end="")
    Contact: mailto:psirt@example.com
    Expires: 2027-06-30T23:59:59Z
    Preferred-Languages: en, de
    """
    if not vendor["contact"]:
        return ""
    lines = [f"{field}: {one}\n" for field, key in _FIELDS for one in vendor[key]]
    lines.insert(len(vendor["contact"]), f"Expires: {_end_of(vendor['expires'])}\n")
    if vendor["languages"]:
        lines.append(f"Preferred-Languages: {', '.join(vendor['languages'])}\n")
    return "".join(lines)


def notes(vendor: Table, now: float) -> Iterator[str]:
    """Yield what is wrong with the date of a contact at `now`, in seconds since 1970.

    Nothing for a clock that was never set: by it, every date would be too far away.
    """
    if not vendor["contact"] or now < LEAST:
        return
    end = date_seconds(_end_of(vendor["expires"])) or 0.0
    what = f"vendor.expires = {vendor['expires']}"
    if end < now:
        yield f"{what} is past: check vendor.contact, then set another date, a year away at most (RFC 9116)"
    elif end - now > _YEAR:
        yield f"{what} is more than a year away by this device's clock: RFC 9116 recommends a year at most"


def _end_of(day: str) -> str:
    return f"{day}T23:59:59Z"
