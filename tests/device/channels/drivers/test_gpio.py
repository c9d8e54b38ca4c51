"""The driver for pins, on a kernel in memory; the boards of tests/vm switch real lines."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any

import pytest

from edgeweb.device.channels import driver_calls as driver_calls_module
from edgeweb.device.channels.channel import ChannelOffline
from edgeweb.device.channels.controller import ChannelController
from edgeweb.device.channels.drivers import DriverError, make_driver
from edgeweb.device.channels.drivers.gpio import Driver, Edges, check
from edgeweb.device.channels.drivers.kernel.gpioline import Line
from edgeweb.device.config.schema import defaults
from edgeweb.device.system import gpiochip
from edgeweb.device.system.header import HEADER, LABELS

from .fake_kernel import (
    DOWN,
    EDGES,
    GET_CHIPINFO,
    GET_LINE,
    GET_LINEINFO,
    GET_VALUES,
    INPUT,
    NO_BIAS,
    OUTPUT,
    SET_VALUES,
    UP,
    FakeChip,
    FakeKernel,
    raspberry_pi_5,
    refuse,
)

Reports = SimpleQueue[tuple[str, "bool | DriverError"]]


def row(**values: Any) -> dict[str, Any]:
    return defaults("channels.*", **{"driver": "gpio", "mode": "output", **values})


def ignore(name: str, level: bool | DriverError) -> None:
    pass


class Collector(Reports):
    """The reports of a driver, from whatever thread."""

    def __call__(self, name: str, level: bool | DriverError) -> None:
        self.put((name, level))

    def next(self) -> tuple[str, bool | DriverError]:
        return self.get(timeout=20)


def bcm2835() -> FakeChip:
    names = ["ID_SDA", "ID_SCL", *(f"GPIO{number}" for number in range(2, 28))]
    return FakeChip("gpiochip0", "pinctrl-bcm2835", names, reserved=[5])


@pytest.fixture
def kernel() -> FakeKernel:
    return FakeKernel(bcm2835(), FakeChip("gpiochip1", "raspberrypi-exp-gpio", ["BT_ON", "WL_ON"]))


@pytest.fixture
def driver(kernel: FakeKernel) -> Iterator[Driver]:
    """A driver; when the test is over it holds no line and no descriptor, and its thread has ended."""
    threads = threading.active_count()
    descriptors = len(os.listdir("/proc/self/fd"))
    driver = Driver(kernel)
    yield driver
    driver.close()
    driver.close()
    assert (kernel.opened, kernel.requests) == ({}, {})
    assert threading.active_count() == threads
    # not "==": what an earlier test has left is closed when it is collected
    assert len(os.listdir("/proc/self/fd")) <= descriptors


def failure(call: Callable[[], object]) -> str:
    with pytest.raises(DriverError) as error:
        call()
    return str(error.value)


# -- outputs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [True, False])
def test_an_output_has_its_level_with_the_request(kernel: FakeKernel, driver: Driver, level: bool) -> None:
    line = kernel.line("gpiochip0", 17)
    assert driver.attach("x", row(line="17", bias="pull-up"), level, ignore) is level
    assert (line.levels, line.flags, line.consumer) == ([level], OUTPUT | UP, "edgeweb")
    assert kernel.opened == {}, "the chip is open no longer than it takes"
    driver.write("x", not level)
    driver.write("x", level)
    assert line.levels == [level, not level, level]
    assert driver.read("x") is level


@pytest.mark.parametrize(
    ("bias", "flag"), [("as-is", 0), ("disabled", NO_BIAS), ("pull-up", UP), ("pull-down", DOWN)]
)
def test_a_line_that_is_left_becomes_an_output_with_the_first_write(
    kernel: FakeKernel, driver: Driver, bias: str, flag: int
) -> None:
    kernel.drive("gpiochip0", 4, True)
    line = kernel.line("gpiochip0", 4)
    assert driver.attach("x", row(line="GPIO4", bias=bias), None, ignore) is True
    assert (line.levels, line.flags) == ([], INPUT), "bias needs a direction: it waits, too"
    driver.write("x", False)
    assert (line.levels, line.flags) == ([False], OUTPUT | flag)
    calls: list[int] = []
    kernel.before = calls.append
    driver.write("x", True)
    assert line.levels == [False, True] and driver.read("x") is True
    assert calls == [SET_VALUES, GET_VALUES], "it is configured once"


def test_a_first_write_that_fails_is_tried_again_as_a_first_write(kernel: FakeKernel, driver: Driver) -> None:
    line = kernel.line("gpiochip0", 4)
    driver.attach("x", row(line="4"), None, ignore)
    line.broken = errno.EIO
    failure(lambda: driver.write("x", True))
    line.broken = 0
    driver.write("x", True)
    assert (line.levels, line.flags & OUTPUT) == ([True], OUTPUT)


def test_closing_gives_lines_back(kernel: FakeKernel, driver: Driver) -> None:
    driver.attach("x", row(line="17"), True, ignore)
    driver.close()
    assert not kernel.line("gpiochip0", 17).used
    assert failure(lambda: driver.write("x", True)) == "the line is not requested"
    assert failure(lambda: driver.read("x")) == "the line is not requested"
    assert driver.attach("x", row(line="17"), False, ignore) is False


def test_a_channel_that_is_attached_again_has_the_new_line_only(kernel: FakeKernel, driver: Driver) -> None:
    driver.attach("x", row(line="17"), True, ignore)
    driver.attach("x", row(line="18"), True, ignore)
    assert [line.name for line in kernel.chip("gpiochip0").lines if line.used] == ["GPIO18"]


def test_no_line_is_closed_while_a_call_is_under_way(kernel: FakeKernel, driver: Driver) -> None:
    """The next file that is opened would get the descriptor's number, and the call."""
    driver.attach("x", row(line="17"), True, ignore)
    (held,) = kernel.requests
    began = threading.Event()
    closed_during: list[bool] = []

    def wait(code: int) -> None:
        if code == SET_VALUES:
            began.set()
            closer.join(0.2)
            closed_during.append(held in kernel.closed)

    kernel.before = wait
    closer = threading.Thread(target=lambda: (began.wait(20), driver.close()))
    closer.start()
    driver.write("x", False)
    closer.join(20)
    assert not closer.is_alive()
    assert closed_during == [False]
    assert held in kernel.closed


