"""The stand-in refuses what the kernel refuses: else the driver's tests would prove nothing."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from typing import Any

import pytest

from .fake_kernel import (
    DEBOUNCE,
    DOWN,
    DRAIN,
    FALLING,
    FLAGS,
    GET_CHIPINFO,
    GET_LINE,
    GET_LINEINFO,
    GET_VALUES,
    HTE,
    INPUT,
    NO_BIAS,
    OUTPUT,
    RISING,
    SET_CONFIG,
    SET_VALUES,
    SOURCE,
    UP,
    USED,
    VALUES,
    FakeChip,
    FakeKernel,
    LineInfo,
    Request,
    Values,
    raspberry_pi_5,
)


@pytest.fixture
def kernel() -> FakeKernel:
    return FakeKernel(
        FakeChip("gpiochip0", "pins", [""] * 70, reserved=[9]),
        FakeChip("gpiochip1", "expander", [""], interrupts=False),
    )


@pytest.fixture
def chip(kernel: FakeKernel) -> Iterator[int]:
    descriptor = kernel.open("/dev/gpiochip0")
    yield descriptor
    for held in list(kernel.requests):
        kernel.close(held)
    kernel.close(descriptor)


def request(kernel: FakeKernel, chip: int, flags: int = INPUT, **fields: Any) -> int:
    """Request lines by the raw structure; returns the descriptor."""
    wanted = Request(num_lines=fields.get("lines", 1))
    wanted.offsets[:] = fields.get("offsets", range(64))
    wanted.config.flags = flags
    wanted.config.num_attrs = fields.get("num_attrs", len(fields.get("attributes", ())))
    for index, (kind, value) in enumerate(fields.get("attributes", ())):
        wanted.config.attrs[index].attr.id = kind
        wanted.config.attrs[index].attr.of.flags = value
        wanted.config.attrs[index].mask = 1
    wanted.padding[4] = fields.get("padding", 0)
    wanted.config.padding[0] = fields.get("config_padding", 0)
    buffer = bytearray(wanted)
    kernel.ioctl(chip, GET_LINE, buffer)
    held = Request.from_buffer_copy(buffer).fd
    os.set_blocking(held, False)
    return held


@pytest.mark.parametrize(
    ("flags", "fields"),
    [
        (INPUT | OUTPUT, {}),
        (UP, {}),
        (INPUT | UP | DOWN, {}),
        (OUTPUT | NO_BIAS | UP, {}),
        (OUTPUT | RISING, {}),
        (FALLING, {}),
        (OUTPUT | DRAIN | SOURCE, {}),
        (INPUT | DRAIN, {}),
        (INPUT | USED, {}),
        (INPUT | 1 << 20, {}),
        (OUTPUT, {"attributes": [(DEBOUNCE, 5)]}),
        (INPUT, {"attributes": [(FLAGS, INPUT | OUTPUT)]}),
        (INPUT, {"num_attrs": 11}),
        (INPUT, {"padding": 1}),
        (INPUT, {"config_padding": 1}),
        (INPUT, {"lines": 0}),
        (INPUT, {"lines": 65}),
        (INPUT, {"offsets": [70, *range(63)]}),
        (INPUT, {"offsets": [9, *range(63)]}),
    ],
)
def test_requests_that_are_invalid(kernel: FakeKernel, chip: int, flags: int, fields: dict[str, Any]) -> None:
    with pytest.raises(OSError) as error:
        request(kernel, chip, flags, **fields)
    assert error.value.errno == errno.EINVAL
    assert kernel.requests == {} and not kernel.line("gpiochip0", 0).used


@pytest.mark.parametrize(
    ("flags", "fields"),
    [
        (0, {}),
        (INPUT | RISING | FALLING | UP, {"attributes": [(DEBOUNCE, 5)]}),
        (OUTPUT | SOURCE | NO_BIAS, {"attributes": [(VALUES, 1)]}),
        (INPUT, {"attributes": [(FLAGS, INPUT)] * 10}),
    ],
)
def test_requests_that_are_valid(kernel: FakeKernel, chip: int, flags: int, fields: dict[str, Any]) -> None:
    assert request(kernel, chip, flags, **fields) in kernel.requests


def test_64_lines_at_once(kernel: FakeKernel) -> None:
    kernel.chip("gpiochip0").reserved.clear()
    chip = kernel.open("/dev/gpiochip0")
    held = request(kernel, chip, OUTPUT, lines=64)
    values = bytearray(Values(bits=1 << 63, mask=1 << 63 | 1))
    kernel.ioctl(held, SET_VALUES, values)
    values = bytearray(Values(mask=2**64 - 1))
    kernel.ioctl(held, GET_VALUES, values)
    assert Values.from_buffer_copy(values).bits == 1 << 63
    kernel.close(chip)
    kernel.close(held)


def test_other_refusals(kernel: FakeKernel, chip: int) -> None:
    held = request(kernel, chip)
    expander = kernel.open("/dev/gpiochip1")
    kernel.files.add("/dev/null")
    null = kernel.open("/dev/null")
    padded = LineInfo()
    padded.padding[3] = 1
    for descriptor, code, buffer, number in [
        (held, SET_VALUES, Values(bits=1, mask=1), errno.EPERM),
        (held, GET_VALUES, Values(), errno.EINVAL),
        (held, SET_VALUES, Values(), errno.EINVAL),
        (held, GET_CHIPINFO, bytes(68), errno.EINVAL),
        (chip, GET_LINEINFO, padded, errno.EINVAL),
        (chip, GET_LINEINFO, LineInfo(offset=70), errno.EINVAL),
        (chip, SET_CONFIG, bytes(272), errno.EINVAL),
        (chip, GET_LINE + (8 << 16), bytes(600), errno.EINVAL),
        (null, GET_CHIPINFO, bytes(68), errno.ENOTTY),
        (9999, GET_CHIPINFO, bytes(68), errno.EBADF),
    ]:
        with pytest.raises(OSError) as error:
            kernel.ioctl(descriptor, code, bytearray(buffer))
        assert error.value.errno == number, (hex(code), number)
    for descriptor, flags, number in [
        (chip, INPUT, errno.EBUSY),
        (chip, INPUT | HTE, errno.EOPNOTSUPP),
        (expander, INPUT | RISING, errno.ENXIO),
    ]:
        with pytest.raises(OSError) as error:
            request(kernel, descriptor, flags)
        assert error.value.errno == number
    for size, number in [(47, errno.EINVAL), (48, errno.EAGAIN)]:
        with pytest.raises(OSError) as error:
            kernel.read(held, size)
        assert error.value.errno == number
    with pytest.raises(AssertionError, match="behind the buffer"):
        kernel.ioctl(chip, GET_LINE, bytearray(591))
    kernel.close(expander)
    kernel.close(null)


def test_a_kernel_before_5_10_knows_chips_only(kernel: FakeKernel, chip: int) -> None:
    kernel.version = 1
    kernel.ioctl(chip, GET_CHIPINFO, bytearray(68))
    for code, size in [(GET_LINEINFO, 256), (GET_LINE, 592)]:
        with pytest.raises(OSError) as error:
            kernel.ioctl(chip, code, bytearray(size))
        assert error.value.errno == errno.EINVAL


@pytest.mark.parametrize("header", ["gpiochip0", "gpiochip4"])
def test_a_raspberry_pi_5_has_its_header_on_one_chip_of_five(header: str) -> None:
    kernel = raspberry_pi_5(header=header)
    lines = {chip.name: len(chip.lines) for chip in kernel.paths.values()}
    assert lines.pop(header) == 54
    assert sorted(lines.values()) == [4, 6, 17, 32]
    assert "/dev/gpiochip4" in kernel.chips()
