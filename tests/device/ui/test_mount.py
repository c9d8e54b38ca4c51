"""The pages in a program of somebody's own. The program is the one in edgeweb/device/README.md."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from edgeweb import Flask
from edgeweb.device import Dashboard, dashboard
from edgeweb.device.access import passwords
from edgeweb.testing import FlaskClient

from ..people import OWN, PASSWORD, SOMEBODY, device_of
from .shed import write_shed


@pytest.fixture
def shed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The program of the README, with its template."""
    monkeypatch.setattr(passwords, "COST", (16, 8, 1))
    monkeypatch.setattr(dashboard, "cards", [])  # the README's program has the one of the process
    file = write_shed(tmp_path)
    module = ModuleType("shed")
    module.__file__ = str(file)
    monkeypatch.setitem(sys.modules, "shed", module)
    exec(compile(file.read_text(), module.__file__, "exec"), module.__dict__)
    yield module.app
    device_of(module.app).close()


def owner_of(app: Flask, name: str = "owner") -> FlaskClient:
    device_of(app).accounts.add(SOMEBODY, name, PASSWORD, "admin")
    client = app.test_client()
    data = {"name": name, "password": PASSWORD}
    answer = client.post("/device/sign-in", data=data, headers=OWN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/device/")
    return client


def test_links_and_files_are_below_the_prefix(shed: Flask) -> None:
    client = owner_of(shed)
    page = client.get("/device/").text
    for name, address in re.findall(r'(href|src|action|data-live)="(/[^"]*)"', page):
        assert address.startswith("/device/"), (name, address)
        if name in ("href", "src"):
            assert client.get(address).status_code == 200, address
    assert client.get("/device/live?show=figures,channels,cards").status_code == 200


def test_without_the_json_interface_there_are_no_events(shed: Flask) -> None:
    assert 'data-events="" data-polled=""' in owner_of(shed).get("/device/").text


def test_the_rest_of_the_site_is_the_programs_own(shed: Flask) -> None:
    assert shed.test_client().get("/").text == "My own page"
    answer = shed.test_client().get("/device/", headers={"Accept": "text/html"})
    assert answer.status_code == 401, "the pages are closed all the same"
    assert "Make this device yours" in answer.text
    assert "Content-Security-Policy" in answer.headers


def test_cards_are_shown_and_kept_live(shed: Flask) -> None:
    client = owner_of(shed)
    page = client.get("/device/").text
    assert "Greenhouse" in page and "21.4" in page
    assert "Window" in page and "closed" in page
    answer = client.get("/device/live?show=cards")
    assert any("21.4" in card for card in answer.json["cards"])
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert client.get("/device/live?show=cards", headers=tag).status_code == 304


def test_a_card_that_fails_takes_nothing_with_it(shed: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    @dashboard.card("Broken")
    def broken() -> dict[str, object]:
        raise OSError("no such sensor")

    page = owner_of(shed).get("/device/").text
    assert "This card could not be shown" in page and "21.4" in page
    assert "no such sensor" in capsys.readouterr().err
    with pytest.raises(ValueError, match="no role is named"):
        dashboard.card("Nobody", role="king")(dict)


def test_a_card_is_text(shed: Flask) -> None:
    @dashboard.card('"><img src=x onerror=alert(1)>')
    def hostile() -> dict[str, object]:
        return {"<img src=x>": "<img src=x>"}

    client = owner_of(shed)
    assert "<img" not in client.get("/device/").text
    assert "<img" not in str(client.get("/device/live?show=cards").json["cards"])


def test_applications_do_not_share_cards(shed: Flask, app: Flask, tmp_path: Path) -> None:
    """Three in one process: the README's, the product's, and a program that mounts pages of its own."""
    other = Dashboard()

    @other.card("Barn")
    def barn() -> dict[str, object]:
        return {"Door": "open"}

    profile = tmp_path / "barn.toml"
    profile.write_text('[storage]\nstate = "memory"\n')
    barn_app = Flask("barn")
    barn_app.config["EDGEWEB_PROFILE"] = str(profile)
    barn_app.register_blueprint(other, url_prefix="/device")
    try:
        page = owner_of(barn_app).get("/device/").text
    finally:
        device_of(barn_app).close()
    assert "Barn" in page and "Greenhouse" not in page
    page = owner_of(shed, "second").get("/device/").text
    assert "Greenhouse" in page and "Barn" not in page
    page = app.test_client().get("/").text
    assert "Greenhouse" not in page and "Barn" not in page
