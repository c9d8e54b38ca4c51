"""Who this is and how it is: what the dashboard and home automation ask for all the time."""

from __future__ import annotations

from edgeweb import Response

from ..device import Device
from ..http.contract import Schema, Schemas, contract
from ..http.current import current_device
from ..http.etag import conditional
from ..http.on_demand import on_demand
from ..metrics.sample import Sample
from . import channels, sensors
from .blueprint import api


@api.get("/status")
@contract(answer="Status")
def status() -> Response:
    """Return the device's name, all figures, and the state of all channels and sensors.

    Home automation polls it.
    """
    device = current_device()
    sample = device.metrics.sample()

    def build() -> dict[str, object]:
        return {
            "device": device.identity(),
            "sampled_at": device.clock.iso(sample.moment),
            "metrics": sample.values,
            "channels": device.channel_states(),
            "sensors": sensors.states(device),
            **state_to_json(device, sample),
        }

    return conditional(device.tag(sample), build)


def state_to_json(device: Device, sample: Sample) -> dict[str, object]:
    """Return what a person should look at: whether changes are kept, what is broken or out of its limits."""
    figures = [warning.to_json(device.clock) for warning in sample.warnings]
    found = figures + channels.warnings(device) + sensors.warnings(device)
    return {"storage": device.storage(), "warnings": found}


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..http.schemas import by_name, flag, moment, nullable, record, ref, rows, text
    from ..metrics.catalogue import METRICS

    def metric(unit: str, label: str, meaning: str) -> Schema:
        described = f"{meaning} In {unit}"
        if label:
            return by_name({"type": ["number", "null"]}, f"{described}, by {label}.", {"0": 12.5})
        return {"type": ["number", "null"], "description": f"{described}.", "examples": [12.5]}

    warning = record(
        source=text(
            "What cannot be read, so that its figures are null; a channel whose hardware is not reached; or a"
            " sensor whose level is low or high.",
            "disk /media/nas",
        ),
        reason=text("Why not, or which limit the sensor has passed.", "no answer within 5 s"),
        failed_at=moment("Since when."),
        read_at=nullable(moment("When it was last read.")),
    )
    return {
        "Warning": warning,
        "Status": record(
            device=record(
                name=text("Host name.", "board"),
                title=text("Heading of the dashboard.", "Greenhouse"),
                model=text("The board.", "Raspberry Pi 4 Model B Rev 1.4"),
                architecture=text("Machine type.", "aarch64"),
                profile=text("Name of the profile.", "raspberry-pi-4"),
                support_until=text("Last day of the maker's updates; empty: not known.", "2032-12-31"),
            ),
            sampled_at=moment("When the figures were read."),
            metrics=record(
                **{name: metric(unit, label, meaning) for name, unit, _, label, meaning in METRICS}
            ),
            channels={
                "type": "object",
                "additionalProperties": ref("ChannelState"),
                "description": "The states of all channels by name.",
            },
            sensors={
                "type": "object",
                "additionalProperties": ref("SensorState"),
                "description": "The states of all sensors by name.",
            },
            storage=record(
                persistent=flag("Whether changes survive a power cut."),
                reason=text("Why not.", "database or disk is full"),
            ),
            warnings=rows(ref("Warning"), "What cannot be read or reached, and sensors out of their limits."),
        ),
    }
