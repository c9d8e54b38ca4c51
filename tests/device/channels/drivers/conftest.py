from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from edgeweb.device.channels.drivers.gpio import Driver

from .fake_kernel import (
    FakeChip,
    FakeKernel,
)
from .pins import bcm2835


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
