"""A board for as long as somebody works with it: booted, rebooted, without power.

Its disk is thrown away after.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from . import image
from .boards import Board
from .guest import Guest
from .machine import Machine, make_overlay
from .progress import say


class Device:
    """One board with its disk. `guest` is the system that runs on it now.

    Attributes:
        first: Seconds from the last power on to the first answer.
        ready: Seconds from the last reboot's power on until the service was ready, by the guest's own clock;
            None before the first reboot.
        cache: How QEMU writes, from the next power on. "unsafe" is fast and loses nothing but at a power cut;
            with "writethrough" a write is in the file before the guest hears of it, as by a sound disk.
    """

    def __init__(self, board: Board, base: Path | None = None) -> None:
        """Power the board on.

        Args:
            board: Which one.
            base: What its disk begins as, the image's own disk if None.
        """
        self.board = board
        self.image = image.build(board)
        self.first = 0.0
        self.ready: float | None = None
        self.cache = "unsafe"
        self._disk = make_overlay(base or self.image.disk, image.FOLDER / f"{board.name}.qcow2")
        self._starts = 0
        self.guest = self.power_on()

    def power_on(self) -> Guest:
        """Starts the board, which does not run. The console of each start has a file of its own."""
        self._starts += 1
        console = image.FOLDER / f"{self.board.name}.{self._starts}.console"
        say(f"{self.board.name}: power on; console: {console}")
        self.guest = Guest(Machine(self.board, self.image, self._disk, console, self.cache))
        return self.guest

    def copy_disk(self, path: Path) -> None:
        """Copy the disk as it is now, with all that the guest has written; the guest waits meanwhile.

        Only of a board whose disk obeys when its kernel asks for what is written: `virt`, not an SD card.
        """
        self.guest.run("fsfreeze --freeze /")
        try:
            unfinished = path.with_name(f"{path.name}.part{os.getpid()}")
            shutil.copyfile(self._disk, unfinished)
            unfinished.rename(path)
        finally:
            self.guest.run("fsfreeze --unfreeze /")

    def reboot(self) -> Guest:
        """Has the guest reboot in good order, and returns when the server answers again."""
        # The shell that is asked ends with the system: it has answered before that.
        self.guest.run("(sleep 2; systemctl reboot) >/dev/null 2>&1 &")
        self.guest.machine.wait_for_end(self.board.patience)
        self.power_on()
        guest = self.wait_until_it_serves()
        self.ready = int(guest.unit()["ActiveEnterTimestampMonotonic"]) / 1e6
        return guest

    def cut_power(self) -> None:
        """Ends the board at once."""
        self.guest.machine.cut_power()

    def copy_as_cut(self, path: Path) -> None:
        """Copy the disk of the running board as a power cut at this moment would leave it."""
        with self.guest.machine.halted():
            subprocess.run(["cp", "--reflink=auto", "--sparse=always", self._disk, path], check=True)

    def wait_until_it_serves(self) -> Guest:
        """Returns when /livez answers 200."""
        guest = self.guest
        guest.wait_until(lambda: guest.get("/livez")[0] == 200, "an answer of /livez", self.board.patience)
        self.first = time.monotonic() - guest.machine.begun
        return guest

    def close(self) -> None:
        """Ends the board and throws its disk away."""
        self.guest.machine.cut_power()
        self._disk.unlink(missing_ok=True)

    def __enter__(self) -> Device:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
