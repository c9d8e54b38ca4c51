"""Settings: what may be changed on the running device, checked as a whole, kept, and never in the way of a
start."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile
from edgeweb.device.config.renamed import RENAMED
from edgeweb.device.config.schema import KEYS
from edgeweb.device.config.settings import CHANGEABLE, Setting, SettingsChanged, SettingsError
from edgeweb.device.device import Device
from edgeweb.testing import FlaskClient

from ..conftest import CHANNELS
from ..people import SOMEBODY, add_owner, add_user, client_of, device_of
from ..process import ROOT, DeviceServer

DOTTED = """
[channels."door.left"]
driver = "memory"
mode = "output"
pulse_max = 5
"""


def row(device: Device, key: str) -> Setting:
    return next(setting for setting in device.settings.rows() if setting.key == key)


def patch(client: FlaskClient, body: Any, tag: str | None = "*", **options: Any) -> Any:
    headers = {} if tag is None else {"If-Match": tag if tag == "*" else f'"{tag}"'}
    options.setdefault("content_type", "application/merge-patch+json")
    content = body if isinstance(body, bytes) else json.dumps(body)
    return client.patch("/api/v1/settings", data=content, headers=headers, **options)


@pytest.fixture
def device(make_profile: Callable[..., Profile]) -> Device:
    device = Device(make_profile(CHANNELS + DOTTED), threaded=False)
    device.open()
    return device


def again(device: Device) -> Device:
    """The device after its next start."""
    device.close()
    other = Device(device.settings.base, threaded=False)
    other.open()
    return other


# -- what may be changed -------------------------------------------------------------------------------


def test_the_table_names_keys_of_the_profile_and_none_that_opens_the_device() -> None:
    assert CHANGEABLE.keys() <= {row.path for row in KEYS}
    closed = ("server.", "system.", "board.", "storage.state", "access.")
    allowed = {"access.session_idle", "access.audit_rows"}
    assert not [key for key in CHANGEABLE if key.startswith(closed) and key not in allowed]
    wiring = {"driver", "mode", "chip", "line", "on", "off", "read", "timeout", "interlock", "inverted"}
    assert not [key for key in CHANGEABLE if key.startswith("channels.") and key.split(".")[2] in wiring]


def test_rows_have_what_a_form_needs(device: Device) -> None:
    title = row(device, "dashboard.title")
    assert (title.kind, title.limits, title.value, title.default) == ("string", 100, "", "")
    assert (title.effect, title.changed, title.pending) == ("now", False, False)
    assert title.meaning.startswith("Heading of the dashboard")
    assert row(device, 'channels."door.left".pulse_max').value == 5.0
    keys = [setting.key for setting in device.settings.rows()]
    assert "channels.door.debounce" in keys
    assert "channels.door.max_on" not in keys, "an input is never on too long"


# -- in force ------------------------------------------------------------------------------------------


def test_what_takes_effect_at_once(device: Device) -> None:
    revision = device.channels.revision
    device.settings.change(
        SOMEBODY,
        {
            "dashboard.title": "Greenhouse",
            "sensors.interval": 30,
            "storage.watch": [],
            "access.session_idle": "1 h",
            "access.audit_rows": 200,
            "channels.lamp.title": "Grow light",
            "channels.lamp.busy_delay": 9,
        },
    )
    assert device.title == "Greenhouse"
    assert device.metrics._interval == 30.0
    assert device.metrics.sample().values["disk_total_bytes"] == {}
    assert (device.sessions.idle, device.audit.max_rows) == (3600.0, 200)
    lamp = device.channels["lamp"]
    assert lamp.title == "Grow light"
    assert device.channels.set("lamp", True).busy is True
    assert device.channels.revision > revision, "pages that poll have to see the other title"


def test_a_longest_time_on_holds_from_the_next_switch(device: Device) -> None:
    device.settings.change(SOMEBODY, {"channels.lamp.max_on": 60})
    device.channels.set("lamp", True)
    assert device.channels["lamp"].off_at is not None


def test_what_waits_for_the_next_start(device: Device) -> None:
    device.channels.open()
    device.settings.change(SOMEBODY, {"history.length": 5, "channels.lamp.at_start": "on"})
    assert device.history.length == 360
    assert device.channels["lamp"].current.state is False
    assert (row(device, "history.length").value, row(device, "history.length").pending) == (5, True)
    later = again(device)
    assert later.history.length == 5
    assert later.channels["lamp"].current.state is True
    assert row(later, "history.length").pending is False


def test_null_goes_back_to_the_profile(device: Device) -> None:
    device.settings.change(SOMEBODY, {"dashboard.title": "Greenhouse", "sensors.interval": 9})
    device.settings.change(SOMEBODY, {"dashboard.title": None})
    assert device.title == device.name
    assert device.store.read("SELECT key, value FROM settings") == [("sensors.interval", "9.0")]
    assert [setting.key for setting in device.settings.rows() if setting.changed] == ["sensors.interval"]


def test_the_command_line_wins_and_says_so(make_profile: Callable[..., Profile]) -> None:
    profile = make_profile(CHANNELS, {"dashboard.title": "Bench"})
    device = Device(profile, threaded=False)
    device.store.write(lambda execute: execute("INSERT INTO settings VALUES ('dashboard.title', '\"x\"')"))
    device.open()
    assert device.title == "Bench"
    with pytest.raises(SettingsError, match="the command line sets it"):
        device.settings.change(SOMEBODY, {"dashboard.title": "Other"})


# -- all or nothing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "faulty"),
    [
        ({"dashboard.title": "good", "sensors.interval": 0}, ["sensors.interval"]),
        ({"sensors.interval": "fast", "history.length": 1.5}, ["sensors.interval", "history.length"]),
        ({"server.host": "0.0.0.0"}, ["server.host"]),
        ({"channels.lamp.driver": "command"}, ["channels.lamp.driver"]),
        ({"channels.nothing.title": "x"}, ["channels.nothing.title"]),
        ({"channels.lamp.debounce": 1.0}, ["channels.lamp.debounce"]),
        ({"dashboard.title": "x" * 101}, ["dashboard.title"]),
        ({"dashboard.title": "two\r\nlines"}, ["dashboard.title"]),
        ({"dashboard.title": "\ud800"}, ["dashboard.title"]),
        ({"dashboard.title": {"": [[[]]]}}, ["dashboard.title"]),
        ({"sensors.interval": 10**400}, ["sensors.interval"]),
        ({"sensors.interval": float("nan")}, ["sensors.interval"]),
        ({"sensors.temperatures": 1}, ["sensors.temperatures"]),
        ({"storage.watch": ["/", ""]}, ["storage.watch"]),
        ({"storage.watch": ["/"] * 65}, ["storage.watch"]),
        ({"": 1, "dashboard": {"title": "x"}}, ["", "dashboard"]),
    ],
)
def test_nothing_is_written_unless_all_is_right(device: Device, changes: Any, faulty: list[str]) -> None:
    tag = device.settings.tag
    with pytest.raises(SettingsError) as caught:
        device.settings.change(SOMEBODY, changes)
    assert [key for (key,), _ in caught.value.errors] == faulty
    assert device.settings.tag == tag
    assert device.store.read("SELECT * FROM settings") == []
    assert device.store.read("SELECT * FROM audit") == []


@pytest.mark.parametrize("old", RENAMED)
def test_an_old_key_is_refused_with_the_new_one_named(device: Device, old: str) -> None:
    key = old.replace("*", "lamp")
    with pytest.raises(SettingsError) as caught:
        device.settings.change(SOMEBODY, {key: 7})
    (((faulty,), detail),) = caught.value.errors
    assert faulty == key and detail.startswith(f"{key} is now {RENAMED[old][0].replace('*', 'lamp')}")


def test_keys_are_checked_together(device: Device) -> None:
    """Each of them is right alone: the longest pulse of this door is 5 s."""
    pulse, longest = 'channels."door.left".pulse', 'channels."door.left".pulse_max'
    with pytest.raises(SettingsError, match="pulse_min <= pulse <= pulse_max"):
        device.settings.change(SOMEBODY, {pulse: 8})
    device.settings.change(SOMEBODY, {pulse: 8, longest: 10})
    with pytest.raises(SettingsError) as caught:
        device.settings.change(SOMEBODY, {longest: None})
    assert [key for (key,), _ in caught.value.errors] == [pulse]
    assert row(device, longest).value == 10.0


def test_interlocked_channels_do_not_both_start_on(make_profile: Callable[..., Profile]) -> None:
    outputs = '[channels.{}]\ndriver = "memory"\nmode = "output"\ninterlock = "motor"\n'
    device = Device(make_profile(outputs.format("up") + outputs.format("down")), threaded=False)
    device.open()
    device.settings.change(SOMEBODY, {"channels.up.at_start": "on"})
    with pytest.raises(SettingsError, match="up of the same interlock group"):
        device.settings.change(SOMEBODY, {"channels.down.at_start": "on"})


def test_the_audit_log_has_the_old_and_the_new_value(device: Device) -> None:
    device.settings.change(SOMEBODY, {"dashboard.title": 'a "b"', "history.length": 7})
    device.settings.change(SOMEBODY, {"dashboard.title": None})
    assert [(found["target"], found["result"]) for found in device.audit.rows()] == [
        ("dashboard.title", r'"a \"b\"" -> ""'),
        ("history.length", "360 -> 7"),
        ("dashboard.title", r'"" -> "a \"b\""'),
    ]


def test_a_change_to_what_is_already_there_writes_nothing(device: Device) -> None:
    device.settings.change(SOMEBODY, {"history.length": 7})
    device.settings.change(SOMEBODY, {"history.length": 7, "dashboard.title": None})
    assert len(device.audit.rows()) == 1


# -- what the state has and the device does not take --------------------------------------------------


STORED = {
    "dashboard.title": '"Greenhouse"',
    "sensors.interval": "0",
    "history.length": "{nonsense",
    "no.such.key": "1",
    "channels.gone.title": '"x"',
    "server.port": "1",
    "channels.lamp.pulse_max": "1.0",
    "channels.lamp.pulse_min": "2.0",
    "channels.lamp.title": '"Lamp 2"',
    "access.session_hours": "24.0",
    "channels.lamp.at_start": "[" * 100_000,
}


@pytest.fixture
def odd(make_profile: Callable[..., Profile]) -> Device:
    """A device whose state has settings of another edgeweb, of another profile, and broken ones."""
    device = Device(make_profile(CHANNELS), threaded=False)

    def insert(execute: Any) -> None:
        for key, value in STORED.items():
            execute("INSERT INTO settings VALUES (?, ?)", (key, value))

    device.store.write(insert)
    return device


def test_what_does_not_fit_is_told_and_left_out(odd: Device, capsys: pytest.CaptureFixture[str]) -> None:
    odd.start()
    assert odd.title == "Greenhouse"
    ignored = dict(odd.settings.ignored)
    assert ignored.keys() >= {"sensors.interval", "history.length", "no.such.key", "channels.gone.title"}
    assert ignored.keys() >= {"server.port", "channels.lamp.pulse_min", "channels.lamp.at_start"}
    assert ignored["sensors.interval"].startswith("expected seconds as a number or text")
    assert ignored["access.session_hours"].startswith("access.session_hours is now access.session_idle")
    assert "the setting no.such.key is ignored: this device has no such setting" in capsys.readouterr().err
    assert odd.store.read("SELECT COUNT(*) FROM settings") == [(len(STORED),)], "the next edgeweb may know it"
    odd.close()


def test_what_is_ignored_can_be_removed(odd: Device) -> None:
    odd.open()
    odd.settings.change(SOMEBODY, {"no.such.key": None, "sensors.interval": 5})
    assert not {"no.such.key", "sensors.interval"} & dict(odd.settings.ignored).keys()
    assert odd.store.read("SELECT value FROM settings WHERE key = 'sensors.interval'") == [("5.0",)]
    assert odd.store.read("SELECT value FROM settings WHERE key = 'no.such.key'") == []
    with pytest.raises(SettingsError):
        odd.settings.change(SOMEBODY, {"server.port": 80})


# -- the API -------------------------------------------------------------------------------------------


def test_reading_and_changing(app: Flask) -> None:
    client = app.test_client()
    answer = client.get("/api/v1/settings")
    tag = answer.headers["ETag"]
    assert client.get("/api/v1/settings", headers={"If-None-Match": tag}).status_code == 304
    changed = patch(client, {"dashboard.title": "Greenhouse", "history.length": None}, tag.strip('"'))
    assert changed.status_code == 200
    (title,) = (found for found in changed.json["settings"] if found["key"] == "dashboard.title")
    assert (title["value"], title["changed"], title["effect"]) == ("Greenhouse", True, "now")
    assert changed.headers["ETag"] == client.get("/api/v1/settings").headers["ETag"] != tag
    assert client.get("/api/v1/status").json["device"]["title"] == "Greenhouse"


def test_a_change_is_for_what_was_read(app: Flask) -> None:
    client = app.test_client()
    tag = client.get("/api/v1/settings").headers["ETag"].strip('"')
    assert patch(client, {"dashboard.title": "one"}, None).status_code == 428
    assert patch(client, {"dashboard.title": "one"}, tag).status_code == 200
    late = patch(client, {"dashboard.title": "two"}, tag)
    assert (late.status_code, late.json["key"]) == (412, "precondition-failed")
    weak = client.patch(
        "/api/v1/settings", json={}, headers={"If-Match": f'W/"{device_of(app).settings.tag}"'}
    )
    assert weak.status_code == 412, "RFC 9110, 13.1.1: If-Match compares strongly"
    assert device_of(app).title == "one"
    with pytest.raises(SettingsChanged):
        device_of(app).settings.change(SOMEBODY, {}, lambda tag: False)


def test_faults_are_pointed_at(app: Flask) -> None:
    answer = patch(app.test_client(), {"dashboard.title": 5, "a/b~c": 1, "\n": None})
    assert answer.status_code == 422
    assert {found["pointer"] for found in answer.json["errors"]} == {"/a~1b~0c", "/\n"}
    answer = patch(app.test_client(), {"dashboard.title": 5})
    assert answer.json["errors"][0]["pointer"] == "/dashboard.title"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"[]", 422),
        (b"null", 422),
        (b'{"sensors.interval": NaN}', 400),
        (b'{"sensors.interval": Infinity}', 400),
        (b'{"dashboard.title": "a", "dashboard.title": "b"}', 400),
        (b'{"sensors.interval": 1' + b"0" * 5000 + b"}", 400),
        (b'{"sensors.interval": 1' + b"0" * 4000 + b"}", 422),
        # Python's parser refuses more than 1000, 10 000 or 100 000 of them, as its version has it.
        (b'{"dashboard.title": ' + b"[" * 20_000 + b"]" * 20_000 + b"}", 400),
        (b'{"dashboard.title": ' + b"[" * 900 + b"]" * 900 + b"}", 400),
        (b'{"dashboard.title": ' + b'[{"a": ' * 32 + b"1" + b"}]" * 32 + b"}", 400),
        (b'{"dashboard.title": ' + b"[" * 63 + b"]" * 63 + b"}", 422),
        (b'{"sensors.interval": "' + b"[" * 99 + b'"}', 422),
        (b'{"dashboard.title": "\xff"}', 400),
        (b'{"dashboard.title": "' + b"x" * 70_000 + b'"}', 413),
        (json.dumps(dict.fromkeys(map(str, range(3000)), 1)).encode(), 422),
        (b"", 400),
    ],
)
def test_hostile_bodies(app: Flask, content: bytes, status: int) -> None:
    answer = patch(app.test_client(), content)
    assert answer.status_code == status
    assert len(answer.data) < 10_000
    assert device_of(app).store.read("SELECT * FROM settings") == []


def test_other_media_types(app: Flask) -> None:
    answer = patch(app.test_client(), b"dashboard.title=x", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 415
    assert answer.headers["Accept-Patch"] == "application/merge-patch+json, application/json"


def test_who_may(app: Flask) -> None:
    viewer = client_of(app, add_user(app, "vera", "viewer"))
    operator = client_of(app, add_user(app, "olga", "operator"))
    assert viewer.get("/api/v1/settings").status_code == 200
    assert patch(viewer, {}).status_code == patch(operator, {}).status_code == 403


def test_no_secret_is_a_setting(app: Flask) -> None:
    text = app.test_client().get("/api/v1/settings").text
    assert "scrypt" not in text
    assert not [key for key in CHANGEABLE if any(word in key for word in ("password", "secret", "token"))]


# -- the next start, and power cuts --------------------------------------------------------------------


@pytest.mark.slow
def test_a_change_is_there_after_sigkill(tmp_path: Path) -> None:
    server = DeviceServer(tmp_path)
    server.claim()
    headers = {"If-Match": "*", "Content-Type": "application/json"}
    answer = server.ask("PATCH", "/api/v1/settings", '{"dashboard.title": "Greenhouse"}', headers)
    assert answer.status == 200, answer.text
    server.process.kill()
    server.process.wait()
    token, server = server.token, DeviceServer(tmp_path)
    server.token = token
    try:
        assert server.get("/api/v1/status").json["device"]["title"] == "Greenhouse"
        assert "Greenhouse" in server.get("/").text
    finally:
        assert server.stop() == 0


#: Dies at the n-th statement of the change, as at a power cut: in between, nothing may be half there.
DIE = """
import os, signal, sys
from edgeweb.device.device import Device
from edgeweb.device.config.profile import load
from tests.device.people import SOMEBODY

