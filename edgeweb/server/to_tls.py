"""The port without TLS, where there is one with it: it says where to go, and takes no change.

An application serves some of its paths there all the same, as its attribute `serves_in_clear` says: what a
monitor asks for, or a page that explains the certificate. Its attribute `explains_tls` is the path of that
page, or empty: a person is led there first, a program at once to the same address with TLS. What is served in
clear finds the address of the other port as `edgeweb.tls` in its environ. The redirect is temporary, as a
browser remembers the other kind when TLS is long switched off.

Source: RFC 9110, section 15.4.8 (307).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from .addresses import where

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class ToTls:
    """An application on the port without TLS."""

    def __init__(self, app: WSGIApplication, port: int) -> None:
        self._app = app
        self._port = port
        self._serves: Callable[[str], bool] = getattr(app, "serves_in_clear", lambda path: False)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        root = self._root(environ)
        if self._serves(environ["PATH_INFO"]):
            environ["edgeweb.tls"] = root + "/"
            return self._app(environ, start_response)
        secured = root + _path(environ)
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            # What it carries has passed in clear already: a redirect would hide that.
            text = f"Forbidden: this port takes no change, as anybody on the way can read it; ask {secured}\n"
            start_response("403 Forbidden", [("Content-Type", "text/plain; charset=utf-8")])
            return [text.encode()]
        explains = getattr(self._app, "explains_tls", "")
        if explains and "text/html" in environ.get("HTTP_ACCEPT", ""):
            secured = environ["SCRIPT_NAME"] + explains
        start_response("307 Temporary Redirect", [("Location", secured), ("Content-Length", "0")])
        return []

    def _root(self, environ: WSGIEnvironment) -> str:
        """Return scheme, name and port with TLS."""
        host: str = environ.get("HTTP_HOST") or environ["SERVER_NAME"]
        name = host[: host.index("]") + 1] if host.startswith("[") else host.partition(":")[0]
        return "https://" + (name if self._port == 443 else where(name, self._port))


def _path(environ: WSGIEnvironment) -> str:
    """Return the path and the query that were asked for."""
    from urllib.parse import quote

    path = quote((environ["SCRIPT_NAME"] + environ["PATH_INFO"]).encode("latin-1"), safe="/~!$&'()*+,;=:@")
    query = environ.get("QUERY_STRING", "")
    return path + (f"?{query}" if query else "")
