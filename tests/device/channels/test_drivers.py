"""The drivers: on recorded trees of /sys, on real programs, and the adapter to gpiod on a stand-in for it.

The kernel's own lines are switched on the emulated boards of tests/vm.
"""

from __future__ import annotations

import enum
import os
import sys
import threading
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from edgeweb.device.channels.drivers import DRIVERS, BaseDriver, DriverError, make_driver, sysfs
from edgeweb.device.schema import defaults


def row(driver: str, **values: Any) -> dict[str, Any]:
    return defaults("channels.*", **{"driver": driver, "mode": "output", **values})


def ignore(name: str, level: bool | DriverError) -> None:
    pass


def record(root: Path, path: str, **files: object) -> Path:
    folder = root / path
    folder.mkdir(parents=True)
    for name, value in files.items():
        (folder / name).write_text(f"{value}\n")
    return folder


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sysfs, "ROOT", str(tmp_path))
    return tmp_path


def test_every_driver_of_the_table_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gpiod", ModuleType("gpiod"))
    for name in DRIVERS:
        assert isinstance(make_driver(name), BaseDriver)
    with pytest.raises(KeyError):
        make_driver("os")


# -- LEDs ----------------------------------------------------------------------------------------------


def test_an_led(root: Path) -> None:
    led = record(root, "sys/class/leds/ACT", brightness=0, max_brightness=255, trigger="mmc0")
    driver = make_driver("led")
    assert driver.attach("x", row("led", line="ACT"), True, ignore) is True
    assert ((led / "brightness").read_text(), (led / "trigger").read_text()) == ("255\n", "none\n")
    driver.write("x", False)
    assert (led / "brightness").read_text() == "0\n"
    assert driver.read("x") is False
    assert driver.attach("x", row("led", line="ACT", mode="pwm"), 0.5, ignore) == pytest.approx(0.5, abs=0.01)


def test_an_led_that_is_left_as_it_is(root: Path) -> None:
    led = record(root, "sys/class/leds/ACT", brightness=7, max_brightness=255, trigger="mmc0")
    assert make_driver("led").attach("x", row("led", line="ACT"), None, ignore) is True
    assert (led / "trigger").read_text() == "mmc0\n"


@pytest.mark.parametrize("line", ["gone", "../../../etc", ".", ".."])
def test_no_led(root: Path, line: str) -> None:
    record(root, "sys/class/leds/ACT", brightness=0, max_brightness=255, trigger="none")
    with pytest.raises(DriverError, match=r"there is no|is not the name"):
        make_driver("led").attach("x", row("led", line=line), None, ignore)


def test_an_led_that_is_unplugged(root: Path) -> None:
    led = record(root, "sys/class/leds/ACT", brightness=0, max_brightness=1, trigger="none")
    driver = make_driver("led")
    driver.attach("x", row("led", line="ACT"), None, ignore)
    (led / "brightness").unlink()
    for call in (lambda: driver.write("x", True), lambda: driver.read("x")):
        with pytest.raises(DriverError, match="No such file"):
            call()
    assert not (led / "brightness").exists(), "no file of ours takes its place"


def test_nonsense_in_sysfs(root: Path) -> None:
    record(root, "sys/class/leds/ACT", brightness="x", max_brightness=1, trigger="none")
    with pytest.raises(DriverError, match="in place of a number"):
        make_driver("led").attach("x", row("led", line="ACT"), None, ignore)


# -- PWM -----------------------------------------------------------------------------------------------


def test_pwm(root: Path) -> None:
    out = record(root, "sys/class/pwm/pwmchip0/pwm1", period=0, duty_cycle=0, enable=0)
    driver = make_driver("pwm")
    options = row("pwm", mode="pwm", line="1", frequency=1000.0)
    assert driver.attach("x", options, 0.25, ignore) == 0.25
    assert [(out / name).read_text() for name in ("period", "duty_cycle", "enable")] == [
        "1000000\n",
        "250000\n",
        "1\n",
    ]
    driver.write("x", 1.0)
    assert (out / "duty_cycle").read_text() == "1000000\n"
    assert driver.read("x") is True


def test_pwm_is_exported_first(root: Path) -> None:
    chip = record(root, "sys/class/pwm/pwmchip2", export="")

    def kernel() -> None:
        while (chip / "export").read_text() != "3\n":
            time.sleep(0.005)
        record(root, "sys/class/pwm/pwmchip2/pwm3", period=0, duty_cycle=0, enable=0)

    thread = threading.Thread(target=kernel)
    thread.start()
    driver = make_driver("pwm")
    assert driver.attach("x", row("pwm", chip="pwmchip2", line="3"), True, ignore) is True
    thread.join(20)


