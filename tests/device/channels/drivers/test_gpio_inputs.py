"""Inputs on pins: edges, the thread that waits for them, and lines that vanish."""

from __future__ import annotations

import errno
import threading

import pytest

from edgeweb.device.channels.drivers import DriverError
from edgeweb.device.channels.drivers.gpio import Driver, Edges
from edgeweb.device.channels.drivers.kernel.gpioline import Line
from edgeweb.device.system import gpiochip

from .fake_kernel import (
    DOWN,
    EDGES,
    INPUT,
    UP,
    FakeChip,
    FakeKernel,
    refuse,
)
from .pins import Collector, failure, ignore, row


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
