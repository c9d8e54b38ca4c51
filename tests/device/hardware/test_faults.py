"""A bus that is broken, slow or full: its own rows suffer, and the others' do not."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edgeweb.device.hardware import hwmon, leds, tree
from edgeweb.device.hardware.reader import BUSES, DEADLINE, FRESH, LONGEST, Bus, Hardware
from edgeweb.device.hardware.tree import MAX_NAMES, MAX_ROWS, Limit
from edgeweb.device.system import poller
from edgeweb.device.system.executor import Executor

from ..channels.drivers.fake_kernel import GET_LINEINFO, FakeChip, FakeKernel
from .trees import plant

FOLDERS = {
    "leds": "sys/class/leds",
    "pwm": "sys/class/pwm",
    "onewire": "sys/bus/w1/devices",
    "iio": "sys/bus/iio/devices",
    "hwmon": "sys/class/hwmon",
    "i2c": "sys/bus/i2c/devices",
}


def by_name(hardware: Hardware) -> dict[str, Bus]:
    return {bus.name: bus for bus in hardware.buses({})}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_that_is_none_costs_its_own_bus(name: str, tmp_path: Path) -> None:
    root, kernel = plant(tmp_path, "raspberry-pi-4")
    whole = by_name(Hardware(str(root), kernel))
    folder = root / FOLDERS[name]
    if folder.exists():
        folder.rename(tmp_path / "aside")
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("no folder")
    found = by_name(Hardware(str(root), kernel))
    assert str(found[name].error) == "Not a directory"
    assert found[name].to_json() == {"rows": [], "truncated": False, "reason": "Not a directory"}
    assert all(found[other] == whole[other] for other in BUSES if other != name)


def test_a_folder_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    root, kernel = plant(tmp_path, "raspberry-pi-3")
    monkeypatch.setattr(os, "scandir", refuse)
    found = by_name(Hardware(str(root), kernel))
    assert {str(bus.error) for name, bus in found.items() if name != "gpio"} == {"Permission denied"}
    assert found["gpio"].error is None and found["gpio"].rows


@pytest.fixture
def released() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_a_bus_that_hangs_keeps_nothing_else_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, released: threading.Event
) -> None:
    now = 100.0
    log: list[str] = []
    root, kernel = plant(tmp_path, "raspberry-pi-5")
    really = hwmon.names

    def hang(*arguments: str) -> list[str]:
        released.wait()
        return really(*arguments)

    monkeypatch.setattr(hwmon, "names", hang)
    monkeypatch.setattr(poller, "FIRST", 0.01)
    hardware = Hardware(str(root), kernel, lambda: now, Executor(), log.append)
    hardware.buses({})  # the test's clock stands: no other thread takes the round over yet
    for _ in range(4):
        now += DEADLINE
        found = by_name(hardware)
    assert str(found["hwmon"].error) == "no answer within 5 s"
    assert [name for name, bus in found.items() if bus.error is not None] == ["hwmon"]
    assert found["i2c"].rows, "it comes after the one that hangs"
    assert log == ["hardware hwmon cannot be read: no answer within 5 s"]


def test_one_that_has_not_answered_yet_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, released: threading.Event
) -> None:
    root, kernel = plant(tmp_path, "raspberry-pi-3")
    monkeypatch.setattr(leds, "names", lambda *arguments: released.wait() and [])
    monkeypatch.setattr(poller, "FIRST", 0.01)
    hardware = Hardware(str(root), kernel, lambda: 100.0, Executor())
    assert str(by_name(hardware)["leds"].error) == "no answer yet"


def test_a_command_waits_for_the_deadline_and_not_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, released: threading.Event
) -> None:
    now = 100.0

    def pause(seconds: float) -> None:
        nonlocal now
        now += seconds

    root, kernel = plant(tmp_path, "raspberry-pi-3")
    monkeypatch.setattr(leds, "names", lambda *arguments: released.wait() and [])
    monkeypatch.setattr(poller, "FIRST", 0.01)
    hardware = Hardware(str(root), kernel, lambda: now, Executor())
    hardware.wait(pause)
    assert str(by_name(hardware)["leds"].error) == "no answer within 5 s"
    assert 100 + DEADLINE <= now <= 100 + DEADLINE + 1


def test_what_was_read_is_shown_for_a_moment(tmp_path: Path) -> None:
    now = 100.0
    root, kernel = plant(tmp_path, "raspberry-pi-3")
    hardware = Hardware(str(root), kernel, lambda: now)
    first = by_name(hardware)["leds"].rows
    (root / "sys/class/leds/PWR").unlink()
    assert by_name(hardware)["leds"].rows == first
    now += FRESH
    assert len(by_name(hardware)["leds"].rows) == len(first) - 1
    assert LONGEST > FRESH


# -- chips ------------------------------------------------------------------------------------------------


def test_a_chip_that_may_not_be_opened_says_what_to_do(tmp_path: Path) -> None:
    root, kernel = plant(tmp_path, "raspberry-pi-3")
    kernel.refused["/dev/gpiochip1"] = errno.EACCES
    closed = by_name(Hardware(str(root), kernel))["gpio"].rows[1]
    assert closed["chip"] == "gpiochip1" and closed["lines"] == []
    assert "usermod -aG gpio edgeweb" in closed["reason"]


def test_a_chip_that_goes_while_it_is_described(tmp_path: Path) -> None:
    root, kernel = plant(tmp_path, "raspberry-pi-3")
    calls = 0

    def before(code: int) -> None:
        nonlocal calls
        calls += code == GET_LINEINFO
        if code == GET_LINEINFO and calls == 3:
            kernel.unplug("gpiochip0")

    kernel.before = before
    gone, other = by_name(Hardware(str(root), kernel))["gpio"].rows
    assert gone["reason"].startswith("gpiochip0 is gone") and len(gone["lines"]) == 2
    assert "reason" not in other and other["lines"]
    assert kernel.opened == {}


def test_a_kernel_that_is_too_old(tmp_path: Path) -> None:
    root, kernel = plant(tmp_path, "raspberry-pi-3")
    kernel.version = 1
    rows = by_name(Hardware(str(root), kernel))["gpio"].rows
    assert all("Linux 5.10" in row["reason"] and row["lines"] == [] for row in rows)


@pytest.mark.parametrize("make", [Path.touch, os.mkfifo, Path.mkdir])
def test_what_stands_in_the_place_of_a_chip_is_not_opened(tmp_path: Path, make: Any) -> None:
    (tmp_path / "dev").mkdir()
    make(tmp_path / "dev/gpiochip0")
    (row,) = by_name(Hardware(str(tmp_path)))["gpio"].rows
    assert row["reason"].startswith("/dev/gpiochip0 is not a GPIO chip")


def test_a_link_without_its_chip_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/gpiochip4").symlink_to("gpiochip0")
    assert by_name(Hardware(str(tmp_path)))["gpio"].rows == []


# -- bounds -----------------------------------------------------------------------------------------------


def test_a_bus_has_so_many_rows_at_most(tmp_path: Path) -> None:
    kernel = FakeKernel(*(FakeChip(f"gpiochip{number}", "", ["-"] * 100) for number in range(8)))
    for number in range(600):
        (tmp_path / f"sys/class/leds/led{number}").mkdir(parents=True)
    for number in range(100):
        folder = tmp_path / f"sys/class/hwmon/hwmon{number}"
        folder.mkdir(parents=True)
        for sensor in range(9):
            (folder / f"temp{sensor}_input").touch()
    found = by_name(Hardware(str(tmp_path), kernel))
    assert [name for name, bus in found.items() if bus.is_cut] == ["gpio", "leds", "hwmon"]
    assert len(found["leds"].rows) == MAX_ROWS
    for name, parts in (("gpio", "lines"), ("hwmon", "inputs")):
        rows = found[name].rows
        assert sum(1 + len(row[parts]) for row in rows) == MAX_ROWS


def test_a_controller_with_more_outputs_than_there_are(tmp_path: Path) -> None:
    folder = tmp_path / "sys/class/pwm/pwmchip0"
    folder.mkdir(parents=True)
    for count, found in ((b"4096", MAX_ROWS - 1), (b"99999999999999999999", 0), (b"-1", 0)):
        (folder / "npwm").write_bytes(count)
        (row,) = by_name(Hardware(str(tmp_path), FakeKernel()))["pwm"].rows
        assert len(row["outputs"]) == found


def test_names_are_bounded_clean_and_in_their_order(tmp_path: Path) -> None:
    for name in ("led10", "led9", "l\ned", "\u202eled", os.fsdecode(b"l\xfc"), "Ü"):
        (tmp_path / name).touch()
    assert tree.names(str(tmp_path), "") == ["led9", "led10", "Ü"]
    assert tree.names(str(tmp_path), "none") == []
    many = tmp_path / "many"
    many.mkdir()
    for number in range(MAX_NAMES + 10):
        (many / str(number)).touch()
    assert len(tree.names(str(tmp_path), "many")) == MAX_NAMES


def test_values_are_bounded_and_clean(tmp_path: Path) -> None:
    root = str(tmp_path)
    for content, text, number in (
        (b"255\n", "255", 255),
        (b"256\n", "256", None),
        (b"\xd9\xa3\n", "٣", None),
        (b"", "", None),
        (b"a\x1b[31mb\n\n", "ab", None),
        (b"x" * 100_000, "x" * 79 + "…", None),
    ):
        (tmp_path / "value").write_bytes(content)
        assert tree.text(root, "value") == text
        assert tree.number(root, "value", 255) == number
    os.mkfifo(tmp_path / "pipe")
    assert tree.text(root, "pipe") == ""


def test_a_limit_counts_across_lists() -> None:
    limit = Limit(4)
    assert [[*limit.take("abc")], [*limit.take("")], [*limit.take("de")]] == [["a", "b", "c"], [], ["d"]]
    assert limit.is_reached
    exact = Limit(2)
    assert [*exact.take("ab")] == ["a", "b"] and not exact.is_reached
