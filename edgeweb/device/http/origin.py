"""Where a request comes from, by what the browser says of it, and the headers that keep other sites out."""

from __future__ import annotations

from edgeweb import Response, request

OWN, FOREIGN, UNKNOWN = "own", "foreign", "unknown"

#: `none`: the person has typed the address or used a bookmark.
OWN_SITES = frozenset({"same-origin", "none"})

#: On every answer. `same-origin` and not `no-referrer`: under the latter browsers send `Origin: null` with
#: forms.
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def site() -> str:
    """Whether the request comes from a page of this server, from another site's, or from no page at all."""
    fetch_site: str | None = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        return OWN if fetch_site in OWN_SITES else FOREIGN
    origin: str | None = request.headers.get("Origin")
    if origin is None:
        return UNKNOWN
    # The scheme is not compared: behind a proxy that ends TLS, it differs.
    host: str = request.host
    return OWN if origin.partition("://")[2].lower() == host.lower() else FOREIGN


def add_headers(response: Response) -> Response:
    """Security headers for an answer that has not set its own; to be registered with `after_request`."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
