"""The state on a disk that is well, full, read-only, damaged, or lost in the middle of a write."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from edgeweb.device.storage import recovery
from edgeweb.device.storage.migrations import MIGRATIONS, VERSION, Newer, migrate
from edgeweb.device.storage.store import RETRY, Store, default_folder
from edgeweb.device.system.timers import Timers
from tests.device.process import ROOT


def put(store: Store, key: str, value: str = "x") -> None:
    store.write(lambda execute: execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value)) and None)


def keys(store: Store) -> list[str]:
    return [key for (key,) in store.read("SELECT key FROM meta ORDER BY key")]


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_making_a_store_touches_nothing(tmp_path: Path) -> None:
    Store(str(tmp_path / "state"))
    assert list(tmp_path.iterdir()) == []


def test_sqlite_is_imported_by_the_first_use_only() -> None:
    program = (
        "import sys; from edgeweb.device import create_app; app = create_app();"
        "assert app.test_client().get('/livez').status_code == 200;"
        "assert not {'sqlite3', '_hashlib', 'hmac', 'secrets'} & set(sys.modules), 'too early'"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})


def test_what_was_written_is_there_after_the_process(tmp_path: Path) -> None:
    first = Store(str(tmp_path / "a" / "state"))
    put(first, "colour")
    assert (first.persistent, first.reason) == (True, "")
    second = Store(str(tmp_path / "a" / "state"))
    assert keys(second) == ["colour"], "on the disk before the first one is closed"
    assert (tmp_path / "a" / "state").stat().st_mode & 0o077 == 0
    assert all(file.stat().st_mode & 0o077 == 0 for file in (tmp_path / "a" / "state").iterdir())


def test_an_error_in_a_change_undoes_all_of_it(tmp_path: Path) -> None:
    store = Store(str(tmp_path))

    def change(execute: Any) -> None:
        execute("INSERT INTO meta VALUES ('a', '1')")
        raise LookupError

    with pytest.raises(LookupError):
        store.write(change)
    with pytest.raises(sqlite3.IntegrityError):
        store.write(lambda execute: [execute("INSERT INTO meta VALUES ('b', '1')") for _ in range(2)])
    assert keys(store) == []
    assert store.persistent, "these were no faults of the disk"


def test_many_threads(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    threads = [
        threading.Thread(target=lambda n=n: [put(store, f"{n}-{turn}") for turn in range(20)])
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(keys(store)) == 160


def test_reading_writes_nothing(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    put(store, "a")
    assert store.back_up() is True
    before = content(tmp_path)
    for _ in range(100):
        keys(store)
        store.changes_elsewhere()
        assert store.back_up() is False, "nothing has changed since the last one"
    assert content(tmp_path) == before


def test_another_process_is_noticed(tmp_path: Path) -> None:
    store, other = Store(str(tmp_path)), Store(str(tmp_path))
    put(store, "a")
    before = store.changes_elsewhere()
    put(store, "b")
    assert store.changes_elsewhere() == before
    put(other, "c")
    assert store.changes_elsewhere() != before


# -- migrations ----------------------------------------------------------------------------------------


def test_steps_are_taken_once_and_each_as_a_whole() -> None:
    connection = recovery.connect(recovery.MEMORY)
    first = ("CREATE TABLE a (x)", "INSERT INTO a VALUES (1)")
    migrate(connection, (first,))
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, (first, ("ALTER TABLE a ADD COLUMN y", "NO SQL")))
    assert connection.execute("SELECT * FROM a").fetchall() == [(1,)], "half a step is no step"
    migrate(connection, (first, ("ALTER TABLE a ADD COLUMN y",)))
    migrate(connection, (first, ("ALTER TABLE a ADD COLUMN y",)))
    assert connection.execute("SELECT * FROM a").fetchall() == [(1, None)]
    with pytest.raises(Newer):
        migrate(connection, (first,))


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    put(Store(str(tmp_path)), "a")
    with sqlite3.connect(tmp_path / recovery.DATABASE) as connection:
        connection.execute(f"PRAGMA user_version={VERSION + 1}")
    connection.close()
    store = Store(str(tmp_path))
    for _ in range(2):
        with pytest.raises(Newer, match="update edgeweb"):
            put(store, "b")
    with pytest.raises(Newer):
        store.open()
    with sqlite3.connect(tmp_path / recovery.DATABASE) as connection:
        assert connection.execute("SELECT key FROM meta").fetchall() == [("a",)]
    connection.close()


def test_the_version_is_the_number_of_steps() -> None:
    assert len(MIGRATIONS) == VERSION


# -- damage --------------------------------------------------------------------------------------------


def spoil(folder: Path, how: str) -> None:
    database = folder / recovery.DATABASE
    data = database.read_bytes()
    if how == "empty":
        database.write_bytes(b"")
    elif how == "half":
        database.write_bytes(data[: len(data) // 2])
    elif how == "noise":
        database.write_bytes(os.urandom(len(data)))
    elif how == "gone":
        database.unlink()
    else:
        database.write_bytes(data[:4096] + b"\xff" * 100 + data[4196:])


@pytest.mark.parametrize("how", ["empty", "half", "noise", "gone", "spot"])
def test_a_damaged_database_is_replaced_by_the_last_good_backup(tmp_path: Path, how: str) -> None:
    store = Store(str(tmp_path))
    put(store, "a")
    store.close()
    spoil(tmp_path, how)
    store = Store(str(tmp_path))
    assert keys(store) == ["a"]
    assert store.persistent
    assert store.reports, "it is told"
    aside = [file for file in tmp_path.iterdir() if file.name.startswith(recovery.SET_ASIDE)]
    assert len(aside) == (0 if how in ("empty", "gone") else 1)
    put(store, "b")
    assert keys(Store(str(tmp_path))) == ["a", "b"]


def test_damage_without_a_backup_starts_empty(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    put(store, "a")
    store.close()
    (tmp_path / recovery.DATABASE).write_bytes(b"no database" * 1000)
    (tmp_path / recovery.BACKUP).write_bytes(b"no backup either" * 1000)
    store = Store(str(tmp_path))
    assert keys(store) == []
    assert "without a backup it starts empty" in store.reports[0]
    assert (tmp_path / "state.corrupt-1.db").read_bytes() == b"no database" * 1000


def test_few_damaged_databases_are_kept(tmp_path: Path) -> None:
    for _ in range(12):
        (tmp_path / recovery.DATABASE).write_bytes(b"no database" * 1000)
        Store(str(tmp_path)).open()
        for companion in recovery.COMPANIONS:
            (tmp_path / (recovery.DATABASE + companion)).unlink(missing_ok=True)
    aside = sorted(file.name for file in tmp_path.iterdir() if file.name.startswith(recovery.SET_ASIDE))
    assert aside == ["state.corrupt-10.db", "state.corrupt-11.db", "state.corrupt-12.db"]


def test_the_log_of_another_database_is_not_played_into_the_backup(tmp_path: Path) -> None:
    """The log that is left of the lost database has a row that the backup lacks."""
    backup, log = tmp_path / recovery.BACKUP, tmp_path / (recovery.DATABASE + "-wal")
    store = Store(str(tmp_path))
    put(store, "a")
    assert store.back_up()
    good = backup.read_bytes()
    put(store, "b")
    left = log.read_bytes()
    store.close()
    backup.write_bytes(good)
    (tmp_path / recovery.DATABASE).unlink()
    log.write_bytes(left)

    store = Store(str(tmp_path))
    assert keys(store) == ["a"], "what the backup has, and nothing of the log"
    assert store.persistent
    assert keys(Store(str(tmp_path))) == ["a"]


# -- a disk that refuses -------------------------------------------------------------------------------


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


REFUSALS = {
    "full": ("PRAGMA max_page_count=1", "full", "PRAGMA max_page_count=1000000"),
    "read-only": ("PRAGMA query_only=ON", "readonly", "PRAGMA query_only=OFF"),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_disk_that_refuses_is_told_and_left_and_gone_back_to(tmp_path: Path, kind: str) -> None:
    clock = Clock()
    store = Store(str(tmp_path), clock)
    put(store, "before")
    refuse, word, _ = REFUSALS[kind]
    assert store._connection is not None
    store._connection.execute(refuse)
    store.write(lambda execute: execute("INSERT INTO meta VALUES ('large', ?)", ("x" * 100_000,)) and None)
    assert not store.persistent
    assert word in store.reason
    assert keys(store) == ["before", "large"], "it goes on with all that it knew"
    assert keys(Store(str(tmp_path))) == ["before"]

    put(store, "soon")
    assert not store.persistent, "the disk is not asked again at once"
    clock.now += RETRY
    put(store, "later")
    assert (store.persistent, store.reason) == (True, "")
    assert keys(Store(str(tmp_path))) == ["before", "large", "later", "soon"], "nothing was forgotten"
    assert store.reports[-1] == "the state is persistent again"


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_quiet_device_goes_back_to_its_disk_without_another_change(tmp_path: Path, kind: str) -> None:
    timers = Timers(clock := Clock(), threaded=False)
    store = Store(str(tmp_path), clock, after=timers.after)
    put(store, "before")
    assert store._connection is not None
    store._connection.execute(REFUSALS[kind][0])
    store.write(lambda execute: execute("INSERT INTO meta VALUES ('large', ?)", ("x" * 100_000,)) and None)
    assert not store.persistent

    clock.now += RETRY - 1
    put(store, "soon")
    timers.run_due()
    assert not store.persistent
    clock.now += 1
    timers.run_due()
    assert (store.persistent, store.reason) == (True, "")
    assert keys(Store(str(tmp_path))) == ["before", "large", "soon"], "nothing was forgotten"
    store.close()  # its timers hold it, so that it would stay open until some later test


def test_a_disk_that_goes_on_refusing_is_asked_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timers = Timers(clock := Clock(), threaded=False)
    store = Store(str(tmp_path), clock, after=timers.after)
    put(store, "before")
    store._leave_disk("full")
    attempts = 0

    def refuse() -> NoReturn:
        nonlocal attempts
        attempts += 1
        raise OSError

    monkeypatch.setattr(store, "_open_file", refuse)
    for _ in range(600):
        clock.now += 1
        put(store, "again")
        timers.run_due()
    assert attempts == 600 / RETRY
    assert len(timers._heap) <= 2, "the backup and the next attempt"
    store.close()


def test_nothing_is_written_to_a_disk_that_has_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(str(tmp_path), clock := Clock())
    put(store, "before")
    store._leave_disk("full")
    monkeypatch.setattr(os, "statvfs", lambda folder: SimpleNamespace(f_bavail=1, f_frsize=512))
    before = {file.name: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    clock.now += RETRY
    put(store, "later")
    assert not store.persistent
    assert {file.name: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == before
    monkeypatch.undo()
    clock.now += RETRY
    put(store, "then")
    assert store.persistent
    store.close()
    other = Store(str(tmp_path))
    assert keys(other) == ["before", "later", "then"]
    other.close()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = Store(str(tmp_path / "file" / "state"))
    put(store, "a")
    assert not store.persistent
    assert store.reason == "Not a directory"
    assert keys(store) == ["a"]


def test_a_read_only_disk_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also what was committed and is in the log only, as a power cut leaves it."""
    folder = tmp_path / "state"
    live = Store(str(folder))
    put(live, "a")
    frozen = tmp_path / "frozen"
    frozen.mkdir()
    for name, data in content(folder).items():
        if not name.endswith("-shm"):
            (frozen / name).write_bytes(data)
    before = content(frozen)
    connect = recovery.connect

    def refuse(path: str) -> sqlite3.Connection:
        if path.startswith(str(frozen)):
            raise OSError(30, "Read-only file system")
        return connect(path)

    monkeypatch.setattr(recovery, "connect", refuse)
    store = Store(str(frozen))
    assert keys(store) == ["a"]
    assert (store.persistent, store.reason) == (False, "Read-only file system")
    put(store, "b")
    assert keys(store) == ["a", "b"]
    assert content(frozen) == before


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_fault_in_a_backup_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    store = Store(str(tmp_path))
    put(store, "a")
    assert store.back_up()
    put(store, "b")

    def fail(*arguments: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(os, call, fail)
        assert store.back_up() is False
    assert "could not be backed up" in store.reports[-1]
    assert recovery.restore(str(tmp_path))
    assert "a" in keys(Store(str(tmp_path)))
    assert store.back_up() is True, "the next attempt"


@pytest.mark.slow
def test_a_fault_at_every_step_of_setting_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever call fails, the device serves, and the next start has the backup."""
    real = {name: getattr(os, name) for name in ("rename", "fsync", "replace", "open", "unlink")}
    broken_calls = 0
    for fail_at in range(40):
        folder = tmp_path / str(fail_at)
        store = Store(str(folder))
        put(store, "a")
        store.close()
        spoil(folder, "noise")
        count = 0

        def counting(name: str, fail_at: int = fail_at) -> Any:
            def call(*arguments: Any, **options: Any) -> Any:
                nonlocal count
                count += 1
                if count == fail_at + 1:
                    raise OSError(5, "Input/output error")
                return real[name](*arguments, **options)

            return call

        with monkeypatch.context() as broken:
            for name in real:
                broken.setattr(os, name, counting(name))
            store = Store(str(folder))
            put(store, "b")
            assert "b" in keys(store)
        broken_calls += count > fail_at
        assert keys(Store(str(folder))) in (["a"], ["a", "b"])
    assert broken_calls > 10, "the faults were hit"


WRITER = """
import sys
from edgeweb.device.storage.store import Store
store = Store(sys.argv[1])
number = store.read("SELECT COUNT(*) FROM meta")[0][0]
while True:
    value = f"{number:06d}" * 50
    store.write(lambda execute: execute("INSERT INTO meta VALUES (?, ?)", (f"{number:06d}", value)) and None)
    print(number, flush=True)
    number += 1
    if number % 7 == 0:
        store.back_up()
"""


@pytest.mark.slow
def test_kill_9_at_random_moments(tmp_path: Path) -> None:
    acknowledged = -1
    for turn in range(25):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout is not None
        for _ in range(turn * 3 % 23 + 1):
            line = process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read()
        process.wait(30)
        process.stdout.close()
        lines = [line, *rest.splitlines(keepends=True)]
        acknowledged = int([line for line in lines if line.endswith("\n")][-1])
        store = Store(str(tmp_path))
        rows = store.read("SELECT key, value FROM meta ORDER BY key")
        assert store.persistent and not store.reports
        assert len(rows) > acknowledged, "everything that was acknowledged is there"
        assert all(value == key * 50 for key, value in rows), "and nothing is there by half"
        store.close()


def test_the_folder_is_that_of_systemd_or_the_users_own() -> None:
    assert default_folder({"STATE_DIRECTORY": "/var/lib/edgeweb:/other", "HOME": "/x"}) == "/var/lib/edgeweb"
    assert default_folder({"XDG_STATE_HOME": "/s"}) == "/s/edgeweb"
    assert default_folder({"HOME": "/home/ada"}) == "/home/ada/.local/state/edgeweb"
