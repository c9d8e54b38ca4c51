"""Home Assistant's own core at the broker: entities appear, switch, go and come back.

It needs an interpreter of its own, whose path is in `EDGEWEB_HOME_ASSISTANT`: `scripts/home_assistant` makes
one.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .broker import HOUSE, HOUSE_PASSWORD, PATIENCE, Broker, Ear
from .conftest import PROFILE, MakeServer

PROGRAM = Path(__file__).parent / "inside" / "home_assistant.py"

#: What it shows of an entity whose device or hardware does not answer.
GONE = "unavailable"

pytestmark = pytest.mark.slow


class HomeAssistant:
    """A process of Home Assistant's core; its settings are kept in `folder` from one to the next."""

    def __init__(self, folder: Path, broker: Broker) -> None:
        interpreter = os.environ.get("EDGEWEB_HOME_ASSISTANT", "")
        if not interpreter:
            pytest.skip(
                "EDGEWEB_HOME_ASSISTANT names no interpreter with homeassistant: scripts/home_assistant"
            )
        folder.mkdir(exist_ok=True)
        self.log_file = folder / "test.log"
        command = [interpreter, str(PROGRAM), str(folder), str(broker.port), HOUSE, HOUSE_PASSWORD]
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=folder
            )
        assert self._answer() == "started", self.log

    def ask(self, *command: object) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.log
        return json.loads(line)

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def state(self, entity: str) -> str:
        """The state of an entity; empty where there is none."""
        return str(self.ask("states").get(entity, {}).get("state", ""))

    def until(self, is_true: Callable[[dict[str, dict[str, str]]], object]) -> dict[str, dict[str, str]]:
        """Wait until a condition of all states is true, and return them."""
        deadline = time.monotonic() + PATIENCE
        while not is_true(found := self.ask("states")):
            assert time.monotonic() < deadline, f"{json.dumps(found, indent=1)}\n{self.log}"
            time.sleep(0.1)
        return found  # type: ignore[no-any-return]

    def shows(self, entity: str, state: str) -> dict[str, str]:
        """Wait until an entity has this state, and return it with its attributes."""
        return self.until(lambda states: states.get(entity, {}).get("state") == state)[entity]

    def stop(self) -> None:
        """End it as a restart does, by the end of its input."""
        try:
            self.process.communicate(timeout=PATIENCE)
        finally:
            self.process.kill()
            self.process.communicate()


TITLED = PROFILE + '\n[dashboard]\ntitle = "Shed"\n'
LAMP, FAN, GATE = "switch.shed_lamp", "light.shed_fan", "button.shed_gate"
DOOR, SOIL, PROBLEM = "binary_sensor.shed_door", "sensor.shed_soil", "binary_sensor.shed_problem"


@pytest.fixture
def make_home(broker: Broker, tmp_path: Path) -> Iterator[Callable[[], HomeAssistant]]:
    homes: list[HomeAssistant] = []

    def make() -> HomeAssistant:
        homes.append(HomeAssistant(tmp_path / "home", broker))
        return homes[-1]

    yield make
    # Before it ends: what comes while it shuts down, it complains about on its own account.
    complaints = [line for home in homes for line in home.log.splitlines() if "components.mqtt" in line]
    for home in homes:
        if home.process.poll() is None:
            home.stop()
    assert not complaints, complaints


MakeHome = Callable[[], HomeAssistant]


def test_entities_appear_and_switch(
    make_server: MakeServer, make_home: MakeHome, ear: Ear, tmp_path: Path
) -> None:
    server, home = make_server('role = "operator"', TITLED), make_home()
    server.claim()
    found = home.until(lambda states: {LAMP, FAN, GATE, DOOR, SOIL, PROBLEM} <= states.keys())
    home.shows(LAMP, "off")
    soil = home.shows(SOIL, "21.5")
    assert (soil["device_class"], soil["unit_of_measurement"]) == ("temperature", "°C"), found
    assert soil["state_class"] == "measurement" and soil["level"] == "ok"
    home.shows(DOOR, "off"), home.shows(PROBLEM, "off")
    model = server.get("/api/v1/status").json["device"]["model"]
    assert {"name": "Shed", "model": model, "area": "Garden"} in home.ask("devices")
    assert float(home.state("sensor.shed_memory")) > 0

    home.ask("call", "switch", "turn_on", {"entity_id": LAMP})
    home.shows(LAMP, "on")
    assert server.get("/api/v1/channels/lamp").json["state"] is True
    home.ask("call", "light", "turn_on", {"entity_id": FAN, "brightness": 102})
    home.until(lambda states: states[FAN].get("brightness") == "102")
    assert server.get("/api/v1/channels/fan").json["value"] == 0.4
    home.ask("call", "light", "turn_off", {"entity_id": FAN})
    home.shows(FAN, "off")
    home.ask("call", "light", "turn_on", {"entity_id": FAN})
    home.until(lambda states: states[FAN].get("brightness") == "102")
    home.ask("call", "button", "press", {"entity_id": GATE})
    ear.until(lambda: any(topic.endswith("gate/state") and '"ON"' in text for topic, text in ear.all))
    rows = server.get("/api/v1/audit").json["audit"]
    assert ("channel.pulse", "gate", "mqtt") in [(row["action"], row["target"], row["who"]) for row in rows]

    (tmp_path / "soil").unlink()
    home.shows(SOIL, GONE), home.shows(PROBLEM, "on")
    (tmp_path / "soil").write_text("19")
    home.shows(SOIL, "19.0"), home.shows(PROBLEM, "off")


def test_a_killed_server_is_unavailable_and_both_come_back(
    make_server: MakeServer, make_home: MakeHome
) -> None:
    server, home = make_server('role = "operator"', TITLED), make_home()
    home.shows(LAMP, "off")
    server.process.kill()
    server.process.wait()
    for entity in (LAMP, FAN, GATE, DOOR, SOIL):
        home.shows(entity, GONE)
    server = make_server('role = "operator"', TITLED)
    home.shows(LAMP, "off"), home.shows(SOIL, "21.5")
    home.ask("call", "switch", "turn_on", {"entity_id": LAMP})
    home.shows(LAMP, "on")
    home.stop()
    home = make_home()
    home.shows(LAMP, "on"), home.shows(SOIL, "21.5")
    home.ask("call", "switch", "turn_off", {"entity_id": LAMP})
    home.shows(LAMP, "off")


def test_a_thing_that_is_removed_takes_its_entity_along(
    make_server: MakeServer, make_home: MakeHome, ear: Ear
) -> None:
    server, home = make_server('role = "operator"', TITLED), make_home()
    home.shows(LAMP, "off"), home.shows(DOOR, "off")
    ear.has("edgeweb/shed/channels/door/state", online=True)
    assert server.stop() == 0
    without = TITLED.replace("[channels.door]", "[channels.window]").replace(
        'title = "Lamp"', 'title = "Light"'
    )
    make_server('role = "operator"', without)
    found = home.until(lambda states: DOOR not in states and "binary_sensor.shed_window" in states)
    home.until(lambda states: states[LAMP]["friendly_name"] == "Shed Light")
    assert DOOR not in home.ask("entities") and LAMP in found


def test_without_a_role_there_is_nothing_to_switch(make_server: MakeServer, make_home: MakeHome) -> None:
    make_server("", TITLED)
    home = make_home()
    home.shows("binary_sensor.shed_lamp", "off")
    assert not {LAMP, FAN, GATE} & home.ask("states").keys()
