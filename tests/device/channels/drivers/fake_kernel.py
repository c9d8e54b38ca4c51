"""A kernel with GPIO chips, for tests: it keeps lines in memory and refuses what Linux refuses.

It is written from the header and the documentation, and shares nothing with the driver: its structures are
those of `ctypes`, which lays fields out as a C compiler does. Descriptors are real (a pipe for each), so that
epoll works on them, and events lie in the pipe, as in the kernel's buffer.

    kernel = FakeKernel(FakeChip("gpiochip0", "pinctrl-bcm2835", names=["", "GPIO1"]))
    driver = Driver(kernel)
    ...
    kernel.drive("gpiochip0", 1, True)      # the outside world: an edge, where one is asked for

Sources: Linux, include/uapi/linux/gpio.h, Documentation/userspace-api/gpio/.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Callable, Sequence
from ctypes import c_char, c_int32, c_uint32, c_uint64

from edgeweb.device.system.gpiochip import Kernel

#: Events that are kept for a line; then the oldest is dropped.
BUFFER = 16
USED, ACTIVE_LOW, INPUT, OUTPUT, RISING, FALLING, DRAIN, SOURCE, UP, DOWN, NO_BIAS, REALTIME, HTE = (
    1 << bit for bit in range(13)
)
EDGES, DRIVE, BIAS = RISING | FALLING, DRAIN | SOURCE, UP | DOWN | NO_BIAS
VALID = (1 << 12) - 1 - USED
FLAGS, VALUES, DEBOUNCE = 1, 2, 3


class ChipInfo(ctypes.Structure):
    _fields_ = [("name", c_char * 32), ("label", c_char * 32), ("lines", c_uint32)]


class AttributeValue(ctypes.Union):
    _fields_ = [("flags", c_uint64), ("values", c_uint64), ("debounce_period_us", c_uint32)]


class Attribute(ctypes.Structure):
    _fields_ = [("id", c_uint32), ("padding", c_uint32), ("of", AttributeValue)]


class ConfigAttribute(ctypes.Structure):
    _fields_ = [("attr", Attribute), ("mask", c_uint64)]


class Config(ctypes.Structure):
    _fields_ = [
        ("flags", c_uint64),
        ("num_attrs", c_uint32),
        ("padding", c_uint32 * 5),
        ("attrs", ConfigAttribute * 10),
    ]


class Request(ctypes.Structure):
    _fields_ = [
        ("offsets", c_uint32 * 64),
        ("consumer", c_char * 32),
        ("config", Config),
        ("num_lines", c_uint32),
        ("event_buffer_size", c_uint32),
        ("padding", c_uint32 * 5),
        ("fd", c_int32),
    ]


class LineInfo(ctypes.Structure):
    _fields_ = [
        ("name", c_char * 32),
        ("consumer", c_char * 32),
        ("offset", c_uint32),
        ("num_attrs", c_uint32),
        ("flags", c_uint64),
        ("attrs", Attribute * 10),
        ("padding", c_uint32 * 4),
    ]


class Values(ctypes.Structure):
    _fields_ = [("bits", c_uint64), ("mask", c_uint64)]


class Event(ctypes.Structure):
    _fields_ = [
        ("timestamp_ns", c_uint64),
        ("id", c_uint32),
        ("offset", c_uint32),
        ("seqno", c_uint32),
        ("line_seqno", c_uint32),
        ("padding", c_uint32 * 6),
    ]


def ioctl_number(directions: int, number: int, structure: type[ctypes.Structure]) -> int:
    """_IOR (2) and _IOWR (3) of asm-generic/ioctl.h."""
    return (directions << 30) + (ctypes.sizeof(structure) << 16) + (0xB4 << 8) + number


GET_CHIPINFO = ioctl_number(2, 0x01, ChipInfo)
GET_LINEINFO = ioctl_number(3, 0x05, LineInfo)
GET_LINE = ioctl_number(3, 0x07, Request)
SET_CONFIG = ioctl_number(3, 0x0D, Config)
GET_VALUES = ioctl_number(3, 0x0E, Values)
SET_VALUES = ioctl_number(3, 0x0F, Values)


def refuse(number: int) -> OSError:
    return OSError(number, os.strerror(number))


class FakeLine:
    """A line of a chip.

    Attributes:
        driven: The level that the outside world puts on it; None where nothing is connected.
        levels: Every level that it has given out as an output, from the first on.
        debounce: Microseconds that were asked for.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.consumer = ""
        self.used = False
        self.flags = INPUT
        self.debounce = 0
        self.driven: bool | None = None
        self.output = False
        self.levels: list[bool] = []
        #: The driver of the chip refuses every call on the line with this number, as when a bus fails.
        self.broken = 0

    @property
    def level(self) -> bool:
        if self.flags & OUTPUT:
            return self.output
        return bool(self.flags & UP) if self.driven is None else self.driven

    def give_out(self, level: bool) -> None:
        self.output = level
        self.levels.append(level)

    def free(self) -> None:
        """Go back to an input, as the pins of the BCM2835 do."""
        self.consumer, self.used, self.flags, self.debounce = "", False, INPUT, 0


