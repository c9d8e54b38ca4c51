"""What two runs of one program never have in common, by named rules.

A rule replaces text by its name in angle brackets, so that a difference still shows if only one of two
answers has such a text. Rules of `ALWAYS` hold for every program; a program or a request names the others
that it needs.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from typing import NamedTuple


class Rule(NamedTuple):
    """A pattern and what comes in its place. A header is matched as the line `Name: value`."""

    reason: str
    pattern: re.Pattern[str]
    replacement: str


def _rule(reason: str, pattern: str, replacement: str) -> Rule:
    return Rule(reason, re.compile(pattern, re.M), replacement)


_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_NAMED_TIME = rf"\d\d?[ /-]{_MONTH}[ /-]\d{{4}}[ :]\d\d:\d\d:\d\d"
_ISO_TIME = r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?"

RULES: dict[str, Rule] = {
    "date": _rule("the time of the answer", r"^Date: .*", "Date: <date>"),
    "time": _rule(
        "a time of day, with or without its zone",
        rf"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?(?:{_ISO_TIME}|{_NAMED_TIME})(?: ?[+-]\d\d:?\d\d|Z| GMT)?"
        rf"|{_MONTH} \d+, \d{{4}}, \d+:\d\d:\d\d\s[AP]M",
        "<time>",
    ),
    "expires": _rule("when a cookie ends", r"(?i)\bexpires=[^;]+", "Expires=<time>"),
    "csrf": _rule(
        "a token of Flask-WTF: random, signed, with its time",
        r"I[jm][A-Za-z0-9_-]{40,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{20,}",
        "<csrf>",
    ),
    "hex": _rule("random hexadecimal digits", r"\b[0-9a-f]{20,128}\b", "<hex>"),
    "uuid": _rule("a random UUID", r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<uuid>"),
    "nonce": _rule("a nonce of a content security policy", r"(nonce[-=]['\"]?)[\w+/=-]{16,}", r"\1<nonce>"),
    "address": _rule("where an object lies", r"\b0x[0-9a-f]{6,16}\b", "<address>"),
    "pid": _rule("a process", r"(?<=\[)\d+(?=\])|(?<=pid:)\d+|(?<=pid: )\d+", "<pid>"),
    "gunicorn": _rule(
        "what gunicorn says of its processes: the worker may end before it is told to",
        r"(?<=Listening at: http://127\.0\.0\.1:<port>) \(\d+\)|^.*Worker \(pid:<pid>\) was sent SIGTERM!$",
        "",
    ),
    "seconds": _rule("how long it took", r"\b\d+\.\d+(?= ?(?:s|ms|sec|seconds)\b)", "<seconds>"),
    "etag": _rule("made of the time of a file", r"(?i)^ETag: .*", "ETag: <etag>"),
    "modified": _rule("the time of a file", r"^Last-Modified: .*", "Last-Modified: <time>"),
    "length": _rule("of a body that differs", r"^Content-Length: .*", "Content-Length: <length>"),
    "timestamp": _rule("seconds since 1970", r"\b1[789]\d{8}(?:\.\d+)?\b", "<timestamp>"),
    "signed": _rule(
        "the signature of a link, with a random key", r"(\bWyJ[\w-]+)\.[\w-]{27}", r"\1.<signature>"
    ),
    "qr": _rule("a QR code of such a link", r'<path d="M4,4[^"]*"', "<qr>"),
    "jwt": _rule("a JSON Web Token, with its time", r"\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]+", "<jwt>"),
    "sid": _rule("the name of a connection of Socket.IO", r'(?<="sid":")[\w-]{20}', "<sid>"),
    "version": _rule("Flask's version, which has edgeweb's behind it", r"\b3\.1\.3\+edgeweb[.\w]+", "3.1.3"),
    "retry": _rule("seconds until a limit ends", r"^Retry-After: \d+", "Retry-After: <seconds>"),
    "timing": _rule("how long it took", r"^Server-Timing: .*", "Server-Timing: <timing>"),
    "uptime": _rule("since its start", r"\b\d+ seconds?\b", "<seconds>"),
    "figures": _rule(
        "memory, speed and objects of a process",
        r"\b[\d.]+(?= ?(?:MB|watches/sec|startup objects)\b)",
        "<figure>",
    ),
    "queue": _rule(
        "how long a queue is at a moment, and since when something waits in it",
        r"(?<=Queue length update received: )\d+|(?<=Queued watch UUID <uuid> )Checked at .*",
        "<queue>",
    ),
    "first": _rule(
        "what it does at its first start in an environment",
        r"^.*(?:Compiling translation files\.\.\.|Translations compiled successfully)$",
        "",
    ),
    "disk": _rule("what is free on the disk", r'(?<="free": )\d+', "<bytes>"),
    "dash": _rule("Dash's mark of the end of a page", r'(?<="end_id":")\w{24}~[0-9a-f]{64}', "<end>"),
    "amazon": _rule("the name of a request to AWS", r"\b[A-Za-z0-9]{52}\b", "<request>"),
    "server": _rule("the name of the server", r"^Server: .*\n?", ""),
    "connection": _rule(
        "how a server ends an answer",
        r"^(?:Connection|Keep-Alive|Transfer-Encoding|Content-Length): .*\n?",
        "",
    ),
}
#: For every program.
ALWAYS = ("date", "expires", "csrf", "address")
#: For every log.
LOG = ("time", "pid", "seconds", "hex", "gunicorn")
#: For a comparison of two servers: these headers are the server's.
TWO_SERVERS = ("server", "connection")

#: A session cookie of Flask: payload (with a dot before it: compressed), time, signature.
_SESSION = re.compile(r"(?<==)(\.?[A-Za-z0-9_-]+)\.[A-Za-z0-9_-]{5,8}\.[A-Za-z0-9_-]{27}(?=;)")
#: A frame of a traceback in the framework: the two differ there by nature.
_FRAME = re.compile(
    r'^ *File "[^"]*/(?:flask|edgeweb|werkzeug)/[^"]*", line \d+, in .*\n(?: {4,}.*\n)*|^ *[\^~]+\n', re.M
)


def apply(text: str, names: Iterable[str]) -> str:
    """Return a text with what the named rules are about replaced. Raises `KeyError` for a name without rule.

    >>> apply("Date: Fri, 27 Nov 2026 17:00:00 GMT", ["date"])
    'Date: <date>'
    """
    for name in names:
        rule = RULES[name]
        text = rule.pattern.sub(rule.replacement, text)
    return text


def open_session(header: str) -> str:
    """Replace a signed session in a Set-Cookie header by its content, without the time and the signature.

    >>> open_session("Set-Cookie: session=eyJhIjoxfQ.aSh7bQ.zMrkZ1kpYdq9wq2ZrTq1Zp8c0Zk; Path=/")
    'Set-Cookie: session=<session {"a":1}>; Path=/'
    """

    def content(match: re.Match[str]) -> str:
        payload = match[1]
        padded = payload.removeprefix(".") + "=" * (-len(payload.removeprefix(".")) % 4)
        data = base64.urlsafe_b64decode(padded)
        if payload.startswith("."):
            import zlib

            data = zlib.decompress(data)
        # Parsed and written again: the order of keys is part of the payload, its spaces are not.
        return f"<session {json.dumps(json.loads(data), separators=(',', ':'))}>"

    try:
        return _SESSION.sub(content, header)
    except ValueError:
        return header


def without_frames(log: str) -> str:
    """Return a log without the frames of tracebacks that lie in Flask, edgeweb or Werkzeug."""
    return _FRAME.sub("", log)
