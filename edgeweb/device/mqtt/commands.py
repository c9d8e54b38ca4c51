"""From the payload of a command to an action of a channel.

| payload                                         | what it does                                     |
|-------------------------------------------------|--------------------------------------------------|
| `ON`, `OFF`, `TOGGLE`, `PULSE`                  | the action of this name                          |
| `PULSE 500`, `VALUE 0.4`                        | the same with its amount: milliseconds, a share  |
| `0.4`                                           | a PWM output is brought to this value            |
| `{"on": true}`, `{"value": 0.4}`, `{"ms": 500}` | the body that the JSON API takes for this action |
| `{"action": "pulse", "ms": 500}`                | any action by its name                           |
"""

from __future__ import annotations

import json
from typing import NamedTuple

from ..channels.actions import ACTIONS
from ..channels.channel import Channel
from ..config.checks import accept, expectation
from ..config.quantities import read_number
from ..errors import DeviceError

#: Bytes of a command at most.
MAX_COMMAND = 256

#: The action whose amount has a name in a JSON command: `value` and `ms`.
_BY_FIELD = {row.amount.field: name for name, row in ACTIONS.items() if row.amount}

_FORMS = 'ON, OFF, TOGGLE, PULSE 500, 0.4, or JSON such as {"on": true}'


class BadCommand(DeviceError):
    """A payload is no command, or none for this channel; the text has what is one."""

    key = "invalid-command"


class Command(NamedTuple):
    """An action of `ACTIONS`, and its amount; None: the channel's own."""

    action: str
    amount: float | None = None


def read_command(payload: bytes, channel: Channel) -> Command:
    """Return the command that a payload is. Raises `BadCommand`."""
    if len(payload) > MAX_COMMAND:
        raise BadCommand(f"A command has at most {MAX_COMMAND} bytes: {_FORMS}.")
    text = payload.decode("utf-8", "replace").strip()
    command = _of_json(text) if text.startswith("{") else _of_words(text)
    row = ACTIONS[command.action]
    mode = channel.options["mode"]
    if channel.is_output and mode not in row.modes:
        able = ", ".join(name.upper() for name, other in ACTIONS.items() if mode in other.modes)
        raise BadCommand(f'"{channel.title}" takes {able}, not {command.action.upper()}.')
    if command.amount is None:
        if row.amount and row.amount.default_of is None:
            raise BadCommand(f"{command.action.upper()} needs {row.amount.unit}: {_FORMS}.")
        return command
    if row.amount is None:
        raise BadCommand(f"{command.action.upper()} takes no number: {_FORMS}.")
    try:
        accept(row.amount.kind, row.amount.limits_of(channel), _whole(command.amount))
    except ValueError:
        wanted = expectation(row.amount.kind, row.amount.limits_of(channel))
        raise BadCommand(f"{command.action.upper()} needs {wanted} ({row.amount.unit}).") from None
    return command


def _of_words(text: str) -> Command:
    """Return the command of a word with a number, of a word, or of a number."""
    if (number := read_number(text)) is not None:
        return Command("value", number)
    word, _, amount = text.partition(" ")
    action = word.lower()
    if action not in ACTIONS or (amount and (number := read_number(amount.strip())) is None):
        raise BadCommand(f"This is no command: send {_FORMS}.")
    return Command(action, number)


def _of_json(text: str) -> Command:
    """Return the command of a JSON object: with `action`, or with the one field of an action."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise BadCommand(f"This is no JSON: send {_FORMS}.") from None
    action, on = found.pop("action", None), found.pop("on", None)
    fields = [name for name in found if name in _BY_FIELD]
    known = len(fields) == len(found) <= 1
    if isinstance(on, bool) and action is None and not found:
        return Command("on" if on else "off")
    if known and on is None and (fields or isinstance(action, str)):
        name = _BY_FIELD[fields[0]] if action is None else str(action).lower()
        amount = found[fields[0]] if fields else None
        right = amount is None or (isinstance(amount, (int, float)) and not isinstance(amount, bool))
        if name in ACTIONS and right and (not fields or _BY_FIELD[fields[0]] == name):
            return Command(name, amount)
    raise BadCommand(f"This JSON is no command: send {_FORMS}.")


def _whole(number: float) -> float:
    """Return a number without a fraction as an integer: `500.0` is what "500" was read as."""
    return int(number) if isinstance(number, float) and number.is_integer() else number
