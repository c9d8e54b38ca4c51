"""scripts/fleet: rules, dashboard and settings for Prometheus and Grafana, with the real programs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.device.process import ROOT, DeviceServer
from tests.device.test_scraped import Prometheus, program

FLEET = ROOT / "scripts" / "fleet"
README = (FLEET / "README.md").read_text()

PROFILE = """
[fleet]
discover = true
[channels.lamp]
driver = "memory"
mode = "output"
[channels.fan]
driver = "memory"
mode = "pwm"
[channels.door]
driver = "memory"
mode = "input"
[sensors.soil]
kind = "file"
path = "/proc/uptime"
"""

#: What a board has and this machine may not have: a firmware, a thermometer, a time service.
OF_OTHER_MACHINES = {
    *("edgeweb_power_fault", "edgeweb_power_fault_since_boot", "edgeweb_temperature_celsius"),
    "edgeweb_clock_synchronized",
}


def promtool(*arguments: str) -> None:
    command = [program("promtool"), *arguments]
    done = subprocess.run(command, cwd=FLEET, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_are_right_and_fire_when_they_should() -> None:
    promtool("check", "rules", "edgeweb-alerts.yml")
    promtool("test", "rules", "edgeweb-alerts-test.yml")


def test_every_alert_has_a_case() -> None:
    alerts = re.findall(r"- alert: (\w+)", (FLEET / "edgeweb-alerts.yml").read_text())
    cases = re.findall(
        r"- alertname: (\w+)\n +eval_time: \w+\n +exp_alerts", (FLEET / "edgeweb-alerts-test.yml").read_text()
    )
    assert len(alerts) == 8 and alerts == cases


def test_the_settings_are_right() -> None:
    promtool("check", "config", "--syntax-only", "prometheus.yml")


@pytest.fixture
def boards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[DeviceServer]]:
    """Two devices that know the same token; avahi's program finds both."""
    (tmp_path / "bin").mkdir()
    browse = tmp_path / "bin" / "avahi-browse"
    browse.write_text(f'#!/bin/sh\n[ "$*" = "-prt _edgeweb._tcp" ] && cat {tmp_path / "browsed"}\n')
    browse.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    (tmp_path / "shed.toml").write_text(PROFILE)
    started = [
        DeviceServer(tmp_path / str(number), "--profile", str(tmp_path / "shed.toml")) for number in range(2)
    ]
    try:
        for board in started:
            board.claim()
        asked = {"note": "prometheus", "role": "viewer"}
        token = started[0].post_json("/api/v1/tokens", asked).json["token"]
        (tmp_path / "shared.token").write_text(token)
        options = ["token", "owner", "--role", "viewer", "--token-file", str(tmp_path / "shared.token")]
        subprocess.run(
            [sys.executable, "-m", "edgeweb", "users", "--profile", str(tmp_path / "shed.toml"), *options],
            env={**os.environ, "PYTHONPATH": str(ROOT), "STATE_DIRECTORY": str(tmp_path / "1" / "state")},
            check=True,
            capture_output=True,
        )
        for board in started:
            board.token = token
        rows = zip(("greenhouse", "shed"), started, strict=True)
        lines = [
            f'=;eth0;IPv4;{name};_edgeweb._tcp;local;x.local;127.0.0.1;{board.port};"path=/"\n'
            for name, board in rows
        ]
        (tmp_path / "browsed").write_text("".join(lines))
        yield started
    finally:
        assert [board.stop() for board in started] == [0, 0], started[0].log


def metrics_of(board: DeviceServer) -> set[str]:
    return set(re.findall(r"^# TYPE (\S+)", board.get("/metrics").text, re.M))


@pytest.mark.slow
def test_every_metric_of_dashboard_and_rules_is_there(boards: list[DeviceServer]) -> None:
    dashboard = json.loads((FLEET / "dashboard.json").read_text())
    asked = {target["expr"] for panel in dashboard["panels"] for target in panel["targets"]}
    rules = (FLEET / "edgeweb-alerts.yml").read_text()
    named = set(re.findall(r"\bedgeweb_\w+", " ".join(asked) + " ".join(re.findall("expr: .*", rules))))
    assert len(asked) == len(dashboard["panels"]) == 14
    assert named - metrics_of(boards[0]) <= OF_OTHER_MACHINES
    for panel in dashboard["panels"]:
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
        assert all(f"${{{name}}}" not in target["expr"] for target in panel["targets"] for name in ("host",))


@pytest.mark.slow
def test_prometheus_discovers_two_boards_and_reads_both(boards: list[DeviceServer], tmp_path: Path) -> None:
    settings = (FLEET / "prometheus.yml").read_text()
    for written, here in (
        ("http://greenhouse.local/", "http://127.0.0.1:PORT/"),
        ("/etc/prometheus/edgeweb.token", "FOLDER/token"),
        ("/etc/prometheus/edgeweb-alerts.yml", str(FLEET / "edgeweb-alerts.yml")),
        ("scrape_interval: 15s", "scrape_interval: 1s"),
        ("refresh_interval: 60s", "refresh_interval: 1s"),
    ):
        assert written in settings
        settings = settings.replace(written, here)
    prometheus = Prometheus(tmp_path, boards[0], settings, "instance")
    try:
        prometheus.until("up", {"greenhouse": 1, "shed": 1})
        boards[1].token = ""
        prometheus.until('edgeweb_channel_state{channel="lamp"}', {"greenhouse": 0, "shed": 0})
        (tmp_path / "browsed").write_text((tmp_path / "browsed").read_text().splitlines(True)[1])
        prometheus.until("up", {"shed": 1})
    finally:
        prometheus.stop()


@pytest.mark.slow
def test_a_real_board_is_clean_by_promtool(boards: list[DeviceServer]) -> None:
    done = subprocess.run(
        [program("promtool"), "check", "metrics"],
        input=boards[1].get("/metrics").content,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, b"")


def test_the_readme_names_files_that_are_there() -> None:
    for name in re.findall(r"\]\(([\w.-]+)\)", README):
        assert (FLEET / name).exists(), name
    for line in re.findall(r"^promtool (.*)$", README, re.M):
        promtool(*line.split())
