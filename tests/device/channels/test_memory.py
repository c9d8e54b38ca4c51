"""What is remembered of channels, while one thread switches and another writes: the last state is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from edgeweb.device.channels import memory as memory_module
from edgeweb.device.channels.channel import Channel, Group
from edgeweb.device.channels.memory import ChannelMemory
from edgeweb.device.config.schema import defaults
from edgeweb.device.storage.store import Store
from tests.interleaving import check_serial, watch_locks


class Remembering:
    """An output that is restored at the start, and what was promised to be done later."""

    def __init__(self) -> None:
        self.store = Store("")
        self.later: list[Callable[[], object]] = []
        self.memory = ChannelMemory(self.store, lambda seconds, call: self.later.append(call))
        row = defaults("channels.*", driver="memory", mode="output", at_start="restore")
        self.lamp = Channel("lamp", row, 0.0, Group())
        self.fan = Channel("fan", row, 0.0, Group())
        self.switch(self.lamp)

    def switch(self, channel: Channel) -> None:
        channel.wanted = not channel.wanted
        self.memory.remember(channel)

    def rows(self) -> list[tuple[Any, ...]]:
        """What the store has in the end."""
        for call in self.later:
            call()
        return self.store.read("SELECT name, state FROM channels ORDER BY name")


def flush(remembering: Remembering) -> None:
    remembering.memory.flush()


def switch_lamp(remembering: Remembering) -> None:
    remembering.switch(remembering.lamp)


def switch_fan(remembering: Remembering) -> None:
    remembering.switch(remembering.fan)


@pytest.mark.parametrize(
    "calls", [(flush, switch_lamp), (flush, switch_fan), (switch_lamp, flush), (switch_fan, flush)]
)
def test_the_last_state_of_an_output_is_written(monkeypatch: pytest.MonkeyPatch, calls: Any) -> None:
    watch_locks(monkeypatch, memory_module)
    check_serial(memory_module, Remembering, *calls, Remembering.rows)
