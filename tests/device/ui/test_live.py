from __future__ import annotations

import json
import re

import pytest

from edgeweb import Flask
from edgeweb.device.api import events as api_events
from edgeweb.device.ui.i18n import Words
from edgeweb.device.ui.live import PARTS, TOPICS, split

from ..people import OWN, SOMEBODY, add_user, browser_of, device_of
from .visitor import Visitor


def test_everything_that_a_page_shows_in_one_answer(app: Flask) -> None:
    client = browser_of(app)
    answer = client.get("/live?show=figures,channels,nonsense")
    assert set(answer.json) == {"figures", "channels"}
    assert answer.json["channels"]["lamp"]["state"] is False
    assert answer.headers["Cache-Control"] == "no-store"
    tag = {"If-None-Match": answer.headers["ETag"]}
    device_of(app).metrics.configure(3600.0, ("/",), (), True)
    answer = client.get("/live?show=figures,channels", headers=tag)
    tag = {"If-None-Match": answer.headers["ETag"]}
    answer = client.get("/live?show=figures,channels", headers=tag)
    assert (answer.status_code, answer.data) == (304, b"")
    device_of(app).channels.set("lamp", True)
    answer = client.get("/live?show=figures,channels", headers=tag)
    assert answer.json["channels"]["lamp"]["state"] is True


@pytest.mark.parametrize(
    ("path", "events", "polled"),
    [
        ("/", "changes,warnings,channels,beats", ""),
        ("/?processes=1", "changes,warnings,channels,beats", "/live?show=processes"),
        ("/channels", "channels,beats", ""),
        ("/history?span=minutes", "", ""),
        ("/about", "changes,warnings,beats", ""),
    ],
)
def test_what_a_page_listens_to_and_what_it_polls(app: Flask, path: str, events: str, polled: str) -> None:
    page = Visitor(app).get(path)
    (found,) = re.findall(r'data-events="(.*?)" data-polled="(.*?)"', page)
    assert found == (events and f"/api/v1/events?topics={events}", polled)


def test_every_topic_of_a_page_is_one_of_the_interface() -> None:
    assert set(",".join(TOPICS.values()).split(",")) <= set(api_events.TOPICS)
    assert set(TOPICS) <= set(PARTS)


@pytest.mark.parametrize(
    ("query", "polled"),
    [("show=figures,cards,processes", "show=processes"), ("show=log&unit=a", "show=log&unit=a")],
)
def test_the_query_of_what_no_event_brings(query: str, polled: str) -> None:
    assert split(query)[1] == polled


def test_processes_are_read_only_for_those_who_ask(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(device_of(app).processes, "top", lambda count: asked.append(count) or [])
    client = browser_of(app)
    client.get("/")
    client.get("/live?show=figures,channels")
    assert asked == []
    client.get("/live?show=processes")
    assert len(asked) == 1


def test_what_somebody_may_not_see_is_left_out(app: Flask) -> None:
    add_user(app, "vera", "viewer")
    client = browser_of(app, "vera")
    answer = client.get(f"/live?show={','.join(PARTS)}")
    assert set(answer.json) == {name for name, (role, _) in PARTS.items() if role == "viewer"}


def test_a_stranger_gets_the_reason_and_no_page(app: Flask) -> None:
    client = browser_of(app)
    device_of(app).sessions.end(lambda session: True)
    answer = client.get("/live?show=figures", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["key"]) == (401, "unauthenticated")


def test_a_script_sends_the_same_forms(app: Flask) -> None:
    owner = Visitor(app)
    csrf = owner.get("/about").partition('name="csrf" value="')[2].partition('"')[0]
    headers = {**OWN, "Accept": "application/json"}
    on = {"csrf": csrf, "on": "true"}
    answer = owner.client.post("/channels/lamp", data=on, headers=headers)
    assert answer.json["state"] is True
    answer = owner.client.post("/channels/door", data=on, headers={**headers, "Accept-Language": "fr"})
    assert answer.status_code == 409
    detail = Words("fr").reason('Channel "door" is an input: it can be read, not set.')
    assert answer.json == {"key": "not-an-output", "detail": detail}
    pulse = owner.client.post("/channels/lamp/pulse", data={"csrf": csrf, "seconds": "0,2"}, headers=headers)
    assert pulse.json["busy"] is True
    pulse = owner.client.post("/channels/lamp/pulse", data={"csrf": csrf, "seconds": "900"}, headers=headers)
    assert (pulse.status_code, pulse.json["detail"]) == (422, "Expected a number from 0.05 to 60.")


def test_the_history_since_a_reading(app: Flask) -> None:
    device = device_of(app)
    client = browser_of(app)
    empty = client.get("/live?show=history&span=minutes").json["history"]
    assert empty["series"] == []
    sample = device.metrics.sample()
    for number in range(1, 5):
        moment = number * device.history.interval
        device.history.add(type(sample)(number, moment, {**sample.values, "load_1m": float(number)}))
    whole = client.get("/live?show=history&span=minutes").json["history"]
    (load,) = [row for row in whole["series"] if row["name"] == "load_1m"]
    assert [value for value in load["values"] if value is not None] == [1.0, 2.0, 3.0, 4.0]
    since = client.get("/live?show=history&span=minutes&since=3").json["history"]
    assert since["first"] == 4
    (load,) = [row for row in since["series"] if row["name"] == "load_1m"]
    assert load["values"] == [4.0]
    none = client.get("/live?show=history&span=minutes&since=4").json["history"]
    assert {len(row["values"]) for row in none["series"]} == {0}
    assert len(json.dumps(whole)) < 64 * 1024
    assert "4.00" in Visitor(app).get("/history?span=minutes"), "and in a table, for everybody"


def test_the_audit_page_finds_and_goes_on(app: Flask) -> None:
    device = device_of(app)
    for number in range(60):
        device.audit.note(SOMEBODY, "channel.set", f"lamp{number}", "on")
    owner = Visitor(app)
    page = owner.get("/audit")
    assert "lamp59" in page and "lamp3:" not in page and "Older" in page
    older = page.partition("/audit?before=")[2].partition('"')[0]
    assert "lamp3: switched" in owner.get(f"/audit?before={older}")
    found = owner.get("/audit?text=LAMP17")
    assert found.count("lamp17: switched") == 1 and "lamp18:" not in found
    assert "No changes match." in owner.get("/audit?text=nothing-like-it")
