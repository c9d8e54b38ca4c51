"""The life of the server: bind, report readiness, serve, drain."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable, Sequence
from threading import get_ident
from time import monotonic
from types import FrameType
from typing import TYPE_CHECKING

from . import systemd
from .addresses import AddressError, bind, remove_unix_socket, takes_both, where
from .channel import Channel
from .limits import Limits, Policy
from .listener import Settings, TcpListener, UnixListener, make_listener
from .log import logger
from .loop import Loop
from .workers import Workers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from .late import Latecomers

_TICK = 1.0  # seconds between two checks of connections and watchdog
_DRAIN_TICK = 0.05
_FIRST_REQUEST_SECONDS = 3.0  # while draining, for the first request of an accepted connection


def serve(
    app: WSGIApplication,
    *,
    hosts: Sequence[str] = ("127.0.0.1",),
    port: int = 8080,
    limits: Limits | None = None,
    policy: Policy | None = None,
    ready: Callable[[list[str]], None] | None = None,
    reload: Callable[[], Reloaded] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; a second signal ends the process at once.

    Sockets of a systemd socket unit win over `hosts` and `port`; a host of `unix:/path` is a Unix socket.
    `ready` gets the addresses, such as `http://127.0.0.1:8080/`, once requests are accepted. SIGHUP calls
    `reload`, which returns the limits and the policy from then on.

    Raises `AddressError`: see `addresses.bind`, and `systemd.inherited_sockets`.
    """
    limits, policy = limits or Limits(), policy or Policy()
    try:
        inherited = systemd.inherited_sockets()
    except ValueError as error:
        raise AddressError(str(error)) from error
    sockets, late = (inherited, []) if inherited else bind(hosts, port, limits.backlog)
    server = Server(app, sockets, limits, policy, reload, inherited=bool(inherited))
    server.wait_for(late, port)
    server.run(ready)
    for host in hosts:
        remove_unix_socket(host)


class Reloaded:
    """Limits and policy after SIGHUP, and the changed keys that come into force at the next start only."""

    def __init__(self, limits: Limits, policy: Policy, waiting: Sequence[str] = ()) -> None:
        self.limits = limits
        self.policy = policy
        self.waiting = waiting


class ReloadError(Exception):
    """A faulty configuration at SIGHUP: the old one stays in force. The text has a line for each fault."""


