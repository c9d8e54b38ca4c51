"""The heads of answers: what the application gives, and the lines that every answer has.

A device that is polled answers with the same few heads. Checking and joining one takes 6,000 instructions and
looking it up 2,000, so `Heads` remembers some of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import time

from waitress.task import hop_by_hop
from waitress.utilities import build_http_date

from .limits import Policy
from .origin import security_headers

Fields = Sequence[tuple[str, str]]

#: Bounds of what is remembered: heads, fields of each, and characters of each. Less than 40 KB in all.
_HEADS = 32
_HEAD_FIELDS = 4
_HEAD_CHARACTERS = 256

# Status codes whose answers have no body (RFC 9110, section 6.4.1).
WITHOUT_BODY = ("1", "204", "304")


class Head:
    """Status and fields as an application gives them to `start_response`, checked and joined.

    Raises `AssertionError` for a field that is the server's (PEP 3333), `ValueError` for a line end or a
    length that is no number, and `TypeError` for what is no text.
    """

    __slots__ = ("block", "content_length", "fields", "names", "start")

    def __init__(self, status: str, fields: Fields, security: dict[str, str]) -> None:
        self.fields: Fields = tuple(fields)
        self.content_length: int | None = None
        lines = [status]
        names = set()
        for name, value in fields:
            lower = name.lower()
            names.add(lower)
            if lower == "content-length":
                self.content_length = int(value)
            elif lower in hop_by_hop:
                raise AssertionError(f"{name} is for the server to set, not for an application (PEP 3333)")
            lines.append(name + ": " + value)
        block = "\r\n".join(lines)
        if not block.count("\n") == block.count("\r") == len(fields):
            raise ValueError("line end in a status or a header field")
        #: The status line without its version, and the fields.
        self.block = block
        #: The names of the fields in lower case.
        self.names = names
        #: All of the head but the last lines, `Heads.end`, for HTTP/1.1 on a connection that stays open.
        #: Empty for a head that brings some of these itself, or has no length, or no body.
        self.start = b""
        if (
            self.content_length is not None
            and "date" not in names
            and names.isdisjoint(security)
            and not status.startswith(WITHOUT_BODY)
        ):
            self.start = f"HTTP/1.1 {block}\r\n".encode("latin-1")


class Heads:
    """The heads of one policy: those that applications gave lately, and the end that all have."""

    def __init__(self, policy: Policy) -> None:
        self.security = security_lines(policy)
        self.security_block = security_block(self.security)
        self._known: dict[tuple[object, ...], Head] = {}
        #: The second of the date, -inf at first: 0 is the time of a board without a clock.
        self._second = float("-inf")
        self._date = ""
        self._end = b""

    def find(self, status: str, fields: Fields) -> Head:
        """Return the head of this status and these fields. Raises what `Head` does."""
        if len(fields) > _HEAD_FIELDS:
            return Head(status, fields, self.security)
        key = (status, *fields)
        try:
            head = self._known.get(key)
        except TypeError:  # a list in place of a pair, which PEP 3333 does not forbid clearly
            return Head(status, fields, self.security)
        if head is None:
            head = Head(status, fields, self.security)
            if len(head.block) <= _HEAD_CHARACTERS:
                if len(self._known) >= _HEADS:
                    self._known.clear()
                self._known[key] = head
        return head

    def end(self) -> bytes:
        """Return the date, the security lines and the empty line."""
        # Not `int(now) != second`, a call of 400 instructions. The clock of a board may go back.
        if not self._second <= time() < self._second + 1:
            self._renew()
        return self._end

    def date(self) -> str:
        """Return the Date field and its line end."""
        self.end()
        return self._date

    def _renew(self) -> None:
        now = int(time())
        self._date = f"Date: {build_http_date(now)}\r\n"
        self._end = (self._date + self.security_block).encode("latin-1")
        self._second = float(now)


def security_lines(policy: Policy) -> dict[str, str]:
    """Return by its lower-case name each line that an answer has which brings none of its own."""
    headers = security_headers(policy.frame_ancestors) if policy.security_headers else {}
    return {name.lower(): f"{name}: {value}" for name, value in headers.items()}


def security_block(lines: dict[str, str]) -> str:
    """Return the end of a head: these lines, and the empty one."""
    return "".join(line + "\r\n" for line in lines.values()) + "\r\n"