# -- chips and lines -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chip", "line", "found"),
    [
        ("", "17", "GPIO17"),
        ("", "GPIO17", "GPIO17"),
        ("", "WL_ON", "WL_ON"),
        ("0", "17", "GPIO17"),
        ("1", "1", "WL_ON"),
        ("gpiochip1", "0", "BT_ON"),
        ("gpiochip1", "BT_ON", "BT_ON"),
        ("/dev/gpiochip1", "0", "BT_ON"),
        ("raspberrypi-exp-gpio", "1", "WL_ON"),
        ("pinctrl-bcm2835", "ID_SDA", "ID_SDA"),
        ("relays", "1", "WL_ON"),
        ("/dev/relays", "WL_ON", "WL_ON"),
    ],
)
def test_a_line_is_found(kernel: FakeKernel, driver: Driver, chip: str, line: str, found: str) -> None:
    kernel.links["/dev/relays"] = "/dev/gpiochip1"
    driver.attach("x", row(chip=chip, line=line), True, ignore)
    used = [line.name for chip in kernel.paths.values() for line in chip.lines if line.used]
    assert used == [found]


@pytest.mark.parametrize("header", ["gpiochip0", "gpiochip4"])
@pytest.mark.parametrize(("chip", "line"), [("", "GPIO17"), ("pinctrl-rp1", "17"), ("pinctrl-rp1", "GPIO17")])
def test_the_header_of_a_raspberry_pi_5_is_found_with_every_kernel(header: str, chip: str, line: str) -> None:
    """Also where /dev/gpiochip4 is a link to gpiochip0: the line is there once."""
    kernel = raspberry_pi_5(header=header)
    driver = Driver(kernel)
    driver.attach("x", row(chip=chip, line=line), True, ignore)
    assert kernel.line(header, 17).levels == [True]
    driver.close()
    assert kernel.opened == {}


