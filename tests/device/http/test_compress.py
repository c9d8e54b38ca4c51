"""Answers over 4 KB are gzipped for those who take it, and none whose length could give a secret away."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys

import pytest

from edgeweb import Flask, Response
from edgeweb.device.http.compress import LEAST, compress

from ..people import OWN, PASSWORD, browser_of, device_of

GZIP = {"Accept-Encoding": "gzip, deflate, br"}
PAGE = {**GZIP, "Accept": "text/html"}


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [
        ("gzip", True),
        ("GZIP;q=0.5", True),
        ("br, gzip;q=0.2, identity;q=0.1", True),
        ("*", True),
        ("*;q=0.1", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("gzip;q=0.2, identity", False),
        ("gzip;q=nonsense", False),
    ],
)
def test_for_those_who_take_it(app: Flask, accepted: str, compressed: bool) -> None:
    client = app.test_client()
    plain = client.get("/api/v1/openapi.json")
    answer = client.get("/api/v1/openapi.json", headers={"Accept-Encoding": accepted} if accepted else {})
    assert answer.headers.get("Content-Encoding") == ("gzip" if compressed else None)
    assert answer.vary.to_header() == plain.vary.to_header() == "Accept-Encoding"
    body = gzip.decompress(answer.data) if compressed else answer.data
    assert body == plain.data
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert (answer.headers["ETag"] == plain.headers["ETag"]) is not compressed


@pytest.mark.parametrize("path", ["/api/v1/openapi.json", "/api/v1/settings", "/api/v1/metrics/history"])
def test_large_documents(app: Flask, path: str) -> None:
    device_of(app).metrics.sample()
    client = app.test_client()
    plain, packed = client.get(path).data, client.get(path, headers=GZIP)
    if len(plain) < LEAST:
        assert "Content-Encoding" not in packed.headers
    else:
        assert len(packed.data) < len(plain) / 3
        assert json.loads(gzip.decompress(packed.data)).keys() == json.loads(plain).keys()


def test_small_answers_are_left_alone(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/channels", headers=GZIP)
    assert "Content-Encoding" not in answer.headers and "Vary" not in answer.headers


def test_a_tag_of_a_compressed_answer_is_good_for_304_and_for_a_change(app: Flask) -> None:
    client, path = app.test_client(), "/api/v1/settings"
    tag = client.get(path, headers=GZIP).headers["ETag"]
    assert tag.endswith('-gzip"')
    again = client.get(path, headers={**GZIP, "If-None-Match": tag})
    assert (again.status_code, again.headers["ETag"]) == (304, tag)
    plain = client.get(path).headers["ETag"]
    assert client.get(path, headers={**GZIP, "If-None-Match": plain}).headers["ETag"] == plain
    kind = {"Content-Type": "application/merge-patch+json"}
    change = json.dumps({"channels.lamp.title": "Grow light"})
    stale = client.patch(path, data=change, headers={**kind, "If-Match": '"other-gzip"'})
    assert stale.status_code == 412
    assert client.patch(path, data=change, headers={**kind, "If-Match": tag}).status_code == 200
    assert client.patch(path, data=change, headers={**kind, "If-Match": tag}).status_code == 412


def test_a_page_shows_its_token_in_another_way_each_time(app: Flask) -> None:
    """BREACH: what is another text in each answer cannot be found by the length of many."""
    browser = browser_of(app)
    session = device_of(app).sessions.all()[0]
    found = set()
    for _ in range(8):
        answer = browser.get("/settings", headers=PAGE)
        page = gzip.decompress(answer.data).decode()
        assert session.csrf not in page
        tokens = set(re.findall(r'name="csrf" value="([^"]+)"', page))
        assert len(tokens) == 1, "one for all forms, else a page would grow"
        found |= tokens
    assert len(found) == 8
    assert len({token[at] for token in found for at in (0, 70)}) > 2, "in both halves"
    for token in found:
        data = {"csrf": token, "on": "true"}
        assert browser.post("/channels/lamp", data=data, headers=OWN).status_code == 303
    for forged in (session.csrf, "", "00" * 64, session.csrf * 2, "no hexadecimal"):
        data = {"csrf": forged, "on": "true"}
        assert browser.post("/channels/lamp", data=data, headers=OWN).status_code == 403, forged


def test_answers_with_a_secret_are_as_they_are(app: Flask) -> None:
    browser = browser_of(app)
    page = gzip.decompress(browser.get("/people", headers=PAGE).data).decode()
    token = re.search(r'name="csrf" value="([^"]+)"', page)
    assert token
    form = {"csrf": token[1], "password": PASSWORD, "note": "gate", "role": "viewer", "days": "30"}
    made = browser.post("/tokens", data=form, headers={**PAGE, **OWN})
    assert 'id="secret"' in made.text and len(made.data) > LEAST
    assert "Content-Encoding" not in made.headers
    backup = app.test_client().get("/api/v1/backup", headers=GZIP)
    assert backup.status_code == 200 and "Content-Encoding" not in backup.headers
    assert "no-transform" in backup.headers["Cache-Control"], "for every proxy as well"


def test_what_is_no_text_or_a_stream_is_left_alone(app: Flask) -> None:
    for response in (
        Response(bytes(2 * LEAST), content_type="image/png"),
        Response((b"a" * LEAST for _ in range(2)), content_type="text/plain"),
        Response("a" * 2 * LEAST, 206, content_type="text/plain"),
        Response("a" * 2 * LEAST, headers={"Content-Encoding": "br"}, content_type="text/plain"),
    ):
        with app.test_request_context(headers=GZIP):
            assert compress(response).headers.get("Content-Encoding") in (None, "br")


def test_zlib_is_loaded_by_the_first_large_answer_alone() -> None:
    """In a process of its own: pytest has loaded it."""
    program = "import sys, edgeweb.device; print('zlib' in sys.modules)"
    command = [sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}\n{program}"]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
