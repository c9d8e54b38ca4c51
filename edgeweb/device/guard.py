"""Who may change state: pages of this server and programs, not other sites in the same browser.

A browser sends a request for any page that asks it to, from inside the network that the device trusts. It
says so, too: `Sec-Fetch-Site` where the connection is trustworthy, `Origin` on every POST and PUT. A
program sends neither.
"""

from __future__ import annotations

from edgeweb import Blueprint, Response, request

from .problem import Problem

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

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


def protect(blueprint: Blueprint, *, programs: bool) -> None:
    """Refuses state changes that come from other sites, on every view of a blueprint, with 403.

    `programs` lets requests through that come from no page at all: right for views that only take
    `application/json`, which no form can send; wrong for views that take forms.
    """

    @blueprint.before_request
    def refuse_other_sites() -> None:
        if request.method not in SAFE_METHODS and not is_own(programs):
            raise Problem("cross-site")


def is_own(programs: bool) -> bool:
    """Whether the current request comes from a page of this server, or, with `programs`, from no page."""
    site: str | None = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in OWN_SITES
    origin: str | None = request.headers.get("Origin")
    if origin is None:
        return programs
    # The scheme is not compared: behind a proxy that ends TLS, it differs.
    host: str = request.host
    return origin.partition("://")[2].lower() == host.lower()


def add_headers(response: Response) -> Response:
    """Security headers for an answer that has not set its own; to be registered with `after_request`."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