@pytest.mark.parametrize("header", ["gpiochip0", "gpiochip4"])
@pytest.mark.parametrize(("pin", "name"), [(11, "GPIO17"), (3, "GPIO2"), (27, "ID_SDA"), (40, "GPIO21")])
def test_a_position_of_the_header(header: str, pin: int, name: str) -> None:
    kernel = raspberry_pi_5(header=header)
    driver = Driver(kernel)
    driver.attach("x", row(pin=pin), True, ignore)
    used = [line.name for chip in kernel.paths.values() for line in chip.lines if line.used]
    assert used == [name]
    driver.close()
    assert kernel.opened == {}


@pytest.mark.parametrize("label", LABELS)
def test_every_model_has_the_same_header(label: str) -> None:
    names = ["ID_SDA", "ID_SCL", *(f"GPIO{number}" for number in range(2, 28))]
    kernel = FakeKernel(FakeChip("gpiochip0", label, names))
    driver = Driver(kernel)
    for pin, found in enumerate(HEADER):
        expected = {"pin"} if isinstance(found, str) else set()
        assert check(row(pin=pin, line="" if pin else "17")).keys() == (expected if pin else set())
        if not isinstance(found, str):
            driver.attach(f"pin{pin}", row(pin=pin), False, ignore)
    assert all(line.used for line in kernel.chip("gpiochip0").lines), (
        "each of the 28 lines is at one position"
    )
    driver.close()


def test_the_header_has_its_power_where_it_is() -> None:
    assert len(HEADER) == 41
    places = {what: [pin for pin, found in enumerate(HEADER) if found == what] for what in set(HEADER)}
    assert places["3.3 V"] == [1, 17] and places["5 V"] == [2, 4]
    assert places["ground"] == [6, 9, 14, 20, 25, 30, 34, 39]


def test_positions_that_are_no_line(kernel: FakeKernel, driver: Driver) -> None:
    assert check(row(pin=17)) == {
        "pin": 'the position of a line: pin 17 is 3.3 V, and GPIO17 is line = "GPIO17"'
    }
    assert check(row(pin=39)) == {"pin": "the position of a line: pin 39 is ground"}
    assert failure(lambda: driver.attach("x", row(pin=39), True, ignore)) == (
        "pin 39 of the header is ground: set pin to the position of a line"
    )
    assert check(row()).keys() == {"line"}
    assert check(row(pin=11, line="17")).keys() == {"line"}
    assert check(row(pin=11, chip="0")).keys() == {"chip"}


def test_a_position_on_a_board_that_is_not_known() -> None:
    kernel = FakeKernel(FakeChip("gpiochip0", "1f02000.gpio", ["PA0", "PA1"]))
    assert failure(lambda: Driver(kernel).attach("x", row(pin=11), True, ignore)) == (
        "pin 11 is only known on the header of a Raspberry Pi, and this machine has gpiochip0 (1f02000.gpio):"
        " set line and chip in place of pin"
    )
    assert failure(lambda: Driver(FakeKernel()).attach("x", row(pin=11), True, ignore)) == (
        "this machine has no GPIO chip (/dev/gpiochip0): load the driver of its pins"
    )
    assert kernel.opened == {}


def test_a_link_without_its_chip_is_passed_over(kernel: FakeKernel, driver: Driver) -> None:
    kernel.links["/dev/gpiochip4"] = "/dev/gpiochip9"
    assert driver.attach("x", row(line="WL_ON"), True, ignore) is True


def test_a_chip_that_may_not_be_opened_does_not_hide_the_others(kernel: FakeKernel, driver: Driver) -> None:
    kernel.refused["/dev/gpiochip0"] = errno.EACCES
    assert driver.attach("x", row(line="WL_ON"), True, ignore) is True


