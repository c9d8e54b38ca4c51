"""Passwords, stored as scrypt hashes with parameters for small memory, and hashed one at a time.

OWASP's equivalent of Werkzeug's default (n=32768, p=1) with n=8192, p=10 takes 8.5 MB in place of 33 for the
same work. Four of them at once would still be 34 MB on a board that has 64 to spare, hence the lock. The
format is Werkzeug's: `werkzeug.security.check_password_hash` reads it.
"""

from __future__ import annotations

import os
import sys
from _operator import _compare_digest
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import BoundedSemaphore, Lock

from ..system.command import CommandError, run
from .rate_limit import TooManyAttempts

#: n, r, p of scrypt (RFC 7914).
COST = (8192, 8, 10)

MIN_LENGTH = 10
#: Different characters at least, and characters beside common words.
MIN_DIFFERENT = 4
#: scrypt takes any length, and a body of 64 KiB is no password.
MAX_LENGTH = 256

#: Bytes that a hash needs at least to be worth a process: with less, starting one takes longer than the work.
WORTH_A_PROCESS = 1 << 20
#: Seconds for that process, on a board that swaps.
PATIENCE = 60.0
_PROGRAM = """\
import sys
from _hashlib import scrypt
order, password = sys.stdin.buffer.read().split(b"\\n", 1)
n, r, p, room, salt = order.split()
numbers = dict(n=int(n), r=int(r), p=int(p), maxmem=int(room))
sys.stdout.write(scrypt(password, salt=salt, **numbers).hex())
"""

#: What people write in place of letters, and after a word.
_LOOKALIKES = str.maketrans("@4310$57!", "aaeiossti")
_ENDS = "0123456789!?.,*#+-_ "

#: One password is hashed while others wait: one of strangers, one of known places (`known.py`). With more,
#: guesses would occupy every thread of the server; with a common room, strangers would fill it.
_ROOMS = {False: BoundedSemaphore(2), True: BoundedSemaphore(1)}
_WORKING = Lock()
#: The places with a password in work or in the queue. Each has one: six connections of one client are one.
_PLACES: set[str] = set()
_ENTERING = Lock()


class Busy(TooManyAttempts):
    """Other passwords are being checked; the next second will do."""

    def __init__(self) -> None:
        super().__init__(0.0)


def hash_password(password: str) -> str:
    """Return the hash to store for a password, as text. Raises `Busy`."""
    n, r, p = COST
    salt = os.urandom(12).hex()
    with _turn("", True):
        return f"scrypt:{n}:{r}:{p}${salt}${_scrypt(password, salt, n, r, p)}"


def is_password(password: str, kept: str, place: str = "", known: bool = False) -> bool:
    """Return whether a password has this hash; a wrong one takes as long.

    `place` is where it comes from, and `known` whether a sign-in came from there before. Raises `Busy`.
    """
    method, salt, expected = kept.split("$")
    n, r, p = map(int, method.split(":")[1:])
    with _turn(place, known):
        return _compare_digest(_scrypt(password, salt, n, r, p), expected)


def fault_of(password: str, *names: str) -> str:
    """Return the fault of a new password, for people; the empty text where there is none.

    Length is what counts (NIST SP 800-63B): a passphrase needs no digits and no signs. `names` are those of
    the user and of the device.
    """
    if len(password) < MIN_LENGTH:
        return f"a password of at least {MIN_LENGTH} characters"
    if len(password) > MAX_LENGTH:
        return f"a password of at most {MAX_LENGTH} characters"
    return "a password that is harder to guess" if _is_common(password.lower(), names) else ""


def _is_common(password: str, names: tuple[str, ...]) -> bool:
    """Return whether hardly anything is left of a password without common words, names and a last number.

    `common_passwords.txt` is this project's own: words, keyboard rows and runs of digits that every published
    list of leaked passwords has near its top. It is read here and not kept: passwords are rarely set.
    """
    if len(set(password)) < MIN_DIFFERENT or any(
        password == (password[:length] * len(password))[: len(password)] for length in range(1, MIN_DIFFERENT)
    ):
        return True
    with open(os.path.join(os.path.dirname(__file__), "common_passwords.txt"), encoding="ascii") as file:
        words = {*file.read().split(), *(name.lower() for name in names if len(name) > 2)}
    longest_first = sorted(words, key=lambda word: -len(word))
    for spelled in (password, password.rstrip(_ENDS).translate(_LOOKALIKES)):
        rest = spelled
        for common in longest_first:
            rest = rest.replace(common, "")
        if len(rest.rstrip(_ENDS)) < MIN_DIFFERENT:
            return True
    return False


def _scrypt(password: str, salt: str, n: int, r: int, p: int) -> str:
    """Return the hash, from a process of its own: OpenSSL and the work would keep 6 MB of this one's memory.

    Where no process can be started, this one does it.
    """
    room = 128 * r * (n + p + 4)  # what RFC 7914 needs, and no more
    if room >= WORTH_A_PROCESS and sys.executable and not hasattr(sys, "frozen"):
        order = f"{n} {r} {p} {room} {salt}\n{password}".encode()
        with suppress(CommandError):
            # without the folders of the site, and without what the environment says: 15 ms on a PC
            return run([sys.executable, "-I", "-S", "-c", _PROGRAM], PATIENCE, order).decode()
    from hashlib import scrypt

    return scrypt(password.encode(), salt=salt.encode(), n=n, r=r, p=p, maxmem=room).hex()


@contextmanager
def _turn(place: str, known: bool) -> Iterator[None]:
    """Wait for the turn of a place. Raises `Busy` where it has one already, or the queue is full.

    A known place takes the room of strangers where that is free, and its own otherwise.
    """
    with _ENTERING:
        rooms = (_ROOMS[False], _ROOMS[True]) if known else (_ROOMS[False],)
        room = None
        if place not in _PLACES:
            room = next((one for one in rooms if one.acquire(blocking=False)), None)
        if room is None:
            raise Busy
        if place:
            _PLACES.add(place)
    try:
        with _WORKING:
            yield
    finally:
        with _ENTERING:
            _PLACES.discard(place)
        room.release()
