"""Checks of who could have written a file. A cache is executed: it must come from root or from this user."""

from __future__ import annotations

import os
import stat

#: Open as bytes, without following a link or waiting for a pipe. Windows has none of the last three.
_FLAGS = os.O_RDONLY
for _name in ("O_BINARY", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC"):
    _FLAGS |= getattr(os, _name, 0)

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


class Untrusted(Exception):
    """Another user could have put code there. The text is the reason, the path and the next step."""


def check_folder(folder: str) -> None:
    """Check that only root and this user can put files into a folder, or replace the folder.

    Symbolic links are resolved, and each folder above is checked as well. A folder that every user may write
    to counts as a temporary one, and so does `TMPDIR`: nothing below them is trusted.

    Raises `Untrusted`, and `FileNotFoundError` where there is no such folder.
    """
    path = os.path.realpath(folder)
    temporary = os.environ.get("TMPDIR")
    if temporary and _is_below(path, os.path.realpath(temporary)):
        raise Untrusted(f"{path} is in the temporary folder {temporary}; choose another place")
    while True:
        status = os.stat(path)
        if status.st_mode & stat.S_IWOTH and _HAS_OWNERS:
            raise Untrusted(f"everybody can write to {path}, a temporary folder; choose another place")
        _check_owner_and_mode(path, status)
        parent = os.path.dirname(path)
        if parent == path:
            return
        path = parent


def open_for_reading(path: str) -> int:
    """Open a file that only root and this user could have written, and return its descriptor.

    Raises `Untrusted`, and `OSError` where it cannot be opened, `FileNotFoundError` among them.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError:
        if os.path.islink(path):
            raise Untrusted(f"{path} is a symbolic link; name the file itself") from None
        raise
    try:
        # Check the open file: another one may have its name now.
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Untrusted(f"{path} is not a regular file; remove it")
        _check_owner_and_mode(path, status)
        check_folder(os.path.dirname(os.path.abspath(path)))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _is_below(path: str, folder: str) -> bool:
    # Not commonpath(): it raises for two drives.
    return os.path.normcase(path + os.sep).startswith(os.path.normcase(folder.rstrip(os.sep) + os.sep))


#: Windows has access lists in place of owner and mode, and `stat` shows nothing of them: there, the folder in
#: which the program lies is trusted, as the program is.
_HAS_OWNERS = hasattr(os, "geteuid")


def _check_owner_and_mode(path: str, status: os.stat_result) -> None:
    if not _HAS_OWNERS:
        return
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
