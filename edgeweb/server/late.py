"""Hosts that have no address yet. Imported where the server has to wait for one."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from threading import Thread
from time import sleep

from .addresses import AddressError, NoNumber, bind_host, scheme_of, where
from .log import logger

#: Seconds between two attempts to bind a host.
RETRY_SECONDS = 5.0


class Latecomers:
    """The hosts that have no address yet. A thread tries them, since a resolver may take half a minute.

    `taken` returns the sockets that were bound since the last call; `hosts` are those that still wait.
    """

    def __init__(self, hosts: Sequence[str], port: int, backlog: int) -> None:
        self.hosts = list(hosts)
        self._port = port
        self._backlog = backlog
        self._bound: list[socket.socket] = []
        self._reasons: dict[str, str] = {}
        Thread(target=self._run, name="edgeweb-addresses", daemon=True).start()

    def urls(self, secured: bool) -> list[str]:
        """Return where the hosts will be served."""
        return [f"{scheme_of(secured)}://{where(host, self._port)}/" for host in self.hosts]

    def taken(self) -> list[socket.socket]:
        """Return the new sockets."""
        bound = self._bound[:]
        del self._bound[: len(bound)]  # the thread may have added one meanwhile
        return bound

    def _run(self) -> None:
        while self.hosts:
            sleep(RETRY_SECONDS)
            for host in list(self.hosts):
                self._try(host)

    def _try(self, host: str) -> None:
        try:
            sockets = bind_host(host, self._port, self._backlog)
        except NoNumber:
            return
        except AddressError as error:
            if self._reasons.get(host) != str(error):
                self._reasons[host] = str(error)
                logger.error("%s", error)
            return
        self._bound.extend(sockets)
        self.hosts.remove(host)
