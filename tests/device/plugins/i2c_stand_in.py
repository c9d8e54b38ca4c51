"""Stands in for the kernel's I2C buses, below the real `smbus2`: its calls of `ioctl` reach chips in a file.

A bus is a regular file: `make_bus` writes one, `chip_on` puts a chip there. `install` answers the calls on
such files, and leaves those on all others to the kernel. A process of its own has it by the line
`import i2c_stand_in` in a `.pth` file of its environment, with `I2C_STAND_IN` in its surroundings.

Source: Linux, include/uapi/linux/i2c-dev.h and i2c.h.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
from pathlib import Path
from typing import Any

_SLAVE, _FUNCS, _SMBUS = 0x0703, 0x0705, 0x0720
_READ, _BYTE, _BYTE_DATA, _I2C_BLOCK = 1, 1, 2, 8
#: I2C_FUNC_SMBUS_BYTE, _BYTE_DATA and _I2C_BLOCK.
_ABLE = 0x00060000 | 0x00180000 | 0x0C000000

#: The bytes that such a file begins with; then, of each address, what is there, the byte of a chip without
#: registers, and 256 registers.
_MAGIC = b"i2c stand-in\n"
_SIZE, _REGISTERS = 258, 2
_ABSENT, _PORT, _CHIP, _HANGS = 0, 1, 2, 3


def make_bus(path: Path) -> Path:
    """Write a bus without chips."""
    path.write_bytes(_MAGIC + bytes(128 * _SIZE))
    return path


def port_on(bus: Path, address: int) -> None:
    """Put a PCF8574 on a bus: its pins are high after its supply has come."""
    _put(bus, address, 0, bytes((_PORT, 0xFF)))


def chip_on(bus: Path, address: int, registers: dict[int, bytes]) -> None:
    """Put a chip with registers on a bus."""
    _put(bus, address, 0, bytes((_CHIP,)))
    for register, content in registers.items():
        _put(bus, address, _REGISTERS + register, content)


def remove(bus: Path, address: int) -> None:
    """Take a chip off its bus."""
    _put(bus, address, 0, bytes((_ABSENT,)))


def hang(bus: Path, address: int) -> None:
    """Have a chip hold the clock line, so that transfers do not end."""
    _put(bus, address, 0, bytes((_HANGS,)))


def pins(bus: Path, address: int) -> int:
    """Return the pins of a PCF8574."""
    return bus.read_bytes()[_place(address) + 1]


def register(bus: Path, address: int, number: int) -> int:
    """Return a register of a chip."""
    return bus.read_bytes()[_place(address) + _REGISTERS + number]


def _put(bus: Path, address: int, offset: int, content: bytes) -> None:
    with bus.open("r+b") as file:
        file.seek(_place(address) + offset)
        file.write(content)


def _place(address: int) -> int:
    return len(_MAGIC) + address * _SIZE


class _Transfer(ctypes.Structure):
    """`struct i2c_smbus_ioctl_data`; the data is a union of a byte, a word and a block with its length."""

    _fields_ = [
        ("read_write", ctypes.c_uint8),
        ("command", ctypes.c_uint8),
        ("size", ctypes.c_uint32),
        ("data", ctypes.POINTER(ctypes.c_uint8 * 34)),
    ]


_kernel = fcntl.ioctl
_addresses: dict[int, int] = {}


def _ioctl(descriptor: Any, request: int, argument: Any = 0, mutate: bool = True) -> Any:
    number = descriptor if isinstance(descriptor, int) else descriptor.fileno()
    if request not in (_SLAVE, _FUNCS, _SMBUS) or os.pread(number, len(_MAGIC), 0) != _MAGIC:
        return _kernel(descriptor, request, argument, mutate)
    if request == _SLAVE:
        _addresses[number] = argument
    elif request == _FUNCS:
        argument.value = _ABLE
    else:
        found = _Transfer.from_buffer(argument)
        _transfer(number, _place(_addresses[number]), found, found.data.contents)
    return 0


def _transfer(file: int, place: int, found: _Transfer, data: Any) -> None:
    """Make one transfer. Raises `OSError` where no chip answers, as the kernel does."""
    kind = os.pread(file, 1, place)[0]
    if kind == _HANGS:
        os.read(os.pipe()[0], 1)
    if kind == _ABSENT:
        raise OSError(errno.EREMOTEIO, os.strerror(errno.EREMOTEIO))
    if kind == _PORT and found.size == _BYTE:
        if found.read_write == _READ:
            data[0] = os.pread(file, 1, place + 1)[0]
        else:
            os.pwrite(file, bytes((found.command,)), place + 1)
        return
    start = place + _REGISTERS + found.command
    if found.size == _BYTE_DATA and found.read_write == _READ:
        data[0] = os.pread(file, 1, start)[0]
    elif found.size == _BYTE_DATA:
        os.pwrite(file, bytes((data[0],)), start)
    elif found.size == _I2C_BLOCK and found.read_write == _READ:
        data[1 : 1 + data[0]] = os.pread(file, data[0], start)
    else:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))


def install() -> None:
    """Answer the calls of this process from now on; `smbus2` takes the function when it is imported."""
    fcntl.ioctl = _ioctl  # type: ignore[assignment]


if os.environ.get("I2C_STAND_IN"):
    install()