class Server:
    """The loop over all sockets, its checks once a second, and its end."""

    def __init__(
        self,
        app: WSGIApplication,
        sockets: list[socket.socket],
        limits: Limits,
        policy: Policy,
        reload: Callable[[], Reloaded] | None = None,
        inherited: bool = False,
    ) -> None:
        self.limits = limits
        self._inherited = inherited
        self.loop = Loop()
        self.workers = Workers(limits.threads, limits.queue)
        self._app = app
        self._settings = Settings(limits, policy)
        #: One set of connections, whichever socket they came in through.
        self.channels: dict[int, Channel] = {}
        self.listeners: list[TcpListener | UnixListener] = []
        for sock in sockets:
            self._listen_on(sock)
        self._late: Latecomers | None = None
        self._reload = reload
        self._waiting: Sequence[str] = ()
        self._stopping = False
        self._reloading = False
        self._next_check = 0.0
        watchdog = systemd.watchdog_seconds()
        self._watchdog_interval = watchdog / 2 if watchdog else None
        self._next_watchdog_ping = 0.0

    def _listen_on(self, sock: socket.socket) -> None:
        listener = make_listener(self._app, sock, self._settings, self.workers, self.loop.map)
        listener.active_channels = self.channels
        listener.loop_thread = get_ident()
        self.listeners.append(listener)

    def wait_for(self, hosts: Sequence[str], port: int) -> None:
        """Serve on these hosts as well, each as soon as it has an address."""
        if hosts:
            from .late import Latecomers

            self._late = Latecomers(hosts, port, self.limits.backlog)

    def addresses(self) -> list[str]:
        return [url for listener in self.listeners for url in _urls(listener)]

    def run(self, ready: Callable[[list[str]], None] | None = None) -> None:
        """Serve until a signal, then drain."""
        handlers = {signal.SIGTERM: self._on_stop, signal.SIGINT: self._on_stop}
        if self._reload is not None:
            handlers[signal.SIGHUP] = self._on_reload
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            for listener in self.listeners:
                listener.loop_thread = get_ident()
            # Before systemd is notified: the lines of a start are in the journal when it counts as done.
            if ready is not None:
                ready(self.addresses())
            self._report_ready()
            while not self._stopping:
                self._turn(_TICK)
                if self._reloading:
                    self._take_over()
            self._drain()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _turn(self, timeout: float) -> None:
        now = monotonic()
        if now >= self._next_check:
            self._check(now)
            self._next_check = now + _TICK
        self.loop.turn(min(timeout, self._next_check - now))

    def _check(self, now: float) -> None:
        for listener in self.listeners:
            listener.paused = False
        if self._late is not None:
            self._take_late(self._late)
        self._settings.hosts.forget(now)
        for channel in list(self.channels.values()):
            if channel.is_overdue(now):
                channel.close_overdue()
        if self._watchdog_interval and now >= self._next_watchdog_ping:
            self._next_watchdog_ping = now + self._watchdog_interval
            if self.workers.are_alive():
                systemd.notify("WATCHDOG=1")

    def _take_late(self, late: Latecomers) -> None:
        for sock in late.taken():
            self._listen_on(sock)
            logger.warning("now serves on %s as well", " ".join(_urls(self.listeners[-1])))
            self._report_ready()

    def _report_ready(self) -> None:
        status = "serving " + " ".join(self.addresses())
        if self._late is not None and self._late.hosts:
            status += f" and, as soon as they are there, {' '.join(self._late.hosts)}"
        if self._waiting:
            status += f", {len(self._waiting)} changed keys of the profile wait for a new start"
        systemd.notify("READY=1", f"STATUS={status}")

    # -- signals ---------------------------------------------------------------------------------------

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        if self._stopping:
            sys.exit(128 + number)
        self._stopping = True
        self._wake()

    def _on_reload(self, number: int, frame: FrameType | None) -> None:
        self._reloading = True
        self._wake()

    def _wake(self) -> None:
        # Python resumes a waiting system call after a signal's handler: the trigger ends the wait.
        if self.listeners:
            self.listeners[0].pull_trigger()

    def _take_over(self) -> None:
        """Put what `reload` returns into force for new connections; open ones keep their limits."""
        assert self._reload is not None
        self._reloading = False
        systemd.notify(
            "RELOADING=1", f"MONOTONIC_USEC={int(monotonic() * 1e6)}", "STATUS=reading the profile"
        )
        try:
            found = self._reload()
        except ReloadError as error:
            for line in str(error).splitlines():
                logger.error("%s", line)
            systemd.notify("READY=1", "STATUS=serving as before, because the profile is faulty: see the log")
            return
        self.limits = found.limits
        # The middleware and the counting of connections were decided at the start by these settings.
        found.policy.behind_proxy = self._settings.policy.behind_proxy
        found.policy.prefix = self._settings.policy.prefix
        settings = Settings(self.limits, found.policy)
        # Keep the budget and change its size: what is reserved in it is released later.
        settings.budget, budget_size = self._settings.budget, settings.budget.total
        settings.budget.total = budget_size
        self._settings = settings
        for listener in self.listeners:
            listener.adj = settings
        self.workers.queue_limit = self.limits.queue
        self.workers.limit = self.limits.threads
        self._waiting = found.waiting
        if self._waiting:
            logger.warning("changed, but not before the next start: %s", ", ".join(self._waiting))
        self._report_ready()

    def _drain(self) -> None:
        """Accept queued connections, finish their requests, and close."""
        for listener in self.listeners:
            listener.stop_listening(successor=self._inherited)
        now = monotonic()
        end, end_for_fresh = now + self.limits.drain_timeout, now + _FIRST_REQUEST_SECONDS
        while self.channels and monotonic() < end:
            systemd.notify(
                "STOPPING=1",
                f"STATUS=finishing {len(self.channels)} connections",
                "EXTEND_TIMEOUT_USEC=5000000",
            )
            self._turn(0)  # read what has arrived: only then is a connection known to be idle
            for channel in list(self.channels.values()):
                if channel.is_idle() and (not channel.is_fresh() or monotonic() > end_for_fresh):
                    channel.handle_close()
            if self.channels:
                self._turn(_DRAIN_TICK)
        self.workers.stop(seconds=1)


def _urls(listener: TcpListener | UnixListener) -> list[str]:
    """Return the addresses of a listener: two for a socket that takes both families."""
    if listener.family == socket.AF_UNIX:
        return [f"unix:{listener.socket.getsockname()}"]
    host, port = str(listener.effective_host), int(listener.effective_port)
    hosts = ("0.0.0.0", "::") if takes_both(listener.socket) else (host,)
    return [f"http://{where(one, port)}/" for one in hosts]
