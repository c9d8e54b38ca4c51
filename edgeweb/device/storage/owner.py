"""One server for one folder of state: two of them would both drive the pump, and neither would know."""

from __future__ import annotations

import fcntl
import os

from . import reset

#: Holds the lock, and names who has it. It stays when the server ends: removing it would race with the next.
FILE = "server.lock"


class StateInUse(Exception):
    """Another server has the folder; the text names it, and what to do. `holder` is its process, or 0."""

    holder = 0


class StateOwner:
    """The right to serve a folder, held by a lock of the kernel until `release` or the end of the process.

    The empty text is no folder: nothing is locked. Source: flock(2).
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._file: int | None = None
        self._pid = 0

    def take(self) -> None:
        """Lock the folder, and end a reset that was begun there.

        Do nothing where it is locked by this owner, or cannot be written.

        Raises `StateInUse`.
        """
        if not self._folder:
            return
        if self._file is not None:
            if self._pid == os.getpid():
                return
            # A fork's copy of its parent's lock, which the kernel gives to both: it does not count.
            self.release()
        path = os.path.join(self._folder, FILE)
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            return  # the store reports a folder that cannot be used, and keeps the state in memory
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(file, 32, 0).decode("ascii", "replace").strip()
            os.close(file)
            who = f"process {holder}" if holder.isdecimal() else "another process"
            refusal = StateInUse(
                f"{self._folder} is in use by {who}: stop that server first, or give this one a folder of its"
                " own with storage.state in its profile. A server of several workers needs --workers 1"
            )
            refusal.holder = int(holder) if holder.isdecimal() else 0
            raise refusal from None
        text = f"{os.getpid()}\n".encode()
        try:
            if os.pread(file, 32, 0) != text:
                os.ftruncate(file, 0)
                os.pwrite(file, text, 0)
        except OSError:
            pass  # a full disk: the lock holds, and only the name of its holder is missing
        self._file, self._pid = file, os.getpid()
        try:
            reset.finish(self._folder)
        except OSError:
            pass  # opening the store says so

    def release(self) -> None:
        """Unlock the folder."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)