@pytest.mark.parametrize(
    ("chip", "line"), [("pwmchip9", "0"), ("../x", "0"), ("pwmchip0", "one"), ("pwmchip0", "-1")]
)
def test_no_pwm(root: Path, chip: str, line: str) -> None:
    record(root, "sys/class/pwm/pwmchip0/pwm0", period=0, duty_cycle=0, enable=0)
    with pytest.raises(DriverError):
        make_driver("pwm").attach("x", row("pwm", chip=chip, line=line), None, ignore)


# -- commands ------------------------------------------------------------------------------------------


def test_commands(tmp_path: Path) -> None:
    flag = tmp_path / "on; rm -rf $HOME"
    options = row("command", on=("touch", str(flag)), off=("rm", str(flag)), read=("test", "-e", str(flag)))
    driver = make_driver("command")
    assert driver.attach("x", options, None, ignore) is False
    driver.write("x", True)
    assert flag.exists() and driver.read("x") is True, "no shell has looked at the name"
    driver.write("x", False)
    assert driver.read("x") is False
    with pytest.raises(DriverError, match="rm ended with code 1"):
        driver.write("x", False)


def test_commands_that_fail() -> None:
    driver = make_driver("command")
    driver.attach(
        "x", row("command", on=("/no/such/program",), off=("sleep", "9"), timeout=0.1), None, ignore
    )
    with pytest.raises(DriverError, match="No such file"):
        driver.write("x", True)
    with pytest.raises(DriverError, match=r"sleep did not end within 0\.1 s"):
        driver.write("x", False)
    with pytest.raises(DriverError, match="0 is on, 1 is off"):
        driver.attach("y", row("command", read=("sh", "-c", "exit 7")), None, ignore)


def test_without_a_program_to_read_it_is_as_it_was_written() -> None:
    driver = make_driver("command")
    options = row("command", on=("true",), off=("true",))
    assert driver.attach("x", options, True, ignore) is True
    assert driver.attach("x", options, None, ignore) is True


# -- gpiod ---------------------------------------------------------------------------------------------


class Words(enum.Enum):
    """A stand-in for the enumerations of gpiod.line, all in one."""

    INPUT, OUTPUT, AS_IS = "input", "output", "as-is"
    ACTIVE, INACTIVE = True, False
    BOTH, DISABLED, PULL_UP, PULL_DOWN = "both", "disabled", "pull-up", "pull-down"
    RISING_EDGE, FALLING_EDGE = "rising", "falling"


class FakeRequest:
    """One requested line; its events come through a real pipe, as from the kernel."""

    def __init__(self, chip: FakeChip, line: int | str, settings: Any) -> None:
        self.chip, self.line, self.settings = chip, line, settings
        self.fd, self._write = os.pipe()
        self.events: list[Any] = []
        self.broken: OSError | None = None

    def set_value(self, line: int | str, value: Words) -> None:
        if self.broken:
            raise self.broken
        if self.settings.direction is not Words.OUTPUT:
            raise PermissionError(1, "Operation not permitted")
        self.chip.levels[line] = value

    def get_value(self, line: int | str) -> Words:
        if self.broken:
            raise self.broken
        return self.chip.levels.get(line, Words.INACTIVE)

    def reconfigure_lines(self, config: dict[int | str, Any]) -> None:
        (self.settings,) = config.values()
        self.chip.levels[self.line] = self.settings.output_value

    def edge(self, kind: Words) -> None:
        self.events.append(SimpleNamespace(event_type=kind))
        os.write(self._write, b"e")

    def read_edge_events(self) -> list[Any]:
        os.read(self.fd, 64)
        if self.broken:
            raise self.broken
        events, self.events = self.events, []
        return events

    def release(self) -> None:
        self.chip.requests.pop(self.line)
        os.close(self.fd)
        os.close(self._write)


class FakeChip:
    def __init__(self) -> None:
        self.levels: dict[int | str, Words] = {}
        self.requests: dict[int | str, FakeRequest] = {}
        self.opened: list[str] = []


