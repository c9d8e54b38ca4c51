"""The origin of the current request, and the security headers of its response."""

from __future__ import annotations

from edgeweb import Response, request

from ...server.origin import SECURITY_HEADERS, classify

#: On every response. The pages load scripts, styles and images from this server only.
HEADERS = {
    **SECURITY_HEADERS,
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'",
}


def site() -> str:
    """Return `OWN`, `FOREIGN` or `UNKNOWN` of `edgeweb.server.origin` for the current request."""
    return classify(request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin"), request.host)


def add_headers(response: Response) -> Response:
    """Add the security headers that a response has not set; to be registered with `after_request`."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
