"""The limits of a server in memory and time, and whom it answers. Every refusal follows from one of them."""

from __future__ import annotations

#: Key of the profile's table `server` to the option of `edgeweb serve` that has its effect.
OPTIONS = {
    "allow_origins": "--allow-origin",
    "behind_proxy": "--behind-proxy",
    "body_bytes": "--body-size",
    "host": "--host",
    "hosts": "--host-name",
    "port": "--port",
    "queue": "--threads",  # more of them, and fewer requests wait
    "security_headers": "--security-headers",
    "threads": "--threads",
    "tls.certificate": "--tls-certificate",
    "tls.http": "--tls-http",
    "tls.key": "--tls-key",
    "tls.port": "--tls-port",
    "upload_folder": "--upload-folder",
}


class _Figures:
    """Named figures with defaults. Not a NamedTuple: making one compiles each annotation, for 0.3 MB."""

    def __init__(self, **figures: object) -> None:
        for name, value in figures.items():
            if name not in type(self).__annotations__:
                raise TypeError(f"{type(self).__name__} has no {name!r}")
            setattr(self, name, value)

    @classmethod
    def names(cls) -> list[str]:
        return list(cls.__annotations__)


class Limits(_Figures):
    """Sizes in bytes, times in seconds. The defaults suit a board with 512 MB.

    >>> Limits(threads=2).threads, Limits().threads
    (2, 4)
    """

    #: Requests that are served at the same time, and requests that may wait; more are answered with 503.
    threads: int = 4
    queue: int = 32
    #: Open connections, in all and from one address. Above, the longest idle one is closed, or the new one
    #: refused.
    connections: int = 32
    connections_per_peer: int = 16
    #: Connections that the kernel keeps until the server accepts them.
    backlog: int = 64
    #: The request line and the header fields together, and the number of fields.
    header_bytes: int = 16_384
    header_fields: int = 100
    #: From a request's first byte to the end of its header, however busily it drips.
    header_timeout: float = 10.0
    #: A request body, whether it announces its length or comes in chunks.
    body_bytes: int = 65_536
    #: All buffers together: one half for request bodies, the other for answers that wait for clients.
    buffer_bytes: int = 8_388_608
    #: Bytes a second that a client has to send of its body, or take of its answer, after the grace time.
    least_rate: int = 512
    grace_time: float = 10.0
    #: How long a connection may be open without a request.
    idle_timeout: float = 15.0
    #: From SIGTERM to the end of the process: time to answer the requests that were received before.
    drain_timeout: float = 10.0
    #: The folder for bodies above 128 KiB, which then need not fit the buffers; empty: they stay in memory.
    #: It needs room for `connections` bodies of the largest size.
    upload_folder: str = ""


class Policy(_Figures):
    """Whom the server answers, where, and what it adds to every answer."""

    #: Names for the Host header besides this machine's own: its host name, that with .local, its addresses.
    hosts: tuple[str, ...] = ()
    check_host: bool = True
    #: Refuse changes that a page of another site sends through a visitor's browser.
    check_origin: bool = True
    #: Origins, such as "https://panel.example", whose pages may send changes to a program.
    allow_origins: tuple[str, ...] = ()
    security_headers: bool = True
    #: Origins, such as "http://homeassistant.local:8123", whose pages may show ours in a frame.
    frame_ancestors: tuple[str, ...] = ()
    #: Address of the one proxy whose X-Forwarded-* headers are believed ("localhost" for a Unix socket).
    behind_proxy: str = ""
    #: The path below which a proxy serves everything, such as "/board"; its X-Forwarded-Prefix wins.
    prefix: str = ""
    #: Whether the answer to a preflight decides on changes of other sites' pages. Not for the device's own
    #: application, which takes none.
    asks_program: bool = False
    #: Whether these are keys of a profile; else refusals name options of `edgeweb serve`.
    has_profile: bool = False

    @classmethod
    def names(cls) -> list[str]:
        """Return the names of the keys in a profile."""
        return [name for name in super().names() if name not in ("asks_program", "has_profile")]

    def describe(self, setting: str) -> str:
        """Return the name of a key as the person who runs this server changes it.

        >>> Policy().describe("body_bytes"), Policy(has_profile=True).describe("body_bytes")
        ('--body-size', 'server.body_bytes')
        >>> Policy().describe("connections")
        'server.connections of a profile'
        """
        if self.has_profile:
            return f"server.{setting}"
        return OPTIONS.get(setting, f"server.{setting} of a profile")
