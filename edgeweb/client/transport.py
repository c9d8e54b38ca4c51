"""One request and its answer: a connection each, so that a client may be shared by threads.

The token goes to the scheme, host and port of the client's address and nowhere else: a redirect is followed
there only. `ssl` is used for an address with https only, and verifies the certificate and its name.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from .errors import BadAnswer, ClientError, Redirected, Refused, Unreachable

JSON = "application/json"

#: Redirects of one request that are followed.
MAX_REDIRECTS = 3
#: Bytes that are read at once.
_PIECE = 65_536
#: Seconds in `Retry-After` at most: more digits are no number of seconds.
_MAX_DIGITS = 9


def path_of(*parts: str) -> str:
    """Return the path of the interface with these parts, each quoted.

    >>> path_of("channels", "bed 2", "state")
    '/api/v1/channels/bed%202/state'

    Raises `ValueError` for a part that would leave its place: empty, `.` or `..`.
    """
    if wrong := [part for part in parts if part in ("", ".", "..")]:
        raise ValueError(f"{wrong[0]!r} is no name of a channel, a sensor or a schedule")
    return "/".join(("/api/v1", *(quote(part, safe="") for part in parts)))


class Transport:
    """The way to one device.

    `timeout` is in seconds, for the connection, for each wait within an answer, and for all of its body.
    Raises `ValueError` for an address that is none.
    """

    def __init__(self, url: str, token: str, timeout: float, ca_file: str, max_bytes: int) -> None:
        parts = urlsplit(url if "//" in url else f"http://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"{url!r} is no address of a device: expected such as http://greenhouse.local")
        if parts.username is not None or parts.password is not None:
            raise ValueError("an address has no user and no password: give the token as `token`")
        if not (token.isascii() and token.isprintable()) or " " in token:
            raise ValueError("this is no token: it has characters that no token has")
        self.url = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        self.timeout = timeout
        self._scheme, self._host = parts.scheme, parts.hostname
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._prefix = parts.path.rstrip("/")
        self._headers = {"Connection": "close"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._ca_file = ca_file
        self._max_bytes = max_bytes

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        fine: tuple[int, ...] = (),
    ) -> tuple[Any, str]:
        """Return the JSON of an answer, None where it has no body, and its entity tag.

        `fine` are statuses besides 200 to 299 that are no error. Raises `ClientError`.
        """
        fields = {"Accept": JSON, **(headers or {})}
        content = None if body is None else json.dumps(body, allow_nan=False).encode()
        if content is not None:
            fields["Content-Type"] = JSON
        target = f"{path}?{urlencode(query)}" if query else path
        with self.open(method, target, content, fields) as response:
            content = self._read(response)
        if response.status >= 300 and response.status not in fine:
            raise refused(response, content)
        if not content:
            return None, response.getheader("ETag", "")
        try:
            return json.loads(content), response.getheader("ETag", "")
        except ValueError:
            raise BadAnswer(f"{self.url} has answered {path} with something else than JSON.") from None

    @contextmanager
    def open(
        self,
        method: str,
        target: str,
        content: bytes | None,
        headers: dict[str, str],
        timeout: float | None = None,
    ) -> Iterator[HTTPResponse]:
        """Yield an answer of which only the head is read, redirects on the same host followed.

        Its connection ends with the block. Raises `Unreachable`, `Redirected` and `BadAnswer`.
        """
        target = self._prefix + target
        for _ in range(MAX_REDIRECTS + 1):
            connection = self._connect(self.timeout if timeout is None else timeout)
            response: HTTPResponse | None = None
            try:
                response = self._head(connection, method, target, content, headers)
                location = response.getheader("Location", "")
                if response.status not in (301, 302, 303, 307, 308) or not location:
                    yield response
                    return
                target = self._follow(method, target, location)
            finally:
                if response is not None:
                    response.close()  # it may have the socket, or only a file of it
                connection.close()
        raise BadAnswer(f"{self.url} redirects again and again.")

    def _head(
        self,
        connection: HTTPConnection,
        method: str,
        target: str,
        content: bytes | None,
        headers: dict[str, str],
    ) -> HTTPResponse:
        try:
            connection.request(method, target, content, {**self._headers, **headers})
            return connection.getresponse()
        except (OSError, HTTPException) as error:
            raise self._failure(error) from error

    def piece(self, response: HTTPResponse) -> bytes:
        """Return the next bytes of an answer, none at its end. Raises `Unreachable` and `BadAnswer`."""
        try:
            return response.read1(_PIECE)
        except (OSError, HTTPException) as error:
            raise self._failure(error) from error

    def _read(self, response: HTTPResponse) -> bytes:
        content, expected = b"", response.length  # None without a Content-Length
        ends = time.monotonic() + self.timeout
        # counted here: before Python 3.12.2 `read1` does not, and would wait for more on an open connection
        while (expected is None or len(content) < expected) and (piece := self.piece(response)):
            content += piece
            if len(content) > self._max_bytes:
                raise BadAnswer(f"{self.url} has answered with more than {self._max_bytes} bytes.")
            if time.monotonic() > ends:
                raise Unreachable(f"{self.url} does not finish its answer within {self.timeout:g} s.")
        if expected is not None and len(content) < expected:
            raise BadAnswer(f"The answer of {self.url} was cut off.")
        return content

    def _connect(self, timeout: float) -> HTTPConnection:
        if self._scheme == "http":
            return HTTPConnection(self._host, self._port, timeout=timeout)
        import ssl
        from http.client import HTTPSConnection

        try:
            context = ssl.create_default_context(cafile=self._ca_file or None)
        except OSError as error:  # ssl.SSLError is one
            raise Unreachable(f"{self._ca_file}: {error.strerror or error}") from None
        return HTTPSConnection(self._host, self._port, timeout=timeout, context=context)

    def _follow(self, method: str, target: str, location: str) -> str:
        """Return the path and query of a redirect. Raises `Redirected` where it leads elsewhere."""
        here = urljoin(f"{self._scheme}://{self._netloc}", target)
        there = urljoin(here, location)
        parts = urlsplit(there)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if method != "GET" or (parts.scheme, parts.hostname, port) != (self._scheme, self._host, self._port):
            raise Redirected(there)
        return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"

    @property
    def _netloc(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{host}:{self._port}"

    def _failure(self, error: Exception) -> ClientError:
        if isinstance(error, TimeoutError):
            return Unreachable(f"{self.url} does not answer within {self.timeout:g} s.")
        if isinstance(error, HTTPException) and not isinstance(error, OSError):
            return BadAnswer(f"{self.url} does not speak HTTP as a device does: {type(error).__name__}.")
        verify_message = getattr(error, "verify_message", "")
        if verify_message:
            return Unreachable(
                f"The certificate of {self.url} is not trusted: {verify_message}. Give the certificate of its"
                " authority as ca_file."
            )
        return Unreachable(f"{self.url} cannot be reached: {getattr(error, 'strerror', '') or error}.")


def refused(response: HTTPResponse, content: bytes) -> Refused:
    """Return the error of an answer, by its problem document where it has one."""
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    document = found if isinstance(found, dict) else {}
    rows = document.get("errors")
    after = response.getheader("Retry-After", "")
    return Refused(
        response.status,
        str(document.get("title") or response.reason or "Refused"),
        str(document.get("detail", "")),
        key=str(document.get("key", "")),
        errors=[row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else [],
        retry_after=float(after) if after.isdecimal() and len(after) <= _MAX_DIGITS else None,
    )
