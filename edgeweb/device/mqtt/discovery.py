"""What Home Assistant is shown: one document that describes the device and all its entities.

It is the device form, which Home Assistant has since 2024.11: one retained message on
`homeassistant/device/<id>/config`. Keys are written in full, as the JSON API does.

| here                    | there                                                            |
|-------------------------|------------------------------------------------------------------|
| output                  | switch; binary_sensor where `mqtt.role` lets nothing be switched |
| pwm                     | light with a brightness                                          |
| button                  | button                                                           |
| input                   | binary_sensor                                                    |
| sensor                  | sensor, with the device class of its unit                        |
| figures                 | sensor of the category diagnostic                                |
| warnings, under-voltage | binary_sensor of the class problem                               |

An entity that is to go has to be named once more, by its platform alone: `removed`. Source: Home Assistant,
"MQTT", device discovery payload.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ..channels.channel import Channel
from ..metrics.processor import Value
from ..sensors.sensor import Sensor
from .topics import CHANNELS, OFFLINE, ONLINE, SENSORS, WORDS, Topics

#: What an entity of Home Assistant is described by.
Entity = dict[str, object]

#: The entities of a document by their keys, and the platform of each: what has to be known to remove it.
Known = dict[str, str]

ON, OFF = WORDS[True], WORDS[False]

#: Device classes whose units are these. Not those of a unit that says too little, such as % and ppm. Source:
#: Home Assistant, developers' documentation, "Sensor entity".
_CLASSES: Mapping[str, str] = {
    **dict.fromkeys(("°C", "°F", "K"), "temperature"),
    **dict.fromkeys(("Pa", "hPa", "kPa", "bar", "mbar", "mmHg", "psi"), "pressure"),
    **dict.fromkeys(("V", "mV"), "voltage"),
    **dict.fromkeys(("A", "mA"), "current"),
    **dict.fromkeys(("W", "kW"), "power"),
    **dict.fromkeys(("J", "Wh", "kWh", "MWh"), "energy"),
    **dict.fromkeys(("Hz", "kHz", "MHz", "GHz"), "frequency"),
    **dict.fromkeys(("mm", "cm", "m", "km"), "distance"),
    **dict.fromkeys(("L", "mL", "m³"), "volume_storage"),
    **dict.fromkeys(("L/min", "m³/h"), "volume_flow_rate"),
    **dict.fromkeys(("m/s", "km/h"), "speed"),
    **dict.fromkeys(("g", "kg"), "weight"),
    **dict.fromkeys(("s", "min", "h", "d"), "duration"),
    "lx": "illuminance",
    "W/m²": "irradiance",
    "dB": "sound_pressure",
}
#: Units as people write them, and as Home Assistant does.
_SPELLINGS = {"l": "L", "ml": "mL", "l/min": "L/min", "m3": "m³"}

#: Device classes of what only grows.
_TOTALS = ("energy",)


class Figure(NamedTuple):
    """A figure that is worth an entity. One with a `label` has one entity for each value of it."""

    metric: str
    name: str
    unit: str
    device_class: str = ""
    is_enabled: bool = True


FIGURES = (
    Figure("cpu_percent", "Processor", "%"),
    Figure("memory_used_percent", "Memory", "%"),
    Figure("disk_used_percent", "Disk", "%"),
    Figure("temperature_celsius", "Temperature", "°C", "temperature"),
    Figure("uptime_seconds", "Uptime", "s", "duration", is_enabled=False),
    Figure("process_memory_bytes", "Memory of edgeweb", "B", "data_size", is_enabled=False),
)

#: A label that may stand in a template and in the key of an entity.
_LABEL = re.compile(r"[A-Za-z0-9_ ./:-]{1,64}", re.ASCII)
_NO_KEY = re.compile(r"[^A-Za-z0-9_-]+", re.ASCII)


def document(
    about: Mapping[str, object], entities: Mapping[str, Entity], removed: Known, topics: Topics
) -> dict[str, object]:
    """Return the payload: `about` is the device, `removed` has the entities that were there before."""
    gone = {key: {"platform": platform} for key, platform in removed.items() if key not in entities}
    return {
        "device": about,
        "origin": {"name": "edgeweb", **({"sw_version": about["sw_version"]})},
        "components": {**entities, **gone},
        "availability": [_available(topics)],
        "availability_mode": "all",
        "qos": 1,
    }


def known(entities: Mapping[str, Entity]) -> Known:
    """Return what has to be remembered of entities, so that they can be removed."""
    return {key: str(entity["platform"]) for key, entity in entities.items()}


def describe(
    device_id: str, identity: Mapping[str, str], version: str, url: str, groups: Iterable[str]
) -> dict[str, object]:
    """Return the device as Home Assistant shows it; the area is the group, where all have the same one."""
    areas = {group for group in groups if group}
    found: dict[str, object] = {
        "identifiers": [f"edgeweb_{device_id}"],
        "name": identity["title"],
        "manufacturer": "edgeweb",
        "model": identity["model"] or identity["profile"],
        "sw_version": version,
    }
    if url:
        found["configuration_url"] = url
    if len(areas) == 1:
        found["suggested_area"] = areas.pop()
    return found


def entities_of(
    device_id: str,
    channels: Iterable[Channel],
    sensors: Iterable[Sensor],
    figures: Mapping[str, Value],
    topics: Topics,
    may_switch: bool,
) -> dict[str, Entity]:
    """Return all entities by their keys."""
    found: dict[str, Entity] = {}

    def add(key: str, entity: Entity) -> None:
        # The platform is a part of the key: Home Assistant takes no other one for a key that it knows.
        key = f"{entity['platform']}_{key}"
        found[key] = {**entity, "unique_id": f"edgeweb_{device_id}_{key}"}

    for channel in channels:
        add(f"channel_{channel.name}", _of_channel(channel, topics, may_switch))
    for sensor in sensors:
        add(f"sensor_{sensor.name}", _of_sensor(sensor, topics))
    for key, entity in _of_figures(figures, topics):
        add(key, entity)
    add("problem", _problem(topics))
    return found


def _available(topics: Topics) -> dict[str, object]:
    return {
        "topic": topics.availability,
        "payload_available": ONLINE,
        "payload_not_available": OFFLINE,
    }


def _with_hardware(topics: Topics, state_topic: str) -> Entity:
    """Return the keys of an entity that is there while the device and its hardware are."""
    return {
        "state_topic": state_topic,
        "availability_mode": "all",
        "availability": [
            _available(topics),
            {
                "topic": state_topic,
                "value_template": f"{{{{ '{ONLINE}' if value_json.online else '{OFFLINE}' }}}}",
                "payload_available": ONLINE,
                "payload_not_available": OFFLINE,
            },
        ],
    }


def _of_channel(channel: Channel, topics: Topics, may_switch: bool) -> Entity:
    state = "{{ value_json.state }}"
    command = topics.command(channel.name)
    common = {"name": channel.title, **_with_hardware(topics, topics.state(CHANNELS, channel.name))}
    if not channel.is_output or not may_switch:
        return {"platform": "binary_sensor", **common, "value_template": state, **_payloads()}
    if channel.is_button:
        del common["state_topic"]
        return {"platform": "button", **common, "command_topic": command, "payload_press": "PULSE"}
    if channel.is_pwm:
        return {
            "platform": "light",
            **common,
            "command_topic": command,
            "state_value_template": state,
            **_payloads(),
            "brightness_state_topic": common["state_topic"],
            "brightness_value_template": "{{ ((value_json.value or 0) * 255) | round | int }}",
            "brightness_command_topic": command,
            "brightness_command_template": "{{ (value / 255) | round(4) }}",
            # One command: "ON" after a value would bring back the value before it.
            "on_command_type": "brightness",
        }
    return {
        "platform": "switch",
        **common,
        "command_topic": command,
        "value_template": state,
        **_payloads(),
        "state_on": ON,
        "state_off": OFF,
    }


def _payloads() -> Entity:
    return {"payload_on": ON, "payload_off": OFF}


def _of_sensor(sensor: Sensor, topics: Topics) -> Entity:
    unit = _SPELLINGS.get(sensor.unit, sensor.unit)
    state_topic = topics.state(SENSORS, sensor.name)
    entity: Entity = {
        "platform": "sensor",
        "name": sensor.title,
        **_with_hardware(topics, state_topic),
        "value_template": "{{ value_json.value }}",
        "json_attributes_topic": state_topic,
        "json_attributes_template": "{{ dict(level=value_json.level, read_at=value_json.read_at) | tojson }}",
    }
    device_class = _CLASSES.get(unit, "")
    if unit:
        entity["unit_of_measurement"] = unit
    if device_class:
        entity["device_class"] = device_class
    entity["state_class"] = "total_increasing" if device_class in _TOTALS else "measurement"
    return entity


def _of_figures(figures: Mapping[str, Value], topics: Topics) -> Iterable[tuple[str, Entity]]:
    for figure in FIGURES:
        value = figures.get(figure.metric)
        if isinstance(value, Mapping):
            for label in sorted(filter(_LABEL.fullmatch, value)):
                path = f"{figure.metric}[{json.dumps(label)}]"
                yield (
                    f"{figure.metric}_{_NO_KEY.sub('-', label)}",
                    _of_figure(figure, f"{figure.name} {label}", path, topics),
                )
        elif value is not None:
            yield figure.metric, _of_figure(figure, figure.name, figure.metric, topics)
    faults = figures.get("power_fault")
    if isinstance(faults, Mapping) and "under-voltage" in faults:
        yield (
            "under-voltage",
            {
                "platform": "binary_sensor",
                "name": "Under-voltage",
                "state_topic": topics.figures,
                "value_template": f"{{{{ '{ON}' if value_json.power_fault['under-voltage'] else '{OFF}' }}}}",
                **_payloads(),
                "device_class": "problem",
                "entity_category": "diagnostic",
            },
        )


def _of_figure(figure: Figure, name: str, path: str, topics: Topics) -> Entity:
    entity: Entity = {
        "platform": "sensor",
        "name": name,
        "state_topic": topics.figures,
        "value_template": f"{{{{ value_json.{path} }}}}",
        "unit_of_measurement": figure.unit,
        "state_class": "measurement",
        "entity_category": "diagnostic",
    }
    if figure.device_class:
        entity["device_class"] = figure.device_class
    if not figure.is_enabled:
        entity["enabled_by_default"] = False
    return entity


def _problem(topics: Topics) -> Entity:
    return {
        "platform": "binary_sensor",
        "name": "Problem",
        "state_topic": topics.warnings,
        "value_template": "{{ value_json.problem }}",
        **_payloads(),
        "device_class": "problem",
        "entity_category": "diagnostic",
        "json_attributes_topic": topics.warnings,
        "json_attributes_template": "{{ dict(warnings=value_json.warnings) | tojson }}",
    }
