from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.profile import Profile, load

from .process import DeviceServer


@pytest.fixture
def make_profile(tmp_path: Path) -> Callable[..., Profile]:
    """`make_profile(toml, **overrides)`: a loaded profile, with no system layers."""

    def make(toml: str = "", overrides: dict[str, object] | None = None) -> Profile:
        file = tmp_path / "test.toml"
        file.write_text(toml)
        return load(file, overrides, system=str(tmp_path / "etc"))

    return make


CHANNELS = """
[channels.lamp]
driver = "memory"
mode = "output"
title = "Lamp"
[channels.door]
driver = "memory"
mode = "input"
"""


@pytest.fixture
def app(make_profile: Callable[..., Profile]) -> Flask:
    """The device application with an output `lamp` and an input `door`."""
    return create_app(make_profile(CHANNELS))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeviceServer]:
    """A server with generic-linux for all tests that leave it as they found it."""
    running = DeviceServer(tmp_path_factory.mktemp("server"), "--profile", "generic-linux")
    yield running
    assert running.stop() == 0, running.log
    assert "Traceback" not in running.log
