"""Somebody with a browser that runs no script: pages as text, forms as their buttons send them."""

from __future__ import annotations

import html
import re
from typing import Any

from edgeweb import Flask

from ..people import OWN, browser_of


class Visitor:
    """A user who has signed in, without an account of scripts."""

    def __init__(self, app: Flask, name: str = "owner") -> None:
        self.client = browser_of(app, name)

    def get(self, path: str, status: int = 200, language: str = "en") -> str:
        """The text of a page, as a browser shows it."""
        answer = self.client.get(path, headers={"Accept": "text/html", "Accept-Language": language})
        assert answer.status_code == status, answer.text
        return html.unescape(answer.text)

    def send(self, path: str, status: int = 303, language: str = "en", **fields: Any) -> str:
        """Sends a form with the session's word; the page that comes of it, or the address of the next one."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.client.get("/about").text)
        assert found
        headers = {**OWN, "Accept": "text/html", "Accept-Language": language}
        answer = self.client.post(path, data={"csrf": found[1], **fields}, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.headers["Location"] if status == 303 else html.unescape(answer.text)
