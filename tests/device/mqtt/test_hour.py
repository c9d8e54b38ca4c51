"""An hour without a broker, on a clock of the test's own: what waits stays small, and the newest is kept."""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from edgeweb.device.config.profile import Profile
from edgeweb.device.device import Device
from edgeweb.device.mqtt.outbox import MAX_EVENTS
from edgeweb.device.mqtt.publisher import Publisher
from edgeweb.device.system.clock import WallClock

from ..people import SOMEBODY
from .conftest import PROFILE

HOUR = 3600
#: Bytes that an hour's outage may add.
BAR = 500_000


def forever_away(publisher: Publisher) -> None:
    """The link has found no broker, and does not look for one: its thread has a clock that is real."""
    publisher.link.open = lambda: None  # type: ignore[method-assign]


@pytest.mark.slow
def test_an_hour_without_a_broker(make_profile: Callable[..., Profile], tmp_path: Path) -> None:
    soil = tmp_path / "soil"
    soil.write_text("21.5")
    words = {"PORT": "1", "USER": "shed", "FOLDER": str(tmp_path), "MORE": 'audit = true\ninterval = "1 min"'}
    toml = PROFILE
    for word, text in words.items():
        toml = toml.replace(word, text)
    (tmp_path / "password").write_text("secret\n")
    now = [1000.0]
    device = Device(
        make_profile(toml), WallClock(lambda: now[0], lambda: now[0] + 1_800_000_000), threaded=False
    )
    device.start()
    publisher = device.broker = Publisher(device, "0.1.0")
    forever_away(publisher)
    publisher.open()
    numbers = count()

    def live(seconds: int) -> None:
        """Somebody switches each second, and the sensor is lost and found again."""
        for _ in range(seconds):
            number = next(numbers)
            now[0] += 1.0
            device.act(SOMEBODY, "lamp", "on" if number % 2 else "off", None)
            soil.unlink() if number % 60 == 30 else soil.write_text(f"{20 + number % 7}")
            for timers in (device.timers, device.channel_timers, device.event_timers):
                timers.run_due()

    try:
        live(600)  # the rings and tables of the device itself are full, or grow no faster
        gc.collect()
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        live(HOUR)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
        waiting = [publisher.link.outbox.take() for _ in range(len(publisher.link.outbox))]
    finally:
        tracemalloc.stop()
        device.close()
    assert publisher.link.outbox.lost > HOUR - MAX_EVENTS
    assert after - before < BAR
    events = [json.loads(one.payload) for one in waiting if one is not None and not one.retain]
    assert len(events) == MAX_EVENTS and {"audit", "warning"} >= {one["event"] for one in events[-2:]}
