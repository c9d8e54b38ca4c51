"""The files of the state: the database, its backup, and what was set aside.

A power cut can hit between any two calls here. So a backup is written beside the old one and takes its place
by a rename, after it is on the disk; and a database that does not open is moved away before another one takes
its name, never overwritten.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

DATABASE = "state.db"
BACKUP = "state.backup.db"
SET_ASIDE = "state.corrupt"

#: An empty file: a user was here once. It is read where the database cannot be, or is gone.
OWNED = "owned"

#: The folder of the device's own authority, see `tls/authority.py`.
TLS = "tls"

MEMORY = ":memory:"

#: Corrupt databases that are kept for their owner; the oldest is deleted first.
MAX_SET_ASIDE = 3

#: Suffixes of the files beside a database: the log of commits that are not in it yet, and its index.
COMPANIONS = ("-wal", "-shm")


class Corrupt(Exception):
    """The file exists and is not a healthy database."""


def connect(path: str) -> sqlite3.Connection:
    """Open a connection for this package: transactions are begun and ended by hand, from any thread.

    A new file is for this user only; SQLite gives its companions the same rights. Raises `OSError` or
    `sqlite3.Error`.
    """
    if path != MEMORY:
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    # A statement that is kept takes 2 KiB, and there are a hundred of them; a request has three or four.
    return sqlite3.connect(
        path, timeout=5, isolation_level=None, check_same_thread=False, cached_statements=8
    )


def check(connection: sqlite3.Connection) -> None:
    """Read the whole file, which has some hundred kilobytes. Raises `Corrupt`."""
    try:
        rows = connection.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.DatabaseError as error:
        # a file that cannot be read now (locked, no rights) is not corrupt
        if isinstance(error, sqlite3.OperationalError):
            raise
        raise Corrupt(str(error)) from error
    if rows != [("ok",)]:
        raise Corrupt(str(rows[0][0]))


def back_up(source: sqlite3.Connection, folder: str) -> None:
    """Write the database's content as the new last good backup. Raises `OSError` or `sqlite3.Error`."""
    path = os.path.join(folder, BACKUP)
    fresh = path + ".new"
    remove(fresh)
    with closing(connect(fresh)) as target:
        source.backup(target)
        check(target)
        # a file that is complete in itself: it has to open from a read-only disk as well
        target.execute("PRAGMA journal_mode=DELETE")
    sync_file(fresh)
    os.replace(fresh, path)
    sync_folder(folder)


def mark_owned(folder: str) -> None:
    """Note for good that the device has an owner. Raises `OSError`."""
    os.close(os.open(os.path.join(folder, OWNED), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    sync_folder(folder)


def is_owned(folder: str) -> bool:
    """Return whether a user was here once; also True where the folder cannot be read."""
    try:
        os.stat(os.path.join(folder, OWNED))
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        pass
    return True


def is_missing(folder: str) -> bool:
    """Return whether the database is missing or empty, as a power cut leaves a file just made."""
    try:
        return os.stat(os.path.join(folder, DATABASE)).st_size == 0
    except FileNotFoundError:
        return True


def set_aside(folder: str) -> str:
    """Move the database away, with what belongs to it; return its new name. Raises `OSError`."""
    taken = sorted(
        (name for name in os.listdir(folder) if name.startswith(SET_ASIDE) and name.endswith(".db")),
        key=lambda name: (len(name), name),
    )
    for name in taken[: max(len(taken) - MAX_SET_ASIDE + 1, 0)]:
        for part in ("", *COMPANIONS):
            remove(os.path.join(folder, name + part))
    number = int(taken[-1].removesuffix(".db").rpartition("-")[2]) + 1 if taken else 1
    name = f"{SET_ASIDE}-{number}.db"
    for part in (*COMPANIONS, ""):
        try:
            os.rename(os.path.join(folder, DATABASE + part), os.path.join(folder, name + part))
        except FileNotFoundError:
            continue
    sync_folder(folder)
    return name


def restore(folder: str) -> bool:
    """Make the database out of the last good backup; False where there is none that is good.

    Raises `OSError` where the disk refuses.
    """
    backup = os.path.join(folder, BACKUP)
    if not os.path.exists(backup):
        return False
    fresh = os.path.join(folder, DATABASE + ".new")
    remove(fresh)
    try:
        with closing(_read_only(backup)) as source, closing(connect(fresh)) as target:
            check(source)
            source.backup(target)
    except (Corrupt, sqlite3.DatabaseError):
        remove(fresh)
        return False
    sync_file(fresh)
    for companion in COMPANIONS:
        # SQLite would play the log of another database into this one
        remove(os.path.join(folder, DATABASE + companion))
    os.replace(fresh, os.path.join(folder, DATABASE))
    sync_folder(folder)
    return True


@contextmanager
def rescue(folder: str) -> Iterator[sqlite3.Connection | None]:
    """Connect to the database, or else to its backup, where nothing can be written.

    The database of a read-only disk may have commits in its log only, which SQLite cannot read without
    writing. So both are copied to the temporary folder first.
    """
    import shutil
    import tempfile

    try:
        folder_of_copies = tempfile.TemporaryDirectory(prefix="edgeweb-", ignore_cleanup_errors=True)
    except OSError:  # no disk takes a byte
        yield from _rescue_in_place(folder)
        return
    with folder_of_copies as work:
        for name in (DATABASE, BACKUP):
            copy = os.path.join(work, name)
            try:
                shutil.copyfile(os.path.join(folder, name), copy)
                for companion in COMPANIONS[:1]:
                    if os.path.exists(os.path.join(folder, name + companion)):
                        shutil.copyfile(os.path.join(folder, name + companion), copy + companion)
                connection = connect(copy)
            except (OSError, sqlite3.Error):
                continue
            with closing(connection):
                try:
                    check(connection)
                except (Corrupt, sqlite3.Error):
                    continue
                yield connection
                return
        yield None


def _rescue_in_place(folder: str) -> Iterator[sqlite3.Connection | None]:
    """Connect to the files themselves where they cannot be copied: without the log, if it cannot be read."""
    for name in (DATABASE, BACKUP):
        for way in ("mode=ro", "mode=ro&immutable=1"):
            try:
                connection = _read_only(os.path.join(folder, name), way)
            except sqlite3.Error:
                continue
            with closing(connection):
                try:
                    check(connection)
                except (Corrupt, sqlite3.Error):
                    continue
                yield connection
                return
    yield None


def sync_file(path: str) -> None:
    """Wait until the file's content is on the disk."""
    _sync(path, os.O_RDWR)


def sync_folder(path: str) -> None:
    """Wait until the names in the folder are on the disk: before, a power cut may undo a rename."""
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: str, flags: int) -> None:
    descriptor = os.open(path, flags | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_only(path: str, way: str = "mode=ro&immutable=1") -> sqlite3.Connection:
    from urllib.parse import quote

    return sqlite3.connect(f"file:{quote(path)}?{way}", uri=True)


def remove(path: str) -> None:
    """Remove a file that may be gone already. Raises `OSError`."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
