from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from edgeweb import Flask

from ..people import device_of
from .listener import STUCK, Listener


@pytest.fixture
def client(app: Flask) -> Any:
    return app.test_client()


@pytest.fixture
def listen(app: Flask) -> Iterator[Callable[..., Listener]]:
    """`listen(client, query)` opens a stream, which ends with the test, or where that is stuck."""
    opened: list[Listener] = []
    watchdog = threading.Timer(STUCK, lambda: device_of(app).close())
    watchdog.start()

    def open_one(*arguments: Any, **headers: str) -> Listener:
        opened.append(Listener(*arguments, **headers))
        return opened[-1]

    yield open_one
    watchdog.cancel()
    for listener in opened:
        listener.close()
