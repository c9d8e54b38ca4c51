"""What the profile uses is marked, and what is offered works: the driver finds the very line of its row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edgeweb.device.channels.drivers import DriverError, gpio
from edgeweb.device.config.errors import toml_text
from edgeweb.device.config.profile import Profile
from edgeweb.device.hardware.reader import Hardware

from ..channels.drivers.fake_kernel import FakeChip, FakeKernel, raspberry_pi_5
from .trees import BOARDS, plant

Make = Callable[..., Profile]


def profile_of(make_profile: Make, **channels: dict[str, Any]) -> Profile:
    lines = []
    for name, keys in channels.items():
        lines += [f"[channels.{name}]", *(f"{key} = {toml_text(value)}" for key, value in keys.items())]
    return make_profile("\n".join(lines))


def parts(hardware: Hardware, profile: Profile | None) -> list[dict[str, Any]]:
    """The lines, LEDs and outputs."""
    channels = profile["channels"] if profile else {}
    rows = {bus.name: bus.rows for bus in hardware.buses(channels)}
    lines = [{**line, "chip": chip["chip"]} for chip in rows["gpio"] for line in chip["lines"]]
    outputs = [{**output, "chip": chip["chip"]} for chip in rows["pwm"] for output in chip["outputs"]]
    return [*lines, *rows["leds"], *outputs]


@pytest.mark.parametrize("board", BOARDS)
def test_all_that_is_offered_is_a_profile_that_uses_it(
    board: str, tmp_path: Path, make_profile: Make
) -> None:
    root, kernel = plant(tmp_path / "root", board)
    hardware = Hardware(str(root), kernel)
    offers = {
        f"offer{place}": part["channel"]
        for place, part in enumerate(parts(hardware, None))
        if "channel" in part
    }
    assert len(offers) > 25
    # the profile's own checks take every key and value
    profile = profile_of(make_profile, **offers)
    marked = parts(hardware, profile)
    assert {name for part in marked for name in part["used_by"]} == set(offers)
    for place, part in enumerate(marked):
        assert part["used_by"] == ([f"offer{place}"] if f"offer{place}" in offers else [])
        assert "channel" not in part, "nothing is offered twice"


@pytest.mark.parametrize(
    ("channel", "lines"),
    [
        ({"line": "17"}, [("gpiochip0", 17)]),
        ({"line": "GPIO17"}, [("gpiochip0", 17)]),
        ({"pin": 11}, [("gpiochip0", 17)]),
        ({"chip": "pinctrl-rp1", "line": "17"}, [("gpiochip0", 17)]),
        ({"chip": "4", "line": "17"}, [("gpiochip0", 17)]),
        ({"chip": "/dev/gpiochip4", "line": "GPIO17"}, [("gpiochip0", 17)]),
        ({"chip": "gpiochip11", "line": "1"}, [("gpiochip11", 1)]),
        ({"chip": "11", "line": "BT_ON"}, [("gpiochip11", 1)]),
        ({"line": "BT_ON"}, [("gpiochip11", 1)]),
        ({"chip": "gpiochip11", "line": "GPIO17"}, []),
        ({"line": "gpio17"}, []),
        ({"line": "60"}, []),
        ({"chip": "none", "line": "1"}, []),
    ],
)
def test_a_channel_marks_the_line_that_its_driver_requests(
    channel: dict[str, Any], lines: list[tuple[str, int]], tmp_path: Path, make_profile: Make
) -> None:
    kernel = raspberry_pi_5()
    profile = profile_of(make_profile, pump={"driver": "gpio", "mode": "output", **channel})
    found = parts(Hardware(str(tmp_path), kernel), profile)
    assert [(line["chip"], line["line"]) for line in found if line["used_by"]] == lines
    # the driver itself says the same
    driver = gpio.Driver(kernel)
    try:
        driver.attach("pump", profile["channels"]["pump"], False, lambda name, level: None)
    except DriverError:
        assert lines == []
    requested = [
        (chip.name, offset)
        for chip in kernel.paths.values()
        for offset, line in enumerate(chip.lines)
        if line.consumer == "edgeweb"
    ]
    driver.close()
    assert requested == lines


def test_channels_of_other_drivers_use_nothing(tmp_path: Path, make_profile: Make) -> None:
    root, kernel = plant(tmp_path / "root", "raspberry-pi-4")
    profile = profile_of(
        make_profile,
        lamp={"driver": "led", "mode": "output", "line": "ACT"},
        fan={"driver": "pwm", "mode": "pwm", "line": "01"},
        other={"driver": "pwm", "mode": "pwm", "chip": "pwmchip1", "line": "0"},
        memory={"driver": "memory", "mode": "output"},
    )
    used = [part for part in parts(Hardware(str(root), kernel), profile) if part["used_by"]]
    assert [(part["used_by"], part.get("led"), part.get("line")) for part in used] == [
        (["lamp"], "ACT", None),
        (["fan"], None, 1),
    ]


def test_two_channels_of_one_line_are_both_named(tmp_path: Path, make_profile: Make) -> None:
    kernel = FakeKernel(FakeChip("gpiochip0", "mcp2221", ["A", "B"]))
    both = {"driver": "gpio", "mode": "input"}
    profile = profile_of(make_profile, one={**both, "line": "1"}, two={**both, "line": "B"})
    found = parts(Hardware(str(tmp_path), kernel), profile)
    assert [line["used_by"] for line in found] == [[], ["one", "two"]]


@pytest.mark.parametrize("board", BOARDS)
def test_a_sensor_that_is_read_is_offered_to_none(board: str, tmp_path: Path) -> None:
    root, kernel = plant(tmp_path / "root", board)
    hardware = Hardware(str(root), kernel)
    offers = {f"sensor{at}": keys for at, (_, keys) in enumerate(sensors_offered(hardware, {}))}
    found = sensors_offered(hardware, offers)
    assert found == [], "each sensor takes its own row"
    for name, keys in offers.items():
        left = sensors_offered(hardware, {name: keys})
        assert len(left) == len(offers) - 1 and keys not in [one for _, one in left]


def test_the_kernels_own_name_is_the_same_sensor(tmp_path: Path) -> None:
    root, kernel = plant(tmp_path / "root", "raspberry-pi-3")
    hardware = Hardware(str(root), kernel)
    soil = {"kind": "iio", "device": "iio:device0", "channel": "voltage0"}
    assert [name for name, _ in sensors_offered(hardware, {"soil": soil})].count("in_voltage0") == 0


def sensors_offered(hardware: Hardware, sensors: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    """The first column of each row that is offered as a sensor, and its keys."""
    parts = {"onewire": "devices", "iio": "channels", "hwmon": "inputs"}
    return [
        (part.get("prefix") or part.get("input") or part["device"], part["sensor"])
        for bus in hardware.buses({}, sensors)
        if bus.name in parts
        for row in bus.rows
        for part in row[parts[bus.name]]
        if "sensor" in part
    ]
