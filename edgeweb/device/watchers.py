"""Who is told of changes of the device, as far as the device knows them: all lie above it.

For type checkers: while a program runs, nothing imports this.
"""

from __future__ import annotations

from typing import Protocol


class Listener(Protocol):
    """What is notified of changes: `http/broadcast.py`, from the first client that listens on.

    `changed` and `check_access` are called from any thread and with locks held; they return at once.
    """

    def changed(self) -> None: ...
    def check_access(self) -> None: ...
    def close(self) -> None: ...


class Watch(Protocol):
    """What nothing reports the changes of, such as the cards of a program (`ui/cards.py`).

    `look` has them found on another thread; `number` is another one once they have changed.
    """

    @property
    def number(self) -> int: ...
    def look(self) -> None: ...


class Broker(Protocol):
    """What publishes the device to a broker: `mqtt/publisher.py`. `changed` returns at once, as above.

    After `stop` it sets no timer and runs no command; `close` publishes the last states.
    """

    def changed(self) -> None: ...
    def stop(self) -> None: ...
    def close(self) -> None: ...
    def to_json(self) -> dict[str, object]: ...


class Waiting(Protocol):
    """An answer that waits for a channel: `http/settled.py`. `look` returns at once, as those above."""

    def look(self) -> None: ...
