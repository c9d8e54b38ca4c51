"""The hardware that the kernel knows, bus by bus. For admins only."""

from __future__ import annotations

from edgeweb import Response

from ..access.roles import needs
from ..http.contract import Schemas, contract
from ..http.current import current_device
from ..http.etag import from_content
from ..http.on_demand import on_demand
from .blueprint import api


@api.get("/hardware")
@needs("admin")
@contract(answer="Hardware")
def hardware() -> Response:
    """Return GPIO lines, LEDs, PWM outputs and sensors, and what of the profile uses them.

    Nothing is requested or changed for it, and no sensor is read. A bus has 512 rows at most, those in its
    rows counted as well; one that cannot be read has a `reason` and no rows.
    """
    device = current_device()
    buses = device.hardware.buses(device.profile["channels"], device.profile.things("sensors"))
    return from_content({bus.name: bus.to_json() for bus in buses})


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..http.schemas import flag, nullable, number, one_of, record, rows, text

    used_by = {
        "type": "array",
        "items": {"type": "string"},
        "description": "Channels or sensors that use it.",
    }
    channel = {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "The keys of a channel that would use it; none where it is used or reserved.",
        "examples": [{"driver": "led", "mode": "output", "line": "ACT"}],
    }
    sensor = {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "The keys of a sensor that would read it; none where one reads it.",
        "examples": [{"kind": "w1", "device": "28-00000a1b2c3d"}],
    }
    unit = text("Unit of the kernel's value; empty where it has none.", "m°C")
    line = record(
        {"channel": channel},
        line=number("Number of the line on its chip.", 17, minimum=0),
        name=text("Name on the board; may be empty.", "GPIO17"),
        pin=nullable(number("Position on the 40-pin header of a Raspberry Pi.", 11, minimum=1, maximum=40)),
        used=flag("Whether the kernel or a program holds it."),
        consumer=text("What holds it; may be empty.", "edgeweb"),
        direction=one_of("Its direction now.", "input", "output"),
        used_by=used_by,
    )
    output = record(
        {"channel": channel},
        line=number("Number of the output.", 0, minimum=0),
        exported=flag("Whether a program has asked for it; else it has no period yet."),
        enabled=flag("Whether it gives out a signal."),
        period_ns=nullable(number("Period in nanoseconds.", 1_000_000, minimum=0)),
        duty_ns=nullable(number("Nanoseconds of each period in which it is high.", 250_000, minimum=0)),
        used_by=used_by,
    )
    buses = {
        "gpio": record(
            {"reason": text("Why it cannot be described.", "/dev/gpiochip0 may not be opened")},
            chip=text("The kernel's name.", "gpiochip0"),
            label=text("What its driver calls it; may be empty.", "pinctrl-rp1"),
            paths=rows(text("Path.", "/dev/gpiochip0"), "Its device nodes, links among them."),
            lines=rows(line, "Its lines."),
        ),
        "leds": record(
            {"channel": channel},
            led=text("The kernel's name.", "ACT"),
            max_brightness=nullable(number("Brightness of an LED that is wholly on.", 255, minimum=0)),
            trigger=text("What moves it; empty: the kernel has no triggers.", "mmc0"),
            used_by=used_by,
        ),
        "pwm": record(
            chip=text("The kernel's name.", "pwmchip0"),
            device=text("The controller; may be empty.", "fe20c000.pwm"),
            outputs=rows(output, "Its outputs."),
        ),
        "onewire": record(
            bus=text("The kernel's name.", "w1_bus_master1"),
            devices=rows(
                record(
                    {"sensor": sensor},
                    device=text("Family and serial number.", "28-00000a1b2c3d"),
                    kind=text("The chip; empty for a family that is not known here.", "DS18B20"),
                    used_by=used_by,
                ),
                "What the bus has found.",
            ),
        ),
        "iio": record(
            device=text("The kernel's name.", "iio:device0"),
            name=text("The chip.", "bme280"),
            label=text("Name on the board; may be empty.", "outside"),
            channels=rows(
                record(
                    {"sensor": sensor},
                    prefix=text("How its files begin.", "in_temp"),
                    kind=text("What it measures.", "temp"),
                    unit=unit,
                    value=one_of("Whether the driver computes it, or `_scale` does.", "input", "raw"),
                    used_by=used_by,
                ),
                "Its channels.",
            ),
        ),
        "hwmon": record(
            device=text("The kernel's name.", "hwmon0"),
            name=text("The chip.", "cpu_thermal"),
            inputs=rows(
                record(
                    {"sensor": sensor},
                    input=text("How its files begin.", "temp1"),
                    kind=text("What it measures.", "temp"),
                    unit=unit,
                    label=text("What is measured; may be empty.", "CPU"),
                    used_by=used_by,
                ),
                "Its inputs.",
            ),
        ),
        "i2c": record(
            bus=text("The kernel's name.", "i2c-1"),
            name=text("Its controller.", "bcm2835 (i2c@7e804000)"),
            devices=rows(
                record(
                    address=text("Address on the bus.", "0x48"),
                    name=text("The chip, as the kernel was told.", "ads1115"),
                    driver=text("Its driver; empty: none is loaded.", "ads1015"),
                ),
                "Those that the kernel knows; no address is probed.",
            ),
        ),
        "cameras": record(
            path=text("Its device node.", "/dev/video0"),
            name=text("What its driver calls it; may be empty.", "unicam"),
        ),
    }
    return {
        "Hardware": record(
            **{
                name: record(
                    {"reason": text("Why the bus cannot be read.", "no answer within 5 s")},
                    rows=rows(row, "Empty where the board has no such bus."),
                    truncated=flag("Whether rows were left out."),
                )
                for name, row in buses.items()
            }
        )
    }
