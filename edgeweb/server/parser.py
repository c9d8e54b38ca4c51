"""Reading the head of a request, and refusing what waitress accepts but a server on an open network must not.

The first refusal ends the connection: two parties may disagree where such a request ends, and what follows
would be read as another one (request smuggling). Bodies in chunks are in `chunks`. Sources: RFC 9110
(HTTP), RFC 9112 (HTTP/1.1), and the advisories of waitress and other servers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote_to_bytes

from waitress.parser import HTTPRequestParser
from waitress.receiver import FixedStreamReceiver

from .buffers import SPOOLED_BYTES, Budget, make_body_buffer
from .chunks import BadChunk, ChunkedReceiver, TooLarge
from .host import HostList, split_host, without_zone
from .limits import Limits, Policy
from .origin import FOREIGN, SAFE_METHODS, classify
from .refusals import Refusal, busy

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from .refusal_page import Request

_LEGAL_BYTES = bytes([0x09, *range(0x20, 0x7F), *range(0x80, 0x100)])
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_VERSIONS = {"HTTP/1.1": "1.1", "HTTP/1.0": "1.0"}
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

#: Fields that must not come twice: two parties could use different ones (RFC 9110, section 5.3).
_ONLY_ONCE = frozenset(
    [
        "AUTHORIZATION",
        "CONTENT_LENGTH",
        "CONTENT_TYPE",
        "HOST",
        "ORIGIN",
        "SEC_FETCH_SITE",
        "TRANSFER_ENCODING",
    ]
)

#: Fields that only a proxy may send, and those that are taken from the proxy that the profile names.
#: waitress's middleware removes the latter from requests of other clients.
_FORWARDED = ("FORWARDED", "X_FORWARDED_", "X_REAL_IP")
_BELIEVED = frozenset(
    ["X_FORWARDED_FOR", "X_FORWARDED_HOST", "X_FORWARDED_PORT", "X_FORWARDED_PREFIX", "X_FORWARDED_PROTO"]
)

#: Blanks as `\s` of a regular expression has them in latin-1, and how many of them may stand in a row.
#: Parsers of fields try again at each of them, so the time grows with the square of the row: Werkzeug 3.1.3
#: takes a third of a second for 15,000 blanks in If-None-Match, Cookie or Accept. A smaller head is not
#: searched.
_BLANKS = b" \t\x85\xa0"
_BLANKS_IN_A_ROW = 64
_SEARCHED_BYTES = 2048
_BLANK_TO_SPACE = bytes.maketrans(_BLANKS, b" " * len(_BLANKS))

#: Empty lines before a request. Old clients send one behind a body.
_EMPTY_LINES = 4
_CARRIAGE_RETURN = 13

# More digits than the size of any body; int() raises an error of its own for thousands of them.
_LENGTH_DIGITS = 15


class FieldNames(dict[str, str]):
    """Names of header fields as clients write them, to their names in WSGI; empty for a field to leave out.

    >>> FieldNames(forwarded=False)["User-Agent"]
    'USER_AGENT'
    """

    #: Maximum of names to remember; clients may send any number of them.
    SIZE = 256

    def __init__(self, forwarded: bool) -> None:
        self._forwarded = forwarded

    def __missing__(self, name: str) -> str:
        if not name or not _TOKEN.issuperset(name):
            raise _nameless(name)
        key = name.upper().replace("-", "_")
        # WSGI writes hyphens as underscores: a name with an underscore would pass for another one.
        believed = self._forwarded and key in _BELIEVED
        if "_" in name or (key.startswith(_FORWARDED) and not believed):
            key = ""
        if len(self) < self.SIZE:
            self[name] = key
        return key


class Refused(Exception):
    """Raised to end the reading of a request; the arguments are those of its `Refusal`.

    `setting` is the key of the profile's table `server` that would let the request through.
    """

    def __init__(self, code: int, reason: str, *headers: tuple[str, str], setting: str = "") -> None:
        super().__init__(code, reason, *headers)
        self.setting = setting


def _nameless(name: str) -> Refused:
    if not name:
        return Refused(400, "the name of a header field is empty")
    if name[0] in " \t":
        return Refused(400, "a header line is folded")
    return Refused(400, "the name of a header field has a character that no name has")


class Explained(Exception):
    """Raised to end the reading of a request with a refusal that has a page of its own, the argument."""


if TYPE_CHECKING:

    class Crowd(Protocol):
        """The other connections, as far as they bound a request: the listener."""

        def body_limit(self, headers: dict[str, str]) -> int: ...


class RequestParser(HTTPRequestParser):
    """One request, from its first byte on."""

    # Declared for the type checker: waitress also has these on its class.
    completed: bool = False
    expect_continue: bool = False
    header_plus: bytes = b""
    # For refused requests, which have none: waitress logs the path when their client leaves.
    path: str = ""

    def __init__(
        self, adj: object, local_address: str = "", peer_address: str = "", crowd: Crowd | None = None
    ) -> None:
        super().__init__(adj)
        self.local_address = local_address
        self.peer_address = peer_address
        self._crowd = crowd
        # On the object, as reading it on the class costs each answer 180 instructions more.
        self.error: Refusal | None = None
        self.body_rcv: ChunkedReceiver | FixedStreamReceiver | None = None
        #: Body bytes for which room is kept in the budget.
        self.reserved = 0
        #: Whether it stands for several requests with the same head, and the environment they share.
        self.repeats = False
        self.environ: WSGIEnvironment | None = None
        #: The refusal of a change that another site's page has sent, unless the program permits it.
        self.foreign: Refusal | None = None
        self._empty_lines = 0

    def received(self, data: bytes) -> int:
        """Take what belongs to this request; return how many bytes that were."""
        if self.completed:
            return 0
        consumed = self._receive_head(data) if self.body_rcv is None else self._receive_body(data)
        if self.completed:
            # Otherwise waitress asks for the body of a request that has none, or that is refused already.
            self.expect_continue = False
        return consumed

    def _receive_head(self, data: bytes) -> int:
        kept: bytes = self.header_plus
        whole = kept + data if kept else data
        if whole[0] == _CARRIAGE_RETURN:
            return self._skip_empty_lines(kept, whole)
        end = whole.find(b"\r\n\r\n", max(0, len(kept) - 3)) + 4
        limit = self.adj.limits.header_bytes
        if end > limit or (end < 4 and len(whole) > limit):
            self.refuse(431, f"the head is larger than {limit} bytes", setting="header_bytes")
        elif end < 4:
            self.header_plus = whole
            return len(data)
        else:
            self.parse_header(whole[:end])
            self.header_plus = b""
        self.headers_finished = True
        self.completed = self.body_rcv is None
        return end - len(kept) if end >= 4 else len(data)

    def _skip_empty_lines(self, kept: bytes, whole: bytes) -> int:
        """Take the empty lines before a request, of which a few are permitted (RFC 9112, section 2.2)."""
        start = 0
        while whole.startswith(b"\r\n", start):
            start += 2
            self._empty_lines += 1
        if self._empty_lines > _EMPTY_LINES:
            self.refuse(400, f"more than {_EMPTY_LINES} empty lines before a request")
            return len(whole) - len(kept)
        rest = whole[start:]
        if rest == b"\r" or not rest:
            self.header_plus = rest
            return len(whole) - len(kept)
        if rest[0] == _CARRIAGE_RETURN:
            self.refuse(400, "a control character in the head, or half a line end")
            return len(whole) - len(kept)
        self.header_plus = b""
        return start - len(kept) + self._receive_head(rest)

    def _receive_body(self, data: bytes) -> int:
        body = self.body_rcv
        assert body is not None
        try:
            consumed = int(body.received(data))
            if self.chunked and not self._reserve(len(body)):
                body.getbuf().close()
                self._end(self._no_memory())
                return consumed
        except (BadChunk, TooLarge) as error:
            body.getbuf().close()
            if isinstance(error, BadChunk):
                self.refuse(400, str(error))
            else:
                refused = _too_large(self.adj.limits)
                self.refuse(*refused.args, setting=refused.setting)
            return len(data)
        self.body_bytes_received += consumed
        if body.completed:
            self.completed = True
            if self.chunked:
                self.headers["CONTENT_LENGTH"] = str(len(body))
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        """Read the request line and the fields. The header ends with the empty line behind them."""
        try:
            rest = header_plus.translate(None, _LEGAL_BYTES)
            if rest != b"\r\n" * (len(rest) // 2):
                raise Refused(400, "a control character in the head, or half a line end")
            if len(header_plus) > _SEARCHED_BYTES and _has_row_of_blanks(header_plus):
                raise Refused(400, f"more than {_BLANKS_IN_A_ROW} blanks in a row")
            line, *fields = header_plus.decode("latin-1").split("\r\n")
            self._read_line(line)
            self._read_fields(fields)
            self._read_target()
            self._check_host(fields)
            self._check_origin(fields)
            self._prepare_body()
        except Refused as refused:
            self.refuse(*refused.args, setting=refused.setting)
        except Explained as explained:
            self._end(explained.args[0])

    def may_repeat(self) -> bool:
        """Return whether the next request with the same bytes may be served from this object.

        True for a head without a body that was not refused. What else its checks depend on is asked again by
        `is_still_accepted`.
        """
        return self.completed and self.error is None and self.body_rcv is None

    def is_still_accepted(self) -> bool:
        """Return whether the Host field stands for this machine at this moment."""
        host: str | None = self.headers.get("HOST")
        return host is None or bool(self.adj.hosts.accepts(host, self.local_address))

    def refuse(self, code: int, reason: str, *headers: tuple[str, str], setting: str = "") -> None:
        """Answer with this status and reason, and ignore what follows on the connection."""
        see = self.adj.policy.describe(setting) if setting else ""
        self._end(Refusal(code, reason, *headers, see=see))

    def _end(self, refusal: Refusal) -> None:
        self.error = refusal
        self.version = "1.1"
        self.body_rcv = None
        self.completed = True

    def close(self) -> None:
        super().close()
        if self.reserved:
            budget: Budget = self.adj.budget
            budget.release(self.reserved)
            self.reserved = 0

    # -- request line --------------------------------------------------------------------------------------

    def _read_line(self, line: str) -> None:
        parts = line.split(" ")
        if len(parts) != 3:
            raise Refused(400, "the request line is not a method, a target and a version")
        self.command, self.request_uri, protocol = parts
        version = _VERSIONS.get(protocol)
        if version is None:
            if protocol.startswith("HTTP/"):
                raise Refused(505, "this server speaks HTTP/1.1 and HTTP/1.0")
            raise Refused(400, "the request line does not end with an HTTP version")
        self.version = version
        if self.command not in _METHODS:
            _check_method(self.command)

    def _read_target(self) -> None:
        target: str = self.request_uri
        self.proxy_scheme = self.proxy_netloc = self.fragment = ""
        self.url_scheme = self.adj.url_scheme
        if "#" in target:
            raise Refused(400, "the target has a fragment")
        if not target.startswith("/"):
            target = self._path_of_other_target(target)
        path, _, self.query = target.partition("?")
        if "%" in path:
            path = unquote_to_bytes(path.encode("latin-1")).decode("latin-1")
            if any(character < " " or character == "\x7f" for character in path):
                raise Refused(400, "the path has a control character")
        if ".." in path and ".." in path.replace("\\", "/").split("/"):
            raise Refused(400, "the path goes above its top")
        self.path = path

    def _path_of_other_target(self, target: str) -> str:
        if target == "*" and self.command == "OPTIONS":
            return target
        scheme, separator, rest = target.partition("://")
        if not separator or scheme.lower() not in ("http", "https"):
            raise Refused(400, "the target is not a path")
        end = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
        if rest[:end] != self.headers.get("HOST"):
            raise Refused(400, "the target names another host than the Host field")
        self.proxy_scheme, self.proxy_netloc = scheme.lower(), rest[:end]
        return rest[end:] if rest[end : end + 1] == "/" else "/" + rest[end:]

    # -- fields --------------------------------------------------------------------------------------------

    def _read_fields(self, lines: list[str]) -> None:
        headers: dict[str, str] = self.headers
        names: FieldNames = self.adj.field_names
        limits: Limits = self.adj.limits
        if len(lines) - 2 > limits.header_fields:
            raise Refused(431, f"more than {limits.header_fields} header fields", setting="header_fields")
        for line in lines[:-2]:  # the head ends with two line ends
            name, colon, value = line.partition(":")
            if not colon:
                raise Refused(
                    400, "a header line is folded" if line[0] in " \t" else "a header line has no colon"
                )
            key = names[name]
            if key in headers:
                if key in _ONLY_ONCE:
                    raise Refused(400, f"more than one {name.lower()} field")
                headers[key] += ", " + value.strip(" \t")
            elif key:
                headers[key] = value.strip(" \t")

    def _check_host(self, fields: list[str]) -> None:
        host: str | None = self.headers.get("HOST")
        if host is None:
            if self.version == "1.1":
                raise Refused(400, "the Host field is missing")
            return
        hosts: HostList = self.adj.hosts
        if hosts.accepts(host, self.local_address):
            return
        if "%" in host:
            host = self.headers["HOST"] = without_zone(host)
            if hosts.accepts(host, self.local_address):
                return
        parts = split_host(host)
        if parts is None:
            raise Refused(400, "the Host field holds no host")
        from .refusal_page import wrong_host

        raise Explained(wrong_host(parts[0], self._explained(fields)))

    def _check_origin(self, fields: list[str]) -> None:
        policy: Policy = self.adj.policy
        if self.command in SAFE_METHODS or not policy.check_origin:
            return
        headers = self.headers
        host = headers.get("HOST", "")
        if policy.behind_proxy and self.peer_address == policy.behind_proxy:
            # the browser's own, as the application gets it; of several hops, the last
            host = headers.get("X_FORWARDED_HOST", host).rpartition(",")[2].strip()
        # Unknown is a program: it sends neither field, and no browser starts it.
        origin = headers.get("ORIGIN")
        if classify(headers.get("SEC_FETCH_SITE"), origin, host) != FOREIGN or origin in policy.allow_origins:
            return
        from .refusal_page import foreign_page

        refusal = foreign_page(self._explained(fields))
        if origin is None or not policy.asks_program:
            raise Explained(refusal)
        self.foreign = refusal

    def _explained(self, fields: list[str]) -> Request:
        from .refusal_page import Request

        return Request(
            self.path, self.headers, fields, self.peer_address, self.adj.policy, self.local_address
        )

    # -- body ----------------------------------------------------------------------------------------------

    def _prepare_body(self) -> None:
        headers: dict[str, str] = self.headers
        coding, length = headers.pop("TRANSFER_ENCODING", None), headers.get("CONTENT_LENGTH")
        if coding is None and length is None:
            return
        limits: Limits = self.adj.limits
        if coding is not None:
            self._check_coding(coding, length)
            self.chunked = True
            size = limits.body_bytes
        else:
            size = self.content_length = _read_length(length or "", limits)
        if not size:
            return
        if self._crowd is not None:
            self._check_stranger(size, self._crowd.body_limit(headers))
        # Chunks come without a total: room for them is reserved as they come.
        if not self.chunked and not self._reserve(size):
            return self._end(self._no_memory())
        buffer = make_body_buffer(limits.upload_folder)
        self.body_rcv = ChunkedReceiver(buffer, size) if self.chunked else FixedStreamReceiver(size, buffer)
        self.expect_continue = self.version == "1.1" and headers.get("EXPECT", "").lower() == "100-continue"

    def _reserve(self, size: int) -> bool:
        """Reserve memory for a body of this size so far. Return False where there is none."""
        more = (min(size, SPOOLED_BYTES) if self.adj.limits.upload_folder else size) - self.reserved
        if more > 0:
            if not self.adj.budget.reserve(more):
                return False
            self.reserved += more
        return True

    def _no_memory(self) -> Refusal:
        setting = "buffer_bytes" if self.adj.limits.upload_folder else "upload_folder"
        return busy("too many request bodies at once", self.adj.policy.describe(setting))

    def _check_stranger(self, size: int, limit: int) -> None:
        if limit >= min(size, self.adj.limits.body_bytes):
            return
        if self.chunked:
            raise Refused(
                411,
                "while many are connected, a body without a token or a session needs a length",
                setting="connections",
            )
        raise Refused(
            413,
            f"while many are connected, a body without a token or a session has at most {limit} bytes",
            setting="connections",
        )

    def _check_coding(self, coding: str, length: str | None) -> None:
        if length is not None:
            raise Refused(400, "both content-length and transfer-encoding")
        if self.version == "1.0":
            raise Refused(400, "HTTP/1.0 knows no transfer-encoding")
        codings = [one.strip(" \t").lower() for one in coding.split(",")]
        if set(codings) != {"chunked"}:
            raise Refused(501, "the only transfer-encoding is chunked")
        if len(codings) > 1:
            raise Refused(400, "the body is chunked more than once")


def _has_row_of_blanks(head: bytes) -> bool:
    """Return whether more blanks stand in a row than any field needs. Linear in the head.

    >>> _has_row_of_blanks(b"a" + b" \\t" * 33), _has_row_of_blanks(b"a " * 999)
    (True, False)
    """
    same = head.translate(_BLANK_TO_SPACE)
    return b" " * (_BLANKS_IN_A_ROW + 1) in same


def _check_method(method: str) -> None:
    if not method or not _TOKEN.issuperset(method) or method != method.upper():
        raise Refused(400, "the method is not a word in upper case")
    if method == "TRACE":
        allowed = ("Allow", ", ".join(_METHODS))
        raise Refused(405, "TRACE would show a page the headers that its browser hides", allowed)
    if method == "CONNECT":
        raise Refused(501, "this server is no proxy")


def _read_length(text: str, limits: Limits) -> int:
    if not text.isdecimal() or not text.isascii():
        raise Refused(400, "the content-length is not a number")
    if len(text) > _LENGTH_DIGITS or int(text) > limits.body_bytes:
        raise _too_large(limits)
    return int(text)


def _too_large(limits: Limits) -> Refused:
    # A larger limit would not help where the memory for all bodies is the limit.
    is_all = limits.body_bytes >= limits.buffer_bytes // 2 and not limits.upload_folder
    setting = "upload_folder" if is_all else "body_bytes"
    return Refused(413, f"the body is larger than {limits.body_bytes} bytes", setting=setting)
