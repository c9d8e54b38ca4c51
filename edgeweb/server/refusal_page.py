"""The refusals that a person can mend, as a page for browsers and as JSON for programs.

Two kinds: a name that is not this machine's (421), and a change that seems to come from another site's page
(403). Both name the lines of the profile, or without one the option of `edgeweb serve`. Where a proxy that is
not named has passed the request on, that is the cause: the proxy has put its own words in the place of the
browser's. The device's own application takes no change of another site, so no setting is named for it.

This module is imported with the first such refusal. The answer has nothing in it but what the client has sent
or knows, and what stands here; `_working_addresses` decides who reads the host name. Sources: RFC 9457
(problem documents); RFC 9110, section 7.6.3 (Via).
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence

from .host import is_local_name, split_host
from .limits import Policy
from .origin import is_origin
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
  <style>
    :root {{ background: Canvas; color: CanvasText }}
    body {{ max-width: 40rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif }}
    h1 {{ font-size: 1.5rem; line-height: 1.2 }}
    p, li {{ overflow-wrap: anywhere }}
    pre {{ overflow-x: auto; padding: 0.75rem; border: 1px solid; border-radius: 0.4rem }}
    li a {{ display: inline-block; min-height: 2.75rem }}
  </style>
</head>
<body>
<main>
  <h1>{title}</h1>
  <p>{cause}</p>
  {links}
  <p>{step}</p>
  <pre tabindex="0">{lines}</pre>
  <p>{then}</p>
</main>
</body>
</html>
"""


class ExplainedRefusal(Refusal):
    """A refusal with the lines of the profile or the option that mends it, in the client's media type."""

    def __init__(
        self,
        code: int,
        title: str,
        cause: str,
        remedy: Remedy,
        media_type: str,
        addresses: Sequence[str] = (),
    ) -> None:
        super().__init__(code, cause)
        self._addresses = list(addresses)
        self.see = remedy.name
        self._title = title
        self._cause = cause
        self._remedy = remedy
        self._media_type = media_type

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        remedy = self._remedy
        lines = "\n".join(remedy.lines)
        detail = f"{self._cause} {remedy.step}"
        if self._media_type == "text/html":
            parts = {"title": self._title, "cause": self._cause, "step": remedy.step, "then": remedy.then}
            text = _PAGE.format(
                lines=_escaped(lines),
                links=_links(self._addresses),
                **{key: _escaped(part) for key, part in parts.items()},
            )
        elif self._media_type == "application/problem+json":
            document = {
                "type": "about:blank",
                "title": self._title,
                "status": self.code,
                "detail": f"{detail} {'; '.join(remedy.lines)}. {remedy.then}",
                remedy.kind: list(remedy.lines),
            }
            if self._addresses:
                document["addresses"] = self._addresses
            text = json.dumps(document) + "\n"
        else:
            text = f"{self.reason}: {detail}\n\n{lines}\n\n{remedy.then}\n"
            if self._addresses:
                text += f"\nIt answers here: {' '.join(self._addresses)}\n"
        headers = [("Content-Type", f"{self._media_type}; charset=utf-8"), ("Cache-Control", "no-store")]
        return f"{self.code} {self.reason}", headers, text.encode()


class Remedy:
    """The setting that would let a request through, and what to write where."""

    __slots__ = ("kind", "lines", "name", "step", "then")

    def __init__(self, policy: Policy, setting: str, value: str, then: str) -> None:
        self.name = policy.describe(setting)
        if policy.has_profile:
            self.kind = "profile"
            self.step = f"If it should be answered, write this into {_FILE} on the device:"
            self.lines = ["[server]", f"{setting} = {value}"]
            self.then = then
        else:
            self.kind = "options"
            self.step = "If it should be answered, start the server with this option:"
            self.lines = [f"{self.name} {value.strip('[]').strip(chr(34))}"]
            self.then = "Keep its other options."


