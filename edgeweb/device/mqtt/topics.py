"""The names of all topics, and the payloads of states. Functions of their arguments only.

edgeweb/<id>/availability            online, offline        retained; the broker says offline where we cannot
edgeweb/<id>/channels/<name>/state   {"state": "ON", ...}   retained
edgeweb/<id>/channels/<name>/set     ON                     what others send: `commands.py`
edgeweb/<id>/sensors/<name>/state    {"value": 21.5, ...}   retained
edgeweb/<id>/figures                 {"cpu_percent": 3.1}   retained
edgeweb/<id>/warnings                {"problem": "OFF"}     retained
edgeweb/<id>/events                  {"event": "offline"}   faults and warnings as they come and go
edgeweb/<id>/errors                  {"error": "busy", ...} why a command was not run
"""

from __future__ import annotations

import json
from collections.abc import Mapping

ONLINE, OFFLINE = "online", "offline"

#: The words for a state; None is one that is not known.
WORDS = {True: "ON", False: "OFF", None: None}

CHANNELS, SENSORS = "channels", "sensors"


class Topics:
    """The topics of one device below `prefix/id`.

    >>> topics = Topics("edgeweb", "4f2a")
    >>> topics.state("channels", "lamp"), topics.command("lamp")
    ('edgeweb/4f2a/channels/lamp/state', 'edgeweb/4f2a/channels/lamp/set')
    >>> topics.channel_of("edgeweb/4f2a/channels/lamp/set")
    'lamp'
    """

    def __init__(self, prefix: str, device: str) -> None:
        self.root = f"{prefix}/{device}"
        self.availability = f"{self.root}/availability"
        self.figures = f"{self.root}/figures"
        self.warnings = f"{self.root}/warnings"
        self.events = f"{self.root}/events"
        self.errors = f"{self.root}/errors"
        #: All commands, also those of channels that there are not: they get an answer.
        self.commands = f"{self.root}/{CHANNELS}/+/set"

    def state(self, family: str, name: str) -> str:
        """Return the topic of the state of a channel or a sensor."""
        return f"{self.root}/{family}/{name}/state"

    def command(self, name: str) -> str:
        """Return the topic of the commands of a channel."""
        return f"{self.root}/{CHANNELS}/{name}/set"

    def channel_of(self, topic: str) -> str:
        """Return the name of the channel that a command is for; empty for another topic."""
        start, end = f"{self.root}/{CHANNELS}/", "/set"
        if topic.startswith(start) and topic.endswith(end) and len(topic) > len(start) + len(end):
            return topic[len(start) : -len(end)]
        return ""


def channel_payload(state: Mapping[str, object]) -> bytes:
    """Return the payload of a channel of its state in the JSON API, whose `state` is a word here.

    >>> channel_payload({"online": True, "state": None, "busy": False})
    b'{"online":true,"state":null,"busy":false}'
    """
    known = state["state"]
    assert known is None or isinstance(known, bool)
    return compact({**state, "state": WORDS[known]})


def compact(document: object) -> bytes:
    """Return a document as JSON, without spaces."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")
