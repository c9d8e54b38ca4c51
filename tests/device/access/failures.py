"""A limit on failed attempts that takes failures in any number at once."""

from __future__ import annotations

from edgeweb.device.access.rate_limit import RateLimit


class AnyFailures(RateLimit):
    """A limit that can be brought to any count of failures without the waits between them.

    A device counts a failure with `begin`, which refuses an attempt that has to wait.
    """

    def fail(self, address: str, account: str = "", known: str = "") -> None:
        """Count a failure."""
        source, now = self._source(address), self._clock()
        with self._lock:
            self._count(source, account, known, now)
