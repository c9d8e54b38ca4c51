"""A mount that hangs, as a network drive whose server is gone, on a board that is told to watch it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .conftest import Owned

DEAD = "/mnt/dead"
_LOG = "/run/dead_mount.log"


@contextmanager
def dead_mount(board: Owned) -> Iterator[None]:
    """Have the service watch a mount that never answers, from its first warning to the end of it."""
    guest = board.guest
    guest.write("/run/dead_mount.py", (Path(__file__).parent / "inside" / "dead_mount.py").read_text())
    guest.run("modprobe -q fuse; true")  # which some kernels have built in
    guest.run(f"mkdir -p {DEAD}; setsid python3 /run/dead_mount.py {DEAD} >{_LOG} 2>&1 &")
    board.wait_until(lambda: guest.run(f"grep ' {DEAD} ' /proc/mounts; cat {_LOG}").text, "a mount")
    log = guest.run(f"cat {_LOG}").text
    assert log == "", log
    try:
        board.configure(f'[storage]\nwatch = ["/", "{DEAD}"]\n')
        board.wait_until(
            lambda: any(DEAD in row["source"] for row in board.ask("/api/v1/status")["warnings"]),
            "a warning",
            60,
        )
        yield
    finally:
        guest.run(f"pkill -f dead_mount.py; umount -l {DEAD}; true")
        board.configure("")
    board.wait_until(lambda: board.ask("/api/v1/status")["warnings"] == [], "the end of the warning")
