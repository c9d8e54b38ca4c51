"""A browser without a screen: cookies, forms, and what an answer has to bring for the next request."""

from __future__ import annotations

import http.client
import json
import re
import time
import urllib.parse
from collections.abc import Callable, Mapping
from typing import NamedTuple

from .compare import Answer

#: Seconds for one answer; a program that answers its first request late is still importing.
TIMEOUT = 60.0


class Request(NamedTuple):
    """One request, and what of its answer may differ. Of `form`, `json` and `body` at most one is given.

    In values, `{name}` stands for what a former request has kept under this name, `{cookie NAME}` for the
    value of a cookie.
    """

    method: str
    path: str
    form: Mapping[str, str] = {}
    json: object = None
    headers: Mapping[str, str] = {}
    #: The status on Flask: a program that answers everything with 500 would be equal, too.
    status: int = 200
    #: Name -> pattern whose group is searched in the body and kept.
    keeps: Mapping[str, str] = {}
    #: Names of rules, besides those of the program.
    differs: tuple[str, ...] = ()
    #: Has to be in the body, on Flask as on edgeweb.
    text: str = ""


class Missing(Exception):
    """An answer does not bring what the next request needs; the text names both."""


class Client:
    """Makes requests of one person: cookies are kept, redirects are answers like others."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.kept: dict[str, str] = {}

    def ask(self, request: Request) -> Answer:
        """Make a request. Raises `Missing` for a value that no answer has brought, `OSError`."""
        headers = {"Host": f"127.0.0.1:{self.port}", "User-Agent": "Mozilla/5.0", "Accept": "*/*"}
        headers |= {name: self._filled(value) for name, value in request.headers.items()}
        body = b""
        if request.form:
            filled = {name: self._filled(value) for name, value in request.form.items()}
            body = urllib.parse.urlencode(filled).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        elif request.json is not None:
            body = self._filled(json.dumps(request.json)).encode()
            headers.setdefault("Content-Type", "application/json")
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body or request.method in ("POST", "PUT", "PATCH"):
            headers["Content-Length"] = str(len(body))
        answer = self._exchange(request.method, self._filled(request.path), body, headers)
        self._store_cookies(answer)
        for name, pattern in request.keeps.items():
            match = re.search(pattern, answer.body.decode(errors="replace"))
            if match is None:
                raise Missing(f"{request.method} {request.path}: {answer.status}, and no {pattern} in it")
            self.kept[name] = match[1]
        return answer

    def _exchange(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders(body or None)
            response = connection.getresponse()
            return Answer(response.status, tuple(response.getheaders()), response.read())
        finally:
            connection.close()

    def _filled(self, text: str) -> str:
        for name, value in self.kept.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def _store_cookies(self, answer: Answer) -> None:
        for name, value in answer.headers:
            if name.lower() != "set-cookie":
                continue
            cookie, _, attributes = value.partition(";")
            key, _, content = cookie.partition("=")
            ended = re.search(r"(?i)max-age=0\b|expires=Thu, 01[ -]Jan[ -]1970", attributes)
            if ended:
                self.cookies.pop(key, None)
            else:
                self.cookies[key] = content
                # Some programs have their port in the name.
                self.kept[f"cookie {key.replace(str(self.port), 'PORT')}"] = content


def wait_until_ready(port: int, path: str, seconds: float, alive: Callable[[], None]) -> None:
    """Ask for a path until the answer is no error. Raises `TimeoutError`, and what `alive` raises."""
    client, end = Client(port), time.monotonic() + seconds
    while True:
        try:
            if client.ask(Request("GET", path)).status < 400:
                return
        except (OSError, http.client.HTTPException):
            pass
        alive()
        if time.monotonic() > end:
            raise TimeoutError(f"{path} is not answered after {seconds:.0f} s")
        time.sleep(0.2)
