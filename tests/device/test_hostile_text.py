"""Hostile texts of the system and of clients, through every way out of the device."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile
from edgeweb.device.device import log
from edgeweb.device.metrics import board
from edgeweb.device.system.command import run

from .people import OWN, PASSWORD, add_owner, client_of, device_of

#: name: bytes as a file, a system call or a header gives them
HOSTILE = {
    "latin-1": b"k\xfcche",
    "nul": b"a\0b",
    "newline": b"a\nedgeweb: forged\r\nSet-Cookie: a=b",
    "escape": b"\x1b[2J\x1b]0;title\x07red",
    "override": "photo\u202egpj.exe".encode(),
    "surrogate": b"half \xed\xa0\xbd pair",
    "long": b"x" * 100_000,
    "script": b"<script>alert(1)</script>\"'&",
    "random": bytes(range(256)),
}

PAGES = ["/", "/services", "/logs", "/about", "/people", "/audit", "/live?show=services,log"]
DOCUMENTS = ["status", "services", "logs", "sessions", "audit", "backup"]

#: In a page: control characters, surrogates, overrides of direction. It has its own non-breaking spaces.
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")

#: A line of Prometheus' text format 0.0.4 with a value.
SAMPLE = re.compile(r'[a-z0-9_]+(\{([a-z_]+="([^"\\\n]|\\["\\n])*",?)*\})? [-+0-9.eainf]+', re.ASCII)


@pytest.fixture(params=HOSTILE.values(), ids=HOSTILE)
def hostile(request: pytest.FixtureRequest) -> bytes:
    found: bytes = request.param
    return found


@pytest.fixture
def app(
    make_profile: Callable[..., Profile], hostile: bytes, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """A device whose machine has the text for host name, model, units, messages and failures."""
    # as the interpreter decodes what the system gives
    text = hostile.decode("utf-8", "surrogateescape")
    monkeypatch.setattr(socket, "gethostname", lambda: text)
    monkeypatch.setattr(board, "model", lambda: text)
    app = add_owner(create_app(make_profile('[system]\nservices = ["nginx.service"]')))

    def system(arguments: list[str]) -> bytes:
        if arguments[0] == "journalctl":
            shapes: list[object] = [list(hostile), [text, list(hostile)], text[:3000], None]
            rows = [{"__REALTIME_TIMESTAMP": "1795240000000000", "MESSAGE": shape} for shape in shapes]
            return b"\n".join(json.dumps(row).encode() for row in rows)
        if "show" in arguments:
            return b"Id=nginx.service\nDescription=" + hostile + b"\nActiveState=" + hostile
        # a real program that fails with the text as its reason
        return run(["sh", "-c", 'printf "%b" "$1" >&2; exit 1', "sh", octal(hostile[:10_000])])

    device_of(app).run = system
    yield app
    device_of(app).close()


def octal(content: bytes) -> str:
    return "".join(f"\\0{byte:03o}" for byte in content)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for item in [*value, *value.values()] if isinstance(value, dict) else value:
            yield from texts(item)


def test_every_way_out(app: Flask, hostile: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    browser = client_of(app)
    signed_in = browser.post(
        "/sign-in",
        data={"name": "owner", "password": PASSWORD},
        headers=OWN,
        environ_overrides={"HTTP_USER_AGENT": hostile.decode("latin-1")},
    )
    assert signed_in.status_code == 303
    program = app.test_client()
    refused = program.post("/api/v1/services/nginx.service/restart")
    assert (refused.status_code, refused.json["key"]) == (503, "system-refused")
    answers = [program.get(f"/api/v1/{name}") for name in DOCUMENTS]
    for name, answer in zip(DOCUMENTS, answers, strict=True):
        assert answer.status_code == 200, name
        for text in texts(json.loads(answer.get_data(as_text=False).decode("utf-8"))):
            assert text.isprintable(), name
            assert len(text) <= 4096, name
    assert len(answers[0].json["device"]["name"]) <= 64
    assert "service.restart" in [row["action"] for row in answers[4].json["audit"]]
    for answer in [refused, *answers]:
        for key, value in answer.headers.items():
            assert value.isprintable() and value.isascii(), key
    assert re.fullmatch(
        r'attachment; filename="edgeweb-[A-Za-z0-9-]{1,64}-[0-9-]{10}\.json"',
        answers[-1].headers["Content-Disposition"],
    )
    for path in PAGES:
        answer = browser.get(path)
        assert answer.status_code == 200, path
        page = answer.get_data(as_text=False).decode("utf-8")
        assert not FORBIDDEN.search(page), path
        assert "<script>alert" not in page or answer.is_json, path
    scraped = program.get("/metrics").get_data(as_text=False).decode("utf-8")
    for line in scraped.splitlines():
        assert line.startswith("# ") or SAMPLE.fullmatch(line), line
    for row in device_of(app).store.read("SELECT who, source, action, target, result FROM audit"):
        assert all(text.isprintable() and len(text) <= 120 for text in row)
    capsys.readouterr()
    log(hostile.decode("utf-8", "surrogateescape"))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("edgeweb: ") and lines[0].isprintable()
    assert len(lines[0]) < 2100


def test_the_checks_of_this_test() -> None:
    assert SAMPLE.fullmatch('edgeweb_disk_used_bytes{path="/mnt/a\\"b"} 1.5e+09')
    assert not SAMPLE.fullmatch('edgeweb_disk_used_bytes{path="/mnt/a"b"} 1')