def wrong_host(name: str, request: Request) -> ExplainedRefusal:
    """Return the refusal of a name that this machine does not have. `name` is of legal characters only."""
    media_type = _media_type(request)
    if request.is_through_unnamed_proxy:
        return _unnamed_proxy(421, f"This device does not answer to the name {name}.", request, media_type)
    then = "Names that are in the list already stay in it. Then: systemctl reload edgeweb"
    return ExplainedRefusal(
        421,
        "This device does not know that name",
        f"This is not {name}: the device answers to its own names and addresses only.",
        Remedy(request.policy, "hosts", f'["{name}"]', then),
        media_type,
        _working_addresses(name, request),
    )


def _working_addresses(name: str, request: Request) -> list[str]:
    """Return the addresses at which this machine answers to a client that has used another name.

    The one that the client is connected to is no secret. The host name is, to a page that has bound its own
    name to this address and reads the answer, so it is named only where the client's name is one that nobody
    can register. Behind a proxy no address of this machine is the client's.
    """
    if request.peer == request.policy.behind_proxy or not request.local_address:
        return []
    parts = split_host(request.headers.get("HOST", ""))
    port = f":{parts[1]}" if parts and parts[1] else ""
    local = request.local_address
    # a browser opens no link-local address
    hosts = [] if local.startswith("fe80:") else [f"[{local}]" if ":" in local else local]
    own = socket.gethostname().lower().partition(".")[0]
    if own and own != "localhost" and is_local_name(name):
        hosts.append(f"{own}.local")
    return [f"http://{host}{port}/" for host in hosts]


def _links(addresses: Sequence[str]) -> str:
    if not addresses:
        return ""
    rows = "".join(f'<li><a href="{_escaped(url)}">{_escaped(url)}</a></li>' for url in addresses)
    return f"<p>It answers here:</p>\n  <ul>{rows}</ul>"


def foreign_page(request: Request) -> Refusal:
    """Return the refusal of a change that a page of another site has sent."""
    media_type = _media_type(request)
    if request.is_through_unnamed_proxy:
        cause = "This change seems to come from a page of another site."
        return _unnamed_proxy(403, cause, request, media_type)
    reason = "a page of another site has sent this"
    origin = request.headers.get("ORIGIN", "")
    if request.policy.asks_program and is_origin(origin):
        then = "Origins that are in the list already stay in it. Then: systemctl reload edgeweb"
        return ExplainedRefusal(
            403,
            "A page of another site has sent this",
            f"A page of {origin} has sent this, and the program does not permit it by CORS.",
            Remedy(request.policy, "allow_origins", f'["{origin}"]', then),
            media_type,
        )
    if media_type != "application/problem+json":
        return Refusal(403, reason)
    return _Problem(403, reason)


class Request:
    """What these texts need of a request: path, fields, the addresses of both ends, the policy.

    `local_address` is the IP address that the client is connected to; empty for a Unix socket.
    """

    __slots__ = ("fields", "headers", "local_address", "path", "peer", "policy")

    def __init__(
        self,
        path: str,
        headers: Mapping[str, str],
        fields: Sequence[str],
        peer: str,
        policy: Policy,
        local_address: str = "",
    ) -> None:
        self.local_address = local_address
        self.path = path
        self.headers = headers
        self.fields = fields
        self.peer = peer
        self.policy = policy

    @property
    def is_through_unnamed_proxy(self) -> bool:
        """Return whether a proxy has passed the request on that is not named."""
        named = self.policy.behind_proxy
        if named and self.peer == named:
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
    who = "profile does not name" if request.policy.has_profile else "server was started without the name of"
    then = "Then: systemctl restart edgeweb. The proxy has to set X-Forwarded-For, -Host and -Proto itself."
    return ExplainedRefusal(
        code,
        f"The {who} this proxy",
        f"{cause} A proxy at {request.peer} has passed it on, and the {who} that proxy.",
        Remedy(request.policy, "behind_proxy", f'"{request.peer}"', then),
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
