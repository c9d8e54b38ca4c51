"""The ways in which tutorials start a program: python app.py, edgeweb run, with reloader and debugger."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from .process import Server, copy_programs


def _free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return str(sock.getsockname()[1])


def _one_program(folder: Path, name: str, file: str) -> Path:
    """A folder with one program, under the name that tutorials give it."""
    program = folder / file
    program.write_text((copy_programs(folder / "all", "edgeweb") / f"{name}.py").read_text())
    return program


def _edit(program: Path, old: str, new: str) -> None:
    text = program.read_text()
    assert old in text
    program.write_text(text.replace(old, new))
    # The reloader compares times: an edit within the same tick of a coarse file clock would go unseen.
    later = time.time() + 2
    os.utime(program, (later, later))


@pytest.mark.slow
def test_python_app_py_reloads_and_debugs(tmp_path: Path) -> None:
    program = _one_program(tmp_path, "hello", "app.py")
    with Server(["app.py"], tmp_path, PORT=_free_port()) as server:
        server.wait_for(lambda: server.answer() == "<p>Hello, World!</p>")
        assert " * Debug mode: on" in server.log
        assert " * Serving Flask app 'app'" in server.log

        _edit(program, "Hello, World!", "Hello again")
        server.wait_for(lambda: server.answer() == "<p>Hello again</p>")

        _edit(program, 'return "', 'return 1 / 0, "')
        server.wait_for(lambda: "Werkzeug Debugger" in (server.answer() or ""))
        assert "ZeroDivisionError" in str(server.answer())


@pytest.mark.parametrize("file", ["app.py", "wsgi.py", "hello.py"])
def test_edgeweb_run_finds_the_program(tmp_path: Path, file: str) -> None:
    _one_program(tmp_path, "hello", file)
    app = ["--app", "hello"] if file == "hello.py" else []
    with Server(["-m", "edgeweb", *app, "run", "--port", "0"], tmp_path) as server:
        assert server.ask("/")[::2] == (200, "<p>Hello, World!</p>")
        assert " * Debug mode: off" in server.log


@pytest.mark.slow
def test_edgeweb_run_debug_reloads(tmp_path: Path) -> None:
    program = _one_program(tmp_path, "hello", "app.py")
    with Server(["-m", "edgeweb", "run", "--debug", "--port", _free_port()], tmp_path) as server:
        server.wait_for(lambda: server.answer() == "<p>Hello, World!</p>")
        assert " * Debug mode: on" in server.log
        # A file that cannot be imported does not end the server: the next edit mends it.
        _edit(program, "return", "retrun")
        server.wait_for(lambda: "SyntaxError" in (server.answer() or ""))
        _edit(program, "retrun", "return")
        server.wait_for(lambda: server.answer() == "<p>Hello, World!</p>")


@pytest.mark.slow
def test_port_5000_is_the_default(tmp_path: Path) -> None:
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", 5000))
        except OSError:
            pytest.skip("port 5000 is taken on this machine")
    _one_program(tmp_path, "hello", "app.py")
    for command in (["-m", "edgeweb", "run"], ["app.py"]):
        with Server(command, tmp_path) as server:
            assert server.port == 5000
            server.wait_for(lambda server=server: server.answer() == "<p>Hello, World!</p>")


def test_the_program_as_written_runs_as_flask(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text((copy_programs(tmp_path / "all", "flask") / "hello.py").read_text())
    command = ["-m", "edgeweb", "as-flask", "run", "--", "flask", "run", "--port", "0"]
    with Server(command, tmp_path) as server:
        assert server.ask("/")[::2] == (200, "<p>Hello, World!</p>")


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="There is no application to load"):
        Server(["-m", "edgeweb", "run", "--port", "0"], tmp_path)
