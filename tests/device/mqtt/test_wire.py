"""A line that is slow, and commands that come twice."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from .broker import Broker, Ear
from .conftest import PROFILE, MakeServer
from .test_outage import OPERATOR, ROOT, memory, switch
from .wire import OwnBroker, SlowLine

pytestmark = pytest.mark.slow

LAMP = f"{ROOT}/channels/lamp"

#: The messages of one switch are about as many bytes: the line is behind from the second one on.
BYTES_PER_SECOND = 400
SWITCHES = 200


@pytest.fixture
def line(broker: Broker) -> Iterator[SlowLine]:
    made = SlowLine(broker.port, 1_000_000)
    yield made
    made.close()


@pytest.fixture
def own() -> Iterator[OwnBroker]:
    made = OwnBroker()
    yield made
    made.close()


def test_a_slow_line_holds_up_no_switch_and_ends_with_every_state(
    make_server: MakeServer, line: SlowLine, ear: Ear
) -> None:
    server = make_server(OPERATOR, PROFILE.replace("PORT", str(line.port)))
    server.claim()
    ear.has(f"{LAMP}/state", state="OFF")
    line.bytes_per_second = BYTES_PER_SECOND
    before, passed = memory(server), line.passed
    for number in range(SWITCHES):
        switch(server, "lamp", number % 2 == 0)
    assert server.put_json("/api/v1/channels/fan/value", {"value": 0.5}).status == 200
    assert memory(server) - before < 1 << 20
    # States that were passed over are not sent late: the line has less than a tenth of them.
    assert line.passed - passed < SWITCHES * 100
    line.bytes_per_second = 1_000_000
    ear.has(f"{LAMP}/state", state="OFF")
    ear.has(f"{ROOT}/channels/fan/state", value=0.5)


def test_a_command_that_is_sent_again_is_not_run(make_server: MakeServer, own: OwnBroker) -> None:
    server = make_server(OPERATOR, PROFILE.replace("PORT", str(own.port)))
    server.claim()
    own.until(lambda: f"{LAMP}/state" in own.last)
    own.say(f"{LAMP}/set", "TOGGLE", 1)
    own.until(lambda: '"ON"' in own.last[f"{LAMP}/state"])
    own.say(f"{LAMP}/set", "TOGGLE", 1, again=True)
    own.until(lambda: f"{ROOT}/errors" in own.last)
    assert json.loads(own.last[f"{ROOT}/errors"])["error"] == "retained-command"
    assert server.get("/api/v1/channels/lamp").json["state"] is True
    rows = server.get("/api/v1/audit").json["audit"]
    assert sum(row["count"] for row in rows if row["who"] == "mqtt") == 1
