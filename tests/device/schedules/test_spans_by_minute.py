"""For any spans, restarts, power cuts and clocks that are set: each output is what a list of minutes has."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgeweb.device.config.profile import Profile, load
from edgeweb.device.schedules.localtime import DAYS
from edgeweb.device.schedules.scheduler import CLOCK_POLL

from ..conftest import CHANNELS
from ..people import SOMEBODY
from .conftest import MORE, Bench, local

#: The second one is restored at a start.
OUTPUTS = ("lamp", "pump")

#: Without the hour that is skipped or comes twice: what it means is the matter of `test_spans.py`.
MINUTES = st.integers(0, 1439).filter(lambda minute: not 120 <= minute < 180)


class Span(NamedTuple):
    channel: str
    at: int
    until: int
    days: list[str]

    def covers(self, day: str, before: str, minute: int) -> bool:
        """Return whether it covers a minute of a day by the clock on the wall."""
        if self.at < self.until:
            return day in self.days and self.at <= minute < self.until
        return (day in self.days and minute >= self.at) or (before in self.days and minute < self.until)

    def fields(self) -> dict[str, object]:
        at, until = (f"{minute // 60:02}:{minute % 60:02}" for minute in (self.at, self.until))
        fixed = {"channel": self.channel, "action": "on", "kind": "span"}
        return {**fixed, "at": at, "until": until, "days": self.days}


SPANS = st.builds(
    Span, st.sampled_from(OUTPUTS), MINUTES, MINUTES, st.lists(st.sampled_from(DAYS), min_size=1, unique=True)
).filter(lambda span: span.at != span.until)

#: What happens, and for how many minutes.
STEPS = st.one_of(
    st.tuples(st.just("go"), st.integers(1, 400)),
    st.tuples(st.sampled_from(["restart", "boot", "cut"]), st.integers(0, 3000)),
    st.tuples(st.just("set"), st.integers(2, 600) | st.integers(-600, -2)),
)


def expected(spans: list[Span], channel: str, moment: float) -> bool:
    now = time.localtime(moment)
    day, before = DAYS[now.tm_wday], DAYS[now.tm_wday - 1]
    minute = now.tm_hour * 60 + now.tm_min
    return any(span.channel == channel and span.covers(day, before, minute) for span in spans)


def do(bench: Bench, step: str, minutes: int, check: Callable[[], None]) -> None:
    if step == "go":
        for _ in range(minutes):
            bench.go(60)
            check()
    elif step == "set":
        bench.wall += minutes * 60
        bench.go(CLOCK_POLL)
    elif step == "cut":
        bench.off(minutes * 60)
    else:
        bench.restart(minutes * 60, boot=step == "boot")
    bench.go(1)
    check()


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(SPANS, min_size=1, max_size=4),
    st.sampled_from(["2027-01-13 06:00:00", "2027-03-27 20:00:00", "2027-10-30 20:00:00"]),
    st.lists(STEPS, min_size=1, max_size=6),
)
def test_each_minute(spans: list[Span], begin: str, steps: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        bench = Bench(profile(Path(folder)), Path(folder) / "root")
        bench.synchronise()
        bench.wall = local(begin)
        bench.go(CLOCK_POLL)
        try:
            for number, span in enumerate(spans):
                bench.device.schedules.put(SOMEBODY, f"s{number}", span.fields())

            def check() -> None:
                for channel in OUTPUTS:
                    found = bench.device.channels[channel].current.state
                    assert found is expected(spans, channel, bench.wall), (channel, time.ctime(bench.wall))

            bench.go(1)
            check()
            for step, minutes in steps:
                do(bench, step, minutes, check)
        finally:
            bench.device.close()


def profile(folder: Path) -> Profile:
    file = folder / "test.toml"
    file.write_text(f'[storage]\nstate = "{folder}/state"\n{CHANNELS}{MORE}')
    return load(file, None, system=str(folder / "etc"))
