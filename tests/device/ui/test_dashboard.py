from __future__ import annotations

import html
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile
from edgeweb.device.ui.assets import addresses

from ..people import OWN, add_owner, add_user, browser_of


def asset(name: str) -> str:
    return f"/static/{addresses()[name]}"


class Page(HTMLParser):
    """The elements of a page, and the text of each."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def get(app: Flask, path: str = "/") -> Page:
    answer = app.test_client().get(path, headers={"Accept": "text/html"})
    assert answer.content_type == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    return Page(answer.text)


def test_the_figures_of_the_page_are_those_of_the_api(app: Flask) -> None:
    meters = {m["data-metric"]: m["value"] for m in get(app, "/about").all("meter") if "data-label" not in m}
    metrics = app.test_client().get("/api/v1/status").json["metrics"]
    assert meters == {name: str(metrics[name]) for name in ("cpu_percent", "memory_used_percent")}


def test_switches(app: Flask) -> None:
    page = get(app)
    (form,) = [form for form in page.all("form") if "data-switch" in form]
    assert (form["method"], form["action"]) == ("post", "/channels/lamp#row-lamp")
    (hidden,) = [field for field in page.all("input") if field["name"] == "on"]
    assert hidden["value"] == "true"
    (button,) = switches(page)
    assert button["aria-checked"] == "false"


def switches(page: Page) -> list[dict[str, str | None]]:
    return [button for button in page.all("button") if button.get("role") == "switch"]


def test_switching_without_a_script(app: Flask) -> None:
    client = app.test_client()
    answer = client.post("/channels/lamp", data={"on": "true", "from": "overview"}, headers=OWN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    (button,) = switches(get(app))
    assert button["aria-checked"] == "true"
    client.post("/channels/lamp", data={"on": "true"}, headers=OWN)
    assert client.get("/api/v1/channels/lamp").json["state"] is True, (
        "a page that is out of date does not toggle"
    )
    client.post("/channels/lamp", data={"on": "false"}, headers=OWN)
    assert client.get("/api/v1/channels/lamp").json["state"] is False


@pytest.mark.parametrize(
    ("path", "data", "status", "text"),
    [
        ("/channels/lamp", {"on": "yes"}, 422, "Expected one of true, false"),
        ("/channels/lamp", {}, 422, "Expected one of true, false"),
        ("/channels/<b>", {"on": "true"}, 404, "There is no channel named"),
        ("/channels/door", {"on": "true"}, 409, "is an input"),
    ],
)
def test_forms_that_are_wrong(app: Flask, path: str, data: dict[str, str], status: int, text: str) -> None:
    answer = app.test_client().post(path, data=data, headers=OWN)
    assert answer.status_code == status
    assert answer.content_type == "text/html; charset=utf-8"
    assert text in answer.text
    assert "<b>" not in answer.text


def test_pages_for_errors(app: Flask) -> None:
    client = app.test_client()
    answer = client.get("/nothing", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, answer.content_type) == (404, "text/html; charset=utf-8")
    assert "There is nothing at this address." in answer.text
    answer = client.get("/nothing", headers={"Accept": "text/html", "Accept-Language": "fr"})
    assert "Il n'y a rien à cette adresse." in html.unescape(answer.text)
    answer = client.delete("/", headers={"Accept": "text/html"})
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


HOSTILE = '"><img src=x onerror=alert(1)>'


def test_hostile_names_are_text(make_profile: Callable[..., Profile]) -> None:
    toml = f"""
[dashboard]
title = '{HOSTILE}'
[board]
model = '{HOSTILE}'
[channels.lamp]
driver = "memory"
mode = "output"
title = '{HOSTILE}'
[channels.door]
driver = "memory"
mode = "input"
title = "{{{{ 7 * 7 }}}}"
"""
    page = get(add_owner(create_app(make_profile(toml))))
    assert page.all("img") == []
    assert page.text.count(HOSTILE) == 4, "title, heading, model, channel"
    assert "{{ 7 * 7 }}" in page.text


def test_no_channels(make_profile: Callable[..., Profile]) -> None:
    app = add_owner(create_app(make_profile("")))
    page = get(app)
    assert [row["class"] for row in page.all("a") if row["href"] == "/add"] == ["button"]
    assert switches(page) == []
    add_user(app, "vera", "viewer")
    seen = browser_of(app, "vera").get("/").text
    assert "Ask an admin to add some." in seen and "/add" not in seen


def test_an_offline_channel_says_why(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from edgeweb.device.channels import driver_calls

    def missing(name: str) -> Any:
        raise ModuleNotFoundError("No module named 'spidev'")

    monkeypatch.setattr(driver_calls, "make_driver", missing)
    page = get(app)
    assert "offline: No module named 'spidev'" in page.text
    assert [row["data-online"] for row in page.all("li") if "data-channel" in row] == ["false", "false"]
    # It is a warning as well: what needs the owner stands first.
    rows = app.test_client().get("/api/v1/status").json["warnings"]
    titles = [channel["title"] for channel in app.test_client().get("/api/v1/channels").json["channels"]]
    for title in titles:
        assert f"{title} is offline: No module named 'spidev'." in page.text
    assert [row["source"] for row in rows if "spidev" in row["reason"]] == titles


def test_nothing_is_inline_and_nothing_is_foreign(app: Flask) -> None:
    page = get(app)
    for tag, attributes in page.elements:
        assert tag != "style"
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")], "no event handlers"
        for name in ("src", "href", "action"):
            assert (attributes.get(name) or "/").startswith(("/", "#")), attributes
    assert [script["src"] for script in page.all("script")] == [asset("dashboard.js")]
