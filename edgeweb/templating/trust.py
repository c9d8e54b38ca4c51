"""Who could have written a file. Code that is loaded is executed: it must come from root or from us."""

from __future__ import annotations

import os
import stat

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


class Untrusted(Exception):
    """Somebody else could have put code there; the text says what, where, and what to do."""


def check_folder(folder: str) -> None:
    """Makes sure that nobody but root and we can put files into a folder, or another folder in its place.

    That is asked of each folder on the way down from `/`, symbolic links resolved. A folder that everybody
    may write to is a temporary one, whatever its name, and so is what `TMPDIR` names: nothing below them is
    trusted.

    Raises `Untrusted`, and `FileNotFoundError` where there is no such folder.
    """
    path = os.path.realpath(folder)
    temporary = os.environ.get("TMPDIR")
    if temporary and os.path.commonpath((path, os.path.realpath(temporary))) == os.path.realpath(temporary):
        raise Untrusted(f"{path} is in the temporary folder {temporary}; choose another place")
    while True:
        status = os.stat(path)
        if status.st_mode & stat.S_IWOTH:
            raise Untrusted(f"everybody can write to {path}, a temporary folder; choose another place")
        _check_owner_and_mode(path, status)
        parent = os.path.dirname(path)
        if parent == path:
            return
        path = parent


def open_for_reading(path: str) -> int:
    """Opens a file that nobody but root and we could have written; returns its descriptor.

    Raises `Untrusted`, and `OSError` where it cannot be opened, `FileNotFoundError` among them.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        if os.path.islink(path):
            raise Untrusted(f"{path} is a symbolic link; name the file itself") from None
        raise
    try:
        # The open file is what is looked at: its name may belong to another one by now.
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Untrusted(f"{path} is not a regular file; remove it")
        _check_owner_and_mode(path, status)
        check_folder(os.path.dirname(os.path.abspath(path)))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _check_owner_and_mode(path: str, status: os.stat_result) -> None:
    if status.st_uid not in (0, os.geteuid()):
        raise Untrusted(
            f"{path} belongs to user {status.st_uid}, neither to root nor to us (user {os.geteuid()});"
            " choose a place of root's, or be that user"
        )
    if status.st_mode & _OTHERS_WRITE:
        raise Untrusted(
            f"{path} can be written by others (mode {stat.S_IMODE(status.st_mode):04o}); run:"
            f" chmod go-w {path}"
        )
