"""What every kind of sensor reads with: the class that it derives from."""

from __future__ import annotations

from ..option import Options
from ..system.source import SourceError

#: The kind of a sensor whose values a program sets: it has no module.
PROGRAM = "program"


class BaseInput:
    """What one sensor reads. `read` is called on a thread of the reader's, one call at a time.

    `root` is the folder in which the kernel's files are looked for; tests give one of their own.
    """

    __slots__ = ("deadline", "lane", "unit")

    def __init__(self, options: Options, root: str = "/") -> None:
        #: The unit of what `read` returns, for people; empty where the kind does not know it.
        self.unit = ""
        #: Seconds in which a reading is complete; a sensor that takes longer is offline.
        self.deadline = 5.0
        #: The thread that reads it: sensors with the same name are read one after another. Empty: the thread
        #: of all that answer at once.
        self.lane = ""

    def read(self) -> float:
        """Return the value now, in `unit`. Raises `SourceError` where there is none."""
        raise NotImplementedError

    def late(self) -> SourceError:
        """Return why there is no value when a reading is not back at its deadline."""
        return SourceError(f"{self.deadline:g}", "late")
