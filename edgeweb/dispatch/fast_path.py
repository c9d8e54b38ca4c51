"""Matching a request: the short way without an adapter, which few requests need; and what one is made of."""

from __future__ import annotations

import typing as t

from werkzeug.exceptions import MethodNotAllowed, NotFound

from ..routing import Map, NoMatch
from ..wrappers import Request, decoded


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
        or "create_url_adapter" in app.overrides
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
