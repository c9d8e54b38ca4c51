"""A garden on the smallest board: what 16 channels on pins and 16 sensors cost, and how long its pulses are.

Memory and processor are those of one process without them and of the next one with them, both after the same
requests. The processor's time is the guest's, whose clock counts its instructions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from .conftest import Owned, only
from .pulses import check_pulses

pytestmark = pytest.mark.vm

#: Lines that neither the other tests nor the kernel use.
LINES = (5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 18, 19, 20, 21, 22, 26)
#: Seconds without a request, in which the processor's time is taken: three rounds of the sensors.
SECONDS = 30
MAX_KIB = 1000
MAX_PERCENT = 2.0
_FILE = "/etc/edgeweb/edgeweb.toml.d/garden.toml"
_ASKED = ("/api/v1/status", "/api/v1/channels", "/api/v1/sensors", "/metrics")


def garden() -> str:
    """Return the profile of the garden: every other sensor reads the kernel's thermometer."""
    beds = [f'[channels.bed{n}]\ndriver = "gpio"\nmode = "output"\nline = "{n}"\n' for n in LINES]
    soil = [
        f'[sensors.soil{n}]\nkind = "file"\npath = "/run/garden/{n}"\nunit = "%"\nlow = 20\nhigh = 80\n'
        if n % 2
        else f'[sensors.soil{n}]\nkind = "hwmon"\nchip = "cpu_thermal"\n'
        for n in range(16)
    ]
    return "".join(beds + soil)


class Cost(NamedTuple):
    """What a process takes."""

    kib: int
    #: Percent of the processor.
    percent: float


def restart(board: Owned) -> None:
    """Start the service again, and forget how often that was: systemd allows a few starts in a while only."""
    board.guest.run("systemctl restart edgeweb && systemctl reset-failed edgeweb")
    board.device.wait_until_it_serves()


def cost(board: Owned) -> Cost:
    """Start the service, ask for what people look at, and weigh it."""
    restart(board)
    for path in _ASKED:
        assert board.look(path)[0] == 200
    pid = board.guest.unit()["MainPID"]
    ticks = f"cut -d' ' -f14,15 /proc/{pid}/stat"
    script = f"{ticks}; sleep {SECONDS}; {ticks}; getconf CLK_TCK; grep ^Rss: /proc/{pid}/smaps_rollup"
    before, after, second, rss = board.guest.run(script, timeout=10 * SECONDS).text.splitlines()
    taken = sum(map(int, after.split())) - sum(map(int, before.split()))
    return Cost(int(rss.split()[1]), 100 * taken / int(second) / SECONDS)


@pytest.fixture(scope="module")
def costs(board: Owned) -> Iterator[tuple[Cost, Cost]]:
    """What the service takes without a garden and with one, which is there until the last test has ended."""
    without = cost(board)
    board.guest.run("mkdir -p /run/garden; for n in $(seq 0 15); do echo 45 >/run/garden/$n; done")
    board.guest.write(_FILE, garden())
    board.guest.run(f"chgrp edgeweb {_FILE}; chmod g+r {_FILE}")
    planted = cost(board)
    print(f"without a garden: {without}; with one: {planted}")
    yield without, planted
    board.guest.run(f"rm {_FILE}")
    restart(board)


@only("zero")
def test_all_of_it_is_online(costs: tuple[Cost, Cost], board: Owned) -> None:
    sensors = board.ask("/api/v1/sensors")["sensors"]
    assert [one["online"] for one in sensors] == [True] * 16, sensors
    channels = board.ask("/api/v1/channels")["channels"]
    assert sum(one["id"].startswith("bed") and one["online"] for one in channels) == 16, channels


@only("zero")
def test_its_memory(costs: tuple[Cost, Cost], board: Owned) -> None:
    without, planted = costs
    assert planted.kib - without.kib <= MAX_KIB


@only("zero")
def test_its_processor(costs: tuple[Cost, Cost], board: Owned) -> None:
    assert costs[1].percent < MAX_PERCENT


@only("zero")
def test_its_pulses(costs: tuple[Cost, Cost], board: Owned) -> None:
    check_pulses(board)
