"""The page that explains the device's own authority, and the file that people import: both for strangers."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile
from edgeweb.device.tls.authority import Authority
from edgeweb.device.tls.certificate import read
from edgeweb.device.ui.i18n import LANGUAGES, catalogue
from edgeweb.device.ui.pages.tls import _PLATFORMS

from ...people import add_owner, client_of, device_of

HTML = {"Accept": "text/html", "Accept-Language": "en"}


@pytest.fixture
def app(make_profile: Callable[..., Profile]) -> Iterator[Flask]:
    app = add_owner(create_app(make_profile('[server]\nhost = ["0.0.0.0"]\n')))
    yield app
    device_of(app).close()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl (Debian: apt install openssl)")
    made = Authority(str(tmp_path / "state" / "tls"), hostname=lambda: "board-2")
    made.init()
    return made


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stranger_reads_what_to_do(app: Flask, authority: Authority, language: str) -> None:
    answer = client_of(app).get("/tls", headers={**HTML, "Accept-Language": language})
    assert answer.status_code == 200
    page = html.unescape(answer.text)
    (certificate,) = read(Path(authority.authority).read_bytes())
    assert f'<code id="fingerprint">{certificate.fingerprint}</code>' in page
    assert certificate.title in page
    assert "edgeweb tls check</pre>" in page
    assert 'href="/tls/authority.crt"' in page
    texts = catalogue(language)
    for key, name in _PLATFORMS.items():
        assert f"<summary>{name}</summary>" in page
        for step in texts[f"tls.{key}"].split("\n"):
            assert f"<li>{step}</li>" in page
    # nothing of it needs a script, or another machine
    assert re.findall(r'(?:src|href)="(?!/)[^"]*"', answer.text) == ['href="#main"']


@pytest.mark.parametrize("key", _PLATFORMS)
def test_the_steps_are_the_same_in_each_language(key: str) -> None:
    steps = {catalogue(language)[f"tls.{key}"].count("\n") for language in LANGUAGES}
    assert len(steps) == 1
    assert steps.pop() >= 2


def test_the_file(app: Flask, authority: Authority) -> None:
    answer = client_of(app).get("/tls/authority.crt")
    assert (answer.status_code, answer.content_type) == (200, "application/x-x509-ca-cert")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.data == Path(authority.authority).read_bytes()
    assert read(answer.data)[0].is_authority


def test_a_key_never_leaves_the_device(app: Flask, authority: Authority) -> None:
    """Also where a person has copied the wrong file there."""
    shutil.copy(Path(authority.folder) / "authority.pem", authority.authority)
    answer = client_of(app).get("/tls/authority.crt")
    assert b"PRIVATE KEY" not in answer.data
    assert read(answer.data)[0].is_authority


@pytest.mark.parametrize(
    "content", [None, b"", b"damaged", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_without_an_authority(app: Flask, tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "state" / "tls").mkdir()
        (tmp_path / "state" / "tls" / "authority.crt").write_bytes(content)
    client = client_of(app)
    page = client.get("/tls", headers=HTML)
    assert page.status_code == 200
    assert "This device has no authority of its own yet" in page.text
    assert "edgeweb tls init</pre>" in page.text
    assert "authority.crt" not in page.text
    answer = client.get("/tls/authority.crt", headers=HTML)
    if content is None or b"BEGIN" not in content:
        assert answer.status_code == 404
        assert "Its owner makes one in the terminal of the device" in answer.text


def test_a_state_in_memory(make_profile: Callable[..., Profile]) -> None:
    app = add_owner(create_app(make_profile('[storage]\nstate = "memory"\n')))
    page = client_of(app).get("/tls", headers=HTML)
    assert (page.status_code, "<pre" in page.text) == (200, False)
    assert client_of(app).get("/tls/authority.crt").status_code == 404


def test_the_page_to_sign_in_leads_there(app: Flask) -> None:
    stranger = client_of(app)
    stranger.environ_base["REMOTE_ADDR"] = "192.168.1.30"
    assert (
        '<a class="alone" href="/tls">Encrypt the connection</a>'
        in stranger.get("/sign-in", headers=HTML).text
    )
    encrypted = stranger.get("/sign-in", headers=HTML, base_url="https://localhost/")
    assert 'href="/tls"' not in encrypted.text
