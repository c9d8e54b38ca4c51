from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path

import pytest

from edgeweb.commands.profile import detect, main
from edgeweb.device.config.profile import load, shipped_profiles
from edgeweb.device.device import Device
from edgeweb.device.hardware import reader
from edgeweb.device.hardware.reader import BUSES, Hardware
from edgeweb.device.storage.recovery import DATABASE

from ..device.hardware.trees import plant
from ..device.people import SOMEBODY


@pytest.fixture(autouse=True)
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system folder of the test's own, empty at first."""
    folder = tmp_path / "etc"
    folder.mkdir()
    monkeypatch.setenv("CONFIGURATION_DIRECTORY", str(folder))
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    return folder


def test_check_finds_no_fault_in_what_is_shipped(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *shipped_profiles()]) == 0
    output = capsys.readouterr()
    assert len(output.out.splitlines()) == len(shipped_profiles())
    assert output.err == ""


def test_check_notes_a_date_that_is_past(system: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vendor = '[vendor]\ncontact = "mailto:psirt@example.com"\nexpires = "2025-06-30"\n'
    (system / "edgeweb.toml").write_text(vendor)
    assert main(["check"]) == 0
    output = capsys.readouterr()
    assert output.err.startswith("generic-linux: vendor.expires = 2025-06-30 is past: ")
    assert output.out.startswith("generic-linux: no faults in ")


def test_check_reports_all_faults_of_all_layers(system: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (system / "edgeweb.toml").write_text("[server]\nprot = 1\nthreads = 0\n")
    assert main(["check"]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert [line.split(": ")[1] for line in output.err.splitlines()] == [
        "server.prot = 1",
        "server.threads = 0",
    ]


def test_check_goes_on_after_a_faulty_profile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "none.toml"), "generic-linux"]) == 1
    output = capsys.readouterr()
    assert output.out.startswith("generic-linux: no faults in ")
    assert "No such file" in output.err


def test_check_for_programs(system: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (system / "edgeweb.toml").write_text("[server]\nprot = 1\n")
    assert main(["check", "--json"]) == 1
    (answer,) = json.loads(capsys.readouterr().out)
    assert (answer["profile"], answer["ok"]) == ("generic-linux", False)
    (fault,) = answer["faults"]
    assert (fault["key"], fault["nearest"]) == ("server.prot", "server.port")


def test_show_everything_with_its_origin(system: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = system / "edgeweb.toml"
    file.write_text("[server]\nport = 9000\n")
    assert main(["show", "raspberry-pi-4"]) == 0
    lines = [line.split("  # ") for line in capsys.readouterr().out.splitlines()]
    settings = {setting.strip(): origin for setting, origin in lines}
    assert settings["server.port = 9000"] == str(file)
    assert settings['server.host = ["127.0.0.1"]'] == "defaults"
    assert settings['server.body_bytes = "256 KiB"'].endswith("raspberry-pi-4.toml")


def test_what_show_prints_is_a_profile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "generic-linux", "--json"]) == 0
    before = json.loads(capsys.readouterr().out)
    assert main(["show", "generic-linux"]) == 0
    file = tmp_path / "copy.toml"
    file.write_text(capsys.readouterr().out)
    assert main(["show", str(file), "--json"]) == 0
    after = json.loads(capsys.readouterr().out)
    assert {key: row["value"] for key, row in after.items()} == {
        key: row["value"] for key, row in before.items()
    }


def test_show_changed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "--changed", "--json", "raspberry-pi-zero-w"]) == 0
    assert json.loads(capsys.readouterr().out).keys() == {
        "board.model",
        "board.architecture",
        "board.memory",
        "board.compatible",
        "server.threads",
        "server.connections",
        "sensors.interval",
    }


LAMP = {"driver": "memory", "mode": "output"}


