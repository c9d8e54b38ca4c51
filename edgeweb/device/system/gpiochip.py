"""The kernel's GPIO character device, uAPI v2 (Linux 5.10 and newer): structures as data, and the calls.

A chip is a file, /dev/gpiochip0 and so on. Calls on it describe the chip and its lines, and request a line. A
request is a file descriptor of its own: it holds the line until it is closed, also when the chip's descriptor
is closed before. Calls on it read the level, set it and change the configuration; an input becomes readable
when edges wait, and `read` returns them with the kernel's time.

    chip      GPIO_GET_CHIPINFO, GPIO_V2_GET_LINEINFO, GPIO_V2_GET_LINE
    request   GPIO_V2_LINE_GET_VALUES, GPIO_V2_LINE_SET_VALUES, GPIO_V2_LINE_SET_CONFIG, read, poll

A request may hold up to 64 lines, with bitmaps of their levels. Here it holds one, so that bit 0 is all that
is used of a bitmap, and a channel comes and goes without the others.

The header pads each structure by hand, so that 32-bit and 64-bit programs agree on it. The native formats of
`struct` would pad by the machine's ABI once more; those here begin with "=" (native byte order, standard
sizes, no alignment) and write the padding out. The kernel refuses padding that is not zero.

Everything raises `OSError` with the kernel's number.

Sources: Linux, include/uapi/linux/gpio.h, include/uapi/asm-generic/ioctl.h (MIPS, PowerPC and SPARC number
their calls otherwise) and Documentation/userspace-api/gpio/.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping
from fcntl import ioctl
from struct import Struct
from typing import Any, NamedTuple

#: GPIO_MAX_NAME_SIZE: bytes of a name, the closing zero among them.
NAME_SIZE = 32

# enum gpio_v2_line_flag
USED = 1 << 0
INPUT = 1 << 2
OUTPUT = 1 << 3
EDGE_RISING = 1 << 4
EDGE_FALLING = 1 << 5
PULL_UP = 1 << 8
PULL_DOWN = 1 << 9
BIAS_DISABLED = 1 << 10

# enum gpio_v2_line_attr_id
_OUTPUT_VALUES = 2
_DEBOUNCE = 3

# enum gpio_v2_line_event_id
_RISING_EDGE = 1

#: Events that one `read` takes: as many as the kernel keeps for a line unless it is asked for more.
_EVENTS = 16


#: Where a line by its number is when the profile names no chip. Not the lowest number that is there: until
#: the header's driver is loaded, that is another chip.
FIRST_CHIP = "gpiochip0"

# What the kernel's refusals mean for people, by what was asked of it; {} is the chip or the line.
GONE = "{} is gone: plug its chip in again, or load the chip's driver"
SILENT = "{} does not answer: check the wiring and the supply of its chip"
_TOO_OLD = "{} cannot be used with this kernel: update the system, pins need Linux 5.10 or newer"
NOT_OPENED = {
    errno.EACCES: "{} may not be opened: add the user edgeweb to the group gpio"
    " (usermod -aG gpio edgeweb) and restart the server",
    errno.EPERM: "{} is closed to this service: its unit needs DeviceAllow=char-gpiochip rw",
    errno.ENOTTY: '{} is not a GPIO chip: set chip to the name of one, such as "gpiochip0"',
    errno.ENODEV: GONE,
    errno.ENXIO: GONE,
}
NOT_DESCRIBED = {errno.EINVAL: _TOO_OLD, errno.ENOTTY: _TOO_OLD, errno.ENODEV: GONE}

#: The fields of a structure by name: numbers, and bytes for texts and nested structures.
Fields = dict[str, Any]


class Structure:
    """A structure of the header: its size there, and its fields, each a name and a format of `struct`.

    >>> VALUES.unpack(VALUES.pack(bits=1))
    {'bits': 1, 'mask': 0}
    """

    __slots__ = ("_empty", "_struct", "size")

    def __init__(self, size: int, **fields: str) -> None:
        self._struct = Struct("=" + "".join(fields.values()))
        self.size = self._struct.size
        assert self.size == size, f"{self.size} bytes instead of {size}"
        self._empty = dict(zip(fields, self._struct.unpack(bytes(size)), strict=True))

    def pack(self, **values: int | bytes) -> bytearray:
        """Return the bytes of the structure; a field without a value is zero."""
        return bytearray(self._struct.pack(*{**self._empty, **values}.values()))

    def unpack(self, data: bytes | bytearray) -> Fields:
        """Return the fields by name."""
        return dict(zip(self._empty, self._struct.unpack(data), strict=True))


# The fields in the order of the header. A format goes on with "x" for the padding, or the unused rest of an
# array, that comes after the field.
CHIP_INFO = Structure(68, name="32s", label="32s", lines="I")
LINE_INFO = Structure(
    256,
    name="32s",
    consumer="32s",
    offset="I",
    num_attrs="I",
    flags="Q",
    attrs="160s16x",
)
ATTRIBUTE = Structure(24, id="I4x", value="Q", mask="Q")
#: The same for the union's 32-bit member, which is its first half in either byte order.
DEBOUNCE_ATTRIBUTE = Structure(24, id="I4x", value="I4x", mask="Q")
CONFIG = Structure(272, flags="Q", num_attrs="I20x", attrs="240s")
REQUEST = Structure(
    592,
    offset="I252x",
    consumer="32s",
    config="272s",
    num_lines="I",
    event_buffer_size="I20x",
    fd="i",
)
VALUES = Structure(16, bits="Q", mask="Q")
EVENT = Structure(48, timestamp_ns="Q", id="I", offset="I", seqno="I", line_seqno="I24x")

_READ, _WRITE = 2, 1
_TYPE = 0xB4


class Call:
    """One ioctl: its structure, and its number by _IOC of asm-generic/ioctl.h."""

    __slots__ = ("code", "structure")

    def __init__(self, direction: int, number: int, structure: Structure) -> None:
        self.code = direction << 30 | structure.size << 16 | _TYPE << 8 | number
        self.structure = structure


# The name in linux/gpio.h, and the page in Documentation/userspace-api/gpio/.
#: GPIO_GET_CHIPINFO_IOCTL: gpio-get-chipinfo-ioctl.rst
GET_CHIPINFO = Call(_READ, 0x01, CHIP_INFO)
#: GPIO_V2_GET_LINEINFO_IOCTL: gpio-v2-get-lineinfo-ioctl.rst
GET_LINEINFO = Call(_READ | _WRITE, 0x05, LINE_INFO)
#: GPIO_V2_GET_LINE_IOCTL: gpio-v2-get-line-ioctl.rst
GET_LINE = Call(_READ | _WRITE, 0x07, REQUEST)
#: GPIO_V2_LINE_SET_CONFIG_IOCTL: gpio-v2-line-set-config-ioctl.rst
SET_CONFIG = Call(_READ | _WRITE, 0x0D, CONFIG)
#: GPIO_V2_LINE_GET_VALUES_IOCTL: gpio-v2-line-get-values-ioctl.rst
GET_VALUES = Call(_READ | _WRITE, 0x0E, VALUES)
#: GPIO_V2_LINE_SET_VALUES_IOCTL: gpio-v2-line-set-values-ioctl.rst
SET_VALUES = Call(_READ | _WRITE, 0x0F, VALUES)


class Kernel:
    """The system calls that reach the chips. Tests give a stand-in, which keeps lines in memory."""

    __slots__ = ()

    def chips(self, folder: str = "/dev") -> list[str]:
        """Return the paths of all chips in the order of their numbers; some may be links to others."""
        names = [name for name in os.listdir(folder) if name[:8] == "gpiochip" and name[8:].isdecimal()]
        return [f"{folder}/{name}" for name in sorted(names, key=lambda name: int(name[8:]))]

    def open(self, path: str) -> int:
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)

    def open_for_info(self, path: str) -> int:
        """Open a chip for `chip_info` and `line_info` only. ENOTTY for what is no character device.

        A pipe in the chip's place would keep the caller waiting for a writer.
        """
        if not stat.S_ISCHR(os.stat(path).st_mode):
            raise OSError(errno.ENOTTY, os.strerror(errno.ENOTTY))
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)

    def ioctl(self, descriptor: int, code: int, buffer: bytearray) -> None:
        """Do a call; the kernel writes its answer into the buffer."""
        ioctl(descriptor, code, buffer, True)

    def read(self, descriptor: int, size: int) -> bytes:
        return os.read(descriptor, size)

    def close(self, descriptor: int) -> None:
        os.close(descriptor)


class ChipInfo(NamedTuple):
    """A chip: `gpiochip0`, what its driver calls it (may be empty), and the number of its lines."""

    name: str
    label: str
    lines: int


class LineInfo(NamedTuple):
    """A line: its name on the board, who holds it (both may be empty), and its flags, such as `USED`."""

    name: str
    consumer: str
    flags: int


class Edge(NamedTuple):
    """A change of an input.

    Attributes:
        timestamp: Nanoseconds of CLOCK_MONOTONIC, taken in the interrupt.
        rising: The level after it.
        sequence: 1 for the first edge of a request; a number that is left out is an edge that was lost.
    """

    timestamp: int
    rising: bool
    sequence: int


def path_of(chip: str) -> str:
    """Return the path that a profile's `chip` means; the empty text for a label, a link's name, or none.

    >>> path_of("4"), path_of("gpiochip4"), path_of("/dev/gpio/relays"), path_of("pinctrl-rp1")
    ('/dev/gpiochip4', '/dev/gpiochip4', '/dev/gpio/relays', '')
    """
    number = chip.removeprefix("gpiochip")
    if number.isdecimal():
        return f"/dev/gpiochip{int(number)}"
    return chip if chip.startswith("/") else ""


def explain(error: OSError, reasons: Mapping[int, str], subject: str) -> str:
    """Return the kernel's refusal as a sentence with a next step."""
    reason = reasons.get(error.errno or 0)
    if reason is None:
        return f"{subject} failed ({error.strerror or error}): the kernel's log may have the reason (dmesg)"
    return reason.format(subject)


