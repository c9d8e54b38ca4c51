"""Factory reset: a folder of state in which nothing of its owner is left.

A power cut can hit between any two calls. So a mark is written before the first file goes, and removed after
the last: while it is there the state stays closed, and the next server that takes the folder ends the reset
before anything else. Each of the three steps is on the disk before the next one begins.
"""

from __future__ import annotations

import os

from ..errors import DeviceError

#: The mark, an empty file.
FILE = "reset"

#: Names the input that was seen inactive at a start: only then does holding it mean anything.
ARMED = "reset-input"


class Resetting(DeviceError):
    """A reset was begun and has not ended: the state is neither read nor replaced."""

    key = "system-refused"


class ResetFailed(DeviceError):
    """A reset could not begin, and nothing has changed; `reason` is the system's."""

    key = "system-refused"

    def __init__(self, reason: str) -> None:
        super().__init__(f"Nothing was reset: the folder of the state cannot be written ({reason}).")


def is_begun(folder: str) -> bool:
    """Return whether a reset was begun and has not ended."""
    return os.path.lexists(os.path.join(folder, FILE))


def check(folder: str) -> None:
    """Raise `Resetting` where a reset was begun and has not ended."""
    if is_begun(folder):
        raise Resetting(
            f"a reset of the state in {folder} was begun and has not ended: start the server, which ends it;"
            " where it cannot, remove the files of the folder"
        )


def begin(folder: str) -> None:
    """Note that the state is to go. Raises `OSError`: then nothing has changed."""
    from . import recovery

    os.close(os.open(os.path.join(folder, FILE), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    recovery.sync_folder(folder)


def arm(folder: str, name: str) -> None:
    """Note that an input was seen inactive. Raises `OSError`."""
    if not is_armed(folder, name):
        with open(os.path.join(folder, ARMED), "w") as file:
            file.write(name)


def is_armed(folder: str, name: str) -> bool:
    """Return whether an input was seen inactive at a start: one that is wired wrongly never is."""
    try:
        with open(os.path.join(folder, ARMED)) as file:
            return file.read() == name
    except OSError:
        return False


def finish(folder: str) -> bool:
    """Remove the state where a reset was begun; return whether one was.

    Only for who has the folder, see `StateOwner`: another process may have made a new state meanwhile. Raises
    `OSError`; then the next call removes the rest.
    """
    if not is_begun(folder):
        return False
    from . import recovery

    # Other files of the folder are not ours.
    names = (recovery.DATABASE, recovery.BACKUP, recovery.SET_ASIDE, recovery.OWNED, ARMED)
    for name in sorted(os.listdir(folder)):
        if name.startswith(names):
            recovery.remove(os.path.join(folder, name))
    _remove_folder(os.path.join(folder, recovery.TLS))
    recovery.sync_folder(folder)
    recovery.remove(os.path.join(folder, FILE))
    recovery.sync_folder(folder)
    return True


def _remove_folder(path: str) -> None:
    """Remove a folder with all that is in it, which may be gone already; a link, not what it leads to."""
    from . import recovery

    if os.path.islink(path):
        recovery.remove(path)
    elif os.path.isdir(path):
        for name in os.listdir(path):
            part = os.path.join(path, name)
            if os.path.isdir(part):
                _remove_folder(part)
            else:
                recovery.remove(part)
        os.rmdir(path)