device = Device(load(sys.argv[1], system="/nonexistent"), threaded=False)
device.open()
left = int(sys.argv[2])
write = device.store.write

def counted(change, **options):
    def cut(execute):
        def one(*arguments):
            global left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return execute(*arguments)
        return change(one)
    return write(cut, **options)

device.store.write = counted
device.settings.change(SOMEBODY, {"dashboard.title": "new", "history.length": 5})
"""


def test_a_duration_is_sent_in_seconds_or_with_a_unit_and_answered_in_seconds(app: Flask) -> None:
    for sent, seconds in ((5, 5.0), ("500 ms", 0.5), ("10 min", 600.0)):
        answer = patch(app.test_client(), {"sensors.interval": sent})
        rows = {row["key"]: row for row in answer.json["settings"]}
        assert (answer.status_code, rows["sensors.interval"]["value"]) == (200, seconds)
        assert (rows["sensors.interval"]["kind"], rows["sensors.interval"]["limits"]) == (
            "duration",
            [0.5, 3600],
        )
    refused = patch(app.test_client(), {"sensors.interval": "10 minutes"})
    (fault,) = refused.json["errors"]
    assert (refused.status_code, fault["pointer"]) == (422, "/sensors.interval")
    assert fault["detail"].startswith('expected seconds as a number or text like "10 min" (ms, s, min, h, d)')


@pytest.mark.slow
@pytest.mark.parametrize("statements", range(7))
def test_a_power_cut_leaves_all_or_nothing(
    make_profile: Callable[..., Profile], tmp_path: Path, statements: int
) -> None:
    profile = make_profile(CHANNELS)
    before = Device(profile, threaded=False)
    before.open()
    before.settings.change(SOMEBODY, {"dashboard.title": "old", "history.length": 3})
    before.close()
    command = [sys.executable, "-c", DIE, str(tmp_path / "test.toml"), str(statements)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    code = subprocess.run(command, env=env, capture_output=True, timeout=60, check=False).returncode
    device = Device(profile, threaded=False)
    device.open()
    # two values, two rows of the audit log and a count of its rows after each
    if statements < 6:
        assert code == -signal.SIGKILL
        assert (device.title, device.history.length) == ("old", 3)
    else:
        assert code == 0
        assert (device.title, device.history.length) == ("new", 5)
    assert device.store.reports == []
    assert len(device.audit.rows()) == (2 if statements < 6 else 4)


def test_the_settings_of_a_device_that_starts_as_an_application(make_profile: Callable[..., Profile]) -> None:
    app = add_owner(create_app(make_profile(CHANNELS)))
    device_of(app).open()
    device_of(app).settings.change(
        SOMEBODY, {"channels.lamp.at_start": "on", "dashboard.title": "Greenhouse"}
    )
    device_of(app).close()
    other = create_app(make_profile(CHANNELS))
    other.config["TEST_TOKEN"] = app.config["TEST_TOKEN"]
    other.test_client_class = app.test_client_class
    assert other.test_client().get("/api/v1/channels/lamp").json["state"] is True, "before its first request"
