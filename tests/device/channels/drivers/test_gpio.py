"""The driver for pins, on a kernel in memory; the boards of tests/vm switch real lines."""

from __future__ import annotations

import errno
import threading

import pytest

from edgeweb.device.channels import driver_calls as driver_calls_module
from edgeweb.device.channels.channel import ChannelOffline
from edgeweb.device.channels.controller import ChannelController
from edgeweb.device.channels.drivers import DriverError, make_driver
from edgeweb.device.channels.drivers.gpio import Driver

from .fake_kernel import (
    DOWN,
    GET_VALUES,
    INPUT,
    NO_BIAS,
    OUTPUT,
    SET_VALUES,
    UP,
    FakeKernel,
)
from .pins import failure, ignore, row

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
