"""How a line is named and found, on which chip, and what people read where it cannot be had."""

from __future__ import annotations

import errno

import pytest

from edgeweb.device.channels.drivers.gpio import Driver, check
from edgeweb.device.system.header import HEADER, LABELS

from .fake_kernel import (
    GET_CHIPINFO,
    GET_LINE,
    GET_LINEINFO,
    GET_VALUES,
    FakeChip,
    FakeKernel,
    raspberry_pi_5,
    refuse,
)
from .pins import failure, ignore, row


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
