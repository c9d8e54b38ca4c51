"""The example, as a real wheel in an environment of its own and as a Debian package, on buses in files."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..process import DeviceServer
from . import i2c_stand_in as i2c
from .environments import EXAMPLE, Environment, build_deb, build_wheel
from .test_example import CALIBRATION, CALIBRATION_HUMIDITY, DATA

BOARD = """
[channels.pump]
driver = "relay8"
mode = "output"
chip = "{bus}"
relay = 3
[channels.light]
driver = "relay8"
mode = "output"
chip = "{bus}"
relay = 8
at_start = "on"
[channels.lamp]
driver = "memory"
mode = "output"
[sensors.cellar]
kind = "bme280_i2c"
bus = "{bus}"
interval = 0.5
[sensors.weather]
kind = "bme280_i2c"
bus = "{bus}"
quantity = "pressure"
interval = 0.5
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(EXAMPLE, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Environment:
    """An environment with edgeweb and the example."""
    made = Environment(tmp_path_factory.mktemp("environment"))
    made.install(wheel)
    return made


@pytest.fixture
def bus(tmp_path: Path) -> Path:
    """A bus with a board of relays and a BME280."""
    made = i2c.make_bus(tmp_path / "i2c-1")
    i2c.port_on(made, 0x20)
    registers = {0xD0: b"\x60", 0x88: CALIBRATION, 0xE1: CALIBRATION_HUMIDITY, 0xF7: DATA}
    i2c.chip_on(made, 0x76, registers)
    return made


@pytest.fixture
def board(tmp_path: Path, bus: Path) -> Path:
    file = tmp_path / "board.toml"
    file.write_text(BOARD.format(bus=bus))
    return file


def serve(environment: Environment, board: Path, python_path: Path | None = None) -> DeviceServer:
    server = DeviceServer(
        board.parent / "server",
        "--profile",
        str(board),
        python=str(environment.python),
        python_path=python_path,
        variables={"I2C_STAND_IN": "1"},
    )
    server.claim()
    return server


@pytest.fixture
def server(environment: Environment, board: Path) -> Iterator[DeviceServer]:
    running = serve(environment, board)
    yield running
    assert running.stop() == 0, running.log
    assert "Traceback" not in running.log, running.log


def value_of(server: DeviceServer, name: str) -> dict[str, object]:
    """Return a sensor after its first reading: the server says when it has changed."""
    while True:
        found: dict[str, object] = server.get(f"/api/v1/sensors/{name}").json
        if found["reason"] != "no value yet":
            return found


def drive(server: DeviceServer, bus: Path) -> None:
    """Switch relays and read what is measured, and look at the bus."""
    assert i2c.pins(bus, 0x20) == 0b0111_1111, "relay 8 is on from the start, by a low pin"
    answer = server.put_json("/api/v1/channels/pump/state", {"on": True})
    assert (answer.status, answer.json["state"]) == (200, True), answer.text
    assert i2c.pins(bus, 0x20) == 0b0111_1011
    assert server.put_json("/api/v1/channels/light/state", {"on": False}).json["state"] is False
    assert i2c.pins(bus, 0x20) == 0b1111_1011
    assert value_of(server, "cellar") | {"read_at": ""} == {
        "id": "cellar", "title": "cellar", "kind": "bme280_i2c", "unit": "°C", "value": 25.08, "online": True,
        "reason": "", "level": "ok", "read_at": "",
    }  # fmt: skip
    assert value_of(server, "weather")["value"] == 1006.53
    # one sample of each quantity, asked for by these registers
    assert (i2c.register(bus, 0x76, 0xF2), i2c.register(bus, 0x76, 0xF4)) == (0x01, 0x25)


@pytest.mark.slow
def test_a_wheel_installed_and_driven(server: DeviceServer, bus: Path) -> None:
    drive(server, bus)


@pytest.mark.slow
def test_the_board_goes_away_and_comes_back(server: DeviceServer, bus: Path) -> None:
    i2c.remove(bus, 0x20)
    answer = server.put_json("/api/v1/channels/pump/state", {"on": True})
    assert answer.status == 503, answer.text
    assert "edgeweb-relay8 1.0: Remote I/O error in write: check the wiring" in answer.text
    assert server.put_json("/api/v1/channels/lamp/state", {"on": True}).status == 200
    i2c.port_on(bus, 0x20)
    while not server.get("/api/v1/channels/pump").json["online"]:
        pass  # a timer tries again
    assert i2c.pins(bus, 0x20) & 0b100


@pytest.mark.slow
def test_a_bus_that_hangs_costs_its_own_channels(server: DeviceServer, bus: Path) -> None:
    i2c.hang(bus, 0x20)
    server.put_json("/api/v1/channels/pump/state", {"on": True})
    while (pump := server.get("/api/v1/channels/pump").json)["online"]:
        assert server.put_json("/api/v1/channels/lamp/state", {"on": True}).status == 200
    assert pump["reason"].startswith("edgeweb-relay8 1.0: its driver did not answer within 2 s: check the")


def test_openapi_knows_it(server: DeviceServer) -> None:
    document = server.get("/api/v1/openapi.json").json["components"]["schemas"]
    new = document["NewChannel"]["properties"]
    assert "relay8" in new["driver"]["enum"]
    assert (new["relay"]["minimum"], new["relay"]["maximum"]) == (1, 8)
    assert new["relay"]["description"].startswith("Number of the relay on the board.")
    assert "bme280_i2c" in document["NewSensor"]["properties"]["kind"]["enum"]
    assert "relay8" in document["Channel"]["properties"]["driver"]["enum"]
    assert "bme280_i2c" in document["Sensor"]["properties"]["kind"]["enum"]


def test_a_request_adds_a_channel_of_it(server: DeviceServer, bus: Path) -> None:
    relay = {"id": "fan", "driver": "relay8", "mode": "button", "chip": str(bus)}
    answer = server.post_json("/api/v1/channels", {**relay, "relay": 9})
    assert answer.status == 422 and "expected a whole number from 1 to 8" in answer.text, answer.text
    assert server.post_json("/api/v1/channels", {**relay, "relay": 1}).status == 201
    assert server.get("/api/v1/channels/fan").json["online"] is True


def test_commands_know_it(environment: Environment, board: Path) -> None:
    done = environment.edgeweb("profile", "check", str(board), folder=board.parent)
    assert (done.returncode, done.stderr) == (0, "")
    done = environment.edgeweb("profile", "show", "--json", str(board), folder=board.parent)
    assert json.loads(done.stdout)["channels.pump.address"] == {"value": 0x20, "from": "defaults"}
    board.write_text(board.read_text().replace("relay = 3", "relay = 0"))
    done = environment.edgeweb("profile", "check", str(board), folder=board.parent)
    assert done.returncode == 1
    assert "channels.pump.relay = 0: expected a whole number from 1 to 8" in done.stderr


@pytest.mark.slow
def test_without_its_library_the_rest_works(environment: Environment, board: Path, wheel: Path) -> None:
    other = Environment(board.parent / "bare")
    other.install(wheel)
    (other.packages / "smbus2.py").write_text("raise ModuleNotFoundError(name='smbus2')\n")
    other.add_path()
    server = serve(other, board, python_path=other.packages)
    reason = (
        "edgeweb-relay8 1.0: it needs smbus2, which is not installed: install it, then restart the server"
    )
    assert server.get("/api/v1/channels/pump").json["reason"] == reason
    assert value_of(server, "cellar")["reason"] == reason
    assert server.put_json("/api/v1/channels/lamp/state", {"on": True}).json["state"] is True
    shown = f'{board}:3: channels.pump.driver = "relay8": expected a driver that can be used; {reason}\n'
    assert server.log.count(shown) == 1
    assert server.stop() == 0 and "Traceback" not in server.log


def test_a_debian_package_is_found_and_driven(wheel: Path, tmp_path: Path, board: Path, bus: Path) -> None:
    if shutil.which("dpkg-deb") is None:
        pytest.skip("no dpkg-deb on the PATH (Debian: apt install dpkg)")
    package = build_deb(wheel, tmp_path / "deb")
    root = tmp_path / "root"
    subprocess.run(["dpkg-deb", "-x", package, root], check=True)
    # an interpreter that has Debian's folder on its path, as /usr/bin/python3 has
    environment = Environment(tmp_path / "environment")
    environment.add_path(root / "usr/lib/python3/dist-packages")
    server = serve(environment, board)
    drive(server, bus)
    assert server.stop() == 0 and "Traceback" not in server.log
