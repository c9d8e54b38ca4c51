"""What Home Assistant is shown. `test_home_assistant.py` has the real one read it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edgeweb.device.channels.channel import Channel, Group
from edgeweb.device.config.schema import defaults
from edgeweb.device.mqtt import discovery
from edgeweb.device.mqtt.topics import Topics
from edgeweb.device.sensors.sensor import Sensor

TOPICS = Topics("edgeweb", "shed")
IDENTITY = {"title": "Shed", "model": "", "profile": "generic-linux"}


def channel(name: str, mode: str) -> Channel:
    return Channel(name, defaults("channels.*", driver="memory", mode=mode), 0.0, Group())


def sensor(unit: str, **options: object) -> Sensor:
    return Sensor("soil", "program", {**defaults("sensors.*", kind="program"), "unit": unit, **options})


def entities(may_switch: bool = True, figures: dict[str, Any] | None = None, *things: Any) -> dict[str, Any]:
    channels = [one for one in things if isinstance(one, Channel)]
    sensors = [one for one in things if isinstance(one, Sensor)]
    return discovery.entities_of("shed", channels, sensors, figures or {}, TOPICS, may_switch)


@pytest.mark.parametrize(
    ("mode", "may_switch", "platform"),
    [
        ("output", True, "switch"),
        ("pwm", True, "light"),
        ("button", True, "button"),
        ("input", True, "binary_sensor"),
        ("output", False, "binary_sensor"),
        ("pwm", False, "binary_sensor"),
        ("button", False, "binary_sensor"),
    ],
)
def test_a_channel_is_what_can_be_done_with_it(mode: str, may_switch: bool, platform: str) -> None:
    found = entities(may_switch, None, channel("lamp", mode))
    entity = found[f"{platform}_channel_lamp"]
    assert entity["platform"] == platform and entity["unique_id"] == f"edgeweb_shed_{platform}_channel_lamp"
    assert ("command_topic" in entity) is (platform != "binary_sensor")
    assert set(found) == {f"{platform}_channel_lamp", "binary_sensor_problem"}


@pytest.mark.parametrize(
    ("unit", "shown", "device_class"),
    [
        ("°C", "°C", "temperature"),
        ("hPa", "hPa", "pressure"),
        ("l", "L", "volume_storage"),
        ("%", "%", None),
        ("ppm", "ppm", None),
        ("", None, None),
    ],
)
def test_a_sensor_has_the_class_of_its_unit(unit: str, shown: str | None, device_class: str | None) -> None:
    entity = entities(True, None, sensor(unit))["sensor_sensor_soil"]
    assert (entity.get("unit_of_measurement"), entity.get("device_class")) == (shown, device_class)


def test_figures_of_the_board_are_diagnostic() -> None:
    figures = {
        "cpu_percent": 3.0,
        "memory_used_percent": None,
        "disk_used_percent": {"/": 40.0, '/srv/a"b': 2.0},
        "power_fault": {"under-voltage": 0},
    }
    found = entities(True, figures)
    assert all(entity["entity_category"] == "diagnostic" for entity in found.values())
    assert found["sensor_disk_used_percent_-"]["value_template"] == '{{ value_json.disk_used_percent["/"] }}'
    # a label that would end the template's own text is left out
    assert "srv" not in json.dumps(found)
    assert found["binary_sensor_under-voltage"]["device_class"] == "problem"
    assert "sensor_memory_used_percent" not in found


def test_what_was_there_before_is_named_once_more() -> None:
    now = entities(True, None, channel("lamp", "output"))
    before = {**discovery.known(now), "switch_channel_fan": "switch"}
    about = discovery.describe("shed", IDENTITY, "1.0", "", [])
    components: Any = discovery.document(about, now, before, TOPICS)["components"]
    assert components["switch_channel_fan"] == {"platform": "switch"}
    assert components["switch_channel_lamp"] == now["switch_channel_lamp"]


@pytest.mark.parametrize(
    ("groups", "area"),
    [([], None), (["", "Garden", "Garden"], "Garden"), (["Garden", "Cellar"], None)],
)
def test_the_area_is_the_group_of_all(groups: list[str], area: str | None) -> None:
    about = discovery.describe("shed", IDENTITY, "1.0", "http://10.0.0.2:8080/", groups)
    assert about.get("suggested_area") == area
    assert about["configuration_url"] == "http://10.0.0.2:8080/" and about["model"] == "generic-linux"
