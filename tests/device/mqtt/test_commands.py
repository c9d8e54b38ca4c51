"""What a payload does, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeweb.device.channels.actions import ACTIONS
from edgeweb.device.channels.channel import Channel, Group
from edgeweb.device.config.schema import defaults
from edgeweb.device.mqtt.commands import MAX_COMMAND, BadCommand, Command, read_command


def channel(mode: str) -> Channel:
    return Channel("lamp", defaults("channels.*", driver="memory", mode=mode), 0.0, Group())


@pytest.mark.parametrize(
    ("mode", "payload", "action", "amount"),
    [
        ("output", "ON", "on", None),
        ("output", " off\n", "off", None),
        ("pwm", "Toggle", "toggle", None),
        ("button", "PULSE", "pulse", None),
        ("button", "PULSE 500", "pulse", 500),
        ("output", "pulse  500", "pulse", 500),
        ("pwm", "0.4", "value", 0.4),
        ("pwm", "1", "value", 1),
        ("pwm", "VALUE 0", "value", 0),
        ("output", '{"on": true}', "on", None),
        ("output", '{"on": false}', "off", None),
        ("pwm", '{"value": 0.25}', "value", 0.25),
        ("output", '{"ms": 250}', "pulse", 250),
        ("output", '{"action": "pulse", "ms": 250}', "pulse", 250),
        ("output", '{"action": "TOGGLE"}', "toggle", None),
        ("input", "ON", "on", None),
    ],
)
def test_commands(mode: str, payload: str, action: str, amount: float | None) -> None:
    assert read_command(payload.encode(), channel(mode)) == Command(action, amount)


@pytest.mark.parametrize(
    ("mode", "payload", "says"),
    [
        ("output", "", "This is no command"),
        ("output", "SING", "This is no command"),
        ("output", "PULSE soon", "This is no command"),
        ("output", "ON 1", "ON takes no number"),
        ("output", "0.4", "takes ON, OFF, TOGGLE, PULSE, not VALUE"),
        ("button", "ON", "takes OFF, PULSE, not ON"),
        ("pwm", "1.01", "a number from 0 to 1"),
        ("pwm", "nan", "This is no command"),
        ("pwm", "VALUE", "VALUE needs a share"),
        ("output", "PULSE 3", "a whole number from"),
        ("output", "PULSE 500.5", "a whole number from"),
        ("output", "PULSE 99999999", "a whole number from"),
        ("output", "{", "This is no JSON"),
        ("output", "[1]", "This is no command"),
        ("output", "{}", "This JSON is no command"),
        ("output", '{"on": 1}', "This JSON is no command"),
        ("output", '{"on": true, "ms": 5}', "This JSON is no command"),
        ("output", '{"ms": true}', "This JSON is no command"),
        ("output", '{"ms": "500"}', "This JSON is no command"),
        ("output", '{"action": "value", "ms": 500}', "This JSON is no command"),
        ("output", '{"action": ["on"]}', "This JSON is no command"),
        ("output", '{"state": "ON"}', "This JSON is no command"),
        ("output", '{"on": true, "by": "me"}', "This JSON is no command"),
        ("output", "ON" + " " * MAX_COMMAND, "at most 256 bytes"),
    ],
)
def test_what_is_no_command(mode: str, payload: str, says: str) -> None:
    with pytest.raises(BadCommand, match=says):
        read_command(payload.encode(), channel(mode))


@given(payload=st.binary(max_size=300), mode=st.sampled_from(["output", "pwm", "button", "input"]))
def test_any_bytes_are_a_command_or_refused(payload: bytes, mode: str) -> None:
    try:
        found = read_command(payload, channel(mode))
    except BadCommand as error:
        assert str(error).endswith(".")
    else:
        assert found.action in ACTIONS


DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.dictionaries(st.sampled_from(["on", "ms", "value", "action", "x"]), inner, max_size=3),
)


@pytest.mark.slow
@given(document=DOCUMENTS)
def test_any_json_is_a_command_or_refused(document: Any) -> None:
    try:
        found = read_command(json.dumps(document).encode(), channel("pwm"))
    except BadCommand:
        return
    assert found.action in ACTIONS
