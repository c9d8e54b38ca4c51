"""From a bound socket to a clean end: bind, tell that we are ready, serve, drain."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
from collections.abc import Callable
from time import monotonic
from types import FrameType
from typing import Any

from waitress.task import ThreadedTaskDispatcher
from waitress.wasyncore import poll2

from . import systemd
from .http import Listener, Settings, WSGIApplication, make_listener
from .limits import Limits

_TICK = 1.0  # seconds between two looks at the clock when nothing happens

_WHAT_TO_DO = {
    errno.EADDRINUSE: "Another program listens there: stop it or choose another --port.",
    errno.EACCES: "Ports below 1024 need a socket unit, or CAP_NET_BIND_SERVICE: choose another --port.",
}


class AddressError(Exception):
    """The address cannot be served on; the text says why and what to do."""


def bind(host: str, port: int, backlog: int = 64) -> list[socket.socket]:
    """Sockets listening on every address of ``host``; port 0 lets the system choose one.

    Raises:
        AddressError: unknown host, port taken, or not permitted.
    """
    where = f"{host}:{port}"
    # As bytes, because a str goes through the IDNA codec, which brings in a megabyte of Unicode tables.
    name = host.strip("[]").encode("ascii" if host.isascii() else "idna")
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise AddressError(
            f"cannot serve on {where}: {error.strerror}. Give an address of this machine."
        ) from error
    sockets: list[socket.socket] = []
    for family, *_, address in dict.fromkeys(found):
        try:
            sockets.append(socket.create_server(address[:2], family=family, backlog=backlog))
        except OSError as error:
            for sock in sockets:
                sock.close()
            hint = _WHAT_TO_DO.get(error.errno or 0, "Give an address of this machine with --host.")
            raise AddressError(f"cannot serve on {where}: {os.strerror(error.errno or 0)}. {hint}") from error
    return sockets


def serve(
    app: WSGIApplication,
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    limits: Limits | None = None,
    ready: Callable[[list[str]], None] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; a second signal ends the process at once.

    Sockets of a systemd socket unit win over ``host`` and ``port``. ``ready`` gets the addresses, such as
    ``http://127.0.0.1:8080/``, once requests are accepted.

    Raises:
        AddressError: see :func:`bind`.
    """
    limits = limits or Limits()
    sockets = systemd.inherited_sockets() or bind(host, port)
    Server(app, sockets, limits).run(ready)


class Server:
    """The loop over all sockets, and its end."""

    def __init__(self, app: WSGIApplication, sockets: list[socket.socket], limits: Limits) -> None:
        self.limits = limits
        self.map: dict[int, Any] = {}
        self.workers = ThreadedTaskDispatcher()
        settings = Settings(limits)
        self.listeners: list[Listener] = [
            make_listener(app, sock, settings, self.workers, self.map) for sock in sockets
        ]
        for listener in self.listeners:
            # One set of connections, whichever socket they came in through.
            listener.active_channels = self.listeners[0].active_channels
        self.channels = self.listeners[0].active_channels
        self.stopping = False

    def addresses(self) -> list[str]:
        return [f"http://{_host(listener)}:{listener.effective_port}/" for listener in self.listeners]

    def run(self, ready: Callable[[list[str]], None] | None = None) -> None:
        self.workers.set_thread_count(self.limits.threads)
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            systemd.notify("READY=1", "STATUS=serving " + " ".join(self.addresses()))
            if ready is not None:
                ready(self.addresses())
            while not self.stopping:
                poll2(_TICK, self.map)
            self._drain()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self.stopping:
            sys.exit(128 + number)
        self.stopping = True
        # A system call that waits is taken up again after this handler: something must end the wait.
        self.listeners[0].pull_trigger()

    def _drain(self) -> None:
        systemd.notify("STOPPING=1", "STATUS=finishing requests")
        for listener in self.listeners:
            while listener.accept_one():
                pass
            listener.stop_listening()
        end = monotonic() + self.limits.drain_seconds
        while self.channels and monotonic() < end:
            poll2(0.0, self.map)  # what has arrived is served; only then is a connection idle
            for channel in list(self.channels.values()):
                if channel.is_idle():
                    channel.handle_close()
            if self.channels:
                poll2(min(_TICK, 0.05), self.map)
        self.workers.shutdown(timeout=1)


def _host(listener: Listener) -> str:
    host = str(listener.effective_host)
    return f"[{host}]" if ":" in host else host
