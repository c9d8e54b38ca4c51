from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.conftest import serve as serve
from tests.server.process import ServerProcess


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One server for all tests that only send it something, because it has to survive them all."""
    folder: Path = tmp_path_factory.mktemp("hostile")
    running = ServerProcess(folder)
    yield running
    assert running.stop() == 0, running.log
    assert "Traceback" not in running.log, running.log
