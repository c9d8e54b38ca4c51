"""Figures as Debian's own Prometheus reads, keeps and answers them."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from .process import DeviceServer

#: Seconds after which a test that waits is stuck, even on a machine with a load of ten for each core.
PATIENCE = 120.0

PROFILE = """
[channels.lamp]
driver = "memory"
mode = "output"
[channels.door]
driver = "memory"
mode = "input"
[sensors.soil]
kind = "file"
path = "FOLDER/soil"
unit = "%"
interval = 0.5
[sensors.air]
kind = "file"
path = "FOLDER/air"
unit = "°C"
interval = 0.5
"""

#: The token stands in a file, as Prometheus' documentation has it. Source: "Configuration", scrape_config.
SCRAPES = """
global:
  scrape_interval: 1s
scrape_configs:
  - job_name: edgeweb
    authorization:
      credentials_file: FOLDER/token
    static_configs:
      - targets: ["127.0.0.1:PORT"]
"""


def program(name: str) -> str:
    """A program of Debian's package `prometheus`, as `scripts/test` has unpacked it or as it is installed."""
    unpacked = Path(sys.prefix) / "prometheus" / "usr" / "bin" / name
    found = str(unpacked) if unpacked.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"no {name}: run scripts/test where apt-get is (Debian: apt install prometheus)")
    return found


@pytest.fixture
def device(tmp_path: Path) -> Iterator[DeviceServer]:
    for name, value in (("soil", "31.5"), ("air", "-4.25")):
        (tmp_path / name).write_text(value)
    profile = tmp_path / "garden.toml"
    profile.write_text(PROFILE.replace("FOLDER", str(tmp_path)))
    server = DeviceServer(tmp_path / "device", "--profile", str(profile))
    try:
        server.claim()
        yield server
    finally:
        assert server.stop() == 0, server.log
    assert "Traceback" not in server.log


class Prometheus:
    """A process of Prometheus that reads devices as its settings say, and its query API.

    `label` is the one by which `query` tells values apart.
    """

    def __init__(
        self, folder: Path, device: DeviceServer, scrapes: str = SCRAPES, label: str = "sensor"
    ) -> None:
        self._label = label
        (folder / "token").write_text(device.token)
        settings = folder / "prometheus.yml"
        settings.write_text(scrapes.replace("FOLDER", str(folder)).replace("PORT", str(device.port)))
        check = [program("promtool"), "check", "config", str(settings)]
        checked = subprocess.run(check, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.log_file = folder / "prometheus.log"
        command = [
            program("prometheus"),
            f"--config.file={settings}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
        ]
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)

    def query(self, expression: str) -> dict[str, float]:
        """The values of an instant query, each by its label, else by its job."""
        assert self.process.poll() is None, self.log_file.read_text()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", f"/api/v1/query?{urlencode({'query': expression})}")
            answer: Any = json.loads(connection.getresponse().read())
        except (OSError, HTTPException, ValueError):  # it has not begun to answer
            return {}
        finally:
            connection.close()
        rows = answer.get("data", {}).get("result", [])
        return {
            row["metric"].get(self._label, row["metric"].get("job", "")): float(row["value"][1])
            for row in rows
        }

    def until(self, expression: str, expected: dict[str, float]) -> None:
        """Waits until a query has this answer."""
        deadline = time.monotonic() + PATIENCE
        while (found := self.query(expression)) != expected:
            assert time.monotonic() < deadline, f"{expression}: {found}\n{self.log_file.read_text()}"
            time.sleep(0.2)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()


@pytest.mark.slow
def test_sensors_are_read_back(device: DeviceServer, tmp_path: Path) -> None:
    prometheus = Prometheus(tmp_path, device)
    try:
        prometheus.until("up", {"edgeweb": 1})
        prometheus.until("edgeweb_sensor_value", {"soil": 31.5, "air": -4.25})
        prometheus.until('edgeweb_sensor_value{unit="°C"}', {"air": -4.25})
        prometheus.until("edgeweb_sensor_online", {"soil": 1, "air": 1})
        (tmp_path / "soil").write_text("12")
        prometheus.until("edgeweb_sensor_value < 20", {"soil": 12, "air": -4.25})
        (tmp_path / "air").unlink()
        prometheus.until("edgeweb_sensor_online", {"soil": 1, "air": 0})
        prometheus.until("edgeweb_sensor_value", {"soil": 12})
        prometheus.until("edgeweb_sensor_age_seconds > bool 0", {"soil": 1, "air": 1})
    finally:
        prometheus.stop()


@pytest.mark.slow
def test_a_wrong_token_reads_nothing(device: DeviceServer, tmp_path: Path) -> None:
    device.token, right = "edgeweb_wrong", device.token
    try:
        prometheus = Prometheus(tmp_path, device)
        try:
            prometheus.until("up", {"edgeweb": 0})
            assert prometheus.query("edgeweb_sensor_value") == {}
        finally:
            prometheus.stop()
    finally:
        device.token = right


@pytest.mark.slow
def test_promtool_finds_nothing_to_complain_about(device: DeviceServer) -> None:
    metrics = device.get("/metrics")
    assert metrics.status == 200 and 'edgeweb_sensor_value{sensor="soil",unit="%"}' in metrics.text
    done = subprocess.run(
        [program("promtool"), "check", "metrics"],
        input=metrics.content,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, b"")
