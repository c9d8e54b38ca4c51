"""The device below a path of a proxy: every link, redirect, cookie and address stays below it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.server.prefix import BelowPrefix

from ..people import OWN, PASSWORD, client_of
from ..process import DeviceServer

PROXY = "127.0.0.1"
SENT = {"X-Forwarded-Prefix": "/board"}


def below(app: Flask, prefix: str = "", proxy: str = PROXY) -> Any:
    """A client of the application behind what the server puts in front of it."""
    app.wsgi_app = BelowPrefix(app.wsgi_app, prefix, proxy)  # type: ignore[method-assign]
    return client_of(app)


def links(text: str) -> set[str]:
    return set(re.findall(r'(?:href|src|action|data-live|data-events|value)="(/[^"]*)"', text))


def sign_in(client: Any, headers: dict[str, str], root: str = "") -> Any:
    data = {"name": "owner", "password": PASSWORD}
    return client.post(f"{root}/sign-in", data=data, headers={**OWN, **headers})


PAGES = (
    "/",
    "/channels",
    "/history",
    "/settings",
    "/people",
    "/about",
    "/services",
    "/software",
    "/backup",
    "/schedules",
    "/hardware",
)


def test_of_the_named_proxy(app: Flask) -> None:
    client = below(app)
    answer = sign_in(client, SENT)
    assert answer.headers["Location"] == "/board/"
    assert "; Path=/board/" in answer.headers["Set-Cookie"]
    cookie = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}
    for path in PAGES:
        page = client.get(path, headers={**SENT, **cookie})
        found = links(page.text)
        assert found and all(link.startswith("/board/") for link in found), (path, found)
    asset = next(link for link in found if "dashboard." in link)
    assert client.get(asset.removeprefix("/board"), headers=SENT).status_code == 200
    problem = client.get("/api/v1/nothing", headers={**SENT, **cookie}).json
    assert problem["type"].startswith("/board/")


def test_the_interface_names_the_prefix(app: Flask) -> None:
    from ..people import browser_of

    plain = browser_of(app).get("/api/v1/openapi.json")
    below(app)
    prefixed = browser_of(app).get("/api/v1/openapi.json", headers=SENT)
    assert [plain.json["servers"], prefixed.json["servers"]] == [[{"url": "/"}], [{"url": "/board/"}]]
    assert plain.headers["ETag"] != prefixed.headers["ETag"]


def test_of_the_profile(app: Flask) -> None:
    client = below(app, prefix="/board", proxy="")
    assert sign_in(client, {}, "/board").headers["Location"] == "/board/"
    for path in ("/board/about", "/about", "/board", "/board//about"):
        found = links(client.get(path).text)
        assert found and all(link.startswith("/board/") for link in found), path
    assert client.get("/livez").status_code == client.get("/board/livez").status_code == 200
    assert client.get("/boarding").status_code == 404


def test_another_than_the_proxy_may_not_say_it(app: Flask) -> None:
    found = links(below(app, proxy="192.0.2.1").get("/about", headers=SENT).text)
    assert found and not any(link.startswith("/board") for link in found)


@pytest.mark.parametrize(
    "sent", ["//evil.example", "/a/../b", "/a;b", "board", "/%0d", "/a b", "/" + "a" * 300]
)
def test_a_prefix_that_is_none_is_refused(app: Flask, sent: str) -> None:
    answer = below(app).get("/livez", headers={"X-Forwarded-Prefix": sent})
    assert answer.status_code == 400
    assert "evil" not in answer.text


@pytest.mark.parametrize(
    ("sent", "root"), [("/", ""), ("", ""), ("/a/", "/a"), ("/client, /board", "/board")]
)
def test_how_a_prefix_is_written(app: Flask, sent: str, root: str) -> None:
    found = links(below(app).get("/about", headers={"X-Forwarded-Prefix": sent}).text)
    assert all(link.startswith(f"{root}/") for link in found)
    assert root or not any(link.startswith("/client") for link in found)


def test_the_language_stays_below_it(app: Flask) -> None:
    client = below(app)
    page = client.get("/sign-in", headers=SENT).text
    back = re.search(r'name="back" value="([^"]*)"', page)
    assert back and back[1] == "/board/sign-in"
    data = {"language": "fr", "back": back[1]}
    answer = client.post("/language", data=data, headers={**OWN, **SENT})
    assert answer.headers["Location"] == "/board/sign-in"
    assert "; Path=/board/" in answer.headers["Set-Cookie"]


def test_by_the_real_server(tmp_path: Path) -> None:
    profile = tmp_path / "board.toml"
    profile.write_text('[server]\nbehind_proxy = "127.0.0.1"\nprefix = "/own"\n')
    server = DeviceServer(tmp_path / "run", "--profile", str(profile))
    try:
        assert (
            'action="/own/sign-in"' in server.get("/own/about").text or "/own/set-up" in server.get("/").text
        )
        sent = server.get("/about", **SENT).text
        assert links(sent) and all(link.startswith("/board/") for link in links(sent))
        server.claim()
        change = {"Content-Type": "application/json", "Origin": "https://home.example"}
        forwarded = {"X-Forwarded-Host": "home.example", "X-Forwarded-Proto": "https"}
        answer = server.ask("PUT", "/api/v1/settings", "{}", {**change, **forwarded})
        assert answer.status != 403, "the browser's own host is the one that the proxy names"
        assert server.ask("PUT", "/api/v1/settings", "{}", change).status == 403
    finally:
        server.stop()
