"""Sensors: what is measured, with unit, level and age.

$ curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8080/api/v1/sensors/soil
"""

from __future__ import annotations

from edgeweb import Response

from ..device import Device
from ..http.contract import Parts, Schemas, contract
from ..http.current import current_device
from ..http.etag import conditional
from ..http.on_demand import on_demand
from .blueprint import api


@api.get("/sensors")
@contract(answer="Sensors")
def sensors() -> Response:
    """Return all sensors: those of the profile in its order, then those of programs."""
    device = current_device()
    return conditional(
        device.sensors_tag(),
        lambda: {"sensors": [sensor.to_json(device.clock) for sensor in device.sensors or ()]},
    )


@api.get("/sensors/<name>")
@contract(answer="Sensor", problems=("unknown-sensor",))
def sensor(name: str) -> Response:
    """Return one sensor."""
    device = current_device()
    found = device.sensor_named(name)
    return conditional(device.sensors_tag(), lambda: found.to_json(device.clock))


def states(device: Device) -> dict[str, dict[str, object]]:
    """Return the changing part of all sensors by name, for JSON."""
    return {sensor.name: sensor.state(device.clock) for sensor in device.sensors or ()}


def warnings(device: Device) -> list[dict[str, object]]:
    """Return the sensors that a person should look at, as the warnings of sources."""
    found: list[dict[str, object]] = []
    for sensor in device.sensors or ():
        if (warning := sensor.warning()) is not None:
            reason, since, read_at = warning
            found.append(
                {
                    "source": sensor.source.title,
                    "reason": reason,
                    "failed_at": device.clock.iso(since),
                    "read_at": None if read_at is None else device.clock.iso(read_at),
                }
            )
    return found


@on_demand
def parts() -> Parts:
    """Return what stands in the addresses."""
    return {"name": ("soil", "Name of a sensor.")}


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..http.schemas import flag, moment, nullable, number, one_of, record, ref, rows, text
    from ..sensors.input import PROGRAM
    from ..sensors.kinds import KINDS, outside
    from ..sensors.sensor import LEVELS

    state = {
        "value": nullable(number("The last value; null while the sensor is offline.", 21.5)),
        "online": flag("Whether the last reading gave a value."),
        "reason": text("Why it is offline; empty while it is online.", "no answer within 5 s"),
        "level": one_of("Below `low`, above `high`, or neither; offline: as it was last.", *LEVELS),
        "read_at": nullable(moment("When the last value was read; null before the first.")),
    }
    return {
        "SensorState": record(**state),
        "Sensor": record(
            {
                "group": text("Sensors with the same word are shown together.", "Greenhouse"),
                "icon": text("Symbol on the dashboard.", "drop"),
            },
            id=text("Name of the sensor.", "soil"),
            title=text("Title on the dashboard.", "Soil of bed 2"),
            kind=one_of(
                "What is read, or that a program sets the value.", *KINDS, PROGRAM, *outside().names()
            ),
            unit=text("Unit of the value; empty where there is none.", "°C"),
            **state,
        ),
        "Sensors": record(sensors=rows(ref("Sensor"), "Those of the profile, then those of programs.")),
    }
