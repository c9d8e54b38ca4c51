"""Channels and sensors that the device has of its own: kept, checked as a whole, and never in the way of a
start."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edgeweb.device import backup
from edgeweb.device.channels.channel import UnknownChannel
from edgeweb.device.config.profile import Profile
from edgeweb.device.config.settings import SettingsChanged
from edgeweb.device.config.things import (
    MAX_THINGS,
    NameTaken,
    ThingError,
    TooManyThings,
    UnknownThing,
    sensor_options,
)
from edgeweb.device.device import Device

from ..people import SOMEBODY

LAMP = {"driver": "memory", "mode": "output"}
FILES = """
[channels.lamp]
driver = "memory"
mode = "output"
title = "Lamp"
[channels.amplifier]
driver = "command"
mode = "output"
on = ["/bin/true"]
off = ["/bin/true"]
"""


@pytest.fixture
def device(make_profile: Callable[..., Profile], tmp_path: Path) -> Iterator[Device]:
    device = Device(make_profile(FILES, {"storage.state": str(tmp_path / "state")}), threaded=False)
    device.open()
    device.channels.open()
    yield device
    device.close()


def again(device: Device, profile: Profile | None = None) -> Device:
    """The device after its next start."""
    device.close()
    other = Device(profile or device.things.base, threaded=False)
    other.open()
    return other


def names(device: Device) -> list[str]:
    return [channel.name for channel in device.channels]


def test_what_is_added_is_open_and_outlasts_a_start(device: Device) -> None:
    device.things.add(SOMEBODY, "channels", "pump", {**LAMP, "pulse": "2 s"})
    assert names(device) == ["lamp", "amplifier", "pump"]
    assert device.switch(SOMEBODY, "pump", True).state is True
    other = again(device)
    assert names(other) == ["lamp", "amplifier", "pump"]
    assert other.channels["pump"].options["pulse"] == 2.0
    assert other.things.definition("channels", "pump") == {**LAMP, "pulse": 2.0}
    other.close()


def test_a_change_of_times_leaves_an_output_on(device: Device) -> None:
    device.switch(SOMEBODY, "lamp", True)
    channel = device.channels["lamp"]
    device.things.change(SOMEBODY, "channels", "lamp", {"title": "Big lamp", "max_on": "1 h"})
    assert device.channels["lamp"] is channel
    assert (channel.title, channel.current.state) == ("Big lamp", True)
    device.things.change(SOMEBODY, "channels", "lamp", {"title": None})
    assert channel.title == "lamp"


def test_another_line_is_another_output_that_begins_off(device: Device) -> None:
    device.switch(SOMEBODY, "lamp", True)
    channel = device.channels["lamp"]
    device.things.change(SOMEBODY, "channels", "lamp", {"inverted": True})
    assert device.channels["lamp"] is not channel
    assert device.channels["lamp"].current.state is False
    assert names(device) == ["lamp", "amplifier"], "it keeps its place"


def test_one_of_the_files_is_removed_for_good_and_can_be_had_again(device: Device) -> None:
    device.things.remove(SOMEBODY, "channels", "lamp")
    assert names(device) == ["amplifier"]
    with pytest.raises(UnknownChannel):
        device.switch(SOMEBODY, "lamp", True)
    other = again(device)
    assert names(other) == ["amplifier"]
    other.things.add(SOMEBODY, "channels", "lamp", LAMP)
    assert names(other) == ["lamp", "amplifier"]
    other.close()


def test_what_was_added_and_removed_leaves_no_row(device: Device) -> None:
    device.things.add(SOMEBODY, "channels", "pump", LAMP)
    device.things.remove(SOMEBODY, "channels", "pump")
    assert device.store.read("SELECT * FROM things") == []


def test_a_thing_takes_over_its_settings(device: Device) -> None:
    device.settings.change(SOMEBODY, {"channels.lamp.title": "Set", "channels.lamp.max_on": 60})
    device.things.change(SOMEBODY, "channels", "lamp", {"title": "Changed"})
    assert device.store.read("SELECT * FROM settings") == []
    assert device.things.definition("channels", "lamp") == {**LAMP, "title": "Changed", "max_on": 60.0}
    device.settings.change(SOMEBODY, {"channels.lamp.title": "Later"})
    assert device.channels["lamp"].title == "Later", "a setting stands above"


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ({"driver": "memory"}, (("mode",), 'expected one of "output", "input", "pwm", "button", but')),
        ({"driver": "none", "mode": "output"}, (("driver",), "expected ")),
        ({**LAMP, "debounce": 1}, (("debounce",), "expected no such key for an output")),
        ({**LAMP, "line": "GPIO17"}, (("line",), "expected no such key, which belongs to other drivers")),
        ({**LAMP, "pulse": "1 week"}, (("pulse",), "expected ")),
        ({"driver": "gpio", "mode": "output"}, (("line",), "expected a line")),
        ({**LAMP, "title": 5}, (("title",), "expected ")),
    ],
)
def test_a_faulty_table_changes_nothing(device: Device, table: Any, fault: tuple[Any, str]) -> None:
    with pytest.raises(ThingError) as caught:
        device.things.add(SOMEBODY, "channels", "pump", table)
    ((path, detail),) = caught.value.errors
    assert path == fault[0] and detail.startswith(fault[1]), detail
    assert names(device) == ["lamp", "amplifier"]
    assert device.store.read("SELECT * FROM things") == []


def test_rules_between_things_are_checked(device: Device) -> None:
    first = {**LAMP, "interlock": "motor", "at_start": "on"}
    device.things.add(SOMEBODY, "channels", "up", first)
    with pytest.raises(ThingError, match="because up of the same interlock group"):
        device.things.add(SOMEBODY, "channels", "down", first)
    device.things.add(SOMEBODY, "channels", "down", {**LAMP, "interlock": "motor"})
    with pytest.raises(Exception, match="Switch it off first"):
        device.switch(SOMEBODY, "down", True)


@pytest.mark.parametrize("name", ["a/b", "", "__x__", "x" * 65])
def test_a_name_that_is_none(device: Device, name: str) -> None:
    with pytest.raises(ThingError):
        device.things.add(SOMEBODY, "channels", name, LAMP)


def test_a_name_is_taken_once(device: Device) -> None:
    with pytest.raises(NameTaken):
        device.things.add(SOMEBODY, "channels", "lamp", LAMP)
    device.sensor("tank").set(1)
    with pytest.raises(NameTaken):
        device.things.add(SOMEBODY, "sensors", "tank", {"kind": "file", "path": "/proc/uptime"})
    with pytest.raises(UnknownThing):
        device.things.remove(SOMEBODY, "sensors", "tank")


def test_programs_are_left_to_the_files(device: Device) -> None:
    runs = {"driver": "command", "mode": "output", "on": ["/bin/sh"], "off": ["/bin/sh"]}
    for change in (
        lambda: device.things.add(SOMEBODY, "channels", "shell", runs),
        lambda: device.things.change(SOMEBODY, "channels", "amplifier", {"on": ["/bin/sh"]}),
        lambda: device.things.change(SOMEBODY, "channels", "lamp", {**runs, "title": None}),
        lambda: device.things.add(SOMEBODY, "sensors", "shell", {"kind": "command", "run": ["/bin/sh"]}),
    ):
        with pytest.raises(ThingError, match="runs programs"):
            change()
    device.things.change(SOMEBODY, "channels", "amplifier", {"title": "Amplifier"})
    assert device.channels["amplifier"].title == "Amplifier"


def test_no_backup_brings_a_program(device: Device) -> None:
    runs = {"driver": "command", "mode": "output", "on": ["/bin/sh"], "off": ["/bin/sh"]}
    document = json.loads(backup.export(device))
    document["content"]["things"] = [["channels.shell", runs]]
    document["checksum"] = backup.checksum({k: v for k, v in document.items() if k != "checksum"})
    with pytest.raises(backup.BackupError, match="runs programs"):
        backup.restore_document(device, SOMEBODY, document)


def test_a_tag_is_of_the_definition_alone(device: Device) -> None:
    tag = device.things.tag("channels", "lamp")
    device.switch(SOMEBODY, "lamp", True)
    assert device.things.tag("channels", "lamp") == tag
    device.things.change(SOMEBODY, "channels", "lamp", {"title": "x"}, lambda present: present == tag)
    for change in (
        lambda: device.things.change(SOMEBODY, "channels", "lamp", {}, lambda present: present == tag),
        lambda: device.things.remove(SOMEBODY, "channels", "lamp", lambda present: present == tag),
    ):
        with pytest.raises(SettingsChanged):
            change()
    assert device.channels["lamp"].title == "x"


def test_the_audit_names_the_family(device: Device) -> None:
    device.things.add(SOMEBODY, "channels", "pump", LAMP)
    device.audit.flush()
    (row,) = device.store.read("SELECT action, target FROM audit WHERE target = 'pump'")
    assert row == ("channel.add", "pump")


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ("kind", "a sensor of a program has no kind"),
        ("interval", "a sensor of a program has no interval"),
        ("colour", "a sensor has no option 'colour'"),
    ],
)
def test_an_option_that_no_sensor_of_a_program_has(option: str, reason: str) -> None:
    with pytest.raises(TypeError, match=reason):
        sensor_options("tank", {option: "1 s"})


def test_nothing_is_written_where_nothing_changes(device: Device) -> None:
    before = device.store.read("SELECT count(*) FROM audit")
    device.things.change(SOMEBODY, "channels", "lamp", {"title": "Lamp"})
    device.audit.flush()
    assert device.store.read("SELECT count(*) FROM audit") == before


def test_there_are_only_so_many(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_THINGS == 256
    monkeypatch.setattr("edgeweb.device.config.things.MAX_THINGS", 1)
    device.things.add(SOMEBODY, "channels", "one", LAMP)
    with pytest.raises(TooManyThings):
        device.things.add(SOMEBODY, "channels", "two", LAMP)
    device.things.change(SOMEBODY, "channels", "one", {"title": "One"})


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("channels.pump", '{"driver": "gone", "mode": "output"}', "channels.pump is ignored: expected "),
        ("channels.pump", '{"driver": "memory"}', "channels.pump is ignored: expected "),
        ("channels.pump", "[1]", "channels.pump is ignored: expected a table"),
        ("channels.pump", "{", "channels.pump is ignored: "),
        ("motors.pump", "null", "motors.pump is ignored: this device has no such things"),
        ("channels.x", '{"driver": "command", "mode": "output", "on": ["a"], "off": ["b"]}', "channels.x is"),
    ],
)
def test_what_does_not_fit_is_in_the_log_and_keeps_nothing_from_starting(
    device: Device, capsys: pytest.CaptureFixture[str], name: str, value: str, reason: str
) -> None:
    device.things.add(SOMEBODY, "channels", "good", LAMP)
    device.store.write(lambda execute: execute("INSERT INTO things VALUES (?, ?)", (name, value)))
    capsys.readouterr()
    other = again(device)
    assert names(other) == ["lamp", "amplifier", "good"]
    assert f"edgeweb: {reason}" in capsys.readouterr().err
    other.close()


def test_the_log_of_many_that_do_not_fit_is_bounded(
    device: Device, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [(f"channels.x{number}", "{") for number in range(30)]
    device.store.write(
        lambda execute: [execute("INSERT INTO things VALUES (?, ?)", row) for row in rows] and None
    )
    capsys.readouterr()
    again(device).close()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 9 and lines[-1] == "edgeweb: 22 more things of the state are ignored"


def test_a_profile_that_was_read_again_stands_below(
    device: Device, make_profile: Callable[..., Profile]
) -> None:
    device.things.change(SOMEBODY, "channels", "lamp", {"title": "Mine"})
    changed = FILES.replace('"Lamp"', '"Theirs"').replace(
        'mode = "output"\non', 'title = "Amp"\nmode = "output"\non'
    )
    device.things.renew(make_profile(changed, {"storage.state": str(device.store.folder)}))
    assert [channel.title for channel in device.channels] == ["Mine", "Amp"]


def test_a_restore_brings_them_at_once(device: Device) -> None:
    device.things.add(SOMEBODY, "channels", "pump", LAMP)
    device.accounts.add(SOMEBODY, "ada", "correct horse battery", "admin")
    document = json.loads(backup.export(device))
    device.things.remove(SOMEBODY, "channels", "pump")
    device.things.remove(SOMEBODY, "channels", "lamp")
    assert backup.restore_document(device, SOMEBODY, document)["things"] == 1
    assert names(device) == ["lamp", "amplifier", "pump"]
    assert device.switch(SOMEBODY, "pump", True).state is True


def test_sensors_come_and_go(device: Device, tmp_path: Path) -> None:
    (tmp_path / "rain").write_text("5\n")
    device.things.add(SOMEBODY, "sensors", "rain", {"kind": "file", "path": str(tmp_path / "rain")})
    sensors = device.sensors
    assert sensors is not None
    device.timers.run_due()
    assert sensors["rain"].value == 5.0
    tag = device.sensors_tag()
    device.things.change(SOMEBODY, "sensors", "rain", {"unit": "mm"})
    assert sensors["rain"].unit == "mm" and device.sensors_tag() != tag
    device.things.remove(SOMEBODY, "sensors", "rain")
    assert list(device.sensors or ()) == []