class FakeChip:
    """A chip: its names for the lines, those that only the board may use, and what it cannot do."""

    def __init__(
        self,
        name: str,
        label: str,
        names: Sequence[str],
        *,
        reserved: Sequence[int] = (),
        interrupts: bool = True,
    ) -> None:
        self.name = name
        self.label = label
        self.lines = [FakeLine(line) for line in names]
        self.reserved = set(reserved)
        self.interrupts = interrupts
        self.gone = False

    def use(self, offset: int, consumer: str) -> FakeLine:
        """Let a program or the kernel itself hold a line."""
        line = self.lines[offset]
        line.used, line.consumer = True, consumer
        return line


class Held:
    """A request: its lines, and the pipe that its events wait in."""

    def __init__(self, chip: FakeChip, offsets: list[int]) -> None:
        self.chip = chip
        self.offsets = offsets
        self.read, self.write = os.pipe2(os.O_CLOEXEC)
        self.waiting = 0
        self.sequence = 0

    @property
    def lines(self) -> list[FakeLine]:
        return [self.chip.lines[offset] for offset in self.offsets]


class FakeKernel(Kernel):
    """Chips below /dev, and everything that is open.

    Attributes:
        version: 1 for a kernel before Linux 5.10.
        links: path: the path that it leads to.
        files: Paths that are there and are no chips.
        refused: path: the number with which `open` fails.
        signals: Calls that are interrupted before the next one is done.
        before: Called with the number of every ioctl before it is done.
    """

    def __init__(self, *chips: FakeChip) -> None:
        self.paths = {f"/dev/{chip.name}": chip for chip in chips}
        self.version = 2
        self.links: dict[str, str] = {}
        self.files: set[str] = set()
        self.refused: dict[str, int] = {}
        self.signals = 0
        self.before: Callable[[int], None] = lambda code: None
        self.opened: dict[int, tuple[FakeChip | None, int]] = {}
        self.requests: dict[int, Held] = {}
        self.closed: list[int] = []
        #: Descriptors that were opened to describe a chip: another call on them fails the test.
        self.for_info: set[int] = set()

    # -- the outside world -----------------------------------------------------------------------------

    def chip(self, name: str) -> FakeChip:
        return self.paths[f"/dev/{name}"]

    def line(self, name: str, offset: int) -> FakeLine:
        return self.chip(name).lines[offset]

    def drive(self, name: str, offset: int, level: bool, timestamp: int = 1) -> None:
        """Put a level on a line from outside; a request that has asked for this edge gets it."""
        line = self.line(name, offset)
        before, line.driven = line.level, level
        if line.level is before or not line.flags & (RISING if level else FALLING):
            return
        for held in self.requests.values():
            if held.chip is self.chip(name) and offset in held.offsets:
                held.sequence += 1
                event = Event(timestamp, 1 if level else 2, offset, held.sequence, held.sequence)
                if held.waiting == BUFFER:
                    os.read(held.read, ctypes.sizeof(Event))
                    held.waiting -= 1
                held.waiting += 1
                os.write(held.write, bytes(event))

    def unplug(self, name: str) -> None:
        """Remove a chip: what is open of it stays open, and answers ENODEV; waiting ends with a hang-up."""
        chip = self.paths.pop(f"/dev/{name}")
        chip.gone = True
        for held in self.requests.values():
            if held.chip is chip:
                os.close(held.write)
                held.write = -1

    def plug(self, chip: FakeChip) -> None:
        self.paths[f"/dev/{chip.name}"] = chip

    # -- system calls ----------------------------------------------------------------------------------

    def chips(self, folder: str = "/dev") -> list[str]:
        names = [path for path in (*self.paths, *self.links) if path.startswith("/dev/gpiochip")]
        return sorted(names, key=lambda path: int(path.removeprefix("/dev/gpiochip")))

    def open(self, path: str) -> int:
        if path in self.refused:
            raise refuse(self.refused[path])
        path = self.links.get(path, path)
        if path not in self.paths and path not in self.files:
            raise refuse(errno.ENOENT)
        read, write = os.pipe2(os.O_CLOEXEC)
        self.opened[read] = (self.paths.get(path), write)
        return read

    def open_for_info(self, path: str) -> int:
        descriptor = self.open(path)
        self.for_info.add(descriptor)
        return descriptor

    def ioctl(self, descriptor: int, code: int, buffer: bytearray) -> None:
        self.before(code)
        if self.signals:
            self.signals -= 1
            raise refuse(errno.EINTR)
        size = code >> 16 & 0x3FFF
        assert len(buffer) == size, "the kernel would write behind the buffer"
        if descriptor in self.requests:
            self._ioctl_of_request(self.requests[descriptor], code, buffer)
        elif descriptor in self.opened:
            assert code in (GET_CHIPINFO, GET_LINEINFO) or descriptor not in self.for_info
            chip, _ = self.opened[descriptor]
            if chip is None:
                raise refuse(errno.ENOTTY)
            self._ioctl_of_chip(chip, code, buffer)
        else:
            raise refuse(errno.EBADF)

    def read(self, descriptor: int, size: int) -> bytes:
        if self.signals:
            self.signals -= 1
            raise refuse(errno.EINTR)
        if descriptor not in self.requests:
            raise refuse(errno.EBADF)
        held = self.requests[descriptor]
        if held.chip.gone:
            raise refuse(errno.ENODEV)
        if size < ctypes.sizeof(Event):
            raise refuse(errno.EINVAL)
        assert not os.get_blocking(descriptor), "the thread that waits for edges would be stuck here"
        whole = min(size // ctypes.sizeof(Event), held.waiting) or 1
        data = os.read(descriptor, whole * ctypes.sizeof(Event))
        held.waiting -= len(data) // ctypes.sizeof(Event)
        return data

    def close(self, descriptor: int) -> None:
        self.closed.append(descriptor)
        self.for_info.discard(descriptor)
        if descriptor in self.opened:
            _, write = self.opened.pop(descriptor)
            os.close(write)
        elif descriptor in self.requests:
            held = self.requests.pop(descriptor)
            for line in held.lines:
                line.free()
            if held.write >= 0:
                os.close(held.write)
        else:
            raise refuse(errno.EBADF)
        os.close(descriptor)

    # -- what the calls do -----------------------------------------------------------------------------

    def _ioctl_of_chip(self, chip: FakeChip, code: int, buffer: bytearray) -> None:
        if chip.gone:
            raise refuse(errno.ENODEV)
        if code == GET_CHIPINFO:
            info = ChipInfo(chip.name.encode(), chip.label.encode(), len(chip.lines))
            buffer[:] = bytes(info)
        elif code == GET_LINEINFO and self.version == 2:
            wanted = LineInfo.from_buffer(buffer)
            if any(wanted.padding) or wanted.offset >= len(chip.lines):
                raise refuse(errno.EINVAL)
            line = chip.lines[wanted.offset]
            used = USED if line.used or wanted.offset in chip.reserved else 0
            answer = LineInfo(
                line.name.encode(), line.consumer.encode(), wanted.offset, 0, line.flags & ~USED | used
            )
            if line.debounce:
                answer.num_attrs = 1
                answer.attrs[0].id = DEBOUNCE
                answer.attrs[0].of.debounce_period_us = line.debounce
            del wanted
            buffer[:] = bytes(answer)
        elif code == GET_LINE and self.version == 2:
            request = Request.from_buffer(buffer)
            request.fd = self._request(chip, request)
        else:
            raise refuse(errno.EINVAL)

    def _request(self, chip: FakeChip, request: Request) -> int:
        if not 0 < request.num_lines <= 64 or any(request.padding):
            raise refuse(errno.EINVAL)
        check_config(request.config, request.num_lines)
        offsets = list(request.offsets[: request.num_lines])
        if any(offset >= len(chip.lines) or offset in chip.reserved for offset in offsets):
            raise refuse(errno.EINVAL)
        lines = [chip.lines[offset] for offset in offsets]
        if any(line.used for line in lines) or len(set(offsets)) < len(offsets):
            raise refuse(errno.EBUSY)
        for index, line in enumerate(lines):
            if line.broken:
                raise refuse(line.broken)
            if flags_of(request.config, index) & EDGES and not chip.interrupts:
                raise refuse(errno.ENXIO)
        held = Held(chip, offsets)
        self.requests[held.read] = held
        for index, line in enumerate(lines):
            line.used, line.consumer = True, request.consumer.decode()
            configure(line, request.config, index)
        return held.read

    def _ioctl_of_request(self, held: Held, code: int, buffer: bytearray) -> None:
        if held.chip.gone:
            raise refuse(errno.ENODEV)
        for line in held.lines:
            if line.broken:
                raise refuse(line.broken)
        if code == SET_CONFIG:
            config = Config.from_buffer_copy(buffer)
            check_config(config, len(held.lines))
            for index, line in enumerate(held.lines):
                configure(line, config, index)
            return
        if code not in (GET_VALUES, SET_VALUES):
            raise refuse(errno.EINVAL)
        values = Values.from_buffer(buffer)
        chosen = {index: line for index, line in enumerate(held.lines) if values.mask >> index & 1}
        if not chosen:
            raise refuse(errno.EINVAL)
        if code == GET_VALUES:
            values.bits = sum(line.level << index for index, line in chosen.items())
            return
        if not all(line.flags & OUTPUT for line in chosen.values()):
            raise refuse(errno.EPERM)
        for index, line in chosen.items():
            line.give_out(bool(values.bits >> index & 1))


def attribute_of(config: Config, kind: int, index: int) -> AttributeValue | None:
    """The first attribute of a kind that is for this line."""
    for entry in config.attrs[: config.num_attrs]:
        if entry.attr.id == kind and entry.mask >> index & 1:
            found: AttributeValue = entry.attr.of
            return found
    return None


def flags_of(config: Config, index: int) -> int:
    own = attribute_of(config, FLAGS, index)
    return int(config.flags if own is None else own.flags)


def check_config(config: Config, lines: int) -> None:
    """The rules of gpio-v2-get-line-ioctl.rst."""
    wrong = config.num_attrs > 10 or any(config.padding)
    for index in range(lines if not wrong else 0):
        flags = flags_of(config, index)
        if flags & HTE:
            raise refuse(errno.EOPNOTSUPP)
        wrong |= (
            bool(flags & ~VALID)
            or flags & (INPUT | OUTPUT) == INPUT | OUTPUT
            or (flags & EDGES > 0 and not flags & INPUT)
            or (flags & DRIVE > 0 and not flags & OUTPUT)
            or flags & DRIVE == DRIVE
            or (flags & BIAS > 0 and not flags & (INPUT | OUTPUT))
            or (flags & BIAS).bit_count() > 1
            or (attribute_of(config, DEBOUNCE, index) is not None and not flags & INPUT)
        )
    if wrong:
        raise refuse(errno.EINVAL)


def configure(line: FakeLine, config: Config, index: int) -> None:
    """Give a line its configuration; without a direction it keeps the one that it has."""
    flags = flags_of(config, index)
    if not flags & (INPUT | OUTPUT):
        flags |= line.flags & (INPUT | OUTPUT)
    else:
        debounce = attribute_of(config, DEBOUNCE, index)
        line.debounce = 0 if debounce is None else debounce.debounce_period_us
        if flags & OUTPUT:
            values = attribute_of(config, VALUES, index)
            line.give_out(values is not None and bool(values.values >> index & 1))
    if not flags & BIAS:
        flags |= line.flags & BIAS
    line.flags = flags


def raspberry_pi_5(*, header: str = "gpiochip0") -> FakeKernel:
    """The chips of a Raspberry Pi 5. The header's is gpiochip4 with kernels before 6.6.45; with later ones it
    is gpiochip0, with a link from /dev/gpiochip4 (raspberrypi/linux, pull request 6144)."""
    names = ["ID_SDA", "ID_SCL", *(f"GPIO{number}" for number in range(2, 28))]
    names += ["PCIE_RP1_WAKE", "FAN_TACH", "HOST_SDA", "HOST_SCL", "ETH_RST_N", "-"]
    names += [f"line{number}" for number in range(34, 53)] + ["-"]
    soc = [
        ("gpio-brcmstb@107d508500", ["-", "2712_BOOT_CS_N", "2712_BOOT_MISO", *["-"] * 29]),
        ("gpio-brcmstb@107d508520", ["WL_ON", "BT_ON", "STAT_LED", "-"]),
        ("gpio-brcmstb@107d517c00", ["RP1_SDA", "RP1_SCL", "RP1_RUN", *["-"] * 14]),
        ("gpio-brcmstb@107d517c20", ["HDMI0_SCL", "HDMI0_SDA", *["-"] * 4]),
    ]
    first = 0 if header == "gpiochip4" else 10
    chips = [FakeChip(f"gpiochip{first + n}", label, lines) for n, (label, lines) in enumerate(soc)]
    kernel = FakeKernel(FakeChip(header, "pinctrl-rp1", names), *chips)
    if header == "gpiochip0":
        kernel.links["/dev/gpiochip4"] = "/dev/gpiochip0"
    return kernel
