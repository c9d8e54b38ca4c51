"""What each kind makes of the kernel's files, in order and not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from edgeweb.device.config.schema import defaults
from edgeweb.device.sensors.kernel_files import MAX_BYTES, number
from edgeweb.device.sensors.kinds import KINDS, BaseInput, kind_module
from edgeweb.device.system.source import Source, SourceError

from . import trees
from .trees import FIRST, HWMON, IIO, SECOND, W1, write


def make(kind: str, root: Path, **options: Any) -> BaseInput:
    return kind_module(kind).Input(defaults("sensors.*", kind=kind, **options), str(root))


def reason(found: BaseInput) -> str:
    with pytest.raises(SourceError) as caught:
        Source("sensor", found.read).read()
    assert str(caught.value).isprintable()
    return str(caught.value)


def test_the_kinds() -> None:
    assert KINDS == ("command", "file", "hwmon", "iio", "w1")


# -- iio ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("device", "channel", "value", "unit"),
    [
        ("ads1015", "voltage0", 2.1, "V"),
        ("1-0048", "voltage1", -0.06, "V"),
        ("iio:device0", "voltage0-voltage1", 0.8, "V"),
        ("bme280", "temp", 21.48, "°C"),
        ("greenhouse", "humidityrelative", 54.321, "%"),
        ("bme280", "pressure", 1013.25195312, "hPa"),
    ],
)
def test_iio(tmp_path: Path, device: str, channel: str, value: float, unit: str) -> None:
    found = make("iio", write(tmp_path, trees.PI_4), device=device, channel=channel)
    assert (found.read(), found.unit) == (pytest.approx(value), unit)


def test_the_offset_is_added_before_the_scale(tmp_path: Path) -> None:
    files = {"name": "temp_chip", "in_temp_raw": "1200", "in_temp_offset": "-200", "in_temp_scale": "25.5"}
    write(tmp_path, {f"{IIO}/iio:device0/{name}": content for name, content in files.items()})
    assert make("iio", tmp_path, device="temp_chip", channel="temp").read() == pytest.approx(25.5)


def test_a_type_without_a_standard_unit(tmp_path: Path) -> None:
    write(tmp_path, {f"{IIO}/iio:device0/name": "x", f"{IIO}/iio:device0/in_proximity_raw": "12"})
    found = make("iio", tmp_path, device="x", channel="proximity")
    assert (found.read(), found.unit) == (12.0, "")


def test_an_iio_device_that_is_pulled_out_and_put_back_with_another_number(tmp_path: Path) -> None:
    folder = write(tmp_path, trees.PI_4) / IIO
    found = make("iio", tmp_path, device="bme280", channel="temp")
    assert found.read() == pytest.approx(21.48)
    (folder / "iio:device1").rename(folder / "gone")
    assert reason(found) == 'no device is called "bme280": there are ads1015'
    (folder / "gone").rename(folder / "iio:device7")
    assert found.read() == pytest.approx(21.48)
    (folder / "iio:device7/name").write_text("mcp9600\n")
    assert 'no device is called "bme280"' in reason(found), "another device has taken its place"


def test_iio_reasons(tmp_path: Path) -> None:
    write(tmp_path, trees.PI_4)
    assert reason(make("iio", tmp_path / "none", device="x", channel="temp")) == (
        'no device is called "x", and there is none'
    )
    missing = make("iio", tmp_path, device="bme280", channel="light")
    assert reason(missing) == ('bme280 has no channel "light": there are humidityrelative, pressure, temp')
    write(tmp_path, {f"{IIO}/iio:device2/name": "bme280\n"})
    assert reason(make("iio", tmp_path, device="bme280", channel="temp")) == (
        '2 devices are called "bme280": name one of iio:device1, iio:device2'
    )


# -- hwmon ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chip", "name", "value", "unit"),
    [
        ("cpu_thermal", "temp1", 48.312, "°C"),
        ("pwmfan", "fan1", 2894.0, "rpm"),
        ("1-0040", "bus", 5.12, "V"),
        ("ina219", "curr1", 0.742, "A"),
        ("hwmon3", "power1", 3.8, "W"),
    ],
)
def test_hwmon(tmp_path: Path, chip: str, name: str, value: float, unit: str) -> None:
    found = make("hwmon", write(tmp_path, trees.PI_5), chip=chip, input=name)
    assert (found.read(), found.unit) == (pytest.approx(value), unit)


def test_a_power_meter_with_a_mean_only(tmp_path: Path) -> None:
    write(tmp_path, {f"{HWMON}/hwmon0/name": "meter", f"{HWMON}/hwmon0/power1_average": "2500000"})
    assert make("hwmon", tmp_path, chip="meter", input="power1").read() == pytest.approx(2.5)


def test_hwmon_reasons(tmp_path: Path) -> None:
    write(tmp_path, trees.PI_5)
    assert reason(make("hwmon", tmp_path, chip="lm75")).startswith('no device is called "lm75": there are')
    assert reason(make("hwmon", tmp_path, chip="ina219", input="temp1")) == (
        'no input of ina219 called "temp1": there are curr1, in1 (bus), power1'
    )
    write(tmp_path, {f"{HWMON}/hwmon0/temp1_fault": "1\n"})
    assert "reports a fault of temp1" in reason(make("hwmon", tmp_path, chip="cpu_thermal"))


# -- w1 -------------------------------------------------------------------------------------------------


def test_w1(tmp_path: Path) -> None:
    write(tmp_path, trees.PI_3)
    found = make("w1", tmp_path, device=FIRST)
    assert (found.read(), found.unit, found.lane) == (23.125, "°C", "w1")
    assert found.deadline > 0.75
    assert make("w1", tmp_path, device=SECOND).read() == -1.062


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (trees.BAD_CRC, "the checksum of the answer is wrong"),
        (trees.POWER_ON, "the thermometer has not measured"),
        (trees.TOO_LITTLE, "the thermometer has not measured"),
        (trees.SHORTED, "the bus answers zeros only"),
        ("", "unexpected content (w1_slave is empty)"),
        ("\x1b[31mhello", 'unexpected content (w1_slave: "hello")'),
        (trees.GOOD_W1.replace("t=23125", "t=nan"), "unexpected content"),
        (trees.GOOD_W1.replace("t=23125", "t=" + "9" * 40), "unexpected content"),
    ],
)
def test_answers_of_a_thermometer_that_are_no_temperature(
    tmp_path: Path, content: str, expected: str
) -> None:
    write(tmp_path, {**trees.PI_3, f"{W1}/{FIRST}/w1_slave": content})
    assert reason(make("w1", tmp_path, device=FIRST)).startswith(expected)


def test_a_real_85_degrees(tmp_path: Path) -> None:
    write(tmp_path, {f"{W1}/{FIRST}/w1_slave": trees.REALLY_85})
    assert make("w1", tmp_path, device=FIRST).read() == 85.0


def test_a_thermometer_that_is_gone(tmp_path: Path) -> None:
    assert reason(make("w1", tmp_path, device=FIRST)).startswith("there is no 1-Wire bus")
    write(tmp_path, {f"{W1}/{SECOND}/w1_slave": trees.GOOD_W1})
    assert reason(make("w1", tmp_path, device=FIRST)) == f"{FIRST} is not on the bus: there are {SECOND}"


# -- file and command -----------------------------------------------------------------------------------


def file(path: Path) -> BaseInput:
    return make("file", Path("/"), path=str(path))


@pytest.mark.parametrize(
    ("content", "value"),
    [("21.5\n", 21.5), (" -3 mm", -3.0), ("1e3", 1000.0), ("7\0", 7.0), ("+.5", None), ("0.", 0.0)],
)
def test_the_first_word_of_a_file(tmp_path: Path, content: str, value: float | None) -> None:
    (tmp_path / "rain").write_text(content)
    if value is None:
        assert reason(file(tmp_path / "rain")).startswith("unexpected content")
    else:
        assert file(tmp_path / "rain").read() == value


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"nan", b"inf", b"-inf", b"0x10", b"1_000", b"21,5", b"9" * 5000, b"\xff\xfe", b"1e999"],
)
def test_what_is_no_number(content: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        number(content, "rain")
    assert caught.value.kind == "malformed" and str(caught.value).isprintable()


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rain"
    assert reason(file(path)) == f"there is no {path}"
    path.mkdir()
    assert reason(file(path)) == f"{path}: Is a directory"
    path.rmdir()
    path.symlink_to("/proc/self/mem")
    assert "Input/output error" in reason(file(path))
    trees.hang(path)
    assert reason(file(path)) == "unexpected content (rain is empty)", "a pipe is not waited for"
    path.unlink()
    path.write_text("1")

    def denied(*arguments: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    assert reason(file(path)) == f"the server may not read {path}: give its user the right to"


def test_a_huge_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"5 " + b"x" * 10_000_000)
    assert file(tmp_path / "log").read() == 5.0
    (tmp_path / "log").write_bytes(b" " * MAX_BYTES + b"5")
    assert "is empty" in reason(file(tmp_path / "log"))


def test_a_program(tmp_path: Path) -> None:
    tool = tmp_path / "tank"
    tool.write_text("#!/bin/sh\necho reading\necho $1 litres\n")
    tool.chmod(0o755)
    found = make("command", tmp_path, run=(str(tool), "640"))
    assert found.read() == 640.0
    assert found.lane == f"{tool} 640" and found.deadline > 5.0
    assert "is no number" in reason(make("command", tmp_path, run=(str(tool), "many")))


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("exit 3", "code 3"),
        ("echo broken >&2; exit 1", "broken"),
        ("exec sleep 60", "did not end within 0.2 s"),
        ("true", "is empty"),
    ],
)
def test_a_program_that_fails(tmp_path: Path, script: str, expected: str) -> None:
    tool = tmp_path / "tank"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    assert expected in reason(make("command", tmp_path, run=(str(tool),), timeout=0.2))
    assert "No such file" in reason(make("command", tmp_path, run=(str(tmp_path / "none"),)))
