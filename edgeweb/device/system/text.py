"""Text from outside: names, labels and messages of the system, as one line of valid Unicode.

A host name may be Latin-1, a sensor's label may be random bytes, the message of a journal entry may be a list
of numbers. What reads such a value passes it through `clean`, so that JSON, pages, Prometheus, headers, the
log and the audit log need no checks of their own.
"""

from __future__ import annotations

import re

#: The last character of a text that was cut.
CUT = "…"

#: In place of a character that cannot be shown: a control character, half of a surrogate pair.
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

#: Read this many times the length of the result, because characters are dropped.
_READ = 4

#: Lists in a list that are read: an entry of the journal may have several values, each a list of bytes.
_MAX_DEPTH = 2

#: Between the values of a list.
_SEPARATOR = " | "

#: Invisible characters to drop, as ranges: soft hyphen, zero-width characters, marks and overrides of the
#: direction of text, byte order mark. An override would show the rest of a page backwards.
_INVISIBLE = (
    (0x00AD, 0x00AD),
    (0x061C, 0x061C),
    (0x180E, 0x180E),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0xFEFF, 0xFEFF),
    (0xFFF9, 0xFFFB),
    (0xE0000, 0xE007F),
)

#: Sequences of a terminal: colours and cursor (CSI), titles and links (OSC). Source: ECMA-48, 5.4 and 8.3.89.
_TERMINAL = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)"

#: Surrogates that stand for the bytes 80 to FF.
_BYTES = "[\udc80-\udcff]"

#: Surrogates that stand for no byte.
_HALVES = "[\ud800-\udc7f\udd00-\udfff]"


def clean(value: object, longest: int = 255) -> str:
    r"""Return a value as one line of valid Unicode of at most `longest` characters; never raise.

    Every character of the result is printable by `str.isprintable`: no control characters, surrogates or
    overrides of direction. A line break becomes a space, a terminal's colours go, and what cannot be shown
    becomes U+FFFD. A text that is too long ends in "…". A list is that of a journal entry: numbers are bytes,
    several values are joined by " | ". None is the empty text.

    Bytes are UTF-8; a byte that is none is Latin-1, which is what old tools write. Two values may become the
    same text, so a table by name has to expect that.

    >>> clean(b"k\xfcche"), clean("k\udcfcche\n"), clean("k\u00fcche")
    ('küche', 'küche', 'küche')
    >>> clean("\x1b[31mred\x1b[0m\talert\x00 \u202e<b>")
    'red alert\ufffd <b>'
    >>> clean([[104, 105], "there"]), clean(None), clean(21.5), clean("a" * 9, 5)
    ('hi | there', '', '21.5', 'aaaa…')

    Source: systemd.journal-fields(7) and the JSON form in journalctl(1); PEP 383 for surrogates.
    """
    # the common case costs two calls in C
    if type(value) is str and len(value) <= longest and value.isprintable():
        return value
    limit = max(longest, 1) * _READ
    text = _text(value, limit, _MAX_DEPTH)
    is_cut = len(text) > limit
    text = text[:limit]
    if not text.isprintable():
        text = "".join(map(_printable, re.sub(_TERMINAL, "", text.rstrip().replace("\r\n", "\n"))))
    if is_cut or len(text) > longest:
        text = text[: max(longest - 1, 0)] + CUT
    return text[:longest]


def to_ascii(text: str) -> str:
    """Return a text as ASCII: letters lose their accents, and what has no such letter is dropped.

    >>> to_ascii("Lampe d'été 2"), to_ascii("灯")
    ("Lampe d'ete 2", '')
    """
    if text.isascii():
        return text
    from unicodedata import normalize  # tables of 0.7 MB, for this alone

    return normalize("NFKD", text).encode("ascii", "ignore").decode()


def _text(value: object, limit: int, depth: int) -> str:
    """Return a value as text; only its first `limit` characters, and one more, need to be right."""
    if value is None:
        return ""
    if isinstance(value, str):
        # undecodable bytes of the system are low surrogates, which become bytes again
        text = value[: limit + 1]
        return text if text.isprintable() else _decode(_encode(text))
    if isinstance(value, (bytes, bytearray, memoryview)):
        # a character of UTF-8 has at most four bytes
        return _decode(bytes(value[: (limit + 1) * 4]))
    if isinstance(value, (list, tuple)):
        # a list of numbers may be that of bytes
        part = value[: (limit + 1) * 4]
        if all(type(item) is int and 0 <= item <= 255 for item in part):
            return _decode(bytes(part))
        if not depth:
            return _REPLACEMENT
        return _SEPARATOR.join(_text(item, limit, depth - 1) for item in part[: limit + 1])
    try:
        return str(value)
    except Exception:  # the value is anything: an integer may have too many digits to be written
        return _REPLACEMENT


def _encode(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half of a pair, which stands for no byte
        return re.sub(_HALVES, _REPLACEMENT, text).encode("utf-8", "surrogateescape")


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("utf-8", "surrogateescape")
        return re.sub(_BYTES, lambda found: chr(ord(found[0]) - 0xDC00), text)


def _printable(letter: str) -> str:
    if letter.isprintable():
        return letter
    if letter.isspace():
        return " "
    number = ord(letter)
    return "" if any(first <= number <= last for first, last in _INVISIBLE) else _REPLACEMENT
