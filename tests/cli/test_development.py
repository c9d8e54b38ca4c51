"""edgeweb.cli.development: what `app.run` hands to Werkzeug's server, and when it does nothing."""

from __future__ import annotations

import typing as t

import pytest
import werkzeug.serving

from tests.witness import both, worded


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, t.Any, dict[str, t.Any]]]:
    """The calls of `run_simple`, which would not come back."""
    for name in ("FLASK_DEBUG", "FLASK_RUN_FROM_CLI", "WERKZEUG_RUN_MAIN"):
        monkeypatch.delenv(name, raising=False)
    calls: list[tuple[str, int, t.Any, dict[str, t.Any]]] = []
    monkeypatch.setattr(
        werkzeug.serving,
        "run_simple",
        lambda host, port, app, **options: calls.append((host, port, app, options)),
    )
    return calls


@both
@pytest.mark.parametrize(
    ("server_name", "arguments", "host", "port"),
    [
        (None, {}, "127.0.0.1", 5000),
        (None, {"host": "0.0.0.0", "port": 80}, "0.0.0.0", 80),
        (None, {"port": "8000"}, "127.0.0.1", 8000),
        (None, {"port": 0}, "127.0.0.1", 0),
        ("example.org", {}, "example.org", 5000),
        ("example.org:8080", {}, "example.org", 8080),
        ("example.org:8080", {"port": 0}, "example.org", 0),
        ("example.org:8080", {"host": "localhost"}, "localhost", 8080),
    ],
)
def test_host_and_port(
    framework: t.Any, served: list[t.Any], server_name: str | None, arguments: t.Any, host: str, port: int
) -> None:
    app = framework.Flask("example")
    app.config["SERVER_NAME"] = server_name
    app.run(load_dotenv=False, **arguments)
    assert served[0][:3] == (host, port, app)


@both
@pytest.mark.parametrize(
    ("arguments", "environment", "debug", "options"),
    [
        ({}, None, False, {"use_reloader": False, "use_debugger": False, "threaded": True}),
        ({"debug": True}, None, True, {"use_reloader": True, "use_debugger": True, "threaded": True}),
        ({}, "1", True, {"use_reloader": True, "use_debugger": True, "threaded": True}),
        ({"debug": False}, "1", False, {"use_reloader": False, "use_debugger": False, "threaded": True}),
        (
            {"debug": True, "use_reloader": False, "threaded": False, "ssl_context": "adhoc"},
            None,
            True,
            {"use_reloader": False, "use_debugger": True, "threaded": False, "ssl_context": "adhoc"},
        ),
    ],
)
def test_debug_mode(
    framework: t.Any,
    served: list[t.Any],
    arguments: dict[str, t.Any],
    environment: str | None,
    debug: bool,
    options: dict[str, t.Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    app = framework.Flask("example")
    if environment is not None:
        monkeypatch.setenv("FLASK_DEBUG", environment)
    app.run(**arguments)
    assert served[0][3] == options
    assert app.debug is debug
    assert capsys.readouterr().out.splitlines() == [
        " * Serving Flask app 'example'",
        f" * Debug mode: {'on' if debug else 'off'}",
    ]


@both
def test_a_command_that_loads_the_program_serves_it_itself(
    framework: t.Any, served: list[t.Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")
    framework.Flask("example").run()
    assert served == []
    ours = "app.run() does nothing while a command imports the program."
    assert worded(framework, "Ignoring a call to 'app.run()'", ours) in capsys.readouterr().out
    # The reloader's child says it a second time to nobody.
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    framework.Flask("example").run()
    assert served == []
    assert capsys.readouterr().out == ""


@both
def test_after_the_server_the_application_may_be_set_up_further(
    framework: t.Any, served: list[t.Any]
) -> None:
    app = framework.Flask("example")
    app.test_client().get("/")
    app.run()
    app.add_url_rule("/later", "later", lambda: "later")
    assert app.test_client().get("/later").text == "later"
