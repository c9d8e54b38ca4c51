"""The origin of the current request, and the security headers of its response."""

from __future__ import annotations

from edgeweb import Response, current_app, request

from ...server.origin import classify, security_headers
from .current import device_of

#: The pages load scripts, styles and images from this server only.
_POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors"

#: On every response, where the profile names no `server.frame_ancestors`.
HEADERS = {**security_headers(), "Content-Security-Policy": f"{_POLICY} 'none'"}

#: Fields by which a proxy shows itself.
_OF_PROXIES = ("Via", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto")


def site() -> str:
    """Return `OWN`, `FOREIGN` or `UNKNOWN` of `edgeweb.server.origin` for the current request."""
    return classify(request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin"), request.host)


def refusal() -> str:
    """Return the kind of the problem for a request that does not seem to come from a page of this device.

    A proxy that the profile does not name puts its own host in the place of the browser's.
    """
    is_named = device_of(current_app).profile["server.behind_proxy"]
    through_proxy = any(name in request.headers for name in _OF_PROXIES)
    return "unnamed-proxy" if through_proxy and not is_named else "cross-site"


def add_headers(response: Response) -> Response:
    """Add the security headers that a response has not set; to be registered with `after_request`."""
    # not `current_device`: /livez must not open the state
    ancestors = device_of(current_app).profile["server.frame_ancestors"]
    for name, value in (_framed_by(ancestors) if ancestors else HEADERS).items():
        response.headers.setdefault(name, value)
    return response


def _framed_by(ancestors: tuple[str, ...]) -> dict[str, str]:
    return {**security_headers(ancestors), "Content-Security-Policy": f"{_POLICY} {' '.join(ancestors)}"}
