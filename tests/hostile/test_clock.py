"""The wall clock jumps, as on a board without one: 1970 at the start, then today, then somewhere else."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.server.process import GET, ServerProcess, read_answer, status

Serve = Callable[..., ServerProcess]

TODAY = 1_795_000_000
FIFTY_YEARS = 50 * 31_557_600
JUMPS = {"to today": TODAY, "fifty years on": TODAY + FIFTY_YEARS, "not at all": 0, "an hour on": 3600}


@pytest.mark.slow
@pytest.mark.parametrize("jump", JUMPS)
def test_a_jump_closes_nothing_and_expires_nothing(serve: Serve, jump: str) -> None:
    server = serve("clock:app", idle_timeout=60, header_timeout=60, grace_time=60)
    with server.connect() as idle, server.connect() as head, server.connect() as body:
        idle.sendall(GET)
        assert int(read_answer(idle).partition(b"\r\n\r\n")[2]) < 3600, "it is 1970"
        head.sendall(GET[:20])
        body.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\n\r\nbo")
        server.get(f"/set?{JUMPS[jump]}")
        time.sleep(2.5)  # the server looks at its connections once a second
        idle.sendall(GET)
        head.sendall(GET[20:])
        body.sendall(b"dy")
        for sock in (idle, head):
            answer = read_answer(sock)
            assert status(answer) == 200
            assert abs(int(answer.partition(b"\r\n\r\n")[2]) - JUMPS[jump]) < 3600, "the jump was seen"
        assert read_answer(body).endswith(b"\r\n\r\nbody")


@pytest.mark.slow
def test_what_has_had_its_time_is_closed_though_the_clock_stands_still(serve: Serve) -> None:
    server = serve("clock:app", header_timeout=1)
    with server.connect() as sock:
        sock.sendall(GET[:20])
        for second in range(3):  # always the same moment
            server.get(f"/set?{100 - second}")
            time.sleep(1)
        assert status(read_answer(sock)) == 408
