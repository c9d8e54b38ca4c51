from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.server.process import ServerProcess


@pytest.fixture
def serve() -> Iterator[Callable[..., ServerProcess]]:
    """``serve("app:app", *options)`` starts a server that ends with the test."""
    started: list[ServerProcess] = []

    def start(app: str = "app:app", *options: str) -> ServerProcess:
        started.append(ServerProcess(app, *options))
        return started[-1]

    yield start
    for server in started:
        server.close()
