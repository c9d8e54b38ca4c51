"""The kernel's structures and calls: against what a C compiler says of linux/gpio.h, and on a kernel in
memory."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edgeweb.device.system import gpiochip
from edgeweb.device.system.gpiochip import (
    EDGE_FALLING,
    EDGE_RISING,
    INPUT,
    OUTPUT,
    PULL_UP,
    ChipInfo,
    Edge,
    LineInfo,
)

from . import fake_kernel
from .fake_kernel import FakeChip, FakeKernel

#: By gcc of Debian 12 from linux/gpio.h of Linux 6.1, the same with -m64 and -m32: name, size, call, number.
#: -m32 is i386, where a 64-bit number is aligned to 4 bytes; on ARM it is to 8, as on 64-bit machines.
COMPILED: list[tuple[gpiochip.Structure, type[ctypes.Structure], int, dict[gpiochip.Call, int]]] = [
    (gpiochip.CHIP_INFO, fake_kernel.ChipInfo, 68, {gpiochip.GET_CHIPINFO: 0x8044B401}),
    (gpiochip.LINE_INFO, fake_kernel.LineInfo, 256, {gpiochip.GET_LINEINFO: 0xC100B405}),
    (gpiochip.ATTRIBUTE, fake_kernel.ConfigAttribute, 24, {}),
    (gpiochip.DEBOUNCE_ATTRIBUTE, fake_kernel.ConfigAttribute, 24, {}),
    (gpiochip.CONFIG, fake_kernel.Config, 272, {gpiochip.SET_CONFIG: 0xC110B40D}),
    (gpiochip.REQUEST, fake_kernel.Request, 592, {gpiochip.GET_LINE: 0xC250B407}),
    (
        gpiochip.VALUES,
        fake_kernel.Values,
        16,
        {gpiochip.GET_VALUES: 0xC010B40E, gpiochip.SET_VALUES: 0xC010B40F},
    ),
    (gpiochip.EVENT, fake_kernel.Event, 48, {}),
]


@pytest.fixture
def kernel() -> FakeKernel:
    return FakeKernel(FakeChip("gpiochip0", "pinctrl-bcm2835", ["ID_SDA", "GPIO1", ""], reserved=[2]))


@pytest.fixture
def chip(kernel: FakeKernel) -> Iterator[int]:
    descriptor = kernel.open("/dev/gpiochip0")
    yield descriptor
    for held in list(kernel.requests):
        kernel.close(held)
    kernel.close(descriptor)


def refused(call: Callable[[], object]) -> int | None:
    with pytest.raises(OSError) as error:
        call()
    return error.value.errno


@pytest.mark.parametrize(("structure", "twin", "size", "calls"), COMPILED)
def test_sizes_and_numbers_are_the_compiler_s(
    structure: gpiochip.Structure, twin: type, size: int, calls: dict[gpiochip.Call, int]
) -> None:
    assert structure.size == size == ctypes.sizeof(twin)
    for call, number in calls.items():
        assert (call.code, call.structure) == (number, structure)


def offsets(structure: type[ctypes.Structure], prefix: str = "") -> dict[str, int]:
    return {prefix + name: getattr(structure, name).offset for name, _ in structure._fields_}


def test_the_twins_of_the_stand_in_lie_as_the_compiler_lays_them() -> None:
    assert offsets(fake_kernel.ChipInfo) == {"name": 0, "label": 32, "lines": 64}
    assert offsets(fake_kernel.LineInfo) == {
        "name": 0, "consumer": 32, "offset": 64, "num_attrs": 68, "flags": 72, "attrs": 80, "padding": 240
    }  # fmt: skip
    assert offsets(fake_kernel.Attribute) == {"id": 0, "padding": 4, "of": 8}
    assert offsets(fake_kernel.ConfigAttribute) == {"attr": 0, "mask": 16}
    assert offsets(fake_kernel.Config) == {"flags": 0, "num_attrs": 8, "padding": 12, "attrs": 32}
    assert offsets(fake_kernel.Request) == {
        "offsets": 0, "consumer": 256, "config": 288, "num_lines": 560, "event_buffer_size": 564,
        "padding": 568, "fd": 588,
    }  # fmt: skip
    assert offsets(fake_kernel.Values) == {"bits": 0, "mask": 8}
    assert offsets(fake_kernel.Event) == {
        "timestamp_ns": 0, "id": 8, "offset": 12, "seqno": 16, "line_seqno": 20, "padding": 24
    }  # fmt: skip


def test_every_field_lies_where_the_twin_has_it() -> None:
    """One field at a time is not zero, on either side."""
    values: dict[str, Any] = {"offset": 0x01020304, "config": b"\1" * 272, "attrs": b"\1" * 160}
    for structure, twin, _, _ in COMPILED:
        for name, empty in structure.unpack(bytes(structure.size)).items():
            value = b"\1" * len(empty) if isinstance(empty, bytes) else values.get(name, 0x0102)
            packed = structure.pack(**{name: value})
            assert structure.unpack(packed)[name] == value
            start = {
                (gpiochip.ATTRIBUTE, "value"): 8,
                (gpiochip.DEBOUNCE_ATTRIBUTE, "value"): 8,
                (gpiochip.ATTRIBUTE, "id"): 0,
                (gpiochip.DEBOUNCE_ATTRIBUTE, "id"): 0,
                (gpiochip.REQUEST, "offset"): 0,
            }.get((structure, name))
            if start is None:
                start = getattr(twin, name).offset
            assert packed[start] == (4 if name == "offset" else 2 if isinstance(value, int) else 1), name
            assert not any(packed[:start]), name


def test_chips_and_lines_are_described(kernel: FakeKernel, chip: int) -> None:
    assert gpiochip.chip_info(kernel, chip) == ChipInfo("gpiochip0", "pinctrl-bcm2835", 3)
    kernel.chip("gpiochip0").use(0, "spi0 CS0")
    assert gpiochip.line_info(kernel, chip, 0) == LineInfo("ID_SDA", "spi0 CS0", gpiochip.USED | INPUT)
    assert gpiochip.line_info(kernel, chip, 1) == LineInfo("GPIO1", "", INPUT)
    assert gpiochip.line_info(kernel, chip, 2).flags & gpiochip.USED
    assert refused(lambda: gpiochip.line_info(kernel, chip, 3)) == errno.EINVAL


def test_names_that_are_no_text(kernel: FakeKernel, chip: int) -> None:
    class Latin(FakeKernel):
        def ioctl(self, descriptor: int, code: int, buffer: bytearray) -> None:
            buffer[:3] = b"\xe9\0x"

    assert gpiochip.chip_info(Latin(), chip).name == "\ufffd"


def test_an_output_has_its_level_from_the_request_on(kernel: FakeKernel, chip: int) -> None:
    held = gpiochip.request(kernel, chip, 1, "edgeweb", gpiochip.config(OUTPUT, True))
    line = kernel.line("gpiochip0", 1)
    assert (line.levels, line.consumer, line.flags) == ([True], "edgeweb", OUTPUT)
    assert gpiochip.get_level(kernel, held) is True
    gpiochip.set_level(kernel, held, False)
    assert gpiochip.get_level(kernel, held) is False
    kernel.close(held)
    assert (line.used, line.flags) == (False, INPUT)


def test_a_line_as_it_is_becomes_an_output_in_one_step(kernel: FakeKernel, chip: int) -> None:
    held = gpiochip.request(kernel, chip, 1, "edgeweb", gpiochip.config(0))
    line = kernel.line("gpiochip0", 1)
    assert (line.levels, line.flags) == ([], INPUT)
    assert refused(lambda: gpiochip.set_level(kernel, held, True)) == errno.EPERM
    gpiochip.set_config(kernel, held, gpiochip.config(OUTPUT | PULL_UP, True))
    assert (line.levels, line.flags) == ([True], OUTPUT | PULL_UP)


def test_the_consumer_is_cut_to_what_the_kernel_takes(kernel: FakeKernel, chip: int) -> None:
    gpiochip.request(kernel, chip, 1, "x" * 40, gpiochip.config(0))
    assert gpiochip.line_info(kernel, chip, 1).consumer == "x" * 31


def test_debouncing_is_for_inputs(kernel: FakeKernel, chip: int) -> None:
    debounced = gpiochip.config(INPUT, debounce=20_000)
    held = gpiochip.request(kernel, chip, 1, "edgeweb", debounced)
    assert kernel.line("gpiochip0", 1).debounce == 20_000
    kernel.close(held)
    output = gpiochip.config(OUTPUT, True, debounce=1)
    assert refused(lambda: gpiochip.request(kernel, chip, 1, "edgeweb", output)) == errno.EINVAL


def test_edges_come_with_the_kernel_s_time(kernel: FakeKernel, chip: int) -> None:
    configuration = gpiochip.config(INPUT | EDGE_RISING | EDGE_FALLING)
    held = gpiochip.request(kernel, chip, 1, "edgeweb", configuration)
    assert refused(lambda: gpiochip.read_edges(kernel, held)) == errno.EAGAIN
    kernel.drive("gpiochip0", 1, True, timestamp=2**40)
    kernel.drive("gpiochip0", 1, False, timestamp=2**40 + 5)
    assert gpiochip.read_edges(kernel, held) == [Edge(2**40, True, 1), Edge(2**40 + 5, False, 2)]
    kernel.unplug("gpiochip0")
    assert refused(lambda: gpiochip.read_edges(kernel, held)) == errno.ENODEV


def test_more_edges_than_the_kernel_keeps(kernel: FakeKernel, chip: int) -> None:
    held = gpiochip.request(kernel, chip, 1, "edgeweb", gpiochip.config(INPUT | EDGE_RISING | EDGE_FALLING))
    for number in range(1, 20):
        kernel.drive("gpiochip0", 1, number % 2 == 1)
    assert [edge.sequence for edge in gpiochip.read_edges(kernel, held)] == list(range(4, 20))


@pytest.mark.parametrize("size", [0, 1, 47, 49])
def test_part_of_an_event(kernel: FakeKernel, chip: int, size: int) -> None:
    class Short(FakeKernel):
        def read(self, descriptor: int, count: int) -> bytes:
            return bytes(size)

    assert refused(lambda: gpiochip.read_edges(Short(), chip)) == errno.EIO


def test_a_signal_repeats_a_call(kernel: FakeKernel, chip: int) -> None:
    kernel.signals = 3
    assert gpiochip.chip_info(kernel, chip).lines == 3
    assert kernel.signals == 0


def test_the_kernel_itself_refuses_a_file_that_is_no_chip() -> None:
    """The one test on the real system calls that any machine can do."""
    kernel = gpiochip.Kernel()
    null = kernel.open(os.devnull)
    try:
        assert refused(lambda: gpiochip.chip_info(kernel, null)) in (errno.ENOTTY, errno.EINVAL)
        assert not os.get_inheritable(null)
        assert kernel.read(null, 48) == b""
    finally:
        kernel.close(null)
    assert refused(lambda: kernel.close(null)) == errno.EBADF
    assert kernel.chips() == sorted(kernel.chips(), key=lambda path: int(path[13:]))


def test_what_is_no_device_is_not_opened_for_info(tmp_path: Path) -> None:
    """The pipe would keep the caller waiting for a writer."""
    kernel = gpiochip.Kernel()
    for name, make in {"gpiochip0": os.mkfifo, "gpiochip1": Path.touch, "gpiochip10": Path.mkdir}.items():
        make(tmp_path / name)
    paths = kernel.chips(str(tmp_path))
    assert [path.rpartition("/")[2] for path in paths] == ["gpiochip0", "gpiochip1", "gpiochip10"]
    for path in paths:
        assert refused(lambda path=path: kernel.open_for_info(path)) == errno.ENOTTY  # type: ignore[misc]
    descriptor = kernel.open_for_info(os.devnull)
    assert fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
    kernel.close(descriptor)
