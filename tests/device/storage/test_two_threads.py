"""A transaction of one thread, and another thread that uses the store in the midst of it.

SQLite has one connection here, so what a second thread reads without the store's lock is what is not yet
committed, and what it writes is part of the other's transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edgeweb.device.storage import store as store_module
from edgeweb.device.storage.store import Execute, Store
from tests.interleaving import Meeting, check_serial, watch_locks

KEYS = "SELECT key FROM meta ORDER BY key"


@pytest.fixture(autouse=True)
def locks(monkeypatch: pytest.MonkeyPatch) -> None:
    watch_locks(monkeypatch, store_module)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(str(tmp_path))
    made.open()
    return made


@pytest.fixture
def meeting() -> Meeting:
    return Meeting()


def put(store: Store, key: str) -> None:
    store.write(lambda execute: execute("INSERT INTO meta VALUES (?, '')", (key,)) and None)


def put_both(store: Store, meeting: Meeting) -> None:
    """Two rows that belong together; the second thread comes between them."""

    def change(execute: Execute) -> None:
        execute("INSERT INTO meta VALUES ('a', '')")
        meeting.stop()
        execute("INSERT INTO meta VALUES ('b', '')")

    store.write(change)


#: What a second thread asks of the store, and its answer: that after the transaction.
ASKING: dict[str, tuple[Callable[[Store], Any], Any]] = {
    "read": (lambda store: store.read(KEYS), [("a",), ("b",)]),
    "snapshot": (lambda store: store.snapshot(KEYS), [[("a",), ("b",)]]),
    "write": (lambda store: put(store, "c"), None),
    "open": (lambda store: store.open(), None),
    "close": (lambda store: store.close(), None),
}


@pytest.mark.parametrize("asking", ASKING)
def test_half_a_transaction_is_never_seen(store: Store, meeting: Meeting, asking: str) -> None:
    call, expected = ASKING[asking]
    first, second = meeting.run(lambda: put_both(store, meeting), lambda: call(store))
    assert first.exception() is None
    assert second.result() == expected
    assert store.read(KEYS)[:2] == [("a",), ("b",)]
    assert (store.persistent, store.reports) == (True, [])


def test_a_transaction_that_is_undone_takes_no_other_with_it(store: Store, meeting: Meeting) -> None:
    def fail(execute: Execute) -> None:
        execute("INSERT INTO meta VALUES ('a', '')")
        meeting.stop()
        raise LookupError

    first, second = meeting.run(lambda: store.write(fail), lambda: put(store, "c"))
    assert isinstance(first.exception(), LookupError)
    assert second.exception() is None
    assert store.read(KEYS) == [("c",)], "what was acknowledged is there"


def test_a_backup_waits_for_a_transaction(store: Store, meeting: Meeting, tmp_path: Path) -> None:
    put(store, "0")
    first, second = meeting.run(lambda: put_both(store, meeting), store.back_up)
    assert first.exception() is None
    assert second.result() is True
    assert meeting.waited
    store.close()
    (tmp_path / "state.db").unlink()
    assert Store(str(tmp_path)).read(KEYS) == [("0",), ("a",), ("b",)], "the backup has all of it"


def test_another_process_is_counted_after_a_transaction(store: Store, meeting: Meeting) -> None:
    before = store.changes_elsewhere()
    first, second = meeting.run(lambda: put_both(store, meeting), store.changes_elsewhere)
    assert first.exception() is None
    assert (second.result(), meeting.waited) == (before, True)


def test_a_store_is_opened_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two connections of one process would be two writers."""
    meeting, opened = Meeting(), []
    connect = store_module.migrate

    def migrate(connection: Any) -> None:
        opened.append(connection)
        meeting.stop()
        connect(connection)

    monkeypatch.setattr(store_module, "migrate", migrate)
    store = Store(str(tmp_path))
    first, second = meeting.run(store.open, lambda: put(store, "a"))
    assert first.exception() is None and second.exception() is None
    assert len(opened) == 1
    assert store.read(KEYS) == [("a",)]


def test_a_store_that_is_closed_is_opened_by_its_next_use() -> None:
    def make() -> Store:
        store = Store("")
        put(store, "a")
        return store

    check_serial(
        store_module, make, Store.close, lambda store: put(store, "b"), lambda store: store.read(KEYS)
    )