def chip_info(kernel: Kernel, chip: int) -> ChipInfo:
    """Describe a chip. Every version of the interface has this call."""
    found = _do(kernel, chip, GET_CHIPINFO, CHIP_INFO.pack())
    return ChipInfo(_text(found["name"]), _text(found["label"]), found["lines"])


def line_info(kernel: Kernel, chip: int, offset: int) -> LineInfo:
    """Describe a line. EINVAL where the chip has no such line, and where the kernel has no uAPI v2."""
    found = _do(kernel, chip, GET_LINEINFO, LINE_INFO.pack(offset=offset))
    return LineInfo(_text(found["name"]), _text(found["consumer"]), found["flags"])


def config(flags: int, level: bool | None = None, debounce: int = 0) -> bytes:
    """Return the configuration of a line.

    Without `INPUT` and `OUTPUT` the line stays as it is, and no other flag may be set.

    Args:
        level: What an output is set to together with its direction: there is no other level in between.
        debounce: Microseconds for which an input has to keep a level before the kernel reports it.
    """
    attributes = b""
    if level is not None:
        attributes += ATTRIBUTE.pack(id=_OUTPUT_VALUES, value=int(level), mask=1)
    if debounce:
        attributes += DEBOUNCE_ATTRIBUTE.pack(id=_DEBOUNCE, value=debounce, mask=1)
    number = len(attributes) // ATTRIBUTE.size
    return bytes(CONFIG.pack(flags=flags, num_attrs=number, attrs=attributes))


