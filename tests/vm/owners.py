"""An owner who leaves marks in all that the product keeps, and the search for them."""

from __future__ import annotations

import hashlib
import http.client
import json
import re
from pathlib import Path
from typing import Any

API = "/api/v1"
#: Begins every mark, and is nowhere else.
MARK = "zqmark"
#: What a new owner can read of the device: an owner before must be in none of it. The backup has all tables.
READABLE = (
    *("users", "tokens", "sessions", "audit", "settings", "schedules", "channels", "sensors", "backup"),
    *("channels/lamp/history", "metrics/history", "mqtt", "status"),
)


class Client:
    """Requests to one server, with a token or without."""

    def __init__(self, port: int, host: str) -> None:
        self._port = port
        self._host = host
        self.token = ""
        self.cookie = ""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
        """Return status and text of an answer. A cookie that is set is kept in `cookie`."""
        headers = {"Host": self._host, **headers}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, f"{API}/{path}", content, headers)
            answer = connection.getresponse()
            self.cookie = answer.headers.get("Set-Cookie", "").partition(";")[0]
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def demand(self, status: int, method: str, path: str, body: Any = None, **headers: str) -> str:
        """Return the text of an answer, which must have this status."""
        found, text = self.ask(method, path, body, **headers)
        assert found == status, (method, path, found, text)
        return text


class Owner:
    """One owner of a device, with the owner's mark in all that was entered."""

    def __init__(self, mark: str, name: str, password: str) -> None:
        self.mark = mark
        self.name = name
        self.password = password
        self.code = "NONE-NONE-NONE"
        self.token = ""
        self.session = ""

    def claim(self, client: Client, code: str) -> None:
        """Become the owner by a set-up code."""
        self.code, client.token = code, ""
        body = {"code": self.code, "name": self.name, "password": self.password}
        self.token = json.loads(client.demand(201, "POST", "setup", body))["token"]
        client.token = self.token

    def fill(self, client: Client) -> None:
        """Leave something in every table that people fill: also an open browser, and what a channel did."""
        mark, any_tag = self.mark, {"If-Match": "*"}
        client.token = self.token
        client.demand(201, "POST", "tokens", {"note": f"{mark} token", "role": "admin"})
        client.demand(
            201, "POST", "users", {"name": f"{mark}-eve", "password": self.password, "role": "viewer"}
        )
        thing = {"id": mark, "driver": "memory", "mode": "output", "title": f"{mark} thing"}
        client.demand(201, "POST", "channels", thing)
        client.demand(200, "PATCH", "settings", {"dashboard.title": f"{mark} title"}, **any_tag)
        daily = {"channel": mark, "action": "on", "kind": "daily", "at": "07:00", "days": ["mon"]}
        client.demand(201, "PUT", f"schedules/{mark}", {**daily, "title": f"{mark} schedule"})
        for on in (True, False):
            client.demand(200, "PUT", f"channels/{mark}/state", {"on": on})
            client.demand(200, "PUT", "channels/lamp/state", {"on": on})
        browser = {"User-Agent": f"{mark} browser"}
        client.token = ""
        client.demand(200, "POST", "session", {"name": self.name, "password": self.password}, **browser)
        client.token, self.session = self.token, client.cookie

    @property
    def secrets(self) -> list[bytes]:
        """What must be found nowhere once the owner has gone: as it was given, and as the state has it.

        Without the set-up code: the journal keeps it, and it opens nothing any more.
        """
        key = self.session.partition("=")[2]
        found = [self.mark, self.token, key]
        found += [hashlib.sha256(text.encode()).hexdigest() for text in (self.token, key)]
        assert all(len(text) > len(MARK) for text in found), found
        return [text.encode() for text in found]

    def sign_in(self, client: Client) -> int:
        """Return the status of a sign-in with name and password."""
        client.token = ""
        return client.ask("POST", "session", {"name": self.name, "password": self.password})[0]

    def check_untouched(self, client: Client) -> None:
        """Fail unless the owner is there with all that was left."""
        client.token = self.token
        for path in ("users", "tokens", "sessions", "settings", "schedules", "channels", "audit"):
            assert self.mark in client.demand(200, "GET", path), path
        client.token = ""
        client.demand(200, "GET", "users", Cookie=self.session)
        assert self.sign_in(client) == 200
        client.token = self.token

    def check_shut_out(self, client: Client) -> None:
        """Fail unless nothing that the owner has opens the device."""
        client.token = ""
        client.demand(401, "GET", "users", Cookie=self.session)
        client.demand(401, "GET", "users", Authorization=f"Bearer {self.token}")
        assert self.sign_in(client) == 401
        claim = {"code": self.code, "name": self.name, "password": self.password}
        client.demand(401, "POST", "setup", claim)

    def check_unreadable(self, client: Client, paths: tuple[str, ...]) -> None:
        """Fail where the next owner, as whom the client asks, reads something of this one."""
        for path in paths:
            text = client.demand(200, "GET", path)
            assert found_in(text.encode(), self.secrets) == [], (path, text)


def found_in(content: bytes, secrets: list[bytes]) -> list[bytes]:
    """Return which of the secrets are in the content, wherever and between whatever bytes."""
    return [secret for secret in secrets if secret in content]


def files_with(folder: Path, secrets: list[bytes]) -> list[str]:
    """Return the files below a folder in whose content or name one of the secrets is."""
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if found_in(str(path.relative_to(folder)).encode(), secrets)
        or (path.is_file() and not path.is_symlink() and found_in(path.read_bytes(), secrets))
    ]


def newest_code(log: str) -> str:
    """Return the last set-up code that a log has."""
    codes = re.findall(r"set-up code ([A-Z0-9-]+)", log)
    assert codes, log
    return str(codes[-1])