@pytest.fixture
def chip(monkeypatch: pytest.MonkeyPatch) -> FakeChip:
    chip = FakeChip()
    gpiod = ModuleType("gpiod")

    def request_lines(path: str, consumer: str, config: dict[int | str, Any]) -> FakeRequest:
        ((line, settings),) = config.items()
        chip.opened.append(path)
        if path != "/dev/gpiochip0":
            raise FileNotFoundError(2, "No such file or directory")
        if line == "nowhere":
            raise ValueError("unknown line name")
        if line in chip.requests:
            raise OSError(16, "Device or resource busy")
        if settings.output_value is not None:
            chip.levels[line] = settings.output_value
        chip.requests[line] = FakeRequest(chip, line, settings)
        return chip.requests[line]

    def settings(direction: Words, bias: Words, **more: Any) -> Any:
        return SimpleNamespace(**{"direction": direction, "bias": bias, "output_value": None, **more})

    gpiod.request_lines = request_lines  # type: ignore[attr-defined]
    gpiod.LineSettings = settings  # type: ignore[attr-defined]
    gpiod.line = SimpleNamespace(Direction=Words, Value=Words, Bias=Words, Edge=Words)  # type: ignore[attr-defined]
    gpiod.EdgeEvent = SimpleNamespace(Type=Words)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gpiod", gpiod)
    return chip


def test_a_line_is_requested_with_its_first_level(chip: FakeChip) -> None:
    driver = make_driver("gpio")
    assert driver.attach("x", row("gpio", line="17", bias="pull-up"), True, ignore) is True
    settings = chip.requests[17].settings
    assert (settings.direction, settings.output_value, settings.bias) == (
        Words.OUTPUT,
        Words.ACTIVE,
        Words.PULL_UP,
    )
    driver.write("x", False)
    assert chip.levels[17] is Words.INACTIVE
    driver.close()
    driver.close()
    assert chip.requests == {}


def test_a_line_that_is_left_becomes_an_output_with_the_first_write(chip: FakeChip) -> None:
    driver = make_driver("gpio")
    chip.levels["GPIO4"] = Words.ACTIVE
    assert driver.attach("x", row("gpio", line="GPIO4"), None, ignore) is True
    assert chip.requests["GPIO4"].settings.direction is Words.AS_IS
    driver.write("x", False)
    assert chip.levels["GPIO4"] is Words.INACTIVE
    driver.write("x", True)
    assert driver.read("x") is True
    driver.close()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"line": "1", "chip": "gpiochip7"}, "/dev/gpiochip7 line 1: No such file"),
        ({"line": "nowhere"}, "line nowhere: unknown line name"),
        ({"line": "2"}, "line 2: Device or resource busy"),
    ],
)
def test_lines_that_cannot_be_had(chip: FakeChip, options: dict[str, str], reason: str) -> None:
    driver = make_driver("gpio")
    driver.attach("other", row("gpio", line="2"), None, ignore)
    with pytest.raises(DriverError, match=reason):
        driver.attach("x", row("gpio", **options), True, ignore)
    with pytest.raises(DriverError, match="not requested"):
        driver.write("x", True)
    driver.close()


def test_edges_of_inputs_are_reported(chip: FakeChip) -> None:
    seen: list[tuple[str, bool | DriverError]] = []
    arrived = threading.Semaphore(0)

    def report(name: str, level: bool | DriverError) -> None:
        seen.append((name, level))
        arrived.release()

    driver = make_driver("gpio")
    before = threading.active_count()
    driver.attach("a", row("gpio", mode="input", line="1"), None, report)
    driver.attach("b", row("gpio", mode="input", line="2"), None, report)
    assert chip.requests[1].settings.edge_detection is Words.BOTH
    chip.requests[2].edge(Words.RISING_EDGE)
    assert arrived.acquire(timeout=20)
    chip.requests[1].edge(Words.FALLING_EDGE)
    assert arrived.acquire(timeout=20)
    assert seen == [("b", True), ("a", False)]
    assert threading.active_count() == before + 1, "one thread for all inputs"

    chip.requests[1].broken = OSError(19, "No such device")
    chip.requests[1].edge(Words.RISING_EDGE)
    assert arrived.acquire(timeout=20)
    name, error = seen[-1]
    assert (name, str(error)) == ("a", "No such device")
    chip.requests[2].edge(Words.FALLING_EDGE)
    assert arrived.acquire(timeout=20), "the others go on"
    driver.close()
    assert threading.active_count() == before


def test_a_line_that_is_lost_and_had_again(chip: FakeChip) -> None:
    driver = make_driver("gpio")
    driver.attach("x", row("gpio", line="1"), False, ignore)
    chip.requests[1].broken = OSError(19, "No such device")
    for call in (lambda: driver.write("x", True), lambda: driver.read("x")):
        with pytest.raises(DriverError, match="No such device"):
            call()
    assert driver.attach("x", row("gpio", line="1"), True, ignore) is True
    driver.close()
