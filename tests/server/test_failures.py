"""What fails in the server itself, or ends a view as no view should: no thread and no connection is left."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from edgeweb.server import runner, signals
from edgeweb.server.limits import Limits, Policy
from edgeweb.server.signals import Ended
from edgeweb.server.threads import Threads
from tests.server.process import APPS, GET, STUCK, ServerProcess, read_all, status

Serve = Callable[..., ServerProcess]


@pytest.mark.parametrize("waits", [False, True], ids=["main thread leads", "main thread in a view"])
def test_a_fault_of_the_server_ends_the_process(waits: bool) -> None:
    """systemd starts it again then. A thread that only dies would leave a server that polls no more."""
    command = [sys.executable, str(APPS / "fails_to_reload.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline().rstrip("/\n").rpartition(":")[2])
            with socket.create_connection(("127.0.0.1", port), STUCK) as first:
                if waits:
                    first.sendall(GET.replace(b"/ ", b"/wait ", 1))
                with socket.create_connection(("127.0.0.1", port), STUCK) as second:
                    second.sendall(GET)
                    assert status(second.recv(4096)) == 200
                process.send_signal(signal.SIGHUP)
                assert "RuntimeError: as asked" in process.communicate(timeout=STUCK)[1]
            assert process.returncode == 1
        finally:
            process.kill()


def test_a_connection_ends_with_a_view_that_ends_its_thread(serve: Serve) -> None:
    server = serve("views:app")
    for _ in range(3):
        with server.connect() as sock:
            sock.sendall(GET.replace(b"/ ", b"/interrupts ", 1) * 2)
            assert read_all(sock) == b""
    assert server.stop() == 0


class EndsAtOnce(Threads):
    """Threads whose `run` returns, or raises, and then calls `trace` at each step of its callers."""

    def __init__(self, trace: Callable[..., Any], error: BaseException | None = None) -> None:
        super().__init__(1, 1, lambda: None)
        self._trace = trace
        self._error = error

    def run(self) -> None:
        caller = sys._getframe(1)
        caller.f_trace_opcodes = True
        caller.f_trace = self._trace
        sys.settrace(self._trace)
        if self._error is not None:
            raise self._error


def make_server() -> runner.Server:
    return runner.Server(lambda environ, start_response: [], [], Limits(), Policy())


class SignalAt:
    """A trace function that has `end_main` send its signal before one instruction of the server's end."""

    FILES = (runner.__file__, signals.__file__)

    def __init__(self, at: int, server: runner.Server) -> None:
        self._left = at
        self._server = server
        self.met = False

    def __call__(self, frame: FrameType, event: str, argument: object) -> Any:
        if frame.f_code.co_filename not in self.FILES:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            self._left -= 1
            if self._left == -1:
                self.met = True
                self._send(self._server._signals)
        return self

    def _send(self, leaving: signals.Signals) -> None:
        # As in `end_main`, which waits for the lock.
        if not leaving._lock.locked() and not leaving._left.is_set():
            leaving._end_code = 0
            signal.raise_signal(signal.SIGTERM)


def test_the_main_thread_is_ended_at_each_step_of_its_end() -> None:
    """The signal of the thread that leads comes while the main thread leaves: it leaves all the same."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    tracing = sys.gettrace()
    at, met = 0, True
    while met:
        server = make_server()
        trace = SignalAt(at, server)
        server.threads = EndsAtOnce(trace)
        try:
            server.run()
        finally:
            sys.settrace(tracing)
            signal.set_wakeup_fd(-1)
            for number, handler in before.items():
                signal.signal(number, handler)
        assert server._signals._left.is_set(), at
        at, met = at + 1, trace.met
    assert at > 20


def test_no_thread_takes_the_lead_after_the_main_thread_has_left() -> None:
    server = make_server()
    server.threads = EndsAtOnce(lambda *_: None, Ended(143))
    tracing = sys.gettrace()
    try:
        with pytest.raises(SystemExit, match="143"):
            server.run()
    finally:
        sys.settrace(tracing)
    assert server.threads.finished