TWO = [FakeChip("gpiochip2", "pcf8574", ["NC", "A", "NC"]), FakeChip("gpiochip3", "pcf8574", ["B", "A"])]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            {"line": "1", "chip": "gpiochip7"},
            'there is no GPIO chip "gpiochip7": set chip to one of gpiochip0 (pinctrl-bcm2835),'
            " gpiochip1 (raspberrypi-exp-gpio), gpiochip2 (pcf8574), gpiochip3 (pcf8574), gpiochip5",
        ),
        ({"line": "1", "chip": "7"}, 'there is no GPIO chip "7": set chip to one of gpiochip0'),
        ({"line": "1", "chip": "/dev/x"}, 'there is no GPIO chip "/dev/x": set chip to one of gpiochip0'),
        ({"line": "1", "chip": "pinctrl"}, 'there is no GPIO chip "pinctrl": set chip to one of gpiochip0'),
        (
            {"line": "1", "chip": "pcf8574"},
            'chip "pcf8574" means gpiochip2, gpiochip3: set chip to one of these names',
        ),
        (
            {"line": "1", "chip": "/dev/null"},
            '/dev/null is not a GPIO chip: set chip to the name of one, such as "gpiochip0"',
        ),
        (
            {"line": "99"},
            "gpiochip0 (pinctrl-bcm2835) has no line 99: set line to a number from 0 to 27",
        ),
        ({"line": "28"}, "gpiochip0 (pinctrl-bcm2835) has no line 28: set line to a number from 0 to 27"),
        ({"line": "9" * 60, "chip": "5"}, "gpiochip5 has no line " + "9" * 60),
        (
            {"line": "gpio17", "chip": "0"},
            'no line of gpiochip0 (pinctrl-bcm2835) has the name "gpio17": set line to "GPIO17"',
        ),
        (
            {"line": "PIN1", "chip": "0"},
            'no line of gpiochip0 (pinctrl-bcm2835) has the name "PIN1": set chip and line to the numbers',
        ),
        ({"line": "", "chip": "5"}, 'no line of gpiochip5 has the name "": set chip and line'),
        ({"line": "PIN1"}, "no line of gpiochip0 (pinctrl-bcm2835), gpiochip1 (raspberrypi-exp-gpio), "),
        (
            {"line": "A", "chip": "pcf8574"},
            'the name "A" belongs to gpiochip2 line 1, gpiochip3 line 1:'
            ' set chip = "gpiochip2" and line = "1", or another of them',
        ),
        (
            {"line": "NC"},
            'the name "NC" belongs to gpiochip2 line 0, gpiochip2 line 2:'
            ' set chip = "gpiochip2" and line = "0", or another of them',
        ),
        (
            {"line": "22"},
            'gpiochip0 line 22 is held by "spi0 CS0": choose another line, or end what holds it',
        ),
        ({"line": "23"}, "gpiochip0 line 23 is held by the kernel or another program: choose another"),
        (
            {"line": "24"},
            'gpiochip0 line 24 is held by "edgeweb" already: give each channel a line of its own,'
            " and run one server",
        ),
        (
            {"line": "5"},
            "gpiochip0 line 5 is reserved on this board, or its chip cannot do what is asked: choose another"
            ' line, or set bias = "as-is"',
        ),
        (
            {"line": "0", "chip": "5", "mode": "input"},
            "gpiochip5 line 0 cannot report edges, because its chip has no interrupts: add poll = 0.1 to the"
            " channel",
        ),
    ],
)
def test_lines_that_cannot_be_had(
    kernel: FakeKernel, driver: Driver, options: dict[str, str], text: str
) -> None:
    for chip in (*TWO, FakeChip("gpiochip5", "", [""], interrupts=False)):
        kernel.plug(chip)
    kernel.files.add("/dev/null")
    kernel.chip("gpiochip0").use(22, "spi0 CS0")
    kernel.chip("gpiochip0").use(23, "")
    driver.attach("other", row(line="24"), True, ignore)
    assert failure(lambda: driver.attach("x", row(**options), True, ignore)).startswith(text)
    assert failure(lambda: driver.write("x", True)) == "the line is not requested"
    assert kernel.opened == {}, "nothing stays open"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (
            errno.EACCES,
            "/dev/gpiochip0 may not be opened: add the user edgeweb to the group gpio"
            " (usermod -aG gpio edgeweb) and restart the server",
        ),
        (
            errno.EPERM,
            "/dev/gpiochip0 is closed to this service: its unit needs DeviceAllow=char-gpiochip rw",
        ),
        (errno.ENODEV, "/dev/gpiochip0 is gone: plug its chip in again, or load the chip's driver"),
        (errno.ENXIO, "/dev/gpiochip0 is gone: plug its chip in again, or load the chip's driver"),
        (
            errno.EMFILE,
            "/dev/gpiochip0 failed (Too many open files): the kernel's log may have the reason (dmesg)",
        ),
    ],
)
@pytest.mark.parametrize("line", ["17", "GPIO17"])
def test_chips_that_cannot_be_opened(
    kernel: FakeKernel, driver: Driver, number: int, text: str, line: str
) -> None:
    kernel.unplug("gpiochip1")
    kernel.refused["/dev/gpiochip0"] = number
    assert failure(lambda: driver.attach("x", row(line=line), True, ignore)) == text


