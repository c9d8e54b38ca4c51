"""Making the certificate again while the device runs, in time and for a new name or address."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..errors import DeviceError
from .authority import Authority

#: Seconds between two looks; an address that DHCP has given is in the certificate as long after it.
INTERVAL = 600.0


class Renewal:
    """Looks now and then whether the certificate is due. The server sees by itself that a file was replaced.

    `after(seconds, call)` is that of the device's timers, `submit(lane, call)` that of its executor: openssl
    takes seconds on a small board, for which other timers must not wait.
    """

    def __init__(
        self,
        authority: Authority,
        after: Callable[[float, Callable[[], object]], object],
        submit: Callable[[str, Callable[[], object]], bool],
        log: Callable[[str], None],
    ) -> None:
        self._authority = authority
        self._after = after
        self._submit = submit
        self._log = log
        self._fault = ""

    def start(self) -> None:
        """Look from now on, each `INTERVAL`."""
        self._after(INTERVAL, self._look)

    def _look(self) -> None:
        self.start()
        self._submit("tls", self._renew)

    def _renew(self) -> None:
        try:
            if self._authority.renew_if_due(time.time()):
                self._log("TLS: the certificate was made again")
            self._fault = ""
        except (DeviceError, OSError) as error:
            if str(error) != self._fault:
                self._fault = str(error)
                self._log(f"TLS: the certificate cannot be made again: {error}")
