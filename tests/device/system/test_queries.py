from __future__ import annotations

import doctest
from collections.abc import Iterator
from threading import Event, Semaphore, Thread

import pytest

from edgeweb.device.system import queries as module
from edgeweb.device.system.command import CommandError
from edgeweb.device.system.queries import KEPT, MAX_RUNNING, Queries, Slow


class Program:
    """A program that answers when the test lets it."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.go_on = Event()
        self.ended = Semaphore(0)
        self.failure: Exception | None = None

    def __call__(self, arguments: list[str]) -> bytes:
        self.calls.append(arguments)
        try:
            assert self.go_on.wait(10)
            if self.failure is not None:
                raise self.failure
            return f"answer {len(self.calls)}".encode()
        finally:
            self.ended.release()


@pytest.fixture
def program() -> Iterator[Program]:
    program = Program()
    yield program
    program.go_on.set()
    for _ in program.calls:
        assert program.ended.acquire(timeout=10)


def test_a_slow_program_answers_the_next_request(program: Program) -> None:
    queries = Queries(program, patience=0.01)
    with pytest.raises(Slow, match=r"journalctl has not answered within 0\.01 s") as slow:
        queries(["journalctl"])
    assert slow.value.retry_after
    with pytest.raises(Slow):
        queries(["journalctl"])
    program.go_on.set()
    queries.patience = 10
    assert queries(["journalctl"]) == b"answer 1"
    assert len(program.calls) == 1, "one call for all who have asked"
    assert queries(["journalctl"]) == b"answer 2", "who asks later gets a new answer"


def test_a_failure_is_raised_where_it_is_asked_for(program: Program) -> None:
    program.go_on.set()
    program.failure = CommandError("systemctl: Access denied")
    with pytest.raises(CommandError, match="Access denied"):
        Queries(program)(["systemctl"])


def test_programs_that_hang_are_few(program: Program) -> None:
    queries = Queries(program, patience=0.0)
    for number in range(MAX_RUNNING):
        with pytest.raises(Slow, match="has not answered"):
            queries(["journalctl", str(number)])
    with pytest.raises(Slow, match="was not called: 3 programs"):
        queries(["systemctl"])
    assert len(program.calls) <= MAX_RUNNING


def test_an_answer_that_is_not_asked_for_goes(program: Program) -> None:
    now = 0.0
    queries = Queries(program, patience=0.0, clock=lambda: now)
    for number in range(MAX_RUNNING):
        with pytest.raises(Slow):
            queries(["journalctl", str(number)])
    program.go_on.set()
    for query in queries._queries.values():
        assert query.done.wait(10)
    with pytest.raises(Slow, match="was not called"):
        queries(["systemctl"])
    now, queries.patience = KEPT + 1, 10
    assert queries(["systemctl"]) == b"answer 4"


def test_who_asks_at_a_time_shares_one_call(program: Program) -> None:
    queries = Queries(program, patience=10)
    found: list[bytes] = []
    threads = [Thread(target=lambda: found.append(queries(["systemctl"]))) for _ in range(5)]
    for thread in threads:
        thread.start()
    while len(program.calls) < 1:
        pass
    # those that have not asked yet get a second call, none gets a third
    program.go_on.set()
    for thread in threads:
        thread.join(10)
    assert len(found) == 5
    assert len(program.calls) <= 5


def test_the_example_of_the_module() -> None:
    failed, tried = doctest.testmod(module)
    assert (failed, tried > 0) == (0, True)


def test_a_change_that_ends_in_time_raises_its_failure() -> None:
    late: list[CommandError] = []

    def fails(arguments: list[str]) -> bytes:
        raise CommandError("systemctl: no")

    queries = Queries(fails, patience=10)
    with pytest.raises(CommandError, match="systemctl: no"):
        queries.change(["systemctl", "restart", "a"], late.append)
    assert late == []


def test_a_change_that_takes_longer_is_accepted_and_its_failure_comes_later() -> None:
    goes_on, failed = Event(), Event()
    late: list[CommandError] = []

    def hangs(arguments: list[str]) -> bytes:
        goes_on.wait(10)
        raise CommandError("systemctl did not end within 5 s")

    def log(error: CommandError) -> None:
        late.append(error)
        failed.set()

    queries = Queries(hangs, patience=0.0)
    for _ in range(MAX_RUNNING):
        queries.change(["systemctl", "restart", "a"], log)
    with pytest.raises(Slow):
        queries.change(["systemctl", "restart", "a"], log)
    assert late == []
    goes_on.set()
    assert failed.wait(10)
    assert str(late[0]) == "systemctl did not end within 5 s"
