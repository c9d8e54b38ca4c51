"""Calls into the code of other packages, which may hang, print, raise anything, or ask to end the process."""

from __future__ import annotations

import sys
from _thread import allocate_lock, start_new_thread
from collections.abc import Callable
from typing import Generic, TypeVar

from ..system.text import clean

T = TypeVar("T")

#: Characters of what an exception says, and of a file's name.
_MAX_TEXT, _MAX_NAME = 200, 60


class Faulty(Exception):
    """A package did not do what a driver or a kind has to; the text says what, for people."""


class Call(Generic[T]):
    """A call that is made on a thread of its own, from now on.

    >>> Call(lambda: 6 * 7).result(10)
    42
    """

    __slots__ = ("_call", "_done", "_error", "_result")

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._done = allocate_lock()
        self._done.acquire()
        self._result: list[T] = []
        self._error = ""
        try:
            start_new_thread(self._make, ())
        except RuntimeError:  # no memory for another thread
            self._error = "no memory for a thread"
            self._done.release()

    def _make(self) -> None:
        try:
            self._result.append(self._call())
        except Faulty as fault:
            self._error = str(fault)
        except BaseException as error:  # SystemExit as well: it would end the thread without a word
            self._error = described(error)
        finally:
            self._done.release()

    def is_done(self, seconds: float) -> bool:
        """Return whether the call has returned, after waiting for that long at most."""
        if not self._done.acquire(timeout=max(seconds, 0.0)):
            return False
        self._done.release()
        return True

    def result(self, seconds: float) -> T:
        """Return what the call has returned.

        Raises `Faulty` with what it has raised, or where it has not returned in that time.
        """
        if not self.is_done(seconds):
            raise Faulty(f"no answer within {seconds:g} s")
        if not self._result:
            raise Faulty(self._error)
        return self._result[0]


def described(error: BaseException) -> str:
    """Return an exception with its place, as one line for people.

    >>> described(ValueError("five"))
    'ValueError: five'
    """
    text = clean(error, _MAX_TEXT)
    words = f"{type(error).__name__}: {text}" if text else type(error).__name__
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    if place is None:
        return words
    file = clean(place.tb_frame.f_code.co_filename.rpartition("/")[2], _MAX_NAME)
    return f"{words} ({file}, line {place.tb_lineno})"


class Quiet:
    """Has what is printed go to stderr meanwhile: stdout may be JSON for a program.

    Not for the time of an import, which may never end, but for that of waiting for it, from any thread.
    """

    __slots__ = ("_lock", "_number", "_stdout")

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._number = 0
        self._stdout = sys.stdout

    def __enter__(self) -> None:
        with self._lock:
            if not self._number:
                self._stdout, sys.stdout = sys.stdout, sys.stderr
            self._number += 1

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._number -= 1
            if not self._number:
                sys.stdout = self._stdout


QUIET = Quiet()
