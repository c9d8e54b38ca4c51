"""One line of a GPIO chip: found by the profile's keys, requested, and held until it is closed.

The profile's `chip` is a number, the kernel's name, the driver's label or a path; `line` is a number on that
chip or a name. Without `chip` a number counts on gpiochip0, and a name is searched for on all chips: on a
Raspberry Pi 5 the header is gpiochip0 or gpiochip4, by the age of the kernel, and `line = "GPIO17"` is right
on both. So is `pin`, a position on the header: its chip is found by the label.

All that fails here is a `DriverError`, whose text names the cause and what to do about it.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from contextlib import ExitStack
from threading import Lock
from typing import NamedTuple

from ....system import gpiochip
from ....system.gpiochip import FIRST_CHIP, GONE, NOT_DESCRIBED, NOT_OPENED, SILENT, ChipInfo, Kernel
from .. import DriverError, Options

#: How the kernel's lists name the program that holds a line.
CONSUMER = "edgeweb"

_BIAS = {
    "as-is": 0,
    "disabled": gpiochip.BIAS_DISABLED,
    "pull-up": gpiochip.PULL_UP,
    "pull-down": gpiochip.PULL_DOWN,
}

# What the kernel's refusals mean for people, by what was asked of it; {} is the line.
_NO_CHIP = "this machine has no GPIO chip (/dev/gpiochip0): load the driver of its pins"
_NOT_REQUESTED = {
    errno.EINVAL: "{} is reserved on this board, or its chip cannot do what is asked: choose another line,"
    ' or set bias = "as-is"',
    errno.ENXIO: "{} cannot report edges, because its chip has no interrupts: add poll = 0.1 to the channel",
    errno.ENODEV: GONE,
    errno.EIO: SILENT,
    errno.EREMOTEIO: SILENT,
    errno.ETIMEDOUT: SILENT,
}
_NOT_DONE = {
    errno.EPERM: '{} is an input and cannot be set: set mode = "output"',
    errno.ENODEV: GONE,
    errno.EIO: SILENT,
    errno.EREMOTEIO: SILENT,
    errno.ETIMEDOUT: SILENT,
}


class Line:
    """A requested line. Its methods may be called from any thread, and raise `DriverError`.

    Attributes:
        name: Chip and number, such as "gpiochip0 line 17".
        on_processor: Whether it is one of the processor's own pins: setting it is a write to a register.
    """

    __slots__ = ("_as_is", "_bias", "_descriptor", "_kernel", "_lock", "_sequence", "name", "on_processor")

    def __init__(
        self, kernel: Kernel, name: str, descriptor: int, bias: int, as_is: bool, on_processor: bool = False
    ) -> None:
        self.name = name
        self.on_processor = on_processor
        self._kernel = kernel
        self._descriptor = descriptor
        self._bias = bias
        #: An output that has not been written since `at_start = "leave"`: it may still be an input.
        self._as_is = as_is
        #: The number of the last edge.
        self._sequence = 0
        # The number of a closed descriptor goes to the next file that is opened: `close` waits for calls.
        self._lock = Lock()

    def fileno(self) -> int:
        """Return the descriptor, which is readable when edges wait; -1 after `close`."""
        return self._descriptor

    def level(self) -> bool:
        """Return the level now, of an input or an output."""
        with self._lock:
            return self._level()

    def write(self, level: bool) -> None:
        """Set an output. A line that was left as it was becomes one with its first write, at this level."""
        with self._lock:
            held = self._held()
            try:
                if self._as_is:
                    configuration = gpiochip.config(gpiochip.OUTPUT | self._bias, level)
                    gpiochip.set_config(self._kernel, held, configuration)
                    self._as_is = False
                else:
                    gpiochip.set_level(self._kernel, held, level)
            except OSError as error:
                raise _explain(error, _NOT_DONE, self.name) from error

    def changes(self) -> list[bool]:
        """Take the edges that wait, and return the level after each; nothing after `close`.

        When the kernel had to drop edges, the level now comes last: their number is lost, the state is not.
        """
        with self._lock:
            if self._descriptor < 0:
                return []
            try:
                edges = gpiochip.read_edges(self._kernel, self._descriptor)
            except (BlockingIOError, InterruptedError):
                return []
            except OSError as error:
                raise _explain(error, _NOT_DONE, self.name) from error
            levels = [edge.rising for edge in edges]
            before, self._sequence = self._sequence, edges[-1].sequence
            if (self._sequence - before) % 2**32 != len(edges):
                levels.append(self._level())
            return levels

    def gone(self) -> DriverError:
        """Return the error of a line whose chip has been removed."""
        return DriverError(GONE.format(self.name))

    def close(self) -> None:
        """Give the line back to the kernel. Calling it twice does no harm."""
        with self._lock:
            descriptor, self._descriptor = self._descriptor, -1
            if descriptor >= 0:
                self._kernel.close(descriptor)

    def _level(self) -> bool:
        held = self._held()
        try:
            return gpiochip.get_level(self._kernel, held)
        except OSError as error:
            raise _explain(error, _NOT_DONE, self.name) from error

    def _held(self) -> int:
        if self._descriptor < 0:
            raise DriverError(f"{self.name} is not requested")
        return self._descriptor


class _Chip(NamedTuple):
    """An open chip, and its description by the kernel."""

    descriptor: int
    info: ChipInfo

    def __str__(self) -> str:
        return f"{self.info.name} ({self.info.label})" if self.info.label else self.info.name


def request(kernel: Kernel, options: Options, level: bool | None) -> Line:
    """Find the line of a channel and request it.

    Args:
        options: The channel's table in the profile.
        level: What an output gets together with its direction; None leaves it as it is.

    Raises:
        DriverError: There is no such line, there is more than one, or it cannot be had.
    """
    bias = _BIAS[options["bias"]]
    # The next one is tried where the chip has no interrupts: then the channel's levels are polled.
    configurations = []
    as_is = False
    if options["mode"] == "input":
        edges = gpiochip.EDGE_RISING | gpiochip.EDGE_FALLING
        configurations.append(gpiochip.config(gpiochip.INPUT | bias | edges))
        if options["poll"]:
            configurations.append(gpiochip.config(gpiochip.INPUT | bias))
    elif level is None:
        # Bias needs a direction: it comes with the first write.
        configurations.append(gpiochip.config(0))
        as_is = True
    else:
        configurations.append(gpiochip.config(gpiochip.OUTPUT | bias, level))
    with ExitStack() as opened:
        if options["pin"]:
            chip, offset = _find_by_position(kernel, options["pin"], opened)
        else:
            chip, offset = _find(kernel, options["chip"], options["line"], opened)
        name = f"{chip.info.name} line {offset}"
        while True:
            configuration = configurations.pop(0)
            try:
                descriptor = gpiochip.request(kernel, chip.descriptor, offset, CONSUMER, configuration)
            except OSError as error:
                if error.errno == errno.ENXIO and configurations:
                    continue
                if error.errno == errno.EBUSY:
                    raise _busy(kernel, chip, offset, name) from error
                raise _explain(error, _NOT_REQUESTED, name) from error
            # Expanders on a bus are no pin controllers, and their drivers' names begin otherwise.
            on_processor = chip.info.label.startswith("pinctrl-")
            return Line(kernel, name, descriptor, bias, as_is, on_processor)


def _find(kernel: Kernel, chip: str, line: str, opened: ExitStack) -> tuple[_Chip, int]:
    """Return the one line that `chip` and `line` mean, on its open chip."""
    if not line.isdecimal():
        return _find_by_name(kernel, _chips(kernel, chip, opened), line)
    chips = _chips(kernel, chip or FIRST_CHIP, opened)
    if len(chips) > 1:
        names = ", ".join(found.info.name for found in chips)
        raise DriverError(f'chip "{chip}" means {names}: set chip to one of these names')
    found, offset = chips[0], int(line)
    last = found.info.lines - 1
    if offset > last:
        raise DriverError(f"{found} has no line {offset}: set line to a number from 0 to {last}")
    _line_name(kernel, found, offset)  # fails on a kernel that is too old
    return found, offset


def _find_by_name(kernel: Kernel, chips: list[_Chip], line: str) -> tuple[_Chip, int]:
    """Return the line of this name. The kernel does not mind two of the same name."""
    named = [
        (name, chip, offset)
        for chip in chips
        for offset in range(chip.info.lines)
        if (name := _line_name(kernel, chip, offset)) and name.casefold() == line.casefold()
    ]
    found = [(chip, offset) for name, chip, offset in named if name == line]
    if len(found) == 1:
        return found[0]
    if found:
        places = ", ".join(f"{chip.info.name} line {offset}" for chip, offset in found)
        chip, offset = found[0]
        raise DriverError(
            f'the name "{line}" belongs to {places}: set chip = "{chip.info.name}" and line = "{offset}",'
            " or another of them"
        )
    if not chips:
        raise DriverError(_NO_CHIP)
    hint = f'line to "{named[0][0]}"' if named else "chip and line to the numbers of the pin"
    raise DriverError(f'no line of {", ".join(map(str, chips))} has the name "{line}": set {hint}')


def _find_by_position(kernel: Kernel, pin: int, opened: ExitStack) -> tuple[_Chip, int]:
    """Return the line at a position of the header."""
    from ....system.header import HEADER, LABELS  # of channels with `pin` only

    chips, offset = _all_chips(kernel, opened), HEADER[pin]
    if not chips:
        raise DriverError(_NO_CHIP)
    found = [chip for chip in chips if chip.info.label in LABELS]
    if isinstance(offset, str):
        raise DriverError(f"pin {pin} of the header is {offset}: set pin to the position of a line")
    if len(found) != 1:
        there = ", ".join(map(str, found or chips))
        raise DriverError(
            f"pin {pin} is only known on the header of a Raspberry Pi, and this machine has {there}: set line"
            " and chip in place of pin"
        )
    _line_name(kernel, found[0], offset)  # fails on a kernel that is too old
    return found[0], offset


def _chips(kernel: Kernel, chip: str, opened: ExitStack) -> list[_Chip]:
    """Open the chips that a profile's `chip` may mean: one, all with that label, or all where it is empty."""
    path = gpiochip.path_of(chip)
    if not path:
        chips = _all_chips(kernel, opened)
        chips = [found for found in chips if not chip or found.info.label == chip]
        if chips or not chip:
            return chips
        path = f"/dev/{chip}"  # a link of udev's making
    try:
        return [_open(kernel, path, opened)]
    except FileNotFoundError as error:
        there = ", ".join(map(str, _all_chips(kernel, opened)))
        if not there:
            raise DriverError(_NO_CHIP) from error
        raise DriverError(f'there is no GPIO chip "{chip}": set chip to one of {there}') from error
    except OSError as error:
        raise _explain(error, NOT_OPENED, path) from error


