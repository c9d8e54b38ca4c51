"""The rule against other sites' pages, for the server and the device: safe methods, origins, headers.

A browser sends a request for any page that asks it to, from inside a network that the device trusts, and
with the device's cookie. It names the page's site in `Sec-Fetch-Site` or, over plain HTTP, its origin in
`Origin`, which it adds to every POST, PUT, PATCH and DELETE. A program sends neither.

Source: RFC 9110, section 9.2.1; Fetch Standard, "Origin header"; W3C Fetch Metadata Request Headers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

#: Methods that change nothing, and are allowed from everywhere.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

OWN, FOREIGN, UNKNOWN = "own", "foreign", "unknown"

# Compiled when it is used first.
_ORIGIN = r"https?://([a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(:[0-9]{1,5})?"

#: `none`: the person has typed the address or used a bookmark.
_OWN_SITES = ("same-origin", "none")

#: Defaults for every response. `same-origin` and not `no-referrer`: under the latter browsers send
#: `Origin: null` with forms.
SECURITY_HEADERS = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def is_loopback(address: str) -> bool:
    """Return whether a host or an address means this machine alone; a Unix socket does.

    >>> is_loopback("127.0.0.1"), is_loopback("[::1]"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    return address in ("", "localhost", "::1", "[::1]") or address.startswith(("127.", "unix:"))


def is_origin(text: str) -> bool:
    """Return whether a text is an origin: scheme, host and port in lower case, and nothing else (RFC 6454).

    >>> is_origin("http://homeassistant.local:8123"), is_origin("http://a/b"), is_origin("*")
    (True, False, False)
    """
    return re.fullmatch(_ORIGIN, text) is not None


def security_headers(frame_ancestors: Sequence[str] = ()) -> dict[str, str]:
    """Return the defaults for every response.

    `frame_ancestors` are origins whose pages may show ours in a frame. `X-Frame-Options` has no list of them,
    so a policy takes its place.

    >>> security_headers(["http://wall.example"])["Content-Security-Policy"]
    'frame-ancestors http://wall.example'
    """
    if not frame_ancestors:
        return SECURITY_HEADERS
    headers = {name: value for name, value in SECURITY_HEADERS.items() if name != "X-Frame-Options"}
    return headers | {"Content-Security-Policy": f"frame-ancestors {' '.join(frame_ancestors)}"}


def classify(fetch_site: str | None, origin: str | None, host: str) -> str:
    """Return `OWN` for this server's pages, `FOREIGN` for another site's, `UNKNOWN` without both fields.

    >>> classify(None, "http://board.local", "board.local"), classify("cross-site", None, "board.local")
    ('own', 'foreign')
    """
    if fetch_site is not None:
        return OWN if fetch_site in _OWN_SITES else FOREIGN
    if origin is None:
        return UNKNOWN
    # The scheme is not compared: behind a proxy that ends TLS, it differs.
    return OWN if origin.partition("://")[2].lower() == host.lower() else FOREIGN