def request(kernel: Kernel, chip: int, offset: int, consumer: str, configuration: bytes) -> int:
    """Request a line and return the descriptor that holds it; reading from it does not block.

    EBUSY: the line is held already. ENXIO: edges are asked for, and the chip has no interrupts.
    """
    wanted = REQUEST.pack(
        offset=offset, num_lines=1, consumer=consumer.encode()[: NAME_SIZE - 1], config=configuration
    )
    descriptor: int = _do(kernel, chip, GET_LINE, wanted)["fd"]
    os.set_blocking(descriptor, False)
    return descriptor


def set_config(kernel: Kernel, line: int, configuration: bytes) -> None:
    """Change the configuration of a requested line without a glitch."""
    _do(kernel, line, SET_CONFIG, bytearray(configuration))


def get_level(kernel: Kernel, line: int) -> bool:
    """Return the level of a requested line; also that of an output."""
    return bool(_do(kernel, line, GET_VALUES, VALUES.pack(mask=1))["bits"] & 1)


def set_level(kernel: Kernel, line: int, level: bool) -> None:
    """Set an output. EPERM: the line is an input."""
    _do(kernel, line, SET_VALUES, VALUES.pack(mask=1, bits=int(level)))


def read_edges(kernel: Kernel, line: int) -> list[Edge]:
    """Take the edges that wait, the oldest first (gpio-v2-line-event-read.rst).

    EAGAIN: there is none. ENODEV: the chip is gone. When more edges wait than the kernel keeps, it drops the
    oldest, so the last one always has the present level. EIO for part of an event, which no kernel returns.
    """
    data = kernel.read(line, _EVENTS * EVENT.size)
    if not data or len(data) % EVENT.size:
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    events = [EVENT.unpack(data[start : start + EVENT.size]) for start in range(0, len(data), EVENT.size)]
    return [Edge(event["timestamp_ns"], event["id"] == _RISING_EDGE, event["line_seqno"]) for event in events]


def _do(kernel: Kernel, descriptor: int, call: Call, buffer: bytearray) -> Fields:
    """Make a call, once more after each signal, and return the structure as the kernel has left it."""
    while True:
        try:
            kernel.ioctl(descriptor, call.code, buffer)
        except InterruptedError:
            # Python repeats read and poll after a signal, but not ioctl.
            continue
        return call.structure.unpack(buffer)


def _text(name: bytes) -> str:
    return name.partition(b"\0")[0].decode(errors="replace")
