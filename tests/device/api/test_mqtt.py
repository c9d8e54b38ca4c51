"""GET /api/v1/mqtt: the link to the broker, for operators."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edgeweb import Flask

from ..people import add_user, client_of, device_of

CONNECTED: dict[str, object] = {
    "state": "connected",
    "since": "2026-11-27T06:00:00.000Z",
    "broker": "broker.home.arpa:8883",
    "id": "shed",
    "role": "operator",
    "error": "",
    "lost_events": 0,
    "waiting": 0,
}


class Double:
    """What a device has for a broker, without one."""

    def __init__(self, **fields: object) -> None:
        self.fields = {**CONNECTED, **fields}

    def changed(self) -> None:
        pass

    def stop(self) -> None:
        pass

    def close(self) -> None:
        pass

    def to_json(self) -> dict[str, object]:
        return self.fields


@pytest.fixture
def client(app: Flask) -> Any:
    return app.test_client()


def test_without_a_broker_it_is_off(client: Any) -> None:
    assert client.get("/api/v1/mqtt").json == {"state": "off", "lost_events": 0, "waiting": 0}


def test_the_link_is_shown_to_operators(app: Flask, client: Any) -> None:
    device_of(app).broker = Double(error="the connection was lost")
    first = client.get("/api/v1/mqtt")
    assert first.json == {**CONNECTED, "error": "the connection was lost"}
    assert client.get("/api/v1/mqtt", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    viewer = client_of(app, add_user(app, "eve", "viewer"))
    assert viewer.get("/api/v1/mqtt").status_code == 403


@pytest.mark.parametrize(
    ("language", "fields", "text"),
    [
        ("en", {}, "MQTT: connected to broker.home.arpa:8883 since "),
        ("en", {"state": "waiting", "lost_events": 1}, "trying again. 1 event was lost."),
        ("fr", {"lost_events": 2}, "2 évènements ont été perdus."),
        ("de", {"error": "the connection was lost"}, "Letzte Störung: die Verbindung ging verloren"),
    ],
)
def test_the_settings_page_has_a_line_of_it(
    app: Flask, client: Any, language: str, fields: dict[str, object], text: str
) -> None:
    page = "/settings"
    assert 'id="mqtt"' not in client.get(page).text
    device_of(app).broker = Double(**fields)
    shown = client.get(page, headers={"Accept-Language": language}).text
    assert text in " ".join(shown.split()), json.dumps(shown[:3000])
