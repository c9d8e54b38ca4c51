"""Warming up: the first visitor finds everything loaded, and nobody's program is sent a request for it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edgeweb import Flask, Response
from edgeweb.commands.warm import ask, warm, warm_device
from edgeweb.device import create_app, start
from tests.device.conftest import make_profile as make_profile
from tests.device.people import device_of
from tests.device.process import ROOT, DeviceServer
from tests.server.conftest import serve as serve
from tests.server.process import ServerProcess

FIRST_VISIT = """
import sys
from edgeweb.commands.warm import ask, warm_device
from edgeweb.device import create_app, start
app = create_app(sys.argv[1])
start(app)
warm_device(app)
before = set(sys.modules)
for path in ("/", "/sign-in", "/livez"):
    ask(app, path)
print("new:", sorted(set(sys.modules) - before))
"""


@pytest.mark.slow
def test_the_first_visitor_of_a_device_loads_nothing(tmp_path: Path) -> None:
    (tmp_path / "profile.toml").write_text('[storage]\nstate = "memory"\n')
    done = subprocess.run(
        [sys.executable, "-c", FIRST_VISIT, "profile.toml"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CONFIGURATION_DIRECTORY": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "new: []\n"


@pytest.mark.slow
def test_a_device_notes_nothing_of_it(tmp_path: Path) -> None:
    server = DeviceServer(tmp_path)
    try:
        server.claim()
        actions = {row["action"] for row in server.get("/api/v1/audit?limit=500").json["audit"]}
        assert actions == {"user.add", "token.add"}, "of the claim above alone"
        assert "when it was tried at the start" not in server.log
    finally:
        assert server.stop() == 0


def test_a_page_that_fails_is_told_and_does_not_keep_the_device_from_starting(
    make_profile: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    app = create_app(make_profile('[storage]\nstate = "memory"\n'))  # type: ignore[arg-type]
    start(app)
    app.view_functions["health.livez"] = lambda: "not marked as public"
    try:
        warm_device(app)
        assert "edgeweb: /livez answered 401" in capsys.readouterr().err
    finally:
        # its history would go on reading the system, in the midst of later tests
        device_of(app).close()


def test_no_other_program_is_asked(serve: Callable[..., ServerProcess]) -> None:
    assert serve("app:app").body("/served") == "/served"
    server = serve("views:app")
    assert server.body("/unmarked") == "worker"


LOADED = """
import sys
import edgeweb
from edgeweb.commands.warm import warm
app = edgeweb.Flask("app", root_path=sys.argv[1])
app.before_request(lambda: print("asked"))
warm(app)
print("jinja2" in sys.modules)
"""


@pytest.mark.parametrize("has_templates", [False, True])
def test_what_renders_templates_is_loaded_where_there_are_some(tmp_path: Path, has_templates: bool) -> None:
    if has_templates:
        (tmp_path / "templates").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", LOADED, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{has_templates}\n"


def test_what_is_not_edgeweb_s_is_left_alone() -> None:
    warm(object())


def test_an_answer_is_read_to_its_end_and_closed() -> None:
    class Body:
        closed = False

        def __iter__(self):  # type: ignore[no-untyped-def]
            yield b"a"

        def close(self) -> None:
            self.closed = True

    body = Body()

    def app(environ, start_response):  # type: ignore[no-untyped-def]
        start_response("200 OK", [])
        return body

    status, _ = ask(app, "/")
    assert status == "200 OK"
    assert body.closed


@pytest.mark.parametrize(
    "kind", ["text/event-stream; charset=utf-8", "multipart/x-mixed-replace; boundary=b"]
)
def test_a_body_without_an_end_is_closed_and_not_waited_for(kind: str) -> None:
    app = Flask("app")
    ended: list[bool] = []

    def parts() -> Iterator[str]:
        try:
            while True:
                yield "data: 1\n\n"
        finally:
            ended.append(True)

    @app.get("/")
    def stream() -> Response:
        body = parts()
        next(body)
        return Response(body, content_type=kind)

    status, _ = ask(app, "/")
    assert status.startswith("200 ")
    assert ended == [True]
