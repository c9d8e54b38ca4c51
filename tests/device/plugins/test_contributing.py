"""The package that CONTRIBUTING.md shows, done to the letter: built, installed, and a relay switched."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from ..process import ROOT, DeviceServer
from . import i2c_stand_in as i2c
from .environments import Environment, build_wheel

_TEXT = (ROOT / "CONTRIBUTING.md").read_text()


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", _TEXT, re.M | re.S)
    return str(found)


@pytest.mark.slow
def test_the_package_works(tmp_path: Path) -> None:
    project = tmp_path / "edgeweb-pcf8574"
    project.mkdir()
    (project / "pyproject.toml").write_text(block("toml"))
    (project / "pcf8574.py").write_text(block("python"))
    environment = Environment(tmp_path / "environment")
    environment.install(build_wheel(project, tmp_path / "wheel"))
    bus = i2c.make_bus(tmp_path / "i2c-1")
    i2c.port_on(bus, 0x20)
    board = tmp_path / "board.toml"
    keys = f'driver = "pcf8574"\nmode = "output"\nchip = "{bus}"\nrelay = 3\n'
    board.write_text(f"[channels.pump]\n{keys}")
    server = DeviceServer(
        *(tmp_path / "server", "--profile", str(board)),
        python=str(environment.python),
        variables={"I2C_STAND_IN": "1"},
    )
    server.claim()
    assert i2c.pins(bus, 0x20) == 0b1111_1011
    assert server.put_json("/api/v1/channels/pump/state", {"on": True}).json["state"] is True
    assert i2c.pins(bus, 0x20) == 0b1111_1111
    assert server.stop() == 0 and "Traceback" not in server.log


def test_what_builds_the_examples_is_what_builds_edgeweb() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    example = tomllib.loads((Path(__file__).parent / "edgeweb_relay8/pyproject.toml").read_text())
    (backend,) = project["build-system"]["requires"]
    assert example["build-system"]["requires"] == [backend]
    assert backend in project["dependency-groups"]["dev"]
