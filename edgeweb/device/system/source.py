"""Sources: the places where facts about the system enter the device, each behind one contract.

A source raises `SourceError` only, its text is clean, and `Poller` (`poller.py`) gives up on it after its
deadline. So a file that is empty, a folder that hangs and a sensor that returns garbage cost their own
figures and nothing else. `tests/device/system/attacks.py` has a table of all sources and attacks each.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Generic, TypeVar

from ..errors import DeviceError

T = TypeVar("T")

#: Seconds between two lines of the log with the same state of one source: a source that comes and goes must
#: not fill a memory card.
LOG_AGAIN = 3600.0

#: Kind of failure: the reason in English. The catalogues of the dashboard have them as `warning.KIND`.
REASONS = {
    "unreadable": "{detail}",
    "malformed": "unexpected content ({detail})",
    "late": "no answer within {detail} s",
    "no-thread": "no memory for a thread",
    "pending": "no answer yet",
}

#: Bytes of a kernel file that `read_file` returns at most.
MAX_FILE = 64 * 1024


class SourceError(DeviceError):
    """A part of the system could not be read. `kind` is a key of `REASONS`, `detail` the value in its text.

    >>> str(SourceError("5", "late"))
    'no answer within 5 s'
    """

    key = "system-refused"

    def __init__(self, detail: str, kind: str = "unreadable") -> None:
        super().__init__(REASONS[kind].format(detail=detail))
        self.kind = kind
        self.detail = detail


class Source(Generic[T]):
    """One part of the system: how it is read, and how the last reading went.

    `call` reads it and returns the value, in `deadline` seconds. `subject` is the one of its kind: the folder
    of a disk. Moments are those of the poller's clock.

    >>> source = Source("load", lambda: [0.5])
    >>> source.read()
    [0.5]
    """

    __slots__ = (
        *("_call", "_logged", "begun", "deadline", "error", "is_slow", "moment", "name", "since"),
        *("subject", "value"),
    )

    def __init__(self, name: str, call: Callable[[], T], deadline: float = 5.0, subject: str = "") -> None:
        self.name = name
        self.subject = subject
        self.deadline = deadline
        self._call = call
        #: The last value, None before the first, and the moment at which it was complete.
        self.value: T | None = None
        self.moment = 0.0
        #: Why the last reading failed, and the moment of the first that did; None while all is well.
        self.error: SourceError | None = None
        self.since = 0.0
        #: The moment at which the reading that is under way began; None between two.
        self.begun: float | None = None
        #: Whether its last reading took so long that no view should wait for the next.
        self.is_slow = False
        self._logged: dict[bool, float] = {}

    @property
    def title(self) -> str:
        """Name and subject, for the log and the API."""
        return f"{self.name} {self.subject}" if self.subject else self.name

    def read(self) -> T:
        """Read the system. Raises `SourceError`, whatever the reading itself raises."""
        try:
            return self._call()
        except SourceError:
            raise
        except OSError as error:
            raise SourceError(error.strerror or type(error).__name__) from error
        except Exception as error:
            # Any content may stand in a file, and psutil raises what its parsers raise: a boundary for all.
            raise SourceError(type(error).__name__, "malformed") from error

    def current(self, now: float, longest: float) -> T | None:
        """Return the value; None where the last reading failed or the value is older than `longest`."""
        return self.value if self.error is None and now - self.moment <= longest else None

    def succeed(self, now: float, value: T) -> str:
        """Keep a value; return the line for the log, empty where the state is the same as before."""
        self.value, self.moment = value, now
        if self.error is None:
            return ""
        self.error = None
        return self._line(now, f"{self.title} can be read again")

    def fail(self, now: float, error: SourceError) -> str:
        """Keep why a reading failed; return the line for the log, empty where it failed before."""
        failed_before, self.error = self.error is not None, error
        if failed_before:
            return ""
        self.since = now
        return self._line(now, f"{self.title} cannot be read: {error}")

    def _line(self, now: float, text: str) -> str:
        failed = self.error is not None
        if failed in self._logged and now - self._logged[failed] < LOG_AGAIN:
            return ""
        self._logged[failed] = now
        return text


def read_file(path: str, longest: int = MAX_FILE) -> bytes:
    """Return the first bytes of a file of the kernel. Raises `OSError`.

    A pipe or a device in its place is not waited for: it has no bytes.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        # a file of /proc may return less than a read asks for; regular files end with an empty read
        found = bytearray()
        while len(found) < longest:
            piece = os.read(descriptor, longest - len(found))
            if not piece:
                break
            found += piece
        return bytes(found)
    finally:
        os.close(descriptor)
