"""What is found on recorded boards, bus by bus."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from edgeweb.device.hardware import hwmon
from edgeweb.device.hardware.reader import BUSES, Hardware
from edgeweb.device.hardware.tree import Limit

from ..channels.drivers.fake_kernel import FakeChip, FakeKernel, raspberry_pi_5
from .trees import BOARDS, plant

Rows = dict[str, list[dict[str, Any]]]


def found(root: Path, kernel: FakeKernel, channels: Mapping[str, Mapping[str, Any]] | None = None) -> Rows:
    buses = Hardware(str(root), kernel).buses(channels or {})
    assert [bus.error for bus in buses] == [None] * len(BUSES)
    return {bus.name: bus.rows for bus in buses}


def state_of(kernel: FakeKernel) -> list[tuple[bool, str, int]]:
    lines = [line for chip in kernel.paths.values() for line in chip.lines]
    return [(line.used, line.consumer, line.flags) for line in lines]


@pytest.mark.parametrize("board", BOARDS)
def test_a_board_is_read_and_nothing_is_changed(
    board: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, kernel = plant(tmp_path, board)
    opened: list[tuple[str, int]] = []
    really = os.open
    before = {
        line: (line.used, line.consumer, line.flags) for chip in kernel.paths.values() for line in chip.lines
    }

    def watched(path: Any, flags: int, *rest: Any, **more: Any) -> int:
        opened.append((str(path), flags))
        return really(path, flags, *rest, **more)

    monkeypatch.setattr(os, "open", watched)
    rows = found(root, kernel)
    monkeypatch.undo()
    assert list(rows) == list(BUSES)
    assert opened
    assert {flags & os.O_ACCMODE for _, flags in opened} == {os.O_RDONLY}
    paths = {path.rpartition("/")[2] for path, _ in opened}
    # no file whose reading makes a sensor measure, and no device node
    assert not [path for path in paths if path.endswith(("_raw", "_input", "w1_slave"))]
    assert not [path for path, _ in opened if path.startswith(f"{root}/dev/")]
    assert kernel.opened == {} and kernel.requests == {}
    after = {
        line: (line.used, line.consumer, line.flags) for chip in kernel.paths.values() for line in chip.lines
    }
    assert after == before


def test_a_zero_with_thermometers(tmp_path: Path) -> None:
    rows = found(*plant(tmp_path, "raspberry-pi-zero"))
    (chip,) = rows["gpio"]
    assert (chip["chip"], chip["label"], len(chip["lines"])) == ("gpiochip0", "pinctrl-bcm2835", 54)
    assert chip["lines"][4] == {
        "line": 4,
        "name": "GPIO4",
        "pin": 7,
        "used": True,
        "consumer": "onewire@4",
        "direction": "input",
        "used_by": [],
    }
    assert rows["onewire"] == [
        {
            "bus": "w1_bus_master1",
            "devices": [
                *(
                    {
                        "device": name,
                        "kind": "DS18B20",
                        "sensor": {"kind": "w1", "device": name},
                        "used_by": [],
                    }
                    for name in ("28-00000a1b2c3d", "28-3c01d607ab41")
                ),
                {"device": "3a-0000004d2f10", "kind": "DS2413", "used_by": []},
            ],
        }
    ]
    assert rows["hwmon"][1] == {"device": "hwmon1", "name": "rpi_volt", "inputs": []}
    assert [rows[name] for name in ("pwm", "iio", "i2c", "cameras")] == [[], [], [], []]


def test_a_3_with_a_converter(tmp_path: Path) -> None:
    rows = found(*plant(tmp_path, "raspberry-pi-3"))
    (converter,) = rows["iio"]
    assert (converter["name"], len(converter["channels"])) == ("ads1015", 8)
    assert converter["channels"][0] == {
        "prefix": "in_voltage0",
        "kind": "voltage",
        "unit": "mV",
        "value": "raw",
        "sensor": {"kind": "iio", "device": "ads1015", "channel": "voltage0"},
        "used_by": [],
    }
    assert {"in_voltage0-voltage1", "in_voltage3"} <= {row["prefix"] for row in converter["channels"]}
    assert rows["i2c"] == [
        {
            "bus": "i2c-1",
            "name": "bcm2835 (i2c@7e804000)",
            "devices": [{"address": "0x48", "name": "ads1115", "driver": "ads1015"}],
        }
    ]
    assert [(led["led"], led["trigger"]) for led in rows["leds"]] == [("ACT", "mmc0"), ("PWR", "default-on")]
    assert rows["gpio"][1]["lines"][1]["consumer"] == "shutdown"
    assert {line["pin"] for line in rows["gpio"][1]["lines"]} == {None}


def test_two_of_one_name_are_called_by_their_addresses(tmp_path: Path) -> None:
    folder = tmp_path / "sys/class/hwmon"
    for number, (name, address) in enumerate((("lm75", "1-0048"), ("lm75", "1-0049"), ("cpu", ""))):
        (folder / f"hwmon{number}").mkdir(parents=True)
        (folder / f"hwmon{number}/name").write_text(f"{name}\n")
        (folder / f"hwmon{number}/temp1_input").write_text("1\n")
        if address:
            (folder / f"hwmon{number}/device").symlink_to(f"../../../devices/{address}")
    monitors = hwmon.read(str(tmp_path), Limit())
    assert [row["inputs"][0]["sensor"]["chip"] for row in monitors] == ["1-0048", "1-0049", "cpu"]


def test_a_4_with_outputs_and_cameras(tmp_path: Path) -> None:
    rows = found(*plant(tmp_path, "raspberry-pi-4"))
    (controller,) = rows["pwm"]
    assert controller["device"] == "fe20c000.pwm"
    assert controller["outputs"] == [
        {
            "line": 0,
            "exported": True,
            "enabled": True,
            "period_ns": 1_000_000,
            "duty_ns": 250_000,
            "channel": {"driver": "pwm", "mode": "pwm", "chip": "pwmchip0", "line": "0"},
            "used_by": [],
        },
        {
            "line": 1,
            "exported": False,
            "enabled": False,
            "period_ns": None,
            "duty_ns": None,
            "channel": {"driver": "pwm", "mode": "pwm", "chip": "pwmchip0", "line": "1"},
            "used_by": [],
        },
    ]
    (weather,) = rows["iio"]
    assert [(row["prefix"], row["unit"], row["value"]) for row in weather["channels"]] == [
        ("in_humidityrelative", "m%", "input"),
        ("in_pressure", "kPa", "input"),
        ("in_temp", "m°C", "input"),
    ]
    assert [(bus["bus"], len(bus["devices"])) for bus in rows["i2c"]] == [("i2c-1", 2), ("i2c-20", 0)]
    assert rows["i2c"][0]["devices"][0] == {"address": "0x27", "name": "pcf8574", "driver": ""}
    assert rows["cameras"] == [
        {"path": "/dev/video0", "name": "unicam"},
        {"path": "/dev/video10", "name": "bcm2835-codec-decode"},
    ]
    assert [row["input"] for row in rows["hwmon"][1]["inputs"]] == ["curr1", "in0", "in1", "power1"]
    output = rows["gpio"][0]["lines"][17]
    assert (output["consumer"], output["direction"], "channel" in output) == ("edgeweb", "output", False)


@pytest.mark.parametrize("header", ["gpiochip0", "gpiochip4"])
def test_a_5_with_every_kernel(tmp_path: Path, header: str) -> None:
    root, _ = plant(tmp_path, "raspberry-pi-5")
    rows = found(root, raspberry_pi_5(header=header))
    (chip,) = [row for row in rows["gpio"] if row["label"] == "pinctrl-rp1"]
    assert chip["paths"] == (
        ["/dev/gpiochip0", "/dev/gpiochip4"] if header == "gpiochip0" else ["/dev/gpiochip4"]
    )
    line = chip["lines"][17]
    assert (line["name"], line["pin"]) == ("GPIO17", 11)
    # the label is the same with every kernel, the number of the chip is not
    assert line["channel"] == {"driver": "gpio", "mode": "input", "chip": "pinctrl-rp1", "line": "17"}
    assert "channel" not in chip["lines"][32], "ETH_RST_N is no pin of the header"
    offered = [line["pin"] for row in rows["gpio"] for line in row["lines"] if "channel" in line]
    assert len(offered) == 26 and not {27, 28, None} & {*offered}, "radio, power and HDMI are no pins"
    assert [row["device"] for row in rows["hwmon"]] == ["hwmon0", "hwmon1", "hwmon10"]
    assert rows["hwmon"][1]["inputs"][2] == {
        "input": "temp1",
        "kind": "temp",
        "unit": "m°C",
        "label": "RP1",
        "sensor": {"kind": "hwmon", "chip": "rp1_adc", "input": "temp1"},
        "used_by": [],
    }
    (fan,) = rows["hwmon"][2]["inputs"]
    assert fan["sensor"] == {"kind": "hwmon", "chip": "pwmfan", "input": "fan1"}
    assert (fan["kind"], fan["unit"]) == ("fan", "rpm")
    assert len(rows["pwm"][0]["outputs"]) == 4


def test_chips_with_one_label_are_offered_by_their_names(tmp_path: Path) -> None:
    chips = [FakeChip(f"gpiochip{number}", "pcf8574", ["A"]) for number in (2, 3)]
    rows = found(
        tmp_path, FakeKernel(*chips, FakeChip("gpiochip5", "", ["B"]), FakeChip("gpiochip6", "7", ["C"]))
    )
    offered = [chip["lines"][0]["channel"]["chip"] for chip in rows["gpio"]]
    assert offered == ["gpiochip2", "gpiochip3", "gpiochip5", "gpiochip6"], "7 would be /dev/gpiochip7"


def test_an_output_that_a_program_has_left_is_offered_as_it_is(tmp_path: Path) -> None:
    kernel = FakeKernel(FakeChip("gpiochip0", "mcp2221", ["A"]))
    kernel.line("gpiochip0", 0).flags = 1 << 3
    (chip,) = found(tmp_path, kernel)["gpio"]
    keys = {"driver": "gpio", "mode": "output", "chip": "mcp2221", "line": "0", "at_start": "leave"}
    assert chip["lines"][0]["channel"] == keys


def test_a_board_without_anything(tmp_path: Path) -> None:
    assert found(tmp_path, FakeKernel()) == {name: [] for name in BUSES}
