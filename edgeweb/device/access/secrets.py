"""Secrets that are not passwords: random, too long to guess, and stored as their hash only."""

from __future__ import annotations

import os
from _operator import _compare_digest
from binascii import b2a_base64
from importlib import import_module

for _module in ("_sha2", "_sha256", "hashlib"):
    # the interpreter's own SHA-256 (Python 3.12, 3.11); hashlib would import OpenSSL
    try:
        sha256 = import_module(_module).sha256
        break
    except ImportError:
        continue

#: Without I, L, O and U, which people read as something else (Crockford's base 32).
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans("OIL", "011")

#: Shows in logs and diffs what has leaked, and lets scanners find it.
TOKEN_PREFIX = "edgeweb_"


def new_key(prefix: str = "") -> str:
    """256 random bits as text that needs no quoting anywhere."""
    text = b2a_base64(os.urandom(32), newline=False).decode()
    return prefix + text.translate(str.maketrans("+/", "-_", "="))


def digest(secret: str) -> str:
    """Return the hash to store for a secret. 256 random bits need no salt and no stretching."""
    return str(sha256(secret.encode()).hexdigest())


def equal(one: str, other: str) -> bool:
    """Compare in constant time."""
    return _compare_digest(one.encode(), other.encode())


def masked(token: str) -> str:
    """Return a token of hexadecimal digits as a text that is another one each time; `unmasked` undoes it.

    The length of a compressed answer says nothing about a text that is in no second answer.

    >>> unmasked(masked("2a")), len(masked("2a"))
    ('2a', 4)
    """
    mask = os.urandom(len(token) // 2)
    return mask.hex() + _xor(mask, bytes.fromhex(token)).hex()


def unmasked(text: str) -> str:
    """Return the token of a masked text; empty for what is none.

    >>> unmasked("no token"), unmasked("2a2")
    ('', '')
    """
    try:
        both = bytes.fromhex(text)
    except ValueError:
        return ""
    half = len(both) // 2
    return _xor(both[:half], both[half:]).hex() if len(both) == 2 * half else ""


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def new_code() -> str:
    """60 random bits for people to type: `K7QM-4T2X-9RWD`."""
    letters = [_ALPHABET[byte & 31] for byte in os.urandom(12)]
    return "-".join("".join(letters[at : at + 4]) for at in (0, 4, 8))


def same_code(typed: str, code: str) -> bool:
    """Return whether the typed text is this code, in any case, with or without its dashes.

    >>> same_code("k7qm 4t2x9rwd", "K7QM-4T2X-9RWD")
    True
    """
    return equal(plain(typed), plain(code))


def plain(typed: str) -> str:
    """Return a code as it was typed in its own letters, without what stands between them.

    >>> plain("k7qm-4t2x 9rwo")
    'K7QM4T2X9RW0'
    """
    return "".join(letter for letter in typed.upper() if letter.isalnum()).translate(_LOOKALIKES)
