"""Installed packages, as pip and Debian leave them, without either: a module and its metadata in a folder."""

from __future__ import annotations

from pathlib import Path

DRIVERS, KINDS = "edgeweb.channel_drivers", "edgeweb.sensor_kinds"

#: A driver that is right: it keeps what is written.
DRIVER = """
from edgeweb.device.channels.drivers import BaseDriver, Option

OPTIONS = (Option("address", "integer", (0x20, 0x27), 0x20, "Address on the bus."),)
MODES = ("output", "input")

class Driver(BaseDriver):
    def __init__(self):
        self.levels = {}
    def attach(self, name, options, level, report):
        self.levels[name] = bool(level)
        return self.levels[name]
    def write(self, name, level):
        self.levels[name] = level
        return level
    def read(self, name):
        return self.levels[name]
    def detach(self, name):
        self.levels.pop(name, None)
"""

#: A kind that is right: it reads a number that is an option.
KIND = """
from edgeweb.device.sensors.kinds import BaseInput, Option

OPTIONS = (Option("number", "number", (-9, 9), 1.5, "What is read."),)

class Input(BaseInput):
    def __init__(self, options, root="/"):
        super().__init__(options, root)
        self.unit, self.lane, self.deadline = "V", "bus 1", 2.0
        self.number = options["number"]
    def read(self):
        return self.number
"""


def install(
    folder: Path,
    package: str,
    offers: dict[str, str],
    group: str = DRIVERS,
    *,
    version: str = "1.0",
    modules: dict[str, str] | None = None,
    suffix: str = "dist-info",
) -> None:
    """Put a package into a folder of `sys.path`, which offers names; `modules` has texts by name."""
    metadata = folder / f"{package.replace('-', '_')}-{version}.{suffix}"
    metadata.mkdir(parents=True, exist_ok=True)
    file = "METADATA" if suffix == "dist-info" else "PKG-INFO"
    (metadata / file).write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n\nText.\n")
    rows = "".join(f"{name} = {module}\n" for name, module in offers.items())
    with (metadata / "entry_points.txt").open("a") as points:
        points.write(f"[{group}]\n{rows}\n")
    for name, text in (modules or {}).items():
        (folder / f"{name}.py").write_text(text)
