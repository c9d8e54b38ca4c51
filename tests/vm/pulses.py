"""Pulses on a pin, measured by the kernel's own record of it while everything else on the board stands still.

The file system is frozen, as by a card that does not answer, a network drive hangs, and every processor is
busy. The times are those of the guest, whose clock counts its instructions: they do not depend on how busy
this machine is.
"""

from __future__ import annotations

import re

from .conftest import DOOR_LINE, Owned
from .mounts import dead_mount

PULSES = 6
MILLISECONDS = 300
#: Milliseconds that a pulse may be too long: the bar of a fast board, and of one with a slow core.
LATE = {"virt64": 20.0}
LATE_ELSEWHERE = 100.0
_TRACING = "/sys/kernel/tracing"
#: FIFREEZE and FITHAW of linux/fs.h, on the folder of the state; processes that compute, one a processor and
#: one more.
_DISTURB = """\
cat >/run/disturb.py <<'END'
import fcntl, os, sys, time
state = os.open("/var/lib/edgeweb", os.O_RDONLY)
children = []
for _ in range(os.cpu_count() + 1):
    child = os.fork()
    if child == 0:
        while True:
            pass
    children.append(child)
fcntl.ioctl(state, 0xC0045877, 0)
time.sleep(float(sys.argv[1]))
fcntl.ioctl(state, 0xC0045878, 0)
for child in children:
    os.kill(child, 9)
END
python3 /run/disturb.py 6 >/dev/null 2>&1 &
"""
_EDGE = re.compile(r"(\d+\.\d+): gpio_value: (\d+) set ([01])")


def check_pulses(board: Owned) -> None:
    """Measure `PULSES` pulses of `MILLISECONDS` on a board that is disturbed, and compare."""
    guest = board.guest
    guest.run(f"[ -d {_TRACING}/events ] || mount -t tracefs none {_TRACING}")
    guest.run(f"echo >{_TRACING}/trace; echo 1 >{_TRACING}/events/gpio/gpio_value/enable")
    try:
        with dead_mount(board):
            guest.run(_DISTURB)
            for _ in range(PULSES):
                board.curl(
                    "/api/v1/channels/door/pulse?wait=1", "-X", "POST", "-d", f'{{"ms": {MILLISECONDS}}}'
                )
    finally:
        guest.run(f"echo 0 >{_TRACING}/events/gpio/gpio_value/enable")
    lengths = pulse_lengths(guest.run(f"cat {_TRACING}/trace").text, number_of_door(board))
    print(f"pulses of {MILLISECONDS} ms: {lengths}")
    late = LATE.get(board.device.board.name, LATE_ELSEWHERE)
    assert len(lengths) == PULSES
    assert all(-1.0 <= length - MILLISECONDS <= late for length in lengths), lengths


def number_of_door(board: Owned) -> str:
    """Return the kernel's number of the gate's pin. A board's LED is a pin, too, and blinks with its card."""
    board.guest.run("mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug")
    name = f"GPIO{DOOR_LINE} " if board.device.board.broadcom else ""
    held = [
        line
        for line in board.guest.run("cat /sys/kernel/debug/gpio").text.splitlines()
        if "edgeweb" in line and name in line
    ]
    assert len(held) == 1, held
    found = re.search(r"gpio-(\d+)", held[0])
    assert found is not None, held
    return found[1]


def pulse_lengths(trace: str, number: str) -> list[float]:
    """Return the milliseconds from each edge up of a pin to the next one down."""
    lengths: list[float] = []
    up = None
    for moment, pin, level in _EDGE.findall(trace):
        if pin != number:
            continue
        if level == "1":
            up = float(moment)
        elif up is not None:
            lengths.append(round((float(moment) - up) * 1000, 3))
            up = None
    return lengths
