"""What the device refuses to do, and why. `http/problems.py` turns each kind into an answer."""

from __future__ import annotations

from collections.abc import Sequence

#: Faults in one answer at most.
MAX_ERRORS = 20

#: Where a value stands: the names that lead to it.
Path = tuple[str, ...]


class DeviceError(Exception):
    """The device did not do what was asked; the text explains it to people.

    `key` is the kind of failure, one of `http.problems.PROBLEMS`. `errors` has a row `(path, what was
    expected)` for each value that does not fit. `retry_after`: seconds after which another attempt makes
    sense, None where time does not help.
    """

    key = "conflict"
    retry_after: int | None = None

    def __init__(self, text: str = "", errors: Sequence[tuple[Path, str]] = ()) -> None:
        super().__init__(text or "; ".join(f"/{'/'.join(path)}: {detail}" for path, detail in errors))
        self.errors = list(errors)


class NotAllowed(DeviceError):
    """The actor's role, or the profile, does not allow this."""

    key = "forbidden"


class NotFound(DeviceError, LookupError):
    """There is no such thing on this device."""

    key = "not-found"
