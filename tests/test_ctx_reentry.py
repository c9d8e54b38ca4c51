"""Contexts that end elsewhere than they began: streams in other threads, test clients in any order."""

from __future__ import annotations

import contextvars
import gc
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder

from edgeweb import (
    Flask,
    Response,
    current_app,
    g,
    has_app_context,
    has_request_context,
    request,
    stream_with_context,
)

Run = Callable[[Callable[[], object]], None]


class Program:
    """An application whose `/stream` is a stream, and what has happened to its contexts."""

    def __init__(self) -> None:
        self.app = app = Flask("program", static_folder=None)
        self.log: list[object] = []
        app.teardown_request(lambda error: self.log.append(f"request {request.path} {error!r}"))
        app.teardown_appcontext(lambda error: self.log.append(f"application {error!r}"))
        app.add_url_rule("/stream", view_func=lambda: Response(stream_with_context(self._chunks())))
        app.add_url_rule("/g", "g", lambda: str(g.setdefault("seen", request.args["n"])))
        app.add_url_rule("/<name>", "page", lambda name: name)

    def _chunks(self) -> Iterator[str]:
        try:
            for number in range(3):
                yield f"{request.path} {number}"
        finally:
            self.log.append(f"closed {request.path} {current_app.name}")

    def stream(self) -> Any:
        """Return the body of a request, of which one chunk was read."""
        body: Any = self.app(EnvironBuilder("/stream").get_environ(), lambda *args: lambda data: None)
        assert next(iter(body)) == b"/stream 0"
        self.log.clear()
        return body


@pytest.fixture
def program() -> Program:
    return Program()


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    """Each test in a context of its own, which the next does not see."""
    assert not has_request_context() and not has_app_context()
    yield
    for _ in range(2):
        gc.collect()


def _in_a_thread(function: Callable[[], object]) -> None:
    failed: list[BaseException] = []

    def run() -> None:
        try:
            function()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert not failed


def _in_a_copy(function: Callable[[], object]) -> None:
    contextvars.copy_context().run(function)


def _isolated(function: Callable[[], object]) -> None:
    contextvars.Context().run(function)


ELSEWHERE = pytest.mark.parametrize("elsewhere", [_in_a_thread, _in_a_copy, _isolated])
CLOSED = ["closed /stream program", "request /stream GeneratorExit()", "application GeneratorExit()"]


@ELSEWHERE
def test_a_stream_that_is_closed_elsewhere(program: Program, elsewhere: Run) -> None:
    def test() -> None:
        body = program.stream()
        elsewhere(body.close)
        assert program.log == CLOSED

    _isolated(test)


@ELSEWHERE
def test_a_stream_that_is_read_elsewhere(program: Program, elsewhere: Run) -> None:
    def test() -> None:
        body = program.stream()
        found: list[bytes] = []
        elsewhere(lambda: found.append(next(iter(body))))
        elsewhere(lambda: found.extend(body))
        body.close()
        assert found == [b"/stream 1", b"/stream 2"]
        assert program.log == ["closed /stream program", "request /stream None", "application None"]

    _isolated(test)


def test_a_stream_that_many_contexts_read_keeps_few_tokens(program: Program) -> None:
    def chunks() -> Iterator[str]:
        while True:
            yield request.path

    program.app.add_url_rule("/endless", "endless", lambda: Response(stream_with_context(chunks())))

    def test() -> None:
        from edgeweb.globals import request_ctx

        environ = EnvironBuilder("/endless").get_environ()
        body: Any = program.app(environ, lambda *args: lambda data: None)
        stream = iter(body)
        next(stream)
        context = request_ctx._get_current_object()
        for _ in range(100):
            _isolated(lambda: next(stream))
        assert 0 < len(context.left_behind) < 10
        body.close()

    _isolated(test)


def test_a_stream_that_is_closed_during_another_request(program: Program) -> None:
    def test() -> None:
        body = program.stream()
        with program.app.test_request_context("/other"):
            body.close()
            assert program.log == CLOSED
            assert request.path == "/other"
        assert not has_request_context() and not has_app_context()

    _isolated(test)


def test_a_stream_that_the_garbage_collector_closes(program: Program) -> None:
    def test() -> None:
        body: list[Any] = [program.stream()]
        body.append(body)
        with program.app.test_request_context("/other"):
            del body
            gc.collect()
            # Which of the two generators goes first is the collector's choice.
            assert program.log[1:] == CLOSED[1:]
            assert request.path == "/other"

    _isolated(test)


def test_a_thread_whose_stream_went_elsewhere_shares_nothing_with_it(program: Program) -> None:
    client = program.app.test_client()

    def test() -> None:
        body = program.stream()
        _in_a_thread(lambda: next(iter(body)))
        assert [client.get(f"/g?n={number}").text for number in "12"] == ["1", "2"]
        assert program.log == ["request /g None", "application None"] * 2
        _in_a_thread(body.close)
        # The next request removes what was left behind.
        assert client.get("/g?n=3").text == "3"
        assert not has_request_context() and not has_app_context()

    _isolated(test)


def test_streams_that_are_read_in_turn(program: Program) -> None:
    def test() -> None:
        first, second = program.stream(), program.stream()
        assert b"".join(first) == b"/stream 1/stream 2"
        assert b"".join(second) == b"/stream 1/stream 2"
        for body in (first, second):
            body.close()
        ended = [line for line in program.log if str(line).startswith("request")]
        assert ended == ["request /stream None"] * 2

    _isolated(test)


def test_clients_in_the_same_block(program: Program) -> None:
    with program.app.test_client() as first, program.app.test_client() as second:
        for client, path in ((first, "/a"), (second, "/b"), (first, "/c"), (second, "/d")):
            client.get(path)
            assert request.path == path
    assert not has_request_context() and not has_app_context()
    ended = [line for line in program.log if str(line).startswith("request")]
    # Once after the view, and once at the end of what the client has kept.
    assert sorted(ended) == sorted(f"request /{name} None" for name in "aabbccdd")


def test_clients_whose_blocks_end_in_the_order_of_their_beginning(program: Program) -> None:
    first, second = program.app.test_client(), program.app.test_client()
    first.__enter__()
    first.get("/a")
    second.__enter__()
    second.get("/b")
    first.__exit__(None, None, None)
    assert request.path == "/b"
    second.__exit__(None, None, None)
    assert not has_request_context() and not has_app_context()


def test_a_stream_that_outlives_the_block_of_its_client(program: Program) -> None:
    with program.app.test_client() as client:
        response = client.get("/stream")
        client.get("/other")
        assert request.path == "/other"
        assert response.text == "/stream 0/stream 1/stream 2"
        assert request.path == "/other"
    assert not has_request_context() and not has_app_context()