@pytest.mark.parametrize("line", ["17", "GPIO17"])
def test_a_machine_without_chips(line: str) -> None:
    driver = Driver(FakeKernel())
    assert failure(lambda: driver.attach("x", row(line=line), True, ignore)) == (
        "this machine has no GPIO chip (/dev/gpiochip0): load the driver of its pins"
    )


@pytest.mark.parametrize("line", ["17", "GPIO17"])
def test_a_kernel_that_is_too_old(kernel: FakeKernel, driver: Driver, line: str) -> None:
    kernel.version = 1
    assert failure(lambda: driver.attach("x", row(line=line), True, ignore)) == (
        "gpiochip0 (pinctrl-bcm2835) cannot be used with this kernel: update the system, pins need Linux"
        " 5.10 or newer"
    )


@pytest.mark.parametrize("code", [GET_CHIPINFO, GET_LINEINFO, GET_LINE, GET_VALUES])
def test_a_chip_that_vanishes_between_two_calls(kernel: FakeKernel, driver: Driver, code: int) -> None:
    def unplug(number: int) -> None:
        if number == code and "/dev/gpiochip0" in kernel.paths:
            kernel.unplug("gpiochip0")

    kernel.before = unplug
    text = failure(lambda: driver.attach("x", row(chip="0", line="17"), True, ignore))
    assert "gpiochip0" in text and "is gone: plug its chip in again" in text
    assert (kernel.opened, kernel.requests) == ({}, {})


def test_a_list_of_chips_that_fails() -> None:
    class NoDev(FakeKernel):
        def chips(self) -> list[str]:
            raise refuse(errno.EACCES)

    assert failure(lambda: Driver(NoDev()).attach("x", row(line="GPIO17"), True, ignore)) == (
        "listing the GPIO chips failed (Permission denied): the kernel's log may have the reason (dmesg)"
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (errno.ENODEV, "gpiochip0 line 17 is gone: plug its chip in again, or load the chip's driver"),
        (errno.EIO, "gpiochip0 line 17 does not answer: check the wiring and the supply of its chip"),
        (errno.ETIMEDOUT, "gpiochip0 line 17 does not answer: check the wiring and the supply of its chip"),
        (
            errno.ENOMEM,
            "gpiochip0 line 17 failed (Cannot allocate memory): the kernel's log may have the reason (dmesg)",
        ),
    ],
)
def test_a_line_that_fails_in_use(kernel: FakeKernel, driver: Driver, number: int, text: str) -> None:
    line = kernel.line("gpiochip0", 17)
    driver.attach("x", row(line="17"), False, ignore)
    line.broken = number
    assert failure(lambda: driver.write("x", True)) == text
    assert failure(lambda: driver.read("x")) == text
    assert failure(lambda: driver.attach("x", row(line="17"), True, ignore)) == text
    line.broken = 0
    assert driver.attach("x", row(line="17"), True, ignore) is True


def test_an_input_is_not_written(driver: Driver) -> None:
    driver.attach("x", row(line="17", mode="input"), None, ignore)
    assert failure(lambda: driver.write("x", True)) == (
        'gpiochip0 line 17 is an input and cannot be set: set mode = "output"'
    )


