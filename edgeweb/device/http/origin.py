"""The origin of the current request, and the security headers of its response."""

from __future__ import annotations

from edgeweb import Response, current_app, request

from ...server.origin import classify, security_headers
from .current import device_of

#: The pages load scripts, styles and images from this server only.
_POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors"

#: On every response of the device, besides those of every server. `no-store`: what a view does not mark
#: otherwise is a change, or for one person.
_OWN = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), serial=(), usb=()",
}

#: Where the profile names no `server.frame_ancestors`.
HEADERS = {**_OWN, **security_headers(), "Content-Security-Policy": f"{_POLICY} 'none'"}
_LOWER = {name: name.lower() for name in HEADERS}

#: With TLS, as HTML has it: without, browsers ignore it and write a line to their console for each page.
_OPENER = ("Cross-Origin-Opener-Policy", "same-origin")

#: Seconds for which a browser asks for this host by TLS only, once it was there by TLS: a year.
_HSTS = "max-age=31536000"

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
    # Not opened for this: `/livez` opens no state.
    ancestors = device_of(current_app).profile["server.frame_ancestors"]
    wanted = _framed_by(ancestors) if ancestors else HEADERS
    given = {name.lower() for name in response.headers.keys()}  # noqa: SIM118
    response.headers.extend([row for row in wanted.items() if _LOWER[row[0]] not in given])
    if request.environ["wsgi.url_scheme"] == "https":
        response.headers.setdefault(*_OPENER)
        if _may_insist_on_tls():
            response.headers.setdefault("Strict-Transport-Security", _HSTS)
    return response


def _may_insist_on_tls() -> bool:
    """Return whether the host is one that has TLS for good.

    `.local` names move to another device, which may have none; addresses cannot be remembered (RFC 6797,
    section 8.1.1).
    """
    host = request.host.rpartition(":")[0] if request.host.rpartition(":")[2].isdecimal() else request.host
    name = host.lower().removesuffix(".")
    is_address = name.startswith("[") or name.replace(".", "").isdecimal()
    return "." in name and not is_address and not name.endswith((".local", ".localhost"))


def _framed_by(ancestors: tuple[str, ...]) -> dict[str, str]:
    return {
        **_OWN,
        **security_headers(ancestors),
        "Content-Security-Policy": f"{_POLICY} {' '.join(ancestors)}",
    }