def test_show_what_was_set_on_the_device(
    system: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    profile = tmp_path / "shed.toml"
    lines = "".join(f'[channels.{name}]\ndriver = "memory"\nmode = "output"\n' for name in ("old", "gone"))
    profile.write_text(lines)
    device = Device(load(profile), threaded=False)
    device.open()
    device.things.add(SOMEBODY, "channels", "lamp", {**LAMP, "title": "Lamp"})
    device.things.remove(SOMEBODY, "channels", "gone")
    before = sorted((path.name, path.read_bytes()) for path in (tmp_path / "state").iterdir())
    try:
        # while a server is at work
        assert main(["show", "--changed", "--json", str(profile)]) == 0
        after = sorted((path.name, path.read_bytes()) for path in (tmp_path / "state").iterdir())
        assert after == before, "nothing was moved, made or migrated"
    finally:
        device.close()
    shown = json.loads(capsys.readouterr().out)
    assert {key: row["from"] for key, row in shown.items()} == {
        "channels.old.driver": str(profile),
        "channels.old.mode": str(profile),
        "channels.lamp.driver": "device",
        "channels.lamp.mode": "device",
        "channels.lamp.title": "device",
    }
    assert main(["show", str(profile)]) == 0
    output = capsys.readouterr().out
    assert re.search(r'^channels\.lamp\.title = "Lamp" +# device$', output, re.M)
    assert re.search(r"^channels\.lamp\.pulse = .* +# defaults$", output, re.M)


def test_show_leaves_out_what_does_not_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    device = Device(load(), threaded=False)
    device.open()
    device.things.add(SOMEBODY, "channels", "porch", LAMP)
    wrong = json.dumps({"driver": "valve", "mode": "output"})
    device.store.write(lambda execute: execute("INSERT INTO things VALUES ('channels.tap', ?)", (wrong,)))
    device.close()
    assert main(["show", "--json"]) == 0
    output = capsys.readouterr()
    assert "channels.porch.mode" in json.loads(output.out)
    assert "channels.tap" not in output.out and "channels.tap of" in output.err
    assert main(["show", "--json", "--changed"]) == 0
    (tmp_path / "state" / DATABASE).write_bytes(b"no database " * 100)
    capsys.readouterr()
    assert main(["show", "--json"]) == 0
    assert "what was set on the device is left out" in capsys.readouterr().err


def test_show_begins_no_state(tmp_path: Path) -> None:
    assert main(["show"]) == 0
    assert not (tmp_path / "state").exists()


def test_show_refuses_a_faulty_profile(system: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (system / "edgeweb.toml").write_text("x = 1")
    assert main(["show"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("compatible", "name"),
    [
        (b"raspberrypi,model-zero-2-w\0brcm,bcm2837\0", "raspberry-pi-zero-2-w"),
        (b"raspberrypi,model-zero-w\0brcm,bcm2835\0", "raspberry-pi-zero-w"),
        (b"raspberrypi,2-model-b-rev2\0brcm,bcm2837\0", "raspberry-pi-2"),
        (b"raspberrypi,3-model-b-plus\0brcm,bcm2837\0", "raspberry-pi-3"),
        (b"raspberrypi,4-model-b\0brcm,bcm2711\0", "raspberry-pi-4"),
        (b"raspberrypi,5-model-b\0brcm,bcm2712\0", "raspberry-pi-5"),
        (b"linux,dummy-virt\0", "qemu-virt-arm64"),
        (b"radxa,rock-5b\0rockchip,rk3588\0", None),
        (None, None),
    ],
)
def test_detect(tmp_path: Path, compatible: bytes | None, name: str | None) -> None:
    if compatible is not None:
        (tmp_path / "proc" / "device-tree").mkdir(parents=True)
        (tmp_path / "proc" / "device-tree" / "compatible").write_bytes(compatible)
    assert detect(str(tmp_path)) == name


def test_no_two_profiles_claim_the_same_board() -> None:
    from edgeweb.device.config.profile import load

    words = [word for name in shipped_profiles() for word in load(name)["board.compatible"]]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(("found", "code"), [("raspberry-pi-4", 0), (None, 1)])
def test_detect_command(
    found: str | None, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("edgeweb.commands.profile.detect", lambda: found)
    assert main(["detect"]) == code
    output = capsys.readouterr()
    assert output.out.strip() == (found or "")
    assert ("No profile knows this machine" in output.err) == (found is None)
    assert main(["detect", "--json"]) == code
    assert json.loads(capsys.readouterr().out)["profile"] == found


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Raspberry Pi 4 as the machine that the command runs on."""
    root, kernel = plant(tmp_path / "root", "raspberry-pi-4")
    monkeypatch.setattr(reader, "Hardware", partial(Hardware, str(root), kernel))


@pytest.mark.usefixtures("board")
def test_hardware_as_a_table(system: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (system / "edgeweb.toml").write_text('[channels.lamp]\ndriver = "led"\nmode = "output"\nline = "ACT"\n')
    assert main(["hardware"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "gpio: gpiochip0 · pinctrl-bcm2711" in lines
    (line,) = [line for line in lines if line.startswith("  18 ")]
    assert line.split(None, 4) == [
        "18",
        "GPIO18",
        "12",
        "input",
        'driver = "gpio", mode = "input", chip = "pinctrl-bcm2711", line = "18"',
    ]
    assert "onewire: none" in lines
    (led,) = [line for line in lines if line.startswith("  ACT ")]
    assert led.split() == ["ACT", "255", "mmc0", "lamp"]
    assert "iio: iio:device0 · bme280" in lines
    assert "\x1b" not in "".join(lines) and not [line for line in lines if line != line.rstrip()]


@pytest.mark.usefixtures("board")
def test_hardware_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hardware", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == list(BUSES)
    assert [camera["path"] for camera in found["cameras"]["rows"]] == ["/dev/video0", "/dev/video10"]


@pytest.mark.usefixtures("board")
def test_hardware_with_a_bus_that_fails(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("edgeweb.device.hardware.i2c.names", fail)
    assert main(["hardware"]) == 0
    assert "i2c: cannot be read (Input/output error)" in capsys.readouterr().out.splitlines()


def test_hardware_for_a_faulty_profile(system: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (system / "edgeweb.toml").write_text("[server]\nprot = 1\n")
    assert main(["hardware"]) == 1
    assert "server.prot" in capsys.readouterr().err


def test_this_machine_can_be_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """The real /sys and /dev, whatever they have here."""
    assert main(["hardware", "--json"]) == 0
    assert list(json.loads(capsys.readouterr().out)) == list(BUSES)