def test_signals_disturb_nothing(kernel: FakeKernel, driver: Driver) -> None:
    for call in (
        lambda: driver.attach("x", row(line="GPIO17"), True, ignore),
        lambda: driver.write("x", False),
        lambda: driver.read("x"),
    ):
        kernel.signals = 3
        call()
        assert kernel.signals == 0
    assert kernel.line("gpiochip0", 17).levels == [True, False]


# -- inputs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("bias", "flag", "level"), [("pull-up", UP, True), ("pull-down", DOWN, False)])
def test_an_input_reports_both_edges(
    kernel: FakeKernel, driver: Driver, bias: str, flag: int, level: bool
) -> None:
    report = Collector()
    assert driver.attach("x", row(mode="input", line="17", bias=bias), None, report) is level
    assert kernel.line("gpiochip0", 17).flags == INPUT | EDGES | flag
    for _ in range(3):
        level = not level
        kernel.drive("gpiochip0", 17, level)
        assert report.next() == ("x", level)
        assert driver.read("x") is level


def test_one_thread_waits_for_all_inputs(kernel: FakeKernel, driver: Driver) -> None:
    report = Collector()
    before = threading.active_count()
    for number in (2, 3, 4):
        driver.attach(f"pin{number}", row(mode="input", line=str(number)), None, report)
    assert threading.active_count() == before + 1
    for number in (4, 2, 3):
        kernel.drive("gpiochip0", number, True)
        assert report.next() == (f"pin{number}", True)


