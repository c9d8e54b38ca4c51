"""The client against a real device, and against servers that misbehave."""

from __future__ import annotations

import doctest
import inspect
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from edgeweb.client import (
    BadAnswer,
    Client,
    Redirected,
    Refused,
    Unreachable,
    client,
    errors,
    events,
    transport,
)

from ..device.process import ROOT, DeviceServer
from .recorder import Answer, Recorder

PROFILE = """
[schedules]
wait_for_clock = false
[system]
services = ["nginx.service"]
[channels.lamp]
driver = "memory"
mode = "output"
[channels.fan]
driver = "memory"
mode = "pwm"
[sensors.soil]
kind = "file"
path = "FOLDER/soil"
unit = "%"
keep = true
"""

#: Stands for systemd's, which a container has not.
SYSTEMCTL = """#!/bin/sh
case "$*" in *show*) printf 'Id=nginx.service\\nNames=nginx.service\\nActiveState=active\\n';; esac
"""

#: In this order one leaves what the next needs.
ORDER = (
    *("who_am_i", "ready", "channels", "channel", "switch", "toggle", "pulse", "level", "sensors", "sensor"),
    *("sensor_history", "status", "metrics", "metrics_history", "schedules", "put_schedule", "schedule"),
    *("remove_schedule", "services", "restart_service", "settings", "change_settings", "backup", "restore"),
    "events",
)


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A client of a device whose owner has just entered the set-up code."""
    (tmp_path / "soil").write_text("31.5")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/systemctl").write_text(SYSTEMCTL)
    (tmp_path / "bin/systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    (tmp_path / "shed.toml").write_text(PROFILE.replace("FOLDER", str(tmp_path)))
    server = DeviceServer(tmp_path / "device", "--profile", str(tmp_path / "shed.toml"))
    try:
        server.claim()
        yield Client(server.url, server.token)
    finally:
        assert server.stop() == 0, server.log
    assert "Traceback" not in server.log


def test_every_example_is_true_on_a_real_device(device: Client) -> None:
    examples = {
        test.name.rpartition(".")[2]: test
        for test in doctest.DocTestFinder().find(Client, "Client", globs={"client": device})
    }
    methods = {name for name, _ in inspect.getmembers(Client, inspect.isfunction) if not name.startswith("_")}
    assert set(ORDER) == methods
    runner = doctest.DocTestRunner()
    for name in ORDER:
        assert examples[name].examples, f"{name} has no example"
        assert runner.run(examples[name]).failed == 0, name


@pytest.mark.parametrize("module", [client, errors, events, transport])
def test_the_examples_of_the_modules(module: Any) -> None:
    for test in doctest.DocTestFinder().find(module):
        if not test.name.startswith("edgeweb.client.client.Client"):
            assert doctest.DocTestRunner().run(test).failed == 0


def test_a_problem_has_title_and_next_step(device: Client) -> None:
    with pytest.raises(Refused) as caught:
        device.switch("lmap", True)
    error = caught.value
    assert (error.status, error.key, error.title) == (404, "unknown-channel", "Unknown channel")
    assert "lmap" in error.next_step and "Unknown channel (404)" in str(error)
    with pytest.raises(Refused) as caught:
        device.level("fan", 2)
    assert caught.value.errors == [{"pointer": "/value", "detail": "expected a number from 0 to 1"}]
    with pytest.raises(Refused) as caught:
        Client(device.url, "edgeweb_wrong").channels()
    assert (caught.value.status, caught.value.key) == (401, "unauthenticated")


def test_settings_that_others_have_changed_are_not_overwritten(device: Client) -> None:
    before = device.settings()
    device.change_settings({"dashboard.title": "A"}, before.tag)
    with pytest.raises(Refused) as caught:
        device.change_settings({"dashboard.title": "B"}, before.tag)
    assert caught.value.status == 412


# --- time -------------------------------------------------------------------------------------------------

BUSY = Answer(
    429, {"title": "Too many attempts", "detail": "Wait.", "key": "too-many-attempts"}, {"Retry-After": "4"}
)


def test_retry_after_is_obeyed_where_it_was_asked_for(recorder: Recorder) -> None:
    pauses: list[float] = []
    found = Client(recorder.url, patience=9, sleep=pauses.append)
    recorder.answers.extend([BUSY, BUSY, Answer(200, {"id": "lamp"})])
    assert found.channel("lamp") == {"id": "lamp"}
    recorder.answers.extend([BUSY, BUSY, BUSY])
    with pytest.raises(Refused) as caught:
        found.channel("lamp")
    assert caught.value.retry_after == 4.0
    assert pauses == [4.0] * 4 and len(recorder.asked) == 6


@pytest.mark.parametrize(
    ("after", "patience", "asked"), [("4", 0, 1), ("0", 0, 1), ("0", 0.25, 3), ("soon", 9, 1), ("", 9, 1)]
)
def test_how_often_it_is_asked(recorder: Recorder, after: str, patience: float, asked: int) -> None:
    recorder.default = lambda _: BUSY._replace(headers={"Retry-After": after})
    with pytest.raises(Refused):
        Client(recorder.url, patience=patience, sleep=lambda seconds: None).status()
    assert len(recorder.asked) == asked


def test_a_server_that_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        late = pytest.raises(Unreachable, match=r"does not answer within 0\.05 s")
        with late:
            Client(url, timeout=0.05).status()
    with pytest.raises(Unreachable, match="cannot be reached: Connection refused"):
        Client(url).status()


# --- answers that are none --------------------------------------------------------------------------------

WRONG = {
    "no JSON": Answer(200, None, {}, b"<html>"),
    "a list": Answer(200, [1]),
    "without the key": Answer(200, {"sensors": []}),
    "key of another kind": Answer(200, {"channels": {}}),
    "too large": Answer(200, {"channels": ["x" * 2000]}),
    "cut off": Answer(200, None, {"Content-Length": "100"}, b"{}"),
    "without an end": Answer(200, None, {"Content-Length": ""}, b" " * 5000),
}


@pytest.mark.parametrize("kind", WRONG)
def test_an_answer_of_something_else(kind: str, recorder: Recorder) -> None:
    recorder.answers.append(WRONG[kind])
    with pytest.raises((BadAnswer, Unreachable)) as caught:
        Client(recorder.url, max_bytes=1000, timeout=0.2).channels()
    assert recorder.url in str(caught.value)


def test_what_speaks_no_http() -> None:
    def greet(listener: socket.socket) -> None:
        with listener.accept()[0] as peer:
            peer.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=greet, args=(listener,))
        thread.start()
        with pytest.raises(BadAnswer, match="does not speak HTTP"):
            Client(f"http://127.0.0.1:{listener.getsockname()[1]}").status()
        thread.join()


@pytest.mark.parametrize("content", [b"<h1>Bad gateway</h1>", b"[]", b'{"title": 3, "errors": "x"}'])
def test_an_error_of_a_proxy(content: bytes, recorder: Recorder) -> None:
    recorder.answers.append(Answer(502, None, {"Content-Type": "text/html"}, content))
    with pytest.raises(Refused) as caught:
        Client(recorder.url).status()
    assert (caught.value.status, caught.value.key, caught.value.errors) == (502, "", [])


# --- the token stays --------------------------------------------------------------------------------------


def test_a_redirect_on_the_same_host_is_followed(recorder: Recorder) -> None:
    recorder.answers.append(Answer(308, None, {"Location": "/board/api/v1/status?a=b"}))
    Client(recorder.url, "edgeweb_x").status()
    assert [asked.target for asked in recorder.asked] == ["/api/v1/status", "/board/api/v1/status?a=b"]


def test_no_redirect_carries_the_token_to_another_host(recorder: Recorder) -> None:
    other = Recorder()
    try:
        for location in (
            f"{other.url}/api/v1/status",
            f"//127.0.0.1:{other.port}/",
            f"https://127.0.0.1:{recorder.port}/",
        ):
            recorder.answers.append(Answer(302, None, {"Location": location}))
            with pytest.raises(Redirected, match="Use that address if you trust it"):
                Client(recorder.url, "edgeweb_x").status()
        assert other.asked == []
    finally:
        other.close()


def test_a_change_is_not_redirected(recorder: Recorder) -> None:
    recorder.answers.append(Answer(307, None, {"Location": "/elsewhere"}))
    with pytest.raises(Redirected):
        Client(recorder.url).switch("lamp", True)
    assert len(recorder.asked) == 1


def test_a_redirect_in_a_circle_ends(recorder: Recorder) -> None:
    recorder.default = lambda asked: Answer(302, None, {"Location": asked.target})
    with pytest.raises(BadAnswer, match="again and again"):
        Client(recorder.url).status()


def test_the_token_is_not_shown() -> None:
    assert "secret" not in repr(Client("http://board.local/", "edgeweb_secret"))
    for token in ("two words", "line\nend", "naïve"):
        with pytest.raises(ValueError, match="this is no token") as caught:
            Client("http://board.local/", token)
        assert token not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://board",
        "http://",
        "http://user:word@board",
        "http://board/?a",
        "http://board/#a",
        "http://[::1",
        "http://board:x",
    ],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ValueError):
        Client(url)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("board.local", "http://board.local"),
        ("http://board/x/", "http://board/x"),
        ("https://[::1]:8443", "https://[::1]:8443"),
    ],
)
def test_addresses(url: str, found: str) -> None:
    assert Client(url).url == found


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_does_not_leave_its_place(name: str, recorder: Recorder) -> None:
    with pytest.raises(ValueError):
        Client(recorder.url).switch(name, True)
    Client(recorder.url).channel("../a b/?c#d")
    assert [asked.target for asked in recorder.asked] == ["/api/v1/channels/..%2Fa%20b%2F%3Fc%23d"]


# --- TLS --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=board"
    command += (
        f" -addext subjectAltName=DNS:localhost -keyout {folder / 'key.pem'} -out {folder / 'cert.pem'}"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    return folder


@pytest.fixture
def secure(recorder: Recorder, certificate: Path) -> Recorder:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    recorder.wrap(context)
    return recorder


def test_a_certificate_is_verified(secure: Recorder, certificate: Path) -> None:
    trusted = str(certificate / "cert.pem")
    assert Client(f"https://localhost:{secure.port}", ca_file=trusted).status() == {}
    with pytest.raises(Unreachable, match="is not trusted: self-signed certificate"):
        Client(f"https://localhost:{secure.port}", "edgeweb_x").status()
    with pytest.raises(Unreachable, match="not trusted: IP address mismatch"):
        Client(f"https://127.0.0.1:{secure.port}", ca_file=trusted).status()
    with pytest.raises(Unreachable, match="No such file"):
        Client(f"https://localhost:{secure.port}", ca_file="missing.pem").status()
    assert len(secure.asked) == 1


def test_our_own_code_loads_ssl_for_https_only() -> None:
    """`http.client` of the standard library imports it itself; no context, and no authorities, are loaded."""
    code = "import edgeweb.client, sys; sys.exit('dataclasses' in sys.modules or 'jinja2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == 0
    assert "import ssl" not in inspect.getsource(transport).partition("class Transport")[0]
