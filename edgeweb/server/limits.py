"""What one process may hold and how long a client may take: the figures behind every refusal."""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    """Sizes are bytes, times are seconds. The defaults suit a board with 512 MB.

    >>> Limits(threads=2)._replace(body_bytes=1_000_000).body_bytes
    1000000
    """

    threads: int = 4
    #: Connections at once, in all and from one address.
    connections: int = 32
    #: The request line and all header fields together.
    header_bytes: int = 16_384
    #: A request body, whether it announces its length or comes in chunks.
    body_bytes: int = 65_536
    #: A connection without a request.
    idle_seconds: float = 15.0
    #: From SIGTERM to the end, for the requests that were received before.
    drain_seconds: float = 10.0
