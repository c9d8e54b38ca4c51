"""What goes wrong between a program and a device."""

from __future__ import annotations


class ClientError(Exception):
    """All errors of this client."""


class Unreachable(ClientError):
    """There is no connection, no answer in time, or a certificate that nobody vouches for."""


class BadAnswer(ClientError):
    """The answer is too large, cut off, or not what the interface describes: mostly not a device at all."""


class Redirected(ClientError):
    """The device has another address now. A token is never sent there: `location` has to be entered."""

    def __init__(self, location: str) -> None:
        super().__init__(f"The answer leads to {location}. Use that address if you trust it.")
        self.location = location


class Refused(ClientError):
    """The device has answered, and does not do it.

    Attributes:
        status: of HTTP, 400 to 599.
        key: the kind of problem, for programs, such as "channel-busy"; empty where a proxy has answered.
        title: the kind, for people.
        next_step: what is wrong this time, or what to do about it.
        errors: a row with `pointer` (RFC 6901) and `detail` for each field that does not fit.
        retry_after: seconds until another attempt makes sense; None where the device has named none.

    >>> error = Refused(409, "Channel busy", "Wait until it has finished.", key="channel-busy")
    >>> print(error)
    Channel busy (409). Wait until it has finished.

    Source: RFC 9457; RFC 9110, section 10.2.3.
    """

    def __init__(
        self,
        status: int,
        title: str,
        next_step: str = "",
        *,
        key: str = "",
        errors: list[dict[str, str]] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{title} ({status}). {next_step}".rstrip())
        self.status = status
        self.title = title
        self.next_step = next_step
        self.key = key
        self.errors = errors or []
        self.retry_after = retry_after
