from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.process import ServerProcess


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., ServerProcess]]:
    """`serve("app:app", threads=2)` starts a server that ends with the test."""
    started: list[ServerProcess] = []

    def start(app: str = "app:app", **server: Any) -> ServerProcess:
        folder = tmp_path / str(len(started))
        folder.mkdir()
        started.append(ServerProcess(folder, app, **server))
        return started[-1]

    yield start
    for server in started:
        server.close()