def _all_chips(kernel: Kernel, opened: ExitStack) -> list[_Chip]:
    """Open every chip that may be opened. Raises `DriverError` where there are chips, but none that may."""
    # By name: newer systems of the Raspberry Pi 5 have /dev/gpiochip4 as a link to gpiochip0.
    chips: dict[str, _Chip] = {}
    refused: DriverError | None = None
    try:
        paths = kernel.chips()
    except OSError as error:
        raise _explain(error, {}, "listing the GPIO chips") from error
    for path in paths:
        try:
            chip = _open(kernel, path, opened)
        except FileNotFoundError:
            continue  # a link without its chip
        except OSError as error:
            refused = _explain(error, NOT_OPENED, path)
            continue
        chips.setdefault(chip.info.name, chip)
    if refused is not None and not chips:
        raise refused
    return list(chips.values())


def _open(kernel: Kernel, path: str, opened: ExitStack) -> _Chip:
    descriptor = kernel.open(path)
    opened.callback(kernel.close, descriptor)
    return _Chip(descriptor, gpiochip.chip_info(kernel, descriptor))


def _line_name(kernel: Kernel, chip: _Chip, offset: int) -> str:
    try:
        return gpiochip.line_info(kernel, chip.descriptor, offset).name
    except OSError as error:
        raise _explain(error, NOT_DESCRIBED, str(chip)) from error


def _busy(kernel: Kernel, chip: _Chip, offset: int, name: str) -> DriverError:
    """Return the error of a line that is taken, with its holder."""
    try:
        consumer = gpiochip.line_info(kernel, chip.descriptor, offset).consumer
    except OSError:
        consumer = ""
    if consumer == CONSUMER:
        return DriverError(
            f'{name} is held by "{consumer}" already: give each channel a line of its own, and run one server'
        )
    holder = f'"{consumer}"' if consumer else "the kernel or another program"
    return DriverError(f"{name} is held by {holder}: choose another line, or end what holds it")


def _explain(error: OSError, reasons: Mapping[int, str], subject: str) -> DriverError:
    """Turn the kernel's refusal into a sentence with a next step."""
    return DriverError(gpiochip.explain(error, reasons, subject))
