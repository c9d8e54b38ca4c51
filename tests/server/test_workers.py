"""The threads that serve, with tasks that end when the test says so."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from edgeweb.server.workers import Workers
from tests.server.process import STUCK


class Task:
    """A request that is worked on until `end`."""

    def __init__(self) -> None:
        self._begun, self._ended = threading.Event(), threading.Event()

    def service(self) -> None:
        self._begun.set()
        assert self._ended.wait(STUCK)

    def begins(self) -> bool:
        return self._begun.wait(STUCK)

    def end(self) -> None:
        self._ended.set()


@pytest.fixture
def tasks() -> Iterator[list[Task]]:
    made = [Task() for _ in range(8)]
    yield made
    for task in made:
        task.end()


@pytest.fixture
def workers() -> Iterator[Workers]:
    made = Workers(threads=2, queue_limit=6)
    yield made
    made.stop(STUCK)


def test_threads_that_are_busy_and_become_free_are_alive(workers: Workers, tasks: list[Task]) -> None:
    for task in tasks:
        workers.add_task(task)
    assert tasks[0].begins() and tasks[1].begins()
    for number in range(4):
        assert workers.are_alive(), "a thread has become free since the last look"
        tasks[number].end()
        assert tasks[number + 2].begins()


def test_threads_of_which_none_becomes_free_are_stuck(workers: Workers, tasks: list[Task]) -> None:
    for task in tasks[:3]:
        workers.add_task(task)
    assert tasks[0].begins() and tasks[1].begins()
    assert workers.are_alive(), "they may have just begun"
    assert not workers.are_alive()
    assert not workers.are_alive()
    tasks[0].end()
    assert tasks[2].begins()
    assert workers.are_alive(), "one was free again"


def test_a_free_thread_is_alive_whatever_the_others_do(workers: Workers, tasks: list[Task]) -> None:
    workers.add_task(tasks[0])
    assert tasks[0].begins()
    assert all(workers.are_alive() for _ in range(5)), "there may be one more thread"


def test_there_is_room_up_to_the_limits(workers: Workers, tasks: list[Task]) -> None:
    for task in tasks:
        assert workers.has_room()
        workers.add_task(task)
        if task in tasks[:2]:
            assert task.begins()
    assert not workers.has_room(), "two are worked on and six wait"
    tasks[0].end()
    assert tasks[2].begins()
    assert workers.has_room()


def test_what_fails_keeps_its_thread(workers: Workers, tasks: list[Task]) -> None:
    class Failing:
        def service(self) -> None:
            raise RuntimeError("as asked")

    for _ in range(5):
        workers.add_task(Failing())
    for task in tasks[:2]:
        workers.add_task(task)
    assert tasks[0].begins() and tasks[1].begins()
