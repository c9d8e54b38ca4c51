"""Sensors of a Raspberry Pi by Debian's own kernel: its thermometer, and a 1-Wire bus whose wire is shorted.

The emulator has no thermometer on the bus, whose line is always low, as if it were shorted to ground: the
kernel's driver reads nine zeros with a right checksum, and 0 °C.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import Owned

pytestmark = pytest.mark.vm

ROM = "28-0000000abcde"
SENSORS = {
    "chip": {"kind": "hwmon", "chip": "cpu_thermal", "title": "Processor", "high": 1, "for": 0},
    "boiler": {"kind": "w1", "device": ROM},
}
_PLUG_IN = (
    f"modprobe w1-gpio; modprobe w1-therm; echo {ROM} >/sys/bus/w1/devices/w1_bus_master1/w1_master_add"
)
_PULL_OUT = f"echo {ROM} >/sys/bus/w1/devices/w1_bus_master1/w1_master_remove; rmmod w1-gpio w1-therm wire"


def test_sensors_are_found_added_read_and_removed(board: Owned) -> None:
    if not board.device.board.broadcom:
        pytest.skip(
            "QEMU's virt machine has no thermometer and no 1-Wire bus: the four Raspberry Pis are asked"
        )
    board.guest.run(_PLUG_IN)
    try:
        hardware: dict[str, Any] = {}

        def is_found() -> bool:
            # What a slow board has not read within a second is in a later answer.
            hardware.update(board.ask("/api/v1/hardware"))
            chips = {chip["name"] for chip in hardware["hwmon"]["rows"]}
            return "cpu_thermal" in chips and bool(hardware["onewire"]["rows"])

        board.wait_until(is_found, "the thermometer and the bus")
        ((device,),) = [bus["devices"] for bus in hardware["onewire"]["rows"]]
        assert (device["device"], device["kind"]) == (ROM, "DS18B20")
        assert device["sensor"] == SENSORS["boiler"], "the keys with which it is added"
        for name, table in SENSORS.items():
            status, body = board.curl("/api/v1/sensors", "-d", json.dumps({"id": name, **table}))
            assert status == 201, body

        def state(name: str) -> Any:
            return board.ask(f"/api/v1/sensors/{name}")

        board.wait_until(lambda: state("chip")["value"] is not None, "a temperature")
        chip = state("chip")
        assert -20 < chip["value"] < 120 and chip["unit"] == "°C" and chip["online"], chip
        assert chip["level"] == "high", chip
        board.wait_until(lambda: "zeros only" in state("boiler")["reason"], "an answer of the bus")
        boiler = state("boiler")
        assert (boiler["online"], boiler["value"]) == (False, None), boiler
    finally:
        for name in SENSORS:
            board.curl(f"/api/v1/sensors/{name}", "-X", "DELETE")
        board.guest.run(_PULL_OUT, check=False)
    assert board.ask("/api/v1/sensors")["sensors"] == []
