"""Passwords, stored as scrypt hashes with parameters for small memory, and hashed one at a time.

OWASP's equivalent of Werkzeug's default (n=32768, p=1) with n=8192, p=10 takes 8.5 MB in place of 33 for the
same work. Four of them at once would still be 34 MB on a board that has 64 to spare, hence the lock. The
format is Werkzeug's: `werkzeug.security.check_password_hash` reads it.
"""

from __future__ import annotations

import os
from _operator import _compare_digest
from threading import BoundedSemaphore, Lock

from .rate_limit import TooManyAttempts

#: n, r, p of scrypt (RFC 7914).
COST = (8192, 8, 10)

MIN_LENGTH = 8
#: scrypt takes any length, and a body of 64 KiB is no password.
MAX_LENGTH = 256

#: One password is hashed while one waits. With more, guesses would occupy every thread of the server.
_ROOM = BoundedSemaphore(2)
_WORKING = Lock()


class Busy(TooManyAttempts):
    """Other passwords are being checked; the next second will do."""

    def __init__(self) -> None:
        super().__init__(0.0)


def hash_password(password: str) -> str:
    """Return the hash to store for a password, as text. Raises `Busy`."""
    n, r, p = COST
    salt = os.urandom(12).hex()
    return f"scrypt:{n}:{r}:{p}${salt}${_scrypt(password, salt, n, r, p)}"


def is_password(password: str, kept: str) -> bool:
    """Return whether a password has this hash; a wrong one takes as long. Raises `Busy`."""
    method, salt, expected = kept.split("$")
    n, r, p = map(int, method.split(":")[1:])
    return _compare_digest(_scrypt(password, salt, n, r, p), expected)


def fault_of(password: str, name: str) -> str:
    """Return the fault of a new password, for people; the empty text where there is none.

    Length is what counts (NIST SP 800-63B); there are no rules about characters.
    """
    if len(password) < MIN_LENGTH:
        return f"a password of at least {MIN_LENGTH} characters"
    if len(password) > MAX_LENGTH:
        return f"a password of at most {MAX_LENGTH} characters"
    if password.lower() == name.lower() or len(set(password)) < 3:
        return "a password that is harder to guess"
    return ""


def _scrypt(password: str, salt: str, n: int, r: int, p: int) -> str:
    from hashlib import scrypt  # OpenSSL, 3.6 MB: with the first password and not with the start

    if not _ROOM.acquire(blocking=False):
        raise Busy
    try:
        with _WORKING:
            room = 128 * r * (n + p + 4)  # what RFC 7914 needs, and no more
            key = scrypt(password.encode(), salt=salt.encode(), n=n, r=r, p=p, maxmem=room)
    finally:
        _ROOM.release()
    return key.hex()
