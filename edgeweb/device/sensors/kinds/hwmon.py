"""Inputs of the kernel's hardware monitoring: temperatures, voltages, currents, power, fans, humidity.

    [sensors.supply]
    kind = "hwmon"
    chip = "rpi_volt"
    input = "in0"

A chip is called by its name, its label, or its address on the bus where two have the same name; an input by
its name (`temp1`) or its label (`CPU`).

Source: the kernel's Documentation/hwmon/sysfs-interface.rst.
"""

from __future__ import annotations

import os
import re

from ...system.kernel_units import HWMON
from ...system.source import SourceError
from ...system.text import clean
from ..kernel_files import find_device, names_of, read_name, read_number
from . import BaseInput, Option, Options

OPTIONS = (
    Option("chip", "string", 100, "", "Name, label or bus address of the chip, `cpu_thermal`.", needed=True),
    Option("input", "string", 100, "temp1", "Name or label of one of its inputs."),
)

_INPUT = re.compile(rf"({'|'.join(HWMON)})\d{{1,3}}", re.ASCII)
_FILE = re.compile(rf"((?:{'|'.join(HWMON)})\d{{1,3}})_(input|average)", re.ASCII)


class Input(BaseInput):
    """An input of a chip."""

    __slots__ = ("_chip", "_folder", "_found", "_input", "_name")

    def __init__(self, options: Options, root: str = "/") -> None:
        super().__init__(options, root)
        self._chip: str = options["chip"]
        self._input: str = options["input"]
        self._folder = os.path.join(root, "sys/class/hwmon")
        #: The folder of the chip and the name of the input, as they were found last.
        self._found = ""
        self._name = ""
        self._take_unit(self._input)

    def read(self) -> float:
        if not self._found or self._chip not in names_of(self._found):
            self._found = ""
            found = find_device(self._folder, "hwmon", self._chip)
            self._name = self._find_input(found)
            self._found = found
            self._take_unit(self._name)
        path = os.path.join(self._found, self._name)
        # 1: a broken wire or a missing diode; the number beside it means nothing
        if read_name(f"{path}_fault") == "1":
            raise SourceError(f"the chip reports a fault of {self._name}: look at its wires")
        try:
            value = read_number(f"{path}_input")
        except SourceError:
            if not os.path.exists(f"{path}_average"):
                raise
            # power meters may offer a mean only
            value = read_number(f"{path}_average")
        return value * HWMON[self._kind()].factor

    def _find_input(self, folder: str) -> str:
        """Return the name of the input, by its name or its label."""
        try:
            files = sorted(os.listdir(folder))
        except OSError as error:
            raise SourceError(error.strerror or "unreadable") from error
        names = dict.fromkeys(match[1] for file in files if (match := _FILE.fullmatch(file)))
        labels = {name: read_name(os.path.join(folder, f"{name}_label")) for name in names}
        found = [name for name in names if self._input in (name, labels[name])]
        if len(found) == 1:
            return found[0]
        there = ", ".join(f"{name} ({label})" if label else name for name, label in labels.items())
        count = "no input" if not found else f"{len(found)} inputs"
        named = f"there are {clean(there)}" if there else "there is none"
        raise SourceError(f'{count} of {self._chip} called "{self._input}": {named}')

    def _kind(self) -> str:
        found = _INPUT.fullmatch(self._name)
        return found[1] if found else "temp"

    def _take_unit(self, name: str) -> None:
        if found := _INPUT.fullmatch(name):
            self.unit = HWMON[found[1]].people
