"""What the tests of the driver for pins share: a board, the row of a channel, reports."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

import pytest

from edgeweb.device.channels.drivers import DriverError
from edgeweb.device.config.schema import defaults

from .fake_kernel import (
    FakeChip,
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


def failure(call: Callable[[], object]) -> str:
    with pytest.raises(DriverError) as error:
        call()
    return str(error.value)
