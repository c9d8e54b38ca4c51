"""The state: one SQLite file, one writer, short transactions, on the disk before they are acknowledged.

A device has to go on where its disk does not. When the disk is full, read-only or broken, the store goes on
in memory with all its rows, reports that (`persistent`, `reason`), and returns to the disk once that can be
written again.

    >>> store = Store("")
    >>> store.write(lambda execute: execute("INSERT INTO meta VALUES ('colour', 'green')")) and None
    >>> store.read("SELECT value FROM meta WHERE key = ?", "colour")
    [('green',)]
    >>> store.persistent, store.reason
    (False, 'kept in memory, by storage.state of the profile')
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import DeviceError
from . import reset
from .migrations import Newer, migrate

if TYPE_CHECKING:
    import sqlite3

T = TypeVar("T")
#: A row of a SELECT: its columns are whatever the statement has.
Row = tuple[Any, ...]
Execute = Callable[..., "sqlite3.Cursor"]

#: Seconds between two attempts to go back to a disk that has refused.
RETRY = 30.0

#: Seconds between a change and the backup of the state, so that one backup has several changes.
BACKUP_DELAY = 60.0

IN_MEMORY = "kept in memory, by storage.state of the profile"

_SETTINGS = (
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-64",  # KiB: what a change touches; the system keeps the file in its own cache
    "PRAGMA temp_store=MEMORY",
)
_DISK_SETTINGS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # in WAL mode, NORMAL would lose the last commits with the power
    "PRAGMA wal_autocheckpoint=64",
    "PRAGMA journal_size_limit=262144",
)


#: Seconds that a change waits for one of another process, such as `edgeweb users`: less than what a person
#: takes for a page that hangs.
PATIENCE = 0.8

#: Exit status of a server that must not start with this state: systemd does not try again. Source: EX_CONFIG
#: of sysexits.h(3head).
EXIT_NEWER = 78


class Unreadable(DeviceError):
    """The disk can be neither read nor rescued: what it has must not be replaced by an empty state."""

    key = "system-refused"
    retry_after = 5


class Locked(DeviceError):
    """Another process is in the midst of a change: nothing was written, and the disk is as good as before."""

    key = "system-refused"
    retry_after = 1

    def __init__(self) -> None:
        super().__init__("Another program is changing the state of this device: try again.")


class Store:
    """The state under a folder; the empty text keeps it in memory on purpose.

    Making one touches no disk; the first use opens it, and sqlite3 is imported no earlier. Every method may
    be called from any thread.
    """

    def __init__(
        self,
        folder: str,
        clock: Callable[[], float] = time.monotonic,
        log: Callable[[str], None] = lambda text: None,
        after: Callable[[float, Callable[[], object]], object] = lambda seconds, call: None,
        patience: float = PATIENCE,
    ) -> None:
        self.folder = folder
        #: Whether what is written now survives a power cut.
        self.persistent = False
        #: Why not; empty while it does.
        self.reason = "" if folder else IN_MEMORY
        #: What happened to the file, in words; `log` got each of them. The newest last.
        self.reports: list[str] = []
        #: Whether the folder had a user once. Where that one is not found now, the device has no set-up.
        self.was_owned = False
        #: Whether the memory began empty because the disk could not be read.
        self._is_blank = False
        #: Why neither the disk nor a copy of it could be read at the last attempt.
        self._fault = ""
        #: Grows whenever `persistent` or `reason` change.
        self.generation = 0
        self._clock = clock
        self._log = log
        #: Calls once, after that many seconds: the backup, and the next attempt at a disk that has refused.
        self._after = after
        self._lock = RLock()
        self._connection: sqlite3.Connection | None = None
        #: Seconds that a change waits for that of another process.
        self._patience = patience
        self._is_locked = False
        self._next_attempt = 0.0
        self._is_retrying = False
        self._backup_due = False

    @property
    def healthy(self) -> bool:
        """Whether the state is where the profile wants it, and can be read."""
        return not self._fault and (self.persistent or not self.folder)

    # -- reading and writing ---------------------------------------------------------------------------

    def read(self, sql: str, *values: object) -> list[Row]:
        """Return all rows of a SELECT. Raises `Unreadable`, as every method here."""
        return self._read(lambda connection: connection.execute(sql, values).fetchall())

    def snapshot(self, *statements: str) -> list[list[Row]]:
        """Return all rows of several SELECTs, as of one moment: also while another process writes."""

        def look(connection: sqlite3.Connection) -> list[list[Row]]:
            connection.execute("BEGIN")
            try:
                return [connection.execute(statement).fetchall() for statement in statements]
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

        return self._read(look)

    def _read(self, look: Callable[[sqlite3.Connection], T]) -> T:
        """Read, from the disk or else from what can be rescued of it."""
        with self._lock:
            connection = self._open()
            try:
                found = look(connection)
            except Exception as error:
                if not self.persistent or not _is_of_the_disk(error):
                    raise
                found = look(self._leave_disk(str(error)))
            self._fault = ""
            return found

    def write(self, change: Callable[[Execute], T], *, backup: bool = True) -> T:
        """Make a change in one transaction; return what `change` returns, once it is on the disk.

        `change` gets a function that executes a statement: `execute(sql, values)`. It must do nothing else,
        because where the disk refuses it is called a second time, for the memory. What it raises undoes the
        transaction. `backup=False`: not worth a new backup. Raises `Locked`.
        """
        import sqlite3

        with self._lock:
            connection = self._open()
            if self.folder and not self.persistent and self._clock() >= self._next_attempt:
                connection = self._return_to_disk(connection)
            try:
                result = self._commit(connection, change)
            except sqlite3.DatabaseError as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                    self._note_lock(connection)
                    raise Locked from None
                if not self.persistent or not _is_of_the_disk(error):
                    raise
                result = self._commit(self._leave_disk(str(error)), change)
            if self._is_locked:
                self._is_locked = False
                _set_patience(connection, self._patience)
            if backup and not self.was_owned:
                self._note_owner()
            if backup and not self._backup_due:
                self._backup_due = True
                self._after(BACKUP_DELAY, self.back_up)
            return result

    def changes_elsewhere(self) -> int:
        """Return a number that changes when another process has written, such as `edgeweb users`."""
        return int(self._read(_data_version))

    # -- the last good backup --------------------------------------------------------------------------

    def back_up(self) -> bool:
        """Write the last good backup, if anything has changed since; return whether it did."""
        import sqlite3

        from . import recovery

        with self._lock:
            if self._connection is None or not self.persistent or not self._backup_due:
                return False
            try:
                recovery.back_up(self._connection, self.folder)
            except (OSError, sqlite3.Error, recovery.Corrupt) as error:
                self._report(f"the state could not be backed up: {error}")
                return False
            self._backup_due = False
            return True

    def close(self) -> None:
        """Back up and close the file; the next use opens it again."""
        with self._lock:
            self.back_up()
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            self._is_retrying = False

    # -- opening ---------------------------------------------------------------------------------------

    def open(self) -> None:
        """Open the state now instead of at its first use.

        Raises `Newer` or `Resetting`, as every use then does.
        """
        with self._lock:
            self._open()

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._open_disk() if self.folder else _new_memory()
            self._note_owner()
            if self.was_owned and not _has_users(self._connection):
                self._report(
                    "the users of this device are lost or cannot be read. Nobody can take it over: restore a"
                    " backup with `edgeweb state restore FILE`, or add an admin with `edgeweb users add NAME`"
                )
        return self._connection

    def _note_owner(self) -> None:
        """Find out whether the folder has or had a user, and note it there once."""
        from . import recovery

        if self.was_owned or not self.folder:
            return
        self.was_owned = recovery.is_owned(self.folder)
        if not self.was_owned and self.persistent and self._connection and _has_users(self._connection):
            try:
                recovery.mark_owned(self.folder)
                self.was_owned = True
            except OSError:
                pass  # the next change tries again

    def _open_disk(self) -> sqlite3.Connection:
        import sqlite3

        from . import recovery

        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            for _ in range(3):
                try:
                    connection = self._open_file()
                except recovery.Corrupt as error:
                    self._replace_file(str(error))
                else:
                    self._update(True, "")
                    return connection
            reason = "the database is damaged and could not be replaced"
        except (OSError, sqlite3.Error) as error:
            reason = self._why(getattr(error, "strerror", None) or str(error))
        self._try_later(RETRY)
        self._update(False, reason)
        with recovery.rescue(self.folder) as source:
            self._is_blank = source is None
            return _new_memory(source)

    def _open_file(self) -> sqlite3.Connection:
        """Open the database of the folder: healthy, writable, with the newest tables."""
        import sqlite3

        from . import recovery

        reset.check(self.folder)
        path = os.path.join(self.folder, recovery.DATABASE)
        if recovery.is_missing(self.folder) and recovery.restore(self.folder):
            self._report("the state was missing and has been restored from its last good backup")
        connection = recovery.connect(path)
        try:
            recovery.check(connection)
            for setting in (*_SETTINGS, *_DISK_SETTINGS):
                connection.execute(setting)
            migrate(connection)
            # takes the write lock and writes nothing: a read-only disk fails here
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
            # an opening waits longer: without the file there is no state to serve
            _set_patience(connection, self._patience)
        except BaseException as error:
            connection.close()
            if type(error) is sqlite3.DatabaseError:
                raise recovery.Corrupt(str(error)) from error
            raise
        return connection

    def _replace_file(self, reason: str) -> None:
        from . import recovery

        aside = recovery.set_aside(self.folder)
        restored = recovery.restore(self.folder)
        outcome = "its last good backup is in its place" if restored else "without a backup it starts empty"
        self._report(f"the state was damaged ({reason}); it is kept as {aside}, and {outcome}")

    # -- a disk that refuses ---------------------------------------------------------------------------

    def _commit(self, connection: sqlite3.Connection, change: Callable[[Execute], T]) -> T:
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = change(connection.execute)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return result

    def _leave_disk(self, reason: str) -> sqlite3.Connection:
        """Go on in memory with everything that was committed. Raises `Unreadable`."""
        import sqlite3

        from . import recovery

        disk = self._connection
        assert disk is not None
        try:
            memory = _new_memory(disk)
        except sqlite3.Error:
            with recovery.rescue(self.folder) as source:
                if source is None and self.was_owned:
                    self._report_fault(reason)
                    raise Unreadable(f"The state cannot be read: {reason}.") from None
                memory = _new_memory(source)
        disk.close()
        self._connection = memory
        self._try_later(RETRY)
        self._update(False, reason)
        return memory

    def _try_later(self, seconds: float) -> None:
        """Ask the disk again also without a change: on a quiet device the next one may be days away."""
        self._next_attempt = self._clock() + seconds
        if not self._is_retrying:
            self._is_retrying = True
            self._after(seconds, self._try_again)

    def _try_again(self) -> None:
        with self._lock:
            self._is_retrying = False
            if self._connection is None or self.persistent:
                return
            if self._clock() >= self._next_attempt:
                self._connection = self._return_to_disk(self._connection)
            if not self.persistent:
                self._try_later(max(self._next_attempt - self._clock(), 1.0))

    def _return_to_disk(self, memory: sqlite3.Connection) -> sqlite3.Connection:
        """Copy the changes to the disk, if it takes them; return the connection to use from now on."""
        import sqlite3

        from . import recovery

        self._next_attempt = self._clock() + RETRY
        if not self._has_room(memory):
            return memory
        try:
            disk = self._open_file()
        except (OSError, sqlite3.Error, recovery.Corrupt, Newer, reset.Resetting):
            return memory
        try:
            if self._is_blank and _has_users(disk):
                self._report("the state can be read again; what was changed since the start is dropped")
            else:
                memory.backup(disk)
            recovery.check(disk)
        except (sqlite3.Error, recovery.Corrupt):
            disk.close()
            return memory
        memory.close()
        self._is_blank = False
        self._connection = disk
        self._update(True, "")
        return disk

    def _has_room(self, memory: sqlite3.Connection) -> bool:
        """Return whether the disk has room for a copy: an attempt at a full one only wears its card."""
        ((pages,),) = memory.execute("PRAGMA page_count").fetchall()
        ((size,),) = memory.execute("PRAGMA page_size").fetchall()
        try:
            disk = os.statvfs(self.folder)
        except OSError:
            return False
        return bool(disk.f_bavail * disk.f_frsize > pages * size)

    def _update(self, persistent: bool, reason: str) -> None:
        if (persistent, reason) != (self.persistent, self.reason):
            self.generation += 1
        if reason:
            self._report(
                f"the state in {self.folder} is not persistent: {reason}. Changes are kept in memory until it"
                " can be written again, and lost if the server ends before"
            )
        elif not self.persistent and self.reason:
            self._report("the state is persistent again")
        self.persistent, self.reason = persistent, reason

    def _note_lock(self, connection: sqlite3.Connection) -> None:
        """Log that another program holds the lock. Until a change succeeds, none waits for it again."""
        if not self._is_locked:
            self._report(f"the state in {self.folder} is locked by another program: changes have to wait")
            self._is_locked = True
            _set_patience(connection, 0.0)

    def _report_fault(self, reason: str) -> None:
        if not self._fault:
            self._report(f"the state in {self.folder} cannot be read: {reason}")
        self._fault = reason

    def _why(self, reason: str) -> str:
        """Return the reason with its cause: SQLite only reports that it cannot open the file."""
        try:
            mounted = os.statvfs(self.folder).f_flag
        except OSError:
            return reason
        if mounted & os.ST_RDONLY:
            return f"{reason} (the disk is read-only)"
        return reason if os.access(self.folder, os.W_OK) else f"{reason} (no right to write to the folder)"

    def _report(self, text: str) -> None:
        self.reports.append(text)
        del self.reports[:-16]
        self._log(text)


def _set_patience(connection: sqlite3.Connection, seconds: float) -> None:
    connection.execute(f"PRAGMA busy_timeout={seconds * 1000:.0f}")


def _data_version(connection: sqlite3.Connection) -> int:
    (row,) = connection.execute("PRAGMA data_version").fetchall()
    return int(row[0])


def _is_of_the_disk(error: Exception) -> bool:
    """Return whether the disk is at fault, and not the statement or its values."""
    import sqlite3

    faulty = (sqlite3.IntegrityError, sqlite3.ProgrammingError)
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(error, faulty)


def _new_memory(source: sqlite3.Connection | None = None) -> sqlite3.Connection:
    """Return a database in memory, with a copy of the source. Raises `Newer`."""
    from . import recovery

    memory = recovery.connect(recovery.MEMORY)
    if source is not None:
        source.backup(memory)
    for setting in _SETTINGS:
        memory.execute(setting)
    try:
        migrate(memory)
    except Newer:
        memory.close()
        raise
    return memory


def _has_users(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM users LIMIT 1").fetchone() is not None


def default_folder(environ: dict[str, str] | os._Environ[str] = os.environ) -> str:
    """Return the folder without `storage.state`: systemd's $STATE_DIRECTORY, else the user's own.

    >>> default_folder({"HOME": "/home/ada"})
    '/home/ada/.local/state/edgeweb'
    """
    if given := environ.get("STATE_DIRECTORY", "").split(":")[0]:
        return given
    base = environ.get("XDG_STATE_HOME", "") or os.path.join(environ.get("HOME", "/"), ".local", "state")
    return os.path.join(base, "edgeweb")
