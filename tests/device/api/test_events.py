"""The events of the device: what comes first, what follows, and what it costs."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from edgeweb import Flask, request
from edgeweb.device.http.broadcast import Broadcast

from ..people import device_of
from .listener import NIGHT, STUCK, Listen, feed, quicken, shows, wait_until

# -- what comes ---------------------------------------------------------------------------------------------


def test_the_present_state_comes_first(client: Any, listen: Listen) -> None:
    found: dict[str, list[Any]] = {"channel": [], "figures": [], "schedules": [], "warnings": []}
    listener = listen(client)
    while not (len(found["channel"]) == 2 and all(found.values())):
        name, data = listener.next()
        found[name].append(data)
    assert found["channel"] == client.get("/api/v1/channels").json["channels"]
    assert found["schedules"] == [client.get("/api/v1/schedules").json]
    status = client.get("/api/v1/status").json
    assert found["warnings"] == [{"storage": status["storage"], "warnings": status["warnings"]}]
    assert found["figures"][0].keys() == {"sampled_at", "metrics"}
    assert found["figures"][0]["metrics"].keys() == status["metrics"].keys()


def test_then_only_what_changes(client: Any, app: Flask, listen: Listen) -> None:
    listener = listen(client, "?topics=channels")
    assert [listener.next()[1]["id"] for _ in range(2)] == ["lamp", "door"]
    feed(app, "door", True)
    name, door = listener.next()
    assert (name, door) == ("channel", client.get("/api/v1/channels/door").json)
    assert (door["state"], door["on_count"]) == (True, 1)
    client.post("/api/v1/channels/lamp/on")
    assert listener.next()[1] == client.get("/api/v1/channels/lamp").json


def test_a_later_client_gets_the_state_of_now(client: Any, app: Flask, listen: Listen) -> None:
    first = listen(client, "?topics=channels")
    assert [first.next()[1]["state"] for _ in range(2)] == [False, False]
    client.post("/api/v1/channels/lamp/on")
    assert first.next()[1]["state"] is True
    second = listen(client, "?topics=channels")
    assert {data["id"]: data["state"] for _, data in (second.next(), second.next())} == {
        "lamp": True,
        "door": False,
    }


def test_what_has_changed_while_nobody_listened(client: Any, app: Flask, listen: Listen) -> None:
    first = listen(client, "?topics=channels")
    first.next(), first.next()
    other = listen(client, "?topics=schedules")
    other.next()
    first.close()
    client.post("/api/v1/channels/lamp/on")
    again = listen(client, "?topics=channels")
    states = {data["id"]: data["state"] for _, data in (again.next(), again.next())}
    assert states == {"lamp": True, "door": False}, "never the state of before"


def test_a_client_that_comes_back_gets_what_it_has_missed(client: Any, listen: Listen) -> None:
    stays = listen(client, "?topics=channels")
    listener = listen(client, "?topics=channels")
    listener.next(), listener.next()
    last = listener.last_id
    listener.close()
    client.post("/api/v1/channels/lamp/on")
    stays.until(lambda name, data: data["id"] == "lamp" and data["state"])
    again = listen(client, "?topics=channels", **{"Last-Event-ID": last})
    assert again.next()[1]["id"] == "lamp"
    feed_door = client.post("/api/v1/channels/lamp/off").json
    assert again.next()[1] == feed_door, "door has not changed, and is not sent"


def test_a_sensor_that_changes(client: Any, app: Flask, listen: Listen) -> None:
    tank = device_of(app).sensor("tank", unit="l", low=50)
    listener = listen(client, "?topics=sensors")
    assert listener.next() == ("sensor", client.get("/api/v1/sensors/tank").json)
    tank.set(640)
    assert listener.next()[1]["value"] == 640.0
    tank.set(640)  # the same value again is no event
    tank.set(40)
    found = listener.next()[1]
    assert (found["value"], found["level"]) == (40.0, "low")
    tank.fail("the cable is cut")
    found = listener.next()[1]
    assert (found["online"], found["value"], found["reason"]) == (False, None, "the cable is cut")


def test_a_card_that_changes(client: Any, app: Flask, listen: Listen) -> None:
    quicken(device_of(app))
    shown = {"Door": "closed"}
    shows(app, lambda: dict(shown))
    listener = listen(client, "?topics=cards,channels")
    assert listener.until(lambda name, data: name == "cards") == {}
    (watch,) = device_of(app).cards
    before = watch.number
    for _ in range(3):  # looks at what is the same
        watch.look()
    assert watch.number == before
    shown["Door"] = "open"
    assert listener.until(lambda name, data: name == "cards") == {}
    assert watch.number == before + 1


def test_a_card_that_needs_a_request_counts_as_changed(client: Any, app: Flask, listen: Listen) -> None:
    quicken(device_of(app))
    shows(app, lambda: {"Path": request.path})
    listener = listen(client, "?topics=cards")
    assert [listener.next()[0] for _ in range(3)] == ["cards"] * 3


def test_a_card_that_hangs_keeps_nobody_waiting(client: Any, app: Flask, listen: Listen) -> None:
    quicken(device_of(app))
    release, calls = threading.Event(), list[int]()

    def hang() -> dict[str, object]:
        calls.append(1)
        release.wait(STUCK)
        return {}

    shows(app, hang)
    try:
        listener = listen(client, "?topics=cards,figures")
        moments = [listener.until(lambda name, data: name == "figures")["sampled_at"] for _ in range(4)]
        assert moments == sorted(set(moments))
        assert len(calls) == 1
    finally:
        release.set()


def test_schedules_that_change(client: Any, listen: Listen) -> None:
    listener = listen(client, "?topics=schedules")
    assert listener.next() == ("schedules", client.get("/api/v1/schedules").json)
    assert client.put("/api/v1/schedules/night", json=NIGHT).status_code == 201
    assert listener.next()[1]["schedules"][0]["name"] == "night"
    client.delete("/api/v1/schedules/night")
    assert listener.next()[1]["schedules"] == []


def test_another_title_is_a_change(client: Any, app: Flask, listen: Listen) -> None:
    listener = listen(client, "?topics=channels")
    listener.next(), listener.next()
    change = {"channels.lamp.title": "Grow light"}
    answer = client.patch(
        "/api/v1/settings",
        json=change,
        headers={"If-Match": "*", "Content-Type": "application/merge-patch+json"},
    )
    assert answer.status_code == 200, answer.text
    assert listener.next()[1]["title"] == "Grow light"


def test_each_new_sample_comes_once(client: Any, app: Flask, listen: Listen) -> None:
    quicken(device_of(app))
    listener = listen(client, "?topics=figures")
    moments = [listener.next()[1]["sampled_at"] for _ in range(4)]
    assert moments == sorted(set(moments))


def test_figures_of_a_page_come_whole_and_then_only_what_differs(
    client: Any, app: Flask, listen: Listen
) -> None:
    device = device_of(app)
    listener = listen(client, "?topics=changes")
    name, first = listener.next()
    assert (name, first.keys()) == ("changes", client.get("/api/v1/status").json["metrics"].keys())
    broadcast = device.listener
    assert isinstance(broadcast, Broadcast) and broadcast._sample is not None
    device.profile["sensors"]["interval"] = 3600.0  # the samples of this test alone
    sample = broadcast._sample
    for number, load in ((1, 7.004), (2, 7.0041), (3, 8.5)):
        values = {**sample.values, **first, "load_1m": load}
        broadcast._take(type(sample)(sample.number + number, sample.moment, values))
        broadcast._publish()
    changed = [listener.next()[1] for _ in range(2)]
    assert changed == [{"load_1m": 7.0}, {"load_1m": 8.5}]
    later = listen(client, "?topics=changes")
    assert later.next()[1] == {**first, "load_1m": 8.5}


def test_a_source_that_fails_is_a_warning(client: Any, app: Flask, listen: Listen) -> None:
    device = device_of(app)
    quicken(device)
    listener = listen(client, "?topics=warnings")
    listener.next()
    source = device.metrics.sources[1]
    source._call = lambda: 1 / 0
    data = listener.until(lambda name, data: bool(data["warnings"]))
    assert data["warnings"][0]["source"] == source.title


def test_nothing_is_read_for_those_who_do_not_ask_for_figures(
    client: Any, app: Flask, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(device_of(app).metrics, "sample_soon", asked.append)
    monkeypatch.setattr(device_of(app).metrics, "sample", lambda: asked.append(None))
    quicken(device_of(app))
    listener = listen(client, "?topics=channels,schedules")
    for _ in range(3):
        listener.next()
    time.sleep(0.3)  # nothing can be waited for here
    assert asked == []


def test_a_bouncing_input_floods_nobody(client: Any, app: Flask, listen: Listen) -> None:
    listener = listen(client, "?topics=channels")
    listener.next(), listener.next()
    for number in range(2000):
        feed(app, "door", number % 2 == 0)
    feed(app, "door", True)
    seen = 0
    data = {"on_count": 0}
    while data["on_count"] < 1001:
        _, data = listener.next()
        seen += 1
    assert seen < 1000, "states that were over meanwhile are left out"
    assert data["state"] is True


@pytest.mark.slow
def test_beats_come_while_nothing_changes(client: Any, app: Flask, listen: Listen) -> None:
    listener = listen(client, "?topics=beats")
    assert [listener.next() for _ in range(3)] == [("beat", {})] * 3


@pytest.mark.slow
def test_beats_come_only_to_those_who_name_them(client: Any, app: Flask, listen: Listen) -> None:
    hears_all, hears_beats = listen(client), listen(client, "?topics=beats")
    hears_all.next()
    for _ in range(3):
        hears_beats.next()
    client.post("/api/v1/channels/lamp/on")
    seen: list[str] = []
    hears_all.until(lambda name, data: seen.append(name) or (name == "channel" and data["state"]))
    assert "beat" not in seen


# -- what it costs ------------------------------------------------------------------------------------------


def test_without_a_listener_nothing_is_done(
    app: Flask, client: Any, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = device_of(app)
    device.profile["sensors"]["interval"] = 0.05
    client.post("/api/v1/channels/lamp/on")
    assert device.listener is None
    listener = listen(client)
    listener.next()
    listener.close()
    broadcast = device.listener
    assert isinstance(broadcast, Broadcast)
    wait_until(lambda: not broadcast._ticks)  # the last tick notices that nobody listens
    wakes: list[object] = []
    monkeypatch.setattr(device.event_timers, "after", lambda *call: wakes.append(call))
    monkeypatch.setattr(device.metrics, "sample_soon", wakes.append)
    broadcast.changed()
    broadcast.check_access()
    client.post("/api/v1/channels/lamp/off")
    device.timers.run_due()
    assert wakes == []


def test_a_listener_that_does_not_read_holds_up_no_pin(app: Flask, client: Any, listen: Listen) -> None:
    listener = listen(client, "?topics=channels")
    listener.next(), listener.next()
    broadcast = device_of(app).listener
    assert isinstance(broadcast, Broadcast)
    switched = []
    with broadcast.lock:  # as long as a stream is written, or one opens
        thread = threading.Thread(target=lambda: switched.append(client.post("/api/v1/channels/lamp/on")))
        thread.start()
        thread.join(STUCK)
        assert not thread.is_alive(), "the switch waits for the streams"
    assert switched[0].json["state"] is True
    assert listener.next()[1]["state"] is True


def test_a_disk_that_hangs_holds_up_no_event(
    app: Flask, client: Any, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = device_of(app)
    listener = listen(client, "?topics=channels")
    listener.next(), listener.next()
    released, hangs = threading.Event(), threading.Event()

    def hang() -> None:
        hangs.set()
        released.wait(STUCK)

    device.timers.after(0.0, hang)  # where everything runs that may wait for the disk
    try:
        assert hangs.wait(STUCK)
        feed(app, "door", True)
        assert listener.next()[1]["id"] == "door"
    finally:
        released.set()
