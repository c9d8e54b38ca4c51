"""Matching a request: the short way without an adapter, which few requests need; and what one is made of."""

from __future__ import annotations

import typing as t

from werkzeug.exceptions import MethodNotAllowed, NotFound

from .routing import Map, MapAdapter, NoMatch
from .wrappers import decoded

if t.TYPE_CHECKING:
    from .wrappers import Request

# Host headers that were found to be in order. A client can send any, hence the bound.
_MAX_KNOWN_HOSTS = 64


def serves_inline(app: t.Any, method: str, path: str) -> bool:
    """Whether the view for this is marked by `edgeweb.inline`. The server asks, before there is a request."""
    url_map = app.url_map
    if type(url_map) is not Map or url_map.host_matching or app.subdomain_matching or not path.isascii():
        return False
    found: t.Any = url_map.find(url_map.default_subdomain, path, method)
    return type(found) is tuple and hasattr(app.view_functions.get(found[0].endpoint), "serves_inline")


def match_directly(app: t.Any, request: Request) -> bool:
    """Puts rule and values, or what is wrong, on a request; `False` for one that needs an adapter.

    That is: a redirect, a WebSocket, an application with host or subdomain rules or with trusted hosts, and
    the first request of each host, since making the adapter checks the host.
    """
    environ = request.environ
    url_map = app.url_map
    if (
        environ.get("HTTP_HOST") not in app._known_hosts
        or "HTTP_UPGRADE" in environ
        or type(url_map) is not Map
        or url_map.host_matching
        or app.subdomain_matching
        or app.config["TRUSTED_HOSTS"] is not None
        or "create_url_adapter" in app.replaced
    ):
        return False
    path = environ.get("PATH_INFO") or ""
    if not path.isascii():
        path = decoded(environ, "PATH_INFO")
    method = request.method = environ["REQUEST_METHOD"].upper()
    found: t.Any = url_map.find(url_map.default_subdomain, path, method)
    if type(found) is tuple:
        request.url_rule, request.view_args = found
        return True
    if type(found) is NoMatch and not found.websocket_mismatch:
        allowed = found.have_match_for
        request.routing_exception = MethodNotAllowed(valid_methods=list(allowed)) if allowed else NotFound()
        return True
    return False


def adapter_without_request(app: t.Any) -> MapAdapter | None:
    """What builds URLs outside of a request; `None` while `SERVER_NAME` is not set."""
    server_name = app.config["SERVER_NAME"]
    if server_name is None:
        return None
    url_map: Map = app.url_map
    return url_map.bind(
        server_name,
        script_name=app.config["APPLICATION_ROOT"],
        url_scheme=app.config["PREFERRED_URL_SCHEME"],
    )


def names_to_bind(app: t.Any, request: Request) -> dict[str, str | None]:
    """Server name and subdomain that a request's adapter is bound with.

    Raises `werkzeug.exceptions.SecurityError` for a host that is none, or that is not to be trusted.
    """
    url_map: Map = app.url_map
    trusted_hosts = app.config["TRUSTED_HOSTS"]
    if trusted_hosts is not None:
        request.trusted_hosts = trusted_hosts
    request.host  # noqa: B018 - raises for a bad host
    if len(app._known_hosts) >= _MAX_KNOWN_HOSTS:
        app._known_hosts.clear()
    app._known_hosts.add(request.environ.get("HTTP_HOST"))
    if url_map.host_matching:
        return {"server_name": None, "subdomain": None}
    # Where rules of subdomains are not to be matched, every host counts as the default one.
    subdomain = None if app.subdomain_matching else url_map.default_subdomain or ""
    return {"server_name": app.config["SERVER_NAME"], "subdomain": subdomain}
