"""The protocol between systemd and a service: readiness, watchdog, inherited sockets; without a dependency.

Sources: sd_notify(3), sd_listen_fds(3), sd_watchdog_enabled(3) and their notes for implementers.
"""

from __future__ import annotations

import os
import socket

_FIRST_INHERITED = 3  # SD_LISTEN_FDS_START


def notify(*assignments: str) -> bool:
    """Send assignments to the service manager, e.g. `notify("READY=1", "STATUS=serving")`.

    Return False where they were not sent: outside systemd, or when its socket is gone. That is no error,
    because a service must not end for it.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    if address[0] == "@":  # a name in the abstract namespace is written with a leading NUL
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.sendto("\n".join(assignments).encode(), address)
    except OSError:
        return False
    return True


def watchdog_seconds() -> float | None:
    """Return the seconds without `WATCHDOG=1` after which the manager restarts this process, if it does."""
    watched = os.environ.get("WATCHDOG_PID", str(os.getpid()))
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    if watched != str(os.getpid()) or not microseconds.isdecimal() or microseconds == "0":
        return None
    return int(microseconds) / 1e6


def inherited_sockets() -> list[socket.socket]:
    """Return the sockets that a socket unit bound for this process, in the order of its `Listen` lines.

    The variables are removed, so that a child process does not take the sockets for its own.

    Raises:
        ValueError: a descriptor is not a listening stream socket, e.g. after `ListenDatagram=`.
    """
    meant_for = os.environ.pop("LISTEN_PID", "")
    count = os.environ.pop("LISTEN_FDS", "")
    names = os.environ.pop("LISTEN_FDNAMES", "").split(":")
    if meant_for != str(os.getpid()) or not count.isdecimal():
        return []
    names += ["unknown"] * (int(count) - len(names))
    return [_listening_socket(_FIRST_INHERITED + number, names[number]) for number in range(int(count))]


def _listening_socket(fd: int, name: str) -> socket.socket:
    os.set_inheritable(fd, False)
    try:
        sock = socket.socket(fileno=fd)
        listens = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise ValueError(f"inherited descriptor {fd} ({name}) is not a socket ({error.strerror})") from error
    if sock.type != socket.SOCK_STREAM or not listens:
        raise ValueError(
            f"inherited descriptor {fd} ({name}) does not listen for streams:"
            " use ListenStream= in the socket unit"
        )
    return sock
