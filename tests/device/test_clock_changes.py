"""A board without a battery for its clock: it starts in 1970, jumps to today, and is set back by an hour."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.access.audit import DELAY
from edgeweb.device.access.rate_limit import FREE_ATTEMPTS
from edgeweb.device.config.profile import Profile
from edgeweb.device.device import Device
from edgeweb.device.http.current import attach
from edgeweb.device.metrics.history import Recorder
from edgeweb.device.storage.store import BACKUP_DELAY
from edgeweb.device.system.clock import WallClock

from .conftest import CHANNELS
from .people import SOMEBODY, add_owner, browser_of, client_of, device_of

FIFTY_YEARS = 50 * 365.25 * 86400


class Clocks:
    monotonic = 10.0
    wall = 10.0

    def step(self, seconds: float, jump: float = 0.0) -> None:
        self.monotonic += seconds
        self.wall += seconds + jump


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def app(make_profile: Callable[..., Profile], clocks: Clocks) -> Flask:
    app = create_app(make_profile(CHANNELS))
    wall = WallClock(lambda: clocks.monotonic, lambda: clocks.wall)
    attach(app, Device(device_of(app).profile, wall, threaded=False))
    return add_owner(app)


JUMPS = [FIFTY_YEARS, -3600.0, -FIFTY_YEARS]


@pytest.mark.slow
@pytest.mark.parametrize("jump", JUMPS)
def test_a_session_lasts_as_long_as_it_did(app: Flask, clocks: Clocks, jump: float) -> None:
    browser = browser_of(app)
    clocks.step(60, jump)
    assert browser.get("/").status_code == 200
    clocks.step(168 * 3600 + 1)
    assert browser.get("/").status_code == 401


@pytest.mark.slow
@pytest.mark.parametrize("jump", JUMPS)
def test_who_has_to_wait_waits_as_long_as_before(app: Flask, clocks: Clocks, jump: float) -> None:
    stranger, body = client_of(app), {"name": "owner", "password": "wrong password"}
    for _ in range(FREE_ATTEMPTS + 3):
        clocks.step(10)
        assert stranger.post("/api/v1/session", json=body).status_code == 401
    clocks.step(1, jump)
    answer = stranger.post("/api/v1/session", json=body)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "8")
    clocks.step(8)
    assert stranger.post("/api/v1/session", json=body).status_code == 401


@pytest.mark.parametrize("jump", JUMPS)
def test_timers_of_channels_are_not_moved(app: Flask, clocks: Clocks, jump: float) -> None:
    device, program = device_of(app), app.test_client()
    program.post("/api/v1/channels/lamp/pulse", json={"ms": 5000})
    clocks.step(4, jump)
    device.timers.run_due()
    assert device.channels["lamp"].current.state is True
    clocks.step(1)
    device.timers.run_due()
    assert device.channels["lamp"].current.state is False


@pytest.mark.parametrize("jump", JUMPS)
def test_a_longest_time_on_is_as_long_as_it_was(app: Flask, clocks: Clocks, jump: float) -> None:
    device, program = device_of(app), app.test_client()
    device.open()
    device.settings.change(SOMEBODY, {"channels.lamp.max_on": 600})
    program.post("/api/v1/channels/lamp/on")
    clocks.step(599, jump)
    device.timers.run_due()
    assert device.channels["lamp"].current.state is True
    clocks.step(1)
    device.timers.run_due()
    assert device.channels["lamp"].current.state is False


@pytest.mark.parametrize("jump", JUMPS)
def test_the_history_has_no_hole_and_its_dates_move(app: Flask, clocks: Clocks, jump: float) -> None:
    device, program = device_of(app), app.test_client()
    Recorder(device.history, device.metrics.sample_soon, device.timers.after).start()
    for number in range(6):
        clocks.step(10, jump if number == 3 else 0.0)
        device.timers.run_due()
    answer = program.get("/api/v1/metrics/history?metric=load_1m").json
    assert answer["newest_at"] == device.clock.date(clocks.wall)
    (series,) = answer["series"]
    assert [value is not None for value in series["values"][-7:]] == [False, *[True] * 6]


@pytest.mark.parametrize("jump", JUMPS)
def test_an_interval_is_as_long_as_it_was(app: Flask, clocks: Clocks, jump: float) -> None:
    device, program = device_of(app), app.test_client()
    body = {"channel": "lamp", "action": "toggle", "kind": "interval", "every": 600}
    assert program.put("/api/v1/schedules/often", json=body).status_code == 201
    clocks.step(599, jump)
    device.timers.run_due()
    assert device.channels["lamp"].current.state is False
    clocks.step(1)
    device.timers.run_due()
    assert device.channels["lamp"].current.state is True
    assert program.get("/api/v1/schedules/often").json["next_at"] == device.clock.date(clocks.wall + 600)


@pytest.mark.parametrize("jump", JUMPS)
def test_the_state_is_backed_up_as_late_as_ever(app: Flask, clocks: Clocks, jump: float) -> None:
    device = device_of(app)
    device.open()
    device.settings.change(SOMEBODY, {"dashboard.title": "Greenhouse"})
    clocks.step(BACKUP_DELAY - 1, jump)
    device.timers.run_due()
    assert device.store._backup_due is True
    clocks.step(1)
    device.timers.run_due()
    assert device.store._backup_due is False


def test_dates_are_right_after_the_jump(app: Flask, clocks: Clocks) -> None:
    device, program = device_of(app), app.test_client()
    program.post("/api/v1/channels/lamp/on")
    assert program.get("/api/v1/channels/lamp").json["changed_at"].startswith("1970-01-01T00:00:10")
    clocks.step(1, FIFTY_YEARS)
    assert program.get("/api/v1/channels/lamp").json["changed_at"].startswith("2020-01-01T12:00:10")
    clocks.step(DELAY)
    device.timers.run_due()
    newest = program.get("/api/v1/audit?limit=1").json["audit"][0]
    assert (newest["action"], newest["at"][:19]) == ("channel.set", "2020-01-01T12:00:10")
    tag = program.get("/api/v1/channels").headers["ETag"]
    clocks.step(1, -3600)
    again = program.get("/api/v1/channels", headers={"If-None-Match": tag})
    assert again.status_code == 200, "what was rendered before has other dates now"
    assert again.json["channels"][0]["changed_at"].startswith("2020-01-01T11:00:10")
