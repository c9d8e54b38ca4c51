"""The path below which a proxy serves the application: `SCRIPT_NAME` of WSGI (PEP 3333).

    server.prefix = "/board"                 the profile's, for every request
    X-Forwarded-Prefix: /board               of the proxy that `server.behind_proxy` names, in its place

A proxy that sends the field has removed the prefix from the path. With the profile's prefix the path may have
it still, and `/livez` without it is answered all the same. A prefix goes into links, redirects and cookies,
so it is of few characters: `//host` would lead to another machine, `;` would end the path of a cookie.
Sources: PEP 3333, "environ Variables"; RFC 3986, section 3.3; RFC 6265, section 4.1.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Maximum characters of a prefix.
MAX_LENGTH = 200

# Compiled when it is used first.
_PREFIX = r"(/(?!\.\.?(/|$))[A-Za-z0-9._~@:+=-]+)+"


def is_prefix(text: str) -> bool:
    """Return whether a text is a path of segments, without a final slash, that is safe in a link.

    >>> [is_prefix(text) for text in ("/board", "/a/b.c", "", "/", "board", "/a/", "//a", "/a/../b", "/a;b")]
    [True, True, False, False, False, False, False, False, False]
    """
    return len(text) <= MAX_LENGTH and re.fullmatch(_PREFIX, text) is not None


class BelowPrefix:
    """An application below a prefix. In front of it only where the profile names a prefix or a proxy."""

    def __init__(self, app: WSGIApplication, prefix: str, proxy: str) -> None:
        self._app = app
        self._prefix = prefix
        self._proxy = proxy

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        field = environ.pop("HTTP_X_FORWARDED_PREFIX", "")
        if field and self._proxy and environ["REMOTE_ADDR"] == self._proxy:
            # of several proxies, the last is the one that is named
            sent = field.rpartition(",")[2].strip().rstrip("/")
            if sent and not is_prefix(sent):
                return _refuse(start_response)
            environ["SCRIPT_NAME"] = sent
        elif self._prefix:
            environ["SCRIPT_NAME"] = self._prefix
            path = environ["PATH_INFO"]
            if path == self._prefix or path.startswith(f"{self._prefix}/"):
                # one slash: as a link, "//host/" leads to another machine
                environ["PATH_INFO"] = "/" + path[len(self._prefix) :].lstrip("/")
        return self._app(environ, start_response)


def _refuse(start_response: StartResponse) -> Iterable[bytes]:
    body = b"Bad Request: the proxy's X-Forwarded-Prefix is no path such as /board\n"
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response("400 Bad Request", headers)
    return [body]
