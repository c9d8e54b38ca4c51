"""Any WSGI server serves an edgeweb application: gunicorn with two workers, and the standard library's."""

from __future__ import annotations

import http.client
import threading
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from wsgiref import simple_server, validate

import pytest

from edgeweb import Flask, Response, request
from tests.tutorials.process import Server

from .program import AS_FLASK, HERE


@pytest.mark.slow
@pytest.mark.parametrize("importing", ["edgeweb", "flask"])
def test_gunicorn(tmp_path: Path, importing: str) -> None:
    program = (HERE / "programs" / "workers.py").read_text()
    (tmp_path / "app.py").write_text(program.replace("from flask", f"from {importing}"))
    as_flask = AS_FLASK if importing == "flask" else ()
    command = [*as_flask, "-m", "gunicorn", "-b", "127.0.0.1:0", "-w", "2", "app:app"]
    with Server(command, tmp_path) as server:

        def answering_process(_: int) -> str:
            return server.ask("/process")[2]

        def both_workers() -> set[str]:
            with ThreadPoolExecutor(4) as pool:
                seen.update(pool.map(answering_process, range(4)))
            return seen if len(seen) >= 2 else set()

        seen: set[str] = set()
        assert len(server.wait_for(both_workers)) == 2
        status, _, text = server.ask("/length", "POST", body=b"x" * 100_000)
        assert (status, text) == (200, '{"length":100000,"multiprocess":true}\n')
        assert server.ask("/stream")[2] == "0\n1\n2\n"
        assert server.ask("/nowhere")[0] == 404
        assert server.stop() == 0


def make_app() -> Flask:
    """An application with each kind of answer."""
    app = Flask(__name__, static_folder=str(HERE / "programs"), static_url_path="/files")
    app.logger.disabled = True

    @app.route("/text")
    def text() -> str:
        return "text"

    @app.route("/json")
    def json() -> dict[str, int]:
        return {"a": 1}

    @app.route("/stream")
    def stream() -> Response:
        return Response(f"{number} " for number in range(3))

    @app.post("/body")
    def body() -> bytes:
        return request.get_data()

    @app.route("/slash/")
    def slash() -> str:
        return "slash"

    @app.route("/fails")
    def fails() -> t.NoReturn:
        raise RuntimeError

    return app


class _Quiet(simple_server.WSGIRequestHandler):
    def log_message(self, format: str, *args: t.Any) -> None:
        pass


@pytest.fixture(scope="module")
def port() -> t.Iterator[int]:
    """wsgiref's server, with wsgiref's validator between it and the application."""
    # The validator answers a breach of PEP 3333 by an AssertionError, and that the server by a status of 500.
    app = validate.validator(make_app())
    server = simple_server.make_server("127.0.0.1", 0, app, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/text", 200, "text"),
        ("HEAD", "/text", 200, ""),
        ("OPTIONS", "/text", 200, ""),
        ("GET", "/json", 200, '{"a":1}\n'),
        ("HEAD", "/json", 200, ""),
        ("GET", "/stream", 200, "0 1 2 "),
        ("HEAD", "/stream", 200, ""),
        ("POST", "/body", 200, "sent"),
        ("GET", "/slash", 308, None),
        ("GET", "/nowhere", 404, None),
        ("HEAD", "/nowhere", 404, ""),
        ("PUT", "/text", 405, None),
        ("GET", "/files/workers.py", 200, (HERE / "programs" / "workers.py").read_text()),
        ("HEAD", "/files/workers.py", 200, ""),
        ("GET", "/files/none", 404, None),
    ],
)
def test_wsgiref_and_its_validator(port: int, method: str, path: str, status: int, body: str | None) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body=b"sent" if method == "POST" else None)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    assert response.status == status
    assert body is None or text == body


def test_an_error_of_the_program_is_500_and_not_the_servers(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/fails")
    response = connection.getresponse()
    assert response.status == 500
    # wsgiref's own page for an application that raises is plain text.
    assert "<h1>Internal Server Error</h1>" in response.read().decode()
    connection.close()
