"""A client that reads a stream of events."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

PATH = "/api/v1/events"


class Listener:
    """A client that reads a stream of events."""

    def __init__(self, client: Any, query: str = "", **headers: str) -> None:
        self.response = client.get(f"{PATH}{query}", buffered=False, headers=headers)
        assert self.response.status_code == 200, self.response.text
        self._chunks = iter(self.response.response)
        self._waiting = b""
        self.last_id = ""

    def next(self) -> tuple[str, Any]:
        """The name and the data of the next event."""
        while True:
            block, found, rest = self._waiting.partition(b"\n\n")
            if not found:
                self._waiting += next(self._chunks)
                continue
            self._waiting = rest
            fields = dict(line.split(": ", 1) for line in block.decode().split("\n") if ": " in line)
            if "data" in fields:
                self.last_id = fields.get("id", self.last_id)
                return fields["event"], json.loads(fields["data"])

    def until(self, is_right: Callable[[str, Any], bool]) -> Any:
        """The data of the next event for which this holds."""
        while True:
            name, data = self.next()
            if is_right(name, data):
                return data

    def rest(self) -> bytes:
        """Everything up to the end of the stream."""
        return b"".join(self._chunks)

    def close(self) -> None:
        self.response.close()
