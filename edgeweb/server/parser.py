"""What waitress's parser lets through, and a server on an open network must not.

Each check is a line of one of two tables: on the bytes as they came, and on what waitress made of them. The
first refusal ends the connection, because who sends such a request may mean two requests by it.
Sources: RFC 9110 (HTTP), RFC 9112 (HTTP/1.1), and the advisories of waitress and other servers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from waitress.parser import HTTPRequestParser

from .buffers import Budget, make_body_buffer
from .host import HostList, split_host
from .limits import Limits, Policy
from .refusals import Refusal, busy

#: Fields that must not come twice: two parties could believe different ones (RFC 9110, section 5.3).
_ONLY_ONCE = frozenset(
    [
        b"authorization",
        b"content-length",
        b"content-type",
        b"host",
        b"origin",
        b"sec-fetch-site",
        b"transfer-encoding",
    ]
)

_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
_SAFE_METHODS = frozenset(["GET", "HEAD", "OPTIONS"])

#: Believed from a trusted proxy only, which waitress's own middleware takes care of.
_FORWARDED = ("FORWARDED", "X_FORWARDED_", "X_REAL_IP")

# More digits than any body has bytes; int() refuses thousands of them with an error of its own.
_LENGTH_DIGITS = 15


class RequestParser(HTTPRequestParser):  # type: ignore[misc]
    """One request, from its first byte on."""

    #: Body bytes for which room is kept in the budget.
    reserved = 0

    def __init__(self, adj: Any, local_address: str = "") -> None:
        super().__init__(adj)
        self.local_address = local_address

    def received(self, data: bytes) -> int:
        consumed = int(super().received(data))
        if self.completed:
            # Otherwise waitress asks for the body of a request that has none, or that is refused already.
            self.expect_continue = False
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        limits: Limits = self.adj.limits
        for check in _ON_BYTES:
            if (refusal := check(header_plus, limits)) is not None:
                return self.refuse(refusal)
        try:
            super().parse_header(header_plus)
        except ValueError:  # urllib.parse's, of an address in brackets that is none
            return self.refuse(Refusal(400, "the target is no URL"))
        for check_request in _ON_REQUEST:
            if (refusal := check_request(self)) is not None:
                return self.refuse(refusal)
        if not self.adj.policy.behind_proxy:
            for name in [name for name in self.headers if name.startswith(_FORWARDED)]:
                del self.headers[name]
        if self.body_rcv is not None:
            self.body_rcv.buf = make_body_buffer(limits.upload_folder)

    def refuse(self, refusal: Refusal) -> None:
        """Answer with this, whatever follows on the connection."""
        self.error = refusal
        self.version = "1.1"
        self.body_rcv = None
        self.content_length = 0
        self.chunked = False

    def close(self) -> None:
        super().close()
        budget: Budget = self.adj.budget
        budget.release(self.reserved)
        self.reserved = 0


# -- on the bytes as they came ------------------------------------------------------------------------------


def _too_many_fields(head: bytes, limits: Limits) -> Refusal | None:
    if head.count(b"\n") > limits.header_fields + 2:  # the request line and the empty one
        return Refusal(431, f"more than {limits.header_fields} header fields")
    return None


def _folded_line(head: bytes, limits: Limits) -> Refusal | None:
    if b"\n " in head or b"\n\t" in head:
        return Refusal(400, "a header line is folded")
    return None


def _repeated_field(head: bytes, limits: Limits) -> Refusal | None:
    seen: set[bytes] = set()
    for line in head.split(b"\r\n")[1:]:
        name = line.partition(b":")[0].lower()
        if name in _ONLY_ONCE:
            if name in seen:
                return Refusal(400, f"more than one {name.decode()} field")
            seen.add(name)
    if b"content-length" in seen and b"transfer-encoding" in seen:
        return Refusal(400, "both content-length and transfer-encoding")
    return None


def _repeated_coding(head: bytes, limits: Limits) -> Refusal | None:
    _, field, rest = head.lower().partition(b"\r\ntransfer-encoding:")
    if field and rest.partition(b"\r\n")[0].count(b"chunked") > 1:
        return Refusal(400, "the body is chunked more than once")
    return None


def _wrong_version(head: bytes, limits: Limits) -> Refusal | None:
    line = head.partition(b"\r\n")[0]
    version = line.rpartition(b" ")[2]
    if version in (b"HTTP/1.1", b"HTTP/1.0"):
        return None
    if version.startswith(b"HTTP/"):
        return Refusal(505, "this server speaks HTTP/1.1 and HTTP/1.0")
    return Refusal(400, "the request line does not end with an HTTP version")


def _too_long_length(head: bytes, limits: Limits) -> Refusal | None:
    _, field, rest = head.lower().partition(b"\r\ncontent-length:")
    if field and len(rest.partition(b"\r\n")[0].strip()) > _LENGTH_DIGITS:
        return Refusal(413, f"the body is larger than {limits.body_bytes} bytes")
    return None


# -- on what waitress made of them --------------------------------------------------------------------------


def _unserved_method(request: RequestParser) -> Refusal | None:
    if request.command == "TRACE":
        return Refusal(405, "TRACE would show a page the headers that its browser hides", ("Allow", _METHODS))
    if request.command == "CONNECT":
        return Refusal(501, "this server is no proxy")
    return None


def _wrong_target(request: RequestParser) -> Refusal | None:
    if request.request_uri == "*" and request.command == "OPTIONS":
        return None
    if "#" in request.request_uri:
        return Refusal(400, "the target has a fragment")
    if request.proxy_scheme:
        if request.proxy_scheme not in ("http", "https") or request.proxy_netloc != _host_field(request):
            return Refusal(400, "the target names another host than the Host field")
    elif not request.request_uri.startswith("/"):
        return Refusal(400, "the target is not a path")
    path: str = request.path
    if any(character < " " or character == "\x7f" for character in path):
        return Refusal(400, "the path has a control character")
    if ".." in path and ".." in path.replace("\\", "/").split("/"):
        return Refusal(400, "the path goes above its top")
    return None


def _unexpected_coding(request: RequestParser) -> Refusal | None:
    # waitress takes this field out of a request that it understands, which HTTP/1.0 does not have.
    if "TRANSFER_ENCODING" in request.headers:
        return Refusal(400, "HTTP/1.0 knows no transfer-encoding")
    return None


def _wrong_host(request: RequestParser) -> Refusal | None:
    value = _host_field(request)
    if value is None:
        return Refusal(400, "the Host field is missing") if request.version == "1.1" else None
    parts = split_host(value)
    if parts is None:
        return Refusal(400, "the Host field holds no host")
    hosts: HostList | None = request.adj.hosts
    if hosts is not None and not hosts.means_us(parts[0], request.local_address):
        return Refusal(
            421, f"this is not {parts[0]}. Its other names have to be in server.hosts of the profile"
        )
    return None


def _other_site(request: RequestParser) -> Refusal | None:
    policy: Policy = request.adj.policy
    if not policy.check_origin or request.command in _SAFE_METHODS:
        return None
    headers = request.headers
    site = headers.get("SEC_FETCH_SITE")
    if site is not None:
        own = site in ("same-origin", "none")
    else:
        # Not the scheme: a proxy may have ended TLS. A program sends neither field, and no browser starts it.
        origin = headers.get("ORIGIN")
        own = origin is None or origin.partition("://")[2].lower() == (_host_field(request) or "").lower()
    return None if own else Refusal(403, "a page of another site has sent this")


def _too_large(request: RequestParser) -> Refusal | None:
    limits: Limits = request.adj.limits
    if request.content_length > limits.body_bytes:
        return Refusal(413, f"the body is larger than {limits.body_bytes} bytes")
    return None


def _no_room(request: RequestParser) -> Refusal | None:
    # Chunks come without a total, so room is kept for as many as are permitted.
    wanted = request.adj.limits.body_bytes if request.chunked else request.content_length
    if not request.adj.budget.reserve(wanted):
        return busy("too many request bodies at once")
    request.reserved = wanted
    return None


def _host_field(request: RequestParser) -> str | None:
    value: str | None = request.headers.get("HOST")
    return value


_ON_BYTES: tuple[Callable[[bytes, Limits], Refusal | None], ...] = (
    _too_many_fields,
    _wrong_version,
    _folded_line,
    _repeated_field,
    _repeated_coding,
    _too_long_length,
)

_ON_REQUEST: tuple[Callable[[RequestParser], Refusal | None], ...] = (
    _unserved_method,
    _wrong_target,
    _unexpected_coding,
    _wrong_host,
    _other_site,
    _too_large,
    _no_room,  # last: what it reserves is given back when the request is closed
)
