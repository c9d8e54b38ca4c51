"""The life of the server: bind, report readiness, serve, drain."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Sequence
from threading import current_thread, main_thread
from time import monotonic
from typing import TYPE_CHECKING

from . import systemd
from .addresses import AddressError, bind, remove_unix_socket, scheme_of, takes_both, where
from .channel import Channel
from .limits import Limits, Policy
from .listener import Settings, TcpListener, UnixListener, make_listener
from .log import logger
from .loop import Loop
from .parking import Parking
from .signals import Ended, Signals, Wakeup
from .threads import Threads

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from .late import Latecomers
    from .tls import Tls

_TICK = 1.0  # seconds between two checks of connections and watchdog, while a deadline runs
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
    close: Callable[[], None] = lambda: None,
    tls: Tls | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; a second signal ends the process at once.

    Sockets of a systemd socket unit win over `hosts` and `port`; a host of `unix:/path` is a Unix socket.
    With `tls` its port speaks TLS as well; where that is `port`, nothing is served without.
    `ready` gets the addresses, such as `http://127.0.0.1:8080/`, once requests are accepted. SIGHUP calls
    `reload`, which returns the limits and the policy from then on. `close` is called at the end, before
    Python's exit functions: in 3.12 these can start no thread. Another thread calls it where the main thread
    cannot, because a view keeps it in C code.

    Raises `AddressError`: see `addresses.bind`, and `systemd.inherited_sockets`.
    """
    limits, policy = limits or Limits(), policy or Policy()
    try:
        inherited = systemd.inherited_sockets()
    except ValueError as error:
        raise AddressError(str(error)) from error
    server = Server(app, [], limits, policy, reload, tls)
    server.close = close
    if inherited:
        server.take_over(inherited)
    else:
        server.bind(hosts, port)
    try:
        server.run(ready)
    finally:
        close()
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
        tls: Tls | None = None,
    ) -> None:
        self.limits = limits
        self.threads = Threads(limits.threads, limits.queue, self._lead)
        self.loop = Loop(self.threads.queue, self.threads.serve_next)
        self.wakeup = self.threads.wake = Wakeup(self.loop.map)
        self.parking = Parking(self.wakeup, self.loop.ask)
        self._app = app
        self._settings = Settings(limits, policy)
        #: One set of connections, whichever socket they came in through.
        self.channels: dict[int, Channel] = {}
        self.listeners: list[TcpListener | UnixListener] = []
        self._tls = tls
        #: Hosts that have no address yet, and whether they are served with TLS.
        self._late: list[tuple[Latecomers, bool]] = []
        for sock in sockets:
            self.listen_on(sock, secured=False)
        self._reload = reload
        self._waiting: Sequence[str] = ()
        self.close: Callable[[], None] = lambda: None
        self._signals: Signals
        self._code = 0
        #: When draining ends; None: it has not begun.
        self._drain_end: float | None = None
        self._fresh_end = 0.0
        self._next_check = 0.0
        watchdog = systemd.watchdog_seconds()
        self._watchdog_interval = watchdog / 2 if watchdog else None
        self._next_watchdog_ping = 0.0

    def bind(self, hosts: Sequence[str], port: int) -> None:
        """Listen on every address of the hosts, and on those without one as soon as they have it.

        Raises `AddressError`.
        """
        # With TLS first: where HTTP leads to it, that has to know the port.
        if self._tls is not None:
            paths = [host for host in hosts if host.startswith("unix:")]
            self._bind([host for host in hosts if host not in paths], self._tls.port, secured=True)
            if self._tls.port == port:
                hosts = paths
        self._bind(hosts, port, secured=False)

    def _bind(self, hosts: Sequence[str], port: int, *, secured: bool) -> None:
        sockets, late = bind(hosts, port, self.limits.backlog)
        for sock in sockets:
            self.listen_on(sock, secured)
        if late:
            from .late import Latecomers

            self._late.append((Latecomers(late, port, self.limits.backlog), secured))

    def take_over(self, sockets: Sequence[socket.socket]) -> None:
        """Listen on the sockets of a socket unit, which the next process takes over as they are.

        With TLS on the one that has its port; where none has, on that port of the same addresses. Raises
        `AddressError`.
        """
        tls = self._tls
        of_networks = [sock for sock in sockets if sock.family != socket.AF_UNIX]
        secured = [sock for sock in of_networks if tls is not None and sock.getsockname()[1] == tls.port]
        if tls is not None and not secured:
            self._bind([sock.getsockname()[0] for sock in of_networks], tls.port, secured=True)
        for sock in sockets:
            self.listen_on(sock, sock in secured)
            self.listeners[-1].has_successor = True

    def listen_on(self, sock: socket.socket, secured: bool) -> None:
        """Accept connections on a bound socket, with TLS or without."""
        app, tls = self._app, self._tls
        if tls is not None and not secured and tls.redirects and sock.family != socket.AF_UNIX:
            from .to_tls import ToTls

            app = ToTls(app, tls.port)
        certificate = tls.certificate if tls is not None and secured else None
        listener = make_listener(
            app, sock, self._settings, self.threads, self.loop.map, certificate=certificate
        )
        listener.program = self._app
        listener.active_channels = self.channels
        listener.parking = self.parking
        if tls is not None and secured:
            tls.port = int(listener.effective_port)  # 0: the system has chosen it
        self.listeners.append(listener)

    def addresses(self) -> list[str]:
        """Return the addresses, those without TLS first: they lead to the others, where there are any."""
        secured_last = sorted(self.listeners, key=lambda listener: listener.certificate is not None)
        return [url for listener in secured_last for url in _urls(listener)]

    def run(self, ready: Callable[[list[str]], None] | None = None) -> None:
        """Serve until a signal, then drain. Only on the main thread."""
        self._signals = Signals(self.wakeup, reloads=self._reload is not None)
        try:
            with self._signals:
                # Before systemd is notified: the lines of a start are in the journal when it counts as done.
                if ready is not None:
                    ready(self.addresses())
                self._report_ready()
                self.threads.run()
        except Ended as ended:
            self._code = self._code or int(str(ended.code))
        finally:
            self.threads.finish()
            self._signals.leave()  # again: the signal of `end_main` may have ended the first call
        if self._code:
            sys.exit(self._code)

    def _lead(self) -> None:
        """Poll, check and drain, until this thread has lost the lead or the server has ended."""
        threads = self.threads
        try:
            leads = threads.leads()
            while leads and not threads.finished:
                if self.wakeup.signals:
                    self._take_signals()
                elif self._drain_end is not None:
                    self._drain()
                    leads = threads.leads()
                else:
                    leads = self._turn(None)
        except Exception:
            # On the main thread a fault ends the process. On another one it would end only the thread, and
            # leave a process that polls no more.
            if current_thread() is main_thread():
                raise
            logger.exception("the server has failed")
            self._end(1)

    def _turn(self, timeout: float | None) -> bool:
        """Poll and serve once, for at most `timeout` seconds. Return whether this thread still leads."""
        now = monotonic()
        if now >= self._next_check:
            self._check(now)
            self._next_check = now + _TICK
        if self.parking.ready:
            self.parking.write()
        if self.threads.queue and self.threads.has_next():
            timeout = 0
        seconds = self._next_check - now if self.channels else self._until_next_check(now)
        if self._tls is not None and seconds is not None and len(self.channels) >= self.limits.connections:
            seconds = min(seconds, self._tls.next_look(self.channels.values()))
        if timeout is None or (seconds is not None and seconds < timeout):
            timeout = seconds
        return self.loop.turn(timeout)

    def _until_next_check(self, now: float) -> float | None:
        """Return the seconds to the next check without connections; None: an idle server sleeps."""
        if self._late or any(listener.paused for listener in self.listeners):
            return self._next_check - now
        if self._watchdog_interval is not None:
            return max(self._next_check, self._next_watchdog_ping) - now
        return None

    def _check(self, now: float) -> None:
        for listener in self.listeners:
            listener.paused = False
        self.loop.ask_listeners()
        for late in self._late:
            self._take_late(*late)
        self._settings.hosts.forget(now)
        for channel in list(self.channels.values()):
            if channel.is_overdue(now):
                channel.close_overdue()
            else:
                channel.beat(now)
        if self._watchdog_interval and now >= self._next_watchdog_ping:
            self._next_watchdog_ping = now + self._watchdog_interval
            if self.threads.are_alive():
                systemd.notify("WATCHDOG=1")

    def _take_late(self, late: Latecomers, secured: bool) -> None:
        if not late.hosts:
            self._late = [row for row in self._late if row[0] is not late]  # the last socket is taken now
        for sock in late.taken():
            self.listen_on(sock, secured)
            logger.warning("now serves on %s as well", " ".join(_urls(self.listeners[-1])))
            self._report_ready()

    def _report_ready(self) -> None:
        status = "serving " + " ".join(self.addresses())
        if waiting := [url for late, secured in self._late for url in late.urls(secured)]:
            # As addresses, too: the announcement is made once, and these are part of it.
            status += f" and, as soon as they are there, {' '.join(waiting)}"
        if self._waiting:
            status += f", {len(self._waiting)} changed keys of the profile wait for a new start"
        systemd.notify("READY=1", f"STATUS={status}")

    # -- signals ---------------------------------------------------------------------------------------

    def _take_signals(self) -> None:
        stops = self._signals.stops()
        if self._signals.take_reload():
            self._take_over()
        self.wakeup.signals.clear()
        for number in stops:
            if self._drain_end is not None:
                return self._end(128 + number)
            self._begin_drain()

    def _end(self, code: int) -> None:
        """End the process, from the thread that leads: `run` returns on the main thread."""
        self._code = code
        self.threads.finish()
        if current_thread() is not main_thread():
            self._signals.end_main(code, self.close)

    def _take_over(self) -> None:
        """Put what `reload` returns into force for new connections; open ones keep their limits."""
        assert self._reload is not None
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
            listener.adj = settings if listener.certificate is None else settings.with_tls()
        if self._tls is not None:
            self._tls.certificate.try_again()
        self.threads.queue_limit = self.limits.queue
        self.threads.limit = self.limits.threads
        self.loop.ask_listeners()  # there may be room now
        self._waiting = found.waiting
        if self._waiting:
            logger.warning("changed, but not before the next start: %s", ", ".join(self._waiting))
        self._report_ready()

    def _begin_drain(self) -> None:
        """Accept queued connections, and no more after them."""
        for listener in self.listeners:
            listener.stop_listening(successor=listener.has_successor)
        for channel in list(self.channels.values()):
            if channel.stream is not None:
                channel.end_stream()
        now = monotonic()
        self._drain_end, self._fresh_end = now + self.limits.drain_timeout, now + _FIRST_REQUEST_SECONDS

    def _drain(self) -> None:
        """Take a step to finish the requests of open connections, and to close these."""
        assert self._drain_end is not None
        if not self.channels or monotonic() >= self._drain_end:
            self._end(0)
            return
        systemd.notify(
            "STOPPING=1",
            f"STATUS=finishing {len(self.channels)} connections",
            "EXTEND_TIMEOUT_USEC=5000000",
        )
        if not self._turn(0):  # read what has arrived: only then is a connection known to be idle
            return
        for channel in list(self.channels.values()):
            if channel.is_idle() and (not channel.is_fresh() or monotonic() > self._fresh_end):
                channel.handle_close()
        if self.channels:
            self._turn(_DRAIN_TICK)


def _urls(listener: TcpListener | UnixListener) -> list[str]:
    """Return the addresses of a listener: two for a socket that takes both families."""
    if listener.family == socket.AF_UNIX:
        return [f"unix:{listener.socket.getsockname()}"]
    host, port = str(listener.effective_host), int(listener.effective_port)
    hosts = ("0.0.0.0", "::") if takes_both(listener.socket) else (host,)
    return [f"{scheme_of(listener.certificate is not None)}://{where(one, port)}/" for one in hosts]
