"""The refusals that a person can mend in the profile, as a page for browsers and as JSON for programs.

Two kinds: a name that is not this machine's (421), and a change that seems to come from another site's page
(403). Both name the lines of the profile. Where a proxy has passed the request on and the profile does not
name it, that is the cause: the proxy has put its own words in the place of the browser's.

This module is imported with the first such refusal. The answer has nothing in it but what the client has
sent, and what stands here. Sources: RFC 9457 (problem documents); RFC 9110, section 7.6.3 (Via).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from .refusals import Refusal

_FILE = "/etc/edgeweb/edgeweb.toml"

#: Fields by which a proxy shows itself, as `Name:` in lower case or the beginning of it.
_SIGNS = ("via:", "forwarded:", "x-forwarded-", "x-real-ip:")

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>{title}</title>
</head>
<body>
  <h1>{title}</h1>
  <p>{cause}</p>
  <p>{step}</p>
  <pre>{lines}</pre>
  <p>{then}</p>
</body>
</html>
"""


class ExplainedRefusal(Refusal):
    """A refusal with the lines of the profile that mend it, in the media type that the client asks for."""

    def __init__(
        self, code: int, title: str, cause: str, lines: Sequence[str], then: str, media_type: str
    ) -> None:
        super().__init__(code, cause)
        self._title = title
        self._cause = cause
        self._lines = lines
        self._then = then
        self._media_type = media_type

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        lines = "\n".join(self._lines)
        step = f"If it should be answered, write this into {_FILE} on the device:"
        detail = f"{self._cause} {step}"
        if self._media_type == "text/html":
            parts = {"title": self._title, "cause": self._cause, "step": step, "then": self._then}
            text = _PAGE.format(lines=_escaped(lines), **{key: _escaped(part) for key, part in parts.items()})
        elif self._media_type == "application/problem+json":
            document = {
                "type": "about:blank",
                "title": self._title,
                "status": self.code,
                "detail": f"{detail} {'; '.join(self._lines)}. {self._then}",
                "profile": list(self._lines),
            }
            text = json.dumps(document) + "\n"
        else:
            text = f"{self.reason}: {detail}\n\n{lines}\n\n{self._then}\n"
        headers = [("Content-Type", f"{self._media_type}; charset=utf-8"), ("Cache-Control", "no-store")]
        return f"{self.code} {self.reason}", headers, text.encode()


def wrong_host(name: str, request: Request) -> ExplainedRefusal:
    """Return the refusal of a name that this machine does not have. `name` is of legal characters only."""
    media_type = _media_type(request)
    if request.is_through_unnamed_proxy:
        return _unnamed_proxy(421, f"This device does not answer to the name {name}.", request, media_type)
    return ExplainedRefusal(
        421,
        "This device does not know that name",
        f"This is not {name}: the device answers to its own names and addresses only.",
        ["[server]", f'hosts = ["{name}"]'],
        "Names that are in the list already stay in it. Then: systemctl reload edgeweb",
        media_type,
    )


def foreign_page(request: Request) -> Refusal:
    """Return the refusal of a change that a page of another site has sent."""
    media_type = _media_type(request)
    if request.is_through_unnamed_proxy:
        cause = "This change seems to come from a page of another site."
        return _unnamed_proxy(403, cause, request, media_type)
    reason = "a page of another site has sent this"
    if media_type != "application/problem+json":
        return Refusal(403, reason)
    return _Problem(403, reason)


class Request:
    """What these texts need of a request: path, fields, the client's address, the named proxy."""

    __slots__ = ("fields", "headers", "named_proxy", "path", "peer")

    def __init__(
        self, path: str, headers: Mapping[str, str], fields: Sequence[str], peer: str, named_proxy: str
    ) -> None:
        self.path = path
        self.headers = headers
        self.fields = fields
        self.peer = peer
        self.named_proxy = named_proxy

    @property
    def is_through_unnamed_proxy(self) -> bool:
        """Return whether a proxy has passed the request on that the profile does not name."""
        if self.named_proxy and self.peer == self.named_proxy:
            return False
        # from the lines as they came: the parser drops the fields of proxies that are not named
        return any(line.lower().startswith(_SIGNS) for line in self.fields)


class _Problem(Refusal):
    """A refusal with its reason only, as a problem document."""

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        document = {"type": "about:blank", "title": self.reason, "status": self.code, "detail": self.body}
        headers = [("Content-Type", "application/problem+json; charset=utf-8"), ("Cache-Control", "no-store")]
        return f"{self.code} {self.reason}", headers, f"{json.dumps(document)}\n".encode()


def _unnamed_proxy(code: int, cause: str, request: Request, media_type: str) -> ExplainedRefusal:
    return ExplainedRefusal(
        code,
        "The profile does not name this proxy",
        f"{cause} A proxy at {request.peer} has passed it on, and the profile does not name that proxy.",
        ["[server]", f'behind_proxy = "{request.peer}"'],
        "Then: systemctl restart edgeweb. The proxy has to set X-Forwarded-For, -Host and -Proto itself.",
        media_type,
    )


def _media_type(request: Request) -> str:
    """Return the media type of the answer: that of pages where the client names it, as browsers do."""
    wanted = request.headers.get("ACCEPT", "")
    is_interface = request.path.startswith("/api/")
    if "text/html" in wanted and not is_interface:
        return "text/html"
    if is_interface or "json" in wanted:
        return "application/problem+json"
    return "text/plain"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
