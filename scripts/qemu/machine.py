"""A board under QEMU: started, watched, and always ended.

The serial console is kept in a file. A kernel panic ends the machine at once;
so does the end of this process.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import debian
from .boards import Board
from .image import Image
from .progress import Fault
from .root import SHELL_PORT

#: Port on which edgeweb listens in the guest.
WEB_PORT = 8080
_PROGRAM = {"arm64": "qemu-system-aarch64", "armhf": "qemu-system-arm", "armel": "qemu-system-arm"}
PANIC = b"Kernel panic - not syncing"


class Panic(Fault):
    """The machine has ended by itself, or its kernel has given up."""


def make_overlay(base: Path, overlay: Path) -> Path:
    """A disk that begins as `base` and keeps what is written to itself."""
    overlay.unlink(missing_ok=True)
    kind = "raw" if base.suffix == ".raw" else "qcow2"
    subprocess.run(
        [debian.find("qemu-img"), "create", "-q", "-f", "qcow2", "-F", kind, "-b", base.resolve(), overlay],
        check=True,
    )
    return overlay


def _free_ports(count: int) -> list[int]:
    """Ports of the loopback address that nothing listens on: all bound at once, so that none comes twice."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


class Machine:
    """One run of a board, from power on to power off.

    Attributes:
        web: Port of 127.0.0.1 that leads to edgeweb in the guest, on its `port`.
        shell: Port of 127.0.0.1 that leads to the guest's root shell.
        begun: `time.monotonic()` of power on.
    """

    def __init__(
        self,
        board: Board,
        image: Image,
        disk: Path,
        console: Path,
        cache: str = "unsafe",
        port: int = WEB_PORT,
    ) -> None:
        self.board = board
        self._port = port
        self.console = console
        self.web, self.shell = _free_ports(2)
        self.panicked = False
        console.write_bytes(b"")
        self.begun = time.monotonic()
        with console.with_suffix(".qemu").open("wb") as errors:
            self._qemu = subprocess.Popen(
                [
                    # The kernel ends QEMU when this process ends, even by SIGKILL.
                    *(debian.find("setpriv"), "--pdeathsig", "KILL"),
                    debian.find(_PROGRAM[board.architecture]),
                    *self._arguments(image, disk, cache),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
        threading.Thread(target=self._watch, daemon=True).start()

    def _arguments(self, image: Image, disk: Path, cache: str) -> list[str]:
        board = self.board
        kernel = (
            f"root={board.disk}",
            f"console={board.console},115200",
            "panic=-1",
            "rw",
            "systemd.unit=multi-user.target",
            # Debian leaves it off on ARM boards; without it MemoryMax= is nothing.
            "cgroup_enable=memory",
            *board.arguments,
        )
        forwards = f"hostfwd=tcp:127.0.0.1:{self.web}-10.0.2.15:{self._port}"
        forwards += f",hostfwd=tcp:127.0.0.1:{self.shell}-10.0.2.15:{SHELL_PORT}"
        drive = f"format=qcow2,file={disk},cache={cache}"
        if board.broadcom:
            devices = ["-drive", f"if=sd,{drive}", "-device", "usb-net,netdev=n"]
        else:
            devices = ["-drive", f"if=none,id=d,{drive}", "-device", "virtio-blk-pci,drive=d"]
            devices += ["-device", "virtio-net-pci,netdev=n,romfile="]
        serial = ["-serial", f"file:{self.console}"]
        if board.console == "ttyS1":
            serial = ["-serial", "null", *serial]
        return [
            *board.machine,
            *board.runs,
            *("-display", "none", "-monitor", "none", "-no-reboot"),
            *("-kernel", str(image.kernel), "-initrd", str(image.initrd)),
            *(("-dtb", str(image.tree)) if image.tree else ()),
            *("-append", " ".join(kernel)),
            *("-netdev", f"user,id=n,{forwards}"),
            *devices,
            *serial,
        ]

    def _watch(self) -> None:
        """Ends QEMU when its kernel has given up: whoever waits for the guest then stops waiting."""
        position, tail = 0, b""
        while self._qemu.poll() is None:
            with self.console.open("rb") as file:
                file.seek(position)
                new = file.read()
            position += len(new)
            if PANIC in tail + new:
                self.panicked = True
                self._qemu.kill()
                return
            tail = (tail + new)[-len(PANIC) :]
            time.sleep(0.5)

    def check(self) -> None:
        """Raises `Panic`, with the console's last lines, unless the machine runs."""
        if self._qemu.poll() is None:
            return
        lines = self.console.read_bytes().decode(errors="replace").splitlines()[-40:]
        lines += self.console.with_suffix(".qemu").read_text(errors="replace").splitlines()[-10:]
        what = (
            "the kernel has given up"
            if self.panicked
            else f"QEMU has ended with code {self._qemu.returncode}"
        )
        raise Panic(
            f"{self.board.name}: {what}. The console, {self.console}, ends with:\n" + "\n".join(lines)
        )

    def wait_for_end(self, seconds: float) -> None:
        """Returns when the guest has powered off or rebooted: -no-reboot makes both the end of QEMU."""
        try:
            self._qemu.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Fault(f"{self.board.name}: still runs after {seconds} s; see {self.console}") from None

    def cut_power(self) -> None:
        """Ends the machine as a power cut does: whatever the guest has not written is lost."""
        self._qemu.kill()
        self._qemu.wait()

    @contextmanager
    def halted(self) -> Iterator[None]:
        """Stop QEMU's process, and let it go on after. To the guest that is a busy host.

        Meanwhile the file of the disk has what a power cut at this moment leaves, whatever the cache: what
        the guest has flushed is in it, and of what it has not flushed some, as of a disk with a cache.
        """
        self.check()
        os.kill(self._qemu.pid, signal.SIGSTOP)
        try:
            # The signal takes effect later: a thread may still be within a write.
            os.waitid(os.P_PID, self._qemu.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
            self.check()
            yield
        finally:
            self._qemu.send_signal(signal.SIGCONT)

    def __enter__(self) -> Machine:
        return self

    def __exit__(self, *_: object) -> None:
        self.cut_power()
