from __future__ import annotations

from pathlib import Path

import pytest

from edgeweb.device.metrics.firmware import FAULTS, Firmware
from edgeweb.device.metrics.reader import Metrics
from edgeweb.device.system.clock import synchronized
from edgeweb.device.system.executor import Inline
from edgeweb.device.system.source import SourceError

#: Where the kernel has the word: on a Raspberry Pi 4 and on a 5.
PLACES = ("soc/soc:firmware", "soc@107c000000/soc@107c000000:firmware")


def record(root: Path, word: str, place: str = PLACES[0]) -> None:
    folder = root / "sys/devices/platform" / place
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "get_throttled").write_text(word)


@pytest.mark.parametrize("place", PLACES)
def test_bits_for_now_and_since_the_start(tmp_path: Path, place: str) -> None:
    record(tmp_path, "50005\n", place)
    now, since = Firmware(str(tmp_path)).faults()
    assert [fault for fault, is_set in now.items() if is_set] == ["under-voltage", "throttled"]
    assert now == since
    record(tmp_path, "80000\n", place)
    now, since = Firmware(str(tmp_path)).faults()
    assert set(now.values()) == {0}
    assert [fault for fault, is_set in since.items() if is_set] == ["soft-temperature-limit"]


@pytest.mark.parametrize("word", ["", "none", "\xff", "-1", "1_0", "f" * 31])
def test_a_word_that_is_none(tmp_path: Path, word: str) -> None:
    record(tmp_path, word)
    with pytest.raises(SourceError, match="unexpected content"):
        Firmware(str(tmp_path)).faults()


def test_other_boards_have_none(tmp_path: Path) -> None:
    firmware = Firmware(str(tmp_path))
    assert firmware.faults() == ({}, {})
    record(tmp_path, "1")
    assert firmware.faults() == ({}, {}), "nobody looks for it twice"


def test_the_figures_have_them(tmp_path: Path) -> None:
    record(tmp_path, "10001")
    (tmp_path / "run/systemd/timesync").mkdir(parents=True)
    values = Metrics(root=str(tmp_path), executor=Inline()).sample().values
    assert values["power_fault"] == {**dict.fromkeys(FAULTS.values(), 0), "under-voltage": 1}
    assert values["power_fault_since_boot"] == values["power_fault"]
    assert values["clock_synchronized"] == 0


def test_whether_the_network_has_set_the_clock(tmp_path: Path) -> None:
    assert synchronized(str(tmp_path)) is None
    folder = tmp_path / "run/systemd/timesync"
    folder.mkdir(parents=True)
    assert synchronized(str(tmp_path)) == 0
    (folder / "synchronized").touch()
    assert synchronized(str(tmp_path)) == 1