def test_inputs_that_are_attached_at_once_share_the_thread(driver: Driver) -> None:
    before = threading.active_count()
    start = threading.Barrier(8)

    def attach(number: int) -> None:
        start.wait(20)
        driver.attach(f"pin{number}", row(mode="input", line=str(number)), None, ignore)

    threads = [threading.Thread(target=attach, args=(number,)) for number in range(10, 18)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    assert threading.active_count() == before + 1


def test_edges_that_the_kernel_had_to_drop(kernel: FakeKernel, driver: Driver) -> None:
    """The last report is the level now, although the edges that led there are lost."""
    report = Collector()
    driver.attach("x", row(mode="input", line="17"), None, report)
    driver.attach("y", row(mode="input", line="18"), None, hold := Holding(report))
    kernel.drive("gpiochip0", 18, True)
    assert hold.holds.wait(20), "the thread is in a report meanwhile"
    for number in range(1, 22):
        kernel.drive("gpiochip0", 17, number % 2 == 1)
    hold.go_on.set()
    assert report.next() == ("y", True)
    levels = [report.next()[1] for _ in range(17)]
    assert levels == [number % 2 == 1 for number in range(6, 22)] + [True]
    kernel.drive("gpiochip0", 17, False)
    assert report.next() == ("x", False)
    kernel.drive("gpiochip0", 18, False)
    assert report.next() == ("y", False), "without another report of the level"


class Holding:
    """A report that takes its time, once."""

    def __init__(self, report: Collector) -> None:
        self.report = report
        self.holds = threading.Event()
        self.go_on = threading.Event()

    def __call__(self, name: str, level: bool | DriverError) -> None:
        self.holds.set()
        assert self.go_on.wait(20)
        self.report(name, level)


def test_a_read_that_a_signal_interrupts_is_repeated(kernel: FakeKernel, driver: Driver) -> None:
    report = Collector()
    driver.attach("x", row(mode="input", line="17"), None, report)
    kernel.signals = 3
    kernel.drive("gpiochip0", 17, True)
    assert report.next() == ("x", True)
    assert kernel.signals == 0


def test_a_chip_that_is_unplugged_while_its_inputs_wait(kernel: FakeKernel, driver: Driver) -> None:
    kernel.plug(FakeChip("gpiochip2", "mcp2221", ["A", "B"]))
    report = Collector()
    driver.attach("x", row(mode="input", chip="2", line="A"), None, report)
    driver.attach("y", row(mode="input", line="17"), None, report)
    kernel.unplug("gpiochip2")
    name, error = report.next()
    assert (name, str(error)) == (
        "x",
        "gpiochip2 line 0 is gone: plug its chip in again, or load the chip's driver",
    )
    kernel.drive("gpiochip0", 17, True)
    assert report.next() == ("y", True), "the others go on, and the one that is gone is told once"
    text = failure(lambda: driver.attach("x", row(mode="input", chip="2", line="A"), None, report))
    assert text.startswith('there is no GPIO chip "2"')

    kernel.plug(FakeChip("gpiochip2", "mcp2221", ["A", "B"]))
    assert driver.attach("x", row(mode="input", chip="2", line="A"), None, report) is False
    kernel.drive("gpiochip2", 0, True)
    assert report.next() == ("x", True)


def test_a_hang_up_is_the_end_of_a_line_even_without_an_error(kernel: FakeKernel, driver: Driver) -> None:
    """It would be reported for ever, and the thread would never rest."""

    def nothing(descriptor: int, size: int) -> bytes:
        raise refuse(errno.EAGAIN)

    report = Collector()
    driver.attach("x", row(mode="input", line="17"), None, report)
    kernel.read = nothing  # type: ignore[method-assign]
    kernel.unplug("gpiochip0")
    name, error = report.next()
    assert (name, isinstance(error, DriverError)) == ("x", True)


def test_no_line_is_closed_while_it_is_taken_off_the_list(kernel: FakeKernel) -> None:
    """The thread takes a line off that has failed, and its channel is attached again at the same time."""
    began = threading.Event()
    closed_during: list[bool] = []

    class SlowLine(Line):
        """A line whose first user lets another thread try to close it whenever the descriptor is needed."""

        def fileno(self) -> int:
            if threading.current_thread() is threading.main_thread() and closer.ident is not None:
                began.set()
                closer.join(0.1)
                closed_during.append(held in kernel.closed)
            return super().fileno()

    def close() -> None:
        began.wait(20)
        edges.remove(line)
        line.close()

    chip = kernel.open("/dev/gpiochip0")
    held = gpiochip.request(kernel, chip, 17, "edgeweb", gpiochip.config(gpiochip.INPUT))
    closer = threading.Thread(target=close)
    line = SlowLine(kernel, "gpiochip0 line 17", held, 0, False)
    edges = Edges()
    edges.add("x", line, ignore)
    closer.start()
    assert edges.remove(line) is True
    closer.join(20)
    assert not closer.is_alive()
    edges.close()
    kernel.close(chip)
    assert closed_during == [False, False]
    assert kernel.requests == {}


def test_a_line_that_is_taken_off_after_the_end(kernel: FakeKernel) -> None:
    """An attempt to reach lost hardware may still be under way when the controller closes its drivers."""
    chip = kernel.open("/dev/gpiochip0")
    held = gpiochip.request(kernel, chip, 17, "edgeweb", gpiochip.config(gpiochip.INPUT))
    kernel.close(chip)
    line = Line(kernel, "gpiochip0 line 17", held, 0, False)
    edges = Edges()
    edges.add("x", line, ignore)
    edges.close()
    assert edges.remove(line) is False
    with pytest.raises(ValueError):
        edges.add("x", line, ignore)
    line.close()


def test_an_input_that_is_attached_again_while_the_thread_waits(kernel: FakeKernel, driver: Driver) -> None:
    """`poll` would hold the line that is closed, and it could not be requested again."""
    report = Collector()
    options = row(mode="input", line="17")
    driver.attach("x", options, None, report)
    for level in (True, False, True):
        assert driver.attach("x", options, None, report) is not level
        kernel.drive("gpiochip0", 17, level)
        assert report.next() == ("x", level)


def test_without_interrupts_an_input_is_polled(kernel: FakeKernel, driver: Driver) -> None:
    kernel.plug(FakeChip("gpiochip2", "pcf8574", ["A"], interrupts=False))
    options = row(mode="input", chip="2", line="A", poll=0.1, bias="pull-up")
    assert driver.attach("x", options, None, ignore) is True
    assert kernel.line("gpiochip2", 0).flags == INPUT | UP
    kernel.drive("gpiochip2", 0, False)
    assert driver.read("x") is False


def test_poll_does_not_take_the_edges_away(kernel: FakeKernel, driver: Driver) -> None:
    driver.attach("x", row(mode="input", line="17", poll=0.1), None, ignore)
    assert kernel.line("gpiochip0", 17).flags == INPUT | EDGES


def test_debouncing_is_left_to_the_bank(kernel: FakeKernel, driver: Driver) -> None:
    driver.attach("x", row(mode="input", line="17", debounce=0.02), None, ignore)
    assert kernel.line("gpiochip0", 17).debounce == 0


def test_no_more_threads(kernel: FakeKernel, driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    text = failure(lambda: driver.attach("x", row(mode="input", line="17"), None, ignore))
    assert text.startswith("gpiochip0 line 17: no thread can wait for its edges (can't start new thread)")
    assert kernel.requests == {}


# -- with the controller --------------------------------------------------------------------------------


def test_the_profile_s_driver_has_the_real_kernel() -> None:
    driver = make_driver("gpio")
    assert isinstance(driver, Driver)
    driver.close()


def test_a_bank_on_pins(kernel: FakeKernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver_calls_module, "make_driver", lambda name: Driver(kernel))
    controller = ChannelController(
        {
            "lamp": row(line="GPIO17", at_start="on", inverted=True, at_exit="off"),
            "door": row(line="GPIO22", mode="input", bias="pull-up", inverted=True),
            "held": row(line="ID_SCL", chip="gpiochip0"),
        }
    )
    kernel.chip("gpiochip0").use(1, "sysfs")
    states = {channel.name: channel.current for channel in controller}
    assert states["lamp"].state is True and kernel.line("gpiochip0", 17).levels == [False]
    assert states["door"].state is False
    assert states["held"].reason.startswith('gpiochip0 line 1 is held by "sysfs"')
    controller.set("lamp", False)
    assert kernel.line("gpiochip0", 17).levels == [False, True]
    controller.close()
    assert kernel.line("gpiochip0", 17).levels == [False, True, True]
    assert kernel.requests == {}


def test_a_chip_on_a_bus_that_hangs_keeps_only_its_own_lines_waiting(
    kernel: FakeKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An I2C expander may never answer: the pins of the board are switched all the same."""
    hangs, goes_on = threading.Event(), threading.Event()

    def ioctl(descriptor: int, code: int, buffer: bytearray) -> None:
        held = kernel.requests.get(descriptor)
        if held is not None and held.chip.name == "gpiochip1" and code == SET_VALUES:
            hangs.set()
            assert goes_on.wait(60)
        FakeKernel.ioctl(kernel, descriptor, code, buffer)

    kernel.ioctl = ioctl  # type: ignore[method-assign]
    monkeypatch.setattr(driver_calls_module, "make_driver", lambda name: Driver(kernel))
    monkeypatch.setattr(driver_calls_module, "DEADLINE", 0.5)
    controller = ChannelController(
        {
            "far": row(line="0", chip="gpiochip1"),
            "near": row(line="GPIO17"),
            "named": row(line="18", chip="0"),
        }
    )
    controller.open()
    try:
        with pytest.raises(ChannelOffline, match="did not answer"):
            controller.set("far", True)
        assert hangs.is_set()
        for name in ("near", "named"):
            assert controller.set(name, True).state is True
            assert controller.set(name, False).state is False
        assert controller["far"].current.online is False
    finally:
        goes_on.set()
        controller.close()


def test_a_line_that_is_detached_is_free_and_others_are_held(kernel: FakeKernel, driver: Driver) -> None:
    for name, line in (("x", "GPIO17"), ("y", "GPIO18")):
        driver.attach(name, row(line=line), True, lambda name, level: None)
    driver.detach("x")
    driver.detach("x")
    assert len(kernel.requests) == 1
    with pytest.raises(DriverError):
        driver.write("x", True)
    driver.write("y", False)
    driver.attach("x", row(line="GPIO17"), False, lambda name, level: None)
