"""One server for one folder of state, with processes that are real."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edgeweb.device.storage.owner import FILE, StateInUse, StateOwner

#: Takes the folder, prints what came of it, and holds the folder until its input ends.
_SERVER = """
import sys
from edgeweb.device.storage.owner import StateInUse, StateOwner
owner = StateOwner(sys.argv[1])
try:
    owner.take()
except StateInUse as error:
    print(error, flush=True)
else:
    print("taken", flush=True)
    sys.stdin.read()
"""


class Server:
    """A process that takes a folder."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SERVER, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        self.pid = self._process.pid
        assert self._process.stdout is not None
        self.answer = self._process.stdout.readline().strip()

    def end(self, how: signal.Signals | None = None) -> None:
        """End it in order, or by a signal."""
        if how is not None:
            self._process.send_signal(how)
        self._process.communicate(timeout=30)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[], Server]]:
    servers: list[Server] = []

    def start() -> Server:
        servers.append(Server(tmp_path / "state"))
        return servers[-1]

    yield start
    for server in servers:
        server.end()


def test_a_second_server_is_refused_with_the_first_ones_number(serve: Callable[[], Server]) -> None:
    first = serve()
    assert first.answer == "taken"
    assert f"is in use by process {first.pid}: stop that server first" in serve().answer


@pytest.mark.parametrize("how", [None, signal.SIGTERM, signal.SIGKILL])
def test_the_folder_is_free_after_the_end(serve: Callable[[], Server], how: signal.Signals | None) -> None:
    serve().end(how)
    second = serve()
    assert second.answer == "taken"
    assert f"process {second.pid}:" in serve().answer, "and not the first one's"


def test_a_process_that_waits_for_the_folder_does_not_hold_it(
    serve: Callable[[], Server], tmp_path: Path
) -> None:
    first = serve()
    serve()
    owner = StateOwner(str(tmp_path / "state"))
    with pytest.raises(StateInUse):
        owner.take()
    first.end()
    owner.take()
    owner.take()
    owner.release()
    assert serve().answer == "taken"


def test_a_holder_without_a_name(tmp_path: Path) -> None:
    first, second = StateOwner(str(tmp_path)), StateOwner(str(tmp_path))
    first.take()
    os.truncate(tmp_path / FILE, 0)
    with pytest.raises(StateInUse, match="is in use by another process"):
        second.take()
    first.release()
    second.take()
    second.release()


def test_no_folder_and_one_that_cannot_be_made(tmp_path: Path) -> None:
    StateOwner("").take()
    (tmp_path / "file").write_text("")
    owner = StateOwner(str(tmp_path / "file" / "state"))
    owner.take()
    owner.release()
