"""A bound socket: which connections are accepted, and which are closed to make room."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterable
from threading import get_ident
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer, UnixWSGIServer
from waitress.wasyncore import dispatcher

from .answer import unasked
from .buffers import Budget
from .channel import Channel
from .connection import COPIED_BYTES, plain_address
from .head import Heads
from .host import HostList
from .limits import Limits, Policy
from .log import logger
from .loop import READ
from .parking import Parking, has_place
from .parser import FieldNames
from .pressure import STRANGER_BYTES, find_victim, is_crowded, rate_factor, share_of_peer
from .refusals import Refusal, busy, log
from .threads import Threads

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from .loop import Watched
    from .tls import Certificate

Socket = socket.socket

# Wait for connections that the kernel accepts at this moment on another processor (seconds).
_HANDSHAKE_SECONDS = 0.01

_SO_ATTACH_FILTER = 26  # <asm-generic/socket.h>; Python has no name for it

#: For the kernel's packet filter: operation, jump if true, jump if false, operand.
_NO_FIRST_PACKET = (
    (0x30, 0, 0, 13),  # the byte with the flags
    (0x54, 0, 0, 0x12),  # SYN and ACK of them
    (0x15, 0, 1, 0x02),  # SYN alone:
    (0x06, 0, 0, 0),  # drop
    (0x06, 0, 0, 0xFFFFFFFF),  # else keep all of it
)


class Settings(Adjustments):
    """waitress's settings, made from our limits and policy, and the objects that all listeners share."""

    #: Empty: the sockets are bound already.
    listen: list[object] = []
    ident = None
    #: Answers stay in memory: /tmp is a memory card, or memory again.
    outbuf_overflow = sys.maxsize

    def __init__(self, limits: Limits, policy: Policy) -> None:
        proxy: dict[str, str] = {}
        if policy.behind_proxy:
            headers = "x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-proto"
            proxy = {"trusted_proxy": policy.behind_proxy, "trusted_proxy_headers": headers}
        super().__init__(
            threads=limits.threads,
            max_request_header_size=limits.header_bytes,
            max_request_body_size=limits.body_bytes + 1,  # waitress refuses from this size on
            outbuf_high_watermark=COPIED_BYTES,
            # Without a proxy our parser drops these fields, which costs less.
            clear_untrusted_proxy_headers=bool(policy.behind_proxy),
            log_socket_errors=False,
            **proxy,
        )
        self.limits = limits
        self.policy = policy
        self.budget = Budget(limits.buffer_bytes // 2)
        self.hosts = HostList(policy.hosts, policy.check_host)
        self.full = busy("too many connections", policy.describe("connections"))
        self.no_room = unasked(self.full, policy)
        self.too_late = unasked(
            Refusal(408, "the request took too long to arrive", see=policy.describe("header_timeout")), policy
        )
        self.heads = Heads(policy)
        self.field_names = FieldNames(forwarded=bool(policy.behind_proxy))

    def with_tls(self) -> Settings:
        """Return the same settings for connections with TLS, with the same budget and lists."""
        found = Settings.__new__(Settings)
        for name, value in vars(self).items():
            setattr(found, name, value)
        found.url_scheme = "https"
        return found


class _Listener:
    """The common part of listeners on TCP and on Unix sockets."""

    channel_class: type[Channel] = Channel
    #: What connections are encrypted with; None: they are not.
    certificate: Certificate | None = None
    logger = logger
    #: Set once the process is to end: each answer then closes its connection.
    draining = False
    #: Whether the next process has the same socket: that of a socket unit.
    has_successor = False
    #: Whether connections are counted by the client's address. Not where all come from a proxy.
    counts_peers = True
    #: Set when the system has run out of a resource; reset a second later.
    paused = False

    #: Set by the server.
    parking: Parking

    #: The application, without the middleware that waitress adds behind a proxy.
    program: WSGIApplication

    # Attributes of waitress's servers.
    adj: Settings
    active_channels: dict[int, Channel]
    task_dispatcher: Threads
    accepting: bool
    socket: Socket
    accept: Callable[[], tuple[Socket, object] | None]
    set_socket_options: Callable[[Socket], None]
    fix_addr: Callable[[Any], object]
    _map: dict[int, object]

    def readable(self) -> bool:
        """Return whether to accept: there is room, or a connection can be closed to make room."""
        if not self.accepting or self.paused:
            return False
        return not self._is_full() or find_victim(self.active_channels.values(), monotonic()) is not None

    #: For the loop, which has listeners and connections.
    requests = ()

    def wanted(self) -> int:
        return READ if self.readable() else 0

    def handle_accept(self) -> None:
        """Take one connection out of the kernel's queue."""
        self._accept_one()

    def _accept_one(self) -> bool:
        """Take one connection out of the kernel's queue, and return whether there was one to be had."""
        try:
            accepted = self.accept()
        except OSError:
            # Out of descriptors or memory. The connection stays queued; trying again at once would spin.
            self.paused = True
            return False
        if accepted is None:
            return False
        self._open(*accepted)
        return True

    def _open(self, sock: Socket, address: object) -> None:
        peer = peer_of(address) if self.counts_peers else ""
        if peer and not self._make_room_for(peer):
            self._refuse(sock, plain_address(address))
            return
        if self._is_full() and not self._close_one(self.active_channels.values()):
            self._refuse(sock, plain_address(address))
            return
        try:
            self.set_socket_options(sock)
            if self.certificate is not None:
                sock = self.certificate.wrap(sock)
            channel = self.channel_class(self, sock, self.fix_addr(address), self.adj, map=self._map)
        except OSError:
            sock.close()
            return
        channel.peer = peer

    def add_task(self, channel: Channel) -> None:
        """Have a request answered: behind those that wait, or by this thread if it is refused."""
        if channel.requests[0].error is not None or not self.task_dispatcher.offer(channel):
            self.refuse_task(channel)

    def refuse_task(self, channel: Channel) -> None:
        """Have this thread refuse a request that the parser has refused, or for which there is no place."""
        request = channel.requests[0]
        if request.error is None:
            request.error = busy("too many requests wait", self.adj.policy.describe("queue"))
        channel.answers_itself = get_ident()

    def pull_trigger(self) -> None:
        """Have the leader ask again what to poll for. The leader itself does so in its next turn."""
        if not self.task_dispatcher.leads():
            self.task_dispatcher.wake()

    def stop_listening(self, *, successor: bool) -> None:
        """Close the socket, but not the trigger: workers still use it to wake the loop.

        A successor with the same socket accepts what is queued. Without one, accept every connection that
        the kernel has queued before closing.
        """
        self.draining = True
        if not successor:
            _drop_packets(self.socket)
            sleep(_HANDSHAKE_SECONDS)
            # Not until the number of connections stays the same: another one may end meanwhile.
            while self._accept_one():
                pass
        dispatcher.close(self)

    def _refuse(self, sock: Socket, client: str) -> None:
        log(self.adj.full, client)
        sock.setblocking(False)
        try:
            if self.certificate is None:
                sock.send(self.adj.no_room)
        except OSError:
            pass
        sock.close()

    def has_place_for_stream(self, channel: Channel) -> bool:
        """Return whether a connection may wait for events."""
        if self.draining:
            return False
        return has_place(channel.peer, list(self.active_channels.values()), self.adj.limits.connections)

    def _is_full(self) -> bool:
        limit: int = self.adj.limits.connections
        return len(self.active_channels) >= limit

    def _make_room_for(self, peer: str) -> bool:
        limits: Limits = self.adj.limits
        same = [channel for channel in self.active_channels.values() if channel.peer == peer]
        share = share_of_peer(len(self.active_channels), limits.connections, limits.connections_per_peer)
        return len(same) < share or self._close_one(same)

    def _close_one(self, channels: Iterable[Channel]) -> bool:
        channel = find_victim(channels, monotonic())
        if channel is not None:
            channel.handle_close()
        return channel is not None

    def rate_factor(self) -> float:
        """Return what the least rate of clients is multiplied by."""
        return rate_factor(len(self.active_channels), self.adj.limits.connections)

    def body_limit(self, headers: dict[str, str]) -> int:
        """Return the bytes that the body of a request with these fields may have."""
        limit: int = self.adj.limits.body_bytes
        if not is_crowded(len(self.active_channels), self.adj.limits.connections):
            return limit
        shows_credentials = getattr(self.program, "shows_credentials", None)
        if shows_credentials is None or shows_credentials(headers):
            return limit
        return min(limit, STRANGER_BYTES)


class TcpListener(_Listener, TcpWSGIServer):
    """A listener on an address and a port."""

    def fix_addr(self, addr: Any) -> tuple[str, int]:
        """Return a client's address and port, an IPv4 address as such if it came through IPv6."""
        return plain_address(addr), addr[1]


class UnixListener(_Listener, UnixWSGIServer):
    """A listener on a path. Clients are on this machine, usually one proxy."""

    counts_peers = False

    def getsockname(self) -> tuple[str, int]:
        return "localhost", 80  # SERVER_NAME and SERVER_PORT, which a path does not have


def make_listener(
    app: WSGIApplication,
    sock: socket.socket,
    settings: Settings,
    threads: Threads,
    map: dict[int, Watched],
    certificate: Certificate | None = None,
) -> TcpListener | UnixListener:
    """Return a listener on a bound socket. waitress adds it to `map`, the loop's."""
    if certificate is not None:
        settings = settings.with_tls()
    listener_class = UnixListener if sock.family == socket.AF_UNIX else TcpListener
    listener = listener_class(
        app,
        map=map,
        _sock=sock,
        dispatcher=threads,
        adj=settings,
        bind_socket=False,
        sockinfo=(sock.family, sock.type, sock.proto, sock.getsockname()),
    )
    listener.program = app
    if certificate is not None:
        listener.certificate = certificate
        listener.channel_class = certificate.channel_class
    if settings.policy.behind_proxy or settings.policy.prefix:
        from .prefix import BelowPrefix

        # outermost, where the address is still that of the proxy
        proxy, prefix = settings.policy.behind_proxy, settings.policy.prefix
        listener.application = BelowPrefix(listener.application, prefix, proxy)
    listener.counts_peers = listener.counts_peers and not settings.policy.behind_proxy
    return listener


def peer_of(address: object) -> str:
    """Return the client for counting: its IPv4 address, or the /64 network that one IPv6 client owns.

    >>> peer_of(("2001:db8:1:2:3:4:5:6", 80, 0, 0)) == peer_of(("2001:db8:1:2::9", 81, 0, 0))
    True
    """
    host = plain_address(address)
    if ":" not in host:
        return host
    return socket.inet_pton(socket.AF_INET6, host)[:8].hex()


def _drop_packets(sock: socket.socket) -> None:
    """Have the kernel drop the first packet of each new client, so that a listening socket's queue ends.

    Closing it resets every client that has connected since the last `accept`. A client whose first packet is
    dropped sends it again after a second, and finds the next process, or is refused. The other packets of a
    handshake pass: a client that takes itself for connected is in the queue a moment later. Sources:
    socket(7), SO_ATTACH_FILTER; <linux/filter.h>; RFC 9293, section 3.1 (the flags).
    """
    import struct
    from array import array  # whose address can be had, which the system call wants

    rows = array("B", b"".join(struct.pack("@HBBI", *row) for row in _NO_FIRST_PACKET))
    program = struct.pack("@HP", len(_NO_FIRST_PACKET), rows.buffer_info()[0])
    try:
        sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
    except OSError:  # a Unix socket, or not permitted here
        pass
