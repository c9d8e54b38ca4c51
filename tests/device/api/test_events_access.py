"""Who gets which events, and every end of a stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device.access.roles import needed_role
from edgeweb.device.api.events import TOPICS
from edgeweb.device.device import Device
from edgeweb.device.http.broadcast import Broadcast

from ..people import OWN, PASSWORD, SOMEBODY, add_user, browser_of, client_of, device_of
from .listener import NIGHT, PATH, READ_BY, Listen, quicken, shows

# -- who gets what ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["channels,nonsense", "", "channels,", "Channels", "*"])
def test_a_topic_that_there_is_not(client: Any, query: str) -> None:
    answer = client.get(f"{PATH}?topics={query}")
    assert (answer.status_code, answer.json["key"]) == (400, "invalid-query")
    assert "channels, figures, schedules, sensors, warnings" in answer.json["errors"][0]["detail"]


def test_a_topic_that_is_named_twice(client: Any, listen: Listen) -> None:
    listener = listen(client, "?topics=schedules,schedules")
    assert listener.next()[0] == "schedules"


def test_a_client_that_wants_a_page_gets_none(client: Any) -> None:
    answer = client.get(PATH, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.json["key"]) == (406, "not-acceptable")


def test_strangers_hear_nothing(app: Flask) -> None:
    assert client_of(app).get(PATH).status_code == 401
    assert device_of(app).listener is None


@pytest.mark.slow
@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_each_role_hears_what_it_may_read(app: Flask, listen: Listen, role: str) -> None:
    client = client_of(app, add_user(app, "vera", role))
    device_of(app).sensor("soil")
    shows(app, dict)
    for name, topic in TOPICS.items():
        answer = client.get(f"/api/v1/{READ_BY[name]}")
        assert answer.status_code == 200
        assert listen(client, f"?topics={name}").next()[0] == topic.event


def test_what_a_role_may_not_read_is_not_sent(
    app: Flask, client: Any, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = TOPICS["schedules"].view
    monkeypatch.setattr(view, "edgeweb_role", "admin", raising=False)
    assert needed_role(view, "GET") == "admin"
    vera = client_of(app, add_user(app, "vera", "viewer"))
    hears_less = listen(vera, "?topics=channels,schedules")
    names = {hears_less.next()[0], hears_less.next()[0]}
    client.put("/api/v1/schedules/night", json=NIGHT)
    client.post("/api/v1/channels/lamp/on")
    assert names | {hears_less.next()[0]} == {"channel"}
    assert listen(client, "?topics=schedules").next()[0] == "schedules"


def test_it_does_not_keep_a_session_alive(app: Flask, listen: Listen) -> None:
    browser = browser_of(app)
    (session,) = device_of(app).sessions.all()
    seen = session.seen
    listen(browser, "?topics=channels").next()
    assert session.seen == seen


# -- the end ------------------------------------------------------------------------------------------------


def test_signing_out_ends_the_streams_of_that_browser(app: Flask, client: Any, listen: Listen) -> None:
    browser, other = browser_of(app), browser_of(app)
    mine, theirs = listen(browser, "?topics=channels"), listen(other, "?topics=channels")
    program = listen(client, "?topics=channels")
    for one in (mine, theirs, program):
        one.next(), one.next()
    assert browser.delete("/api/v1/session", headers=OWN).status_code == 204
    assert mine.rest() == b""
    client.post("/api/v1/channels/lamp/on")
    assert theirs.next()[1]["state"] is program.next()[1]["state"] is True


def end_session(device: Device) -> None:
    (session,) = [one for one in device.sessions.all() if one.user == "vera"]
    device.people.end_session(SOMEBODY, session.id)


def session_idles(device: Device) -> None:
    device.sessions.idle = 0.0
    broadcast = device.listener
    assert isinstance(broadcast, Broadcast)
    broadcast.check_access()  # as each interval does


#: What ends the streams of a user, by what it is called.
ENDS: dict[str, Callable[[Device], object]] = {
    "another password": lambda device: device.people.set_password(SOMEBODY, "vera", "another " + PASSWORD),
    "removed": lambda device: device.people.remove(SOMEBODY, "vera"),
    "another role": lambda device: device.accounts.set_role(SOMEBODY, "vera", "viewer"),
    "signed out by an admin": end_session,
    "idle": session_idles,
}


@pytest.mark.parametrize("how", ENDS)
def test_what_ends_the_streams_of_a_browser(app: Flask, client: Any, listen: Listen, how: str) -> None:
    add_user(app, "vera", "operator")
    vera, program = listen(browser_of(app, "vera"), "?topics=channels"), listen(client, "?topics=channels")
    for one in (vera, program):
        one.next(), one.next()
    ENDS[how](device_of(app))
    assert vera.rest() == b""
    client.post("/api/v1/channels/lamp/on")
    assert program.next()[1]["state"] is True, "of others nothing ends"


@pytest.mark.parametrize("how", ["revoked", "user removed", "lesser role", "expired"])
def test_what_ends_the_streams_of_a_token(app: Flask, client: Any, listen: Listen, how: str) -> None:
    device, user = device_of(app), add_user(app, "vera", "operator")
    vera = listen(client_of(app, user), "?topics=channels")
    program = listen(client, "?topics=channels")
    for one in (vera, program):
        one.next(), one.next()
    (token,) = [token for token in device.accounts.tokens() if token.user == "vera"]
    if how == "revoked":
        assert client.delete(f"/api/v1/tokens/{token.id}").status_code == 204
    elif how == "user removed":
        assert client.delete("/api/v1/users/vera").status_code == 204
    elif how == "lesser role":
        device.accounts.set_role(SOMEBODY, "vera", "viewer")
    else:
        token.expires = 1.0
        assert isinstance(device.listener, Broadcast)
        device.listener.check_access()  # as each interval does
    assert vera.rest() == b""
    client.post("/api/v1/channels/lamp/on")
    assert program.next()[1]["state"] is True


def test_another_process_that_removes_a_user(app: Flask, listen: Listen) -> None:
    """`edgeweb users remove` beside the server: seen within `sensors.interval`."""
    device = device_of(app)
    quicken(device)
    vera = listen(client_of(app, add_user(app, "vera", "viewer")), "?topics=channels")
    vera.next(), vera.next()
    beside = Device(device.profile, threaded=False)
    beside.accounts.remove(SOMEBODY, "vera")
    beside.close()
    assert vera.rest() == b""


def test_the_end_of_the_device_ends_all_streams(app: Flask, client: Any, listen: Listen) -> None:
    listener = listen(client, "?topics=channels")
    listener.next(), listener.next()
    device_of(app).close()
    listener.rest()
    again = listen(client, "?topics=channels")
    assert {again.next()[1]["id"], again.next()[1]["id"]} == {"lamp", "door"}
