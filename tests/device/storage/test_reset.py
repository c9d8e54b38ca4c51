"""A power cut at any call of a reset: the next server ends it, and the state stays closed until then."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from edgeweb.device.storage import recovery, reset
from edgeweb.device.storage.owner import StateOwner
from edgeweb.device.storage.store import Store

from .cuts import PowerCut, cut_at

SECRET = b"of the former owner"

#: Calls that change the disk, or wait for it.
CALLS = ("unlink", "fsync", "rmdir")


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state as a device has it: a database with its log, a backup, one that was set aside, and a mark."""
    folder = tmp_path_factory.mktemp("used")
    store = Store(str(folder))
    store.write(lambda execute: execute("INSERT INTO meta VALUES ('secret', ?)", (SECRET.decode(),)))
    assert store.back_up()
    shutil.copy(folder / recovery.DATABASE, folder / f"{recovery.SET_ASIDE}-1.db")
    (folder / "state.corrupt-1.db-wal").write_bytes(SECRET)
    recovery.mark_owned(str(folder))
    (folder / recovery.TLS).mkdir()
    (folder / recovery.TLS / "authority.key").write_bytes(SECRET)
    (folder / recovery.TLS / "device.key").write_bytes(SECRET)
    assert (folder / f"{recovery.DATABASE}-wal").exists(), "as a power cut leaves it"
    copy = tmp_path_factory.mktemp("copy") / "state"
    shutil.copytree(folder, copy)
    store.close()
    return copy


def own(folder: Path) -> None:
    owner = StateOwner(str(folder))
    owner.take()
    owner.release()


def test_the_reset_of_a_used_state(tmp_path: Path, used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "state"
    shutil.copytree(used, folder)
    (folder / "notes.txt").write_text("kept")
    calls = cut_at(monkeypatch, 1000, CALLS)
    reset.begin(str(folder))
    assert reset.finish(str(folder)) is True
    assert os.listdir(folder) == ["notes.txt"]
    files = ["unlink"] * (len(os.listdir(used)) - 1)
    certificates = ["unlink", "unlink", "rmdir"]
    assert calls == ["fsync", *files, *certificates, "fsync", "unlink", "fsync"]
    assert reset.finish(str(folder)) is False


def test_a_power_cut_at_each_call(tmp_path: Path, used: Path) -> None:
    last = 4 + len(os.listdir(used)) + len(os.listdir(used / recovery.TLS))
    for number in range(last + 1):
        folder = tmp_path / str(number)
        shutil.copytree(used, folder)
        with pytest.MonkeyPatch.context() as patch:
            cut_at(patch, number, CALLS)
            try:
                reset.begin(str(folder))
                reset.finish(str(folder))
                assert number == last
            except PowerCut:
                assert number < last
        if reset.is_begun(str(folder)):
            with pytest.raises(reset.Resetting, match="was begun and has not ended"):
                Store(str(folder)).open()
        own(folder)
        for path in folder.rglob("*"):
            assert path.is_dir() or SECRET not in path.read_bytes()
        store = Store(str(folder))
        assert store.read("SELECT * FROM meta WHERE key = 'secret'") == []
        assert (store.persistent, store.was_owned) == (True, False)
        store.close()


def test_a_reset_that_cannot_end_keeps_the_state_closed(
    tmp_path: Path, used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "state"
    shutil.copytree(used, folder)
    reset.begin(str(folder))

    def refuse(path: str) -> None:
        raise OSError(30, "Read-only file system", path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", refuse)
        own(folder)
    with pytest.raises(reset.Resetting):
        Store(str(folder)).open()
    own(folder)
    Store(str(folder)).open()


def test_a_link_in_place_of_the_certificates(tmp_path: Path, used: Path) -> None:
    """What it leads to is not the device's."""
    folder, other = tmp_path / "state", tmp_path / "other"
    shutil.copytree(used, folder)
    shutil.move(folder / recovery.TLS, other)
    (folder / recovery.TLS).symlink_to(other)
    reset.begin(str(folder))
    reset.finish(str(folder))
    assert os.listdir(folder) == []
    assert sorted(os.listdir(other)) == ["authority.key", "device.key"]


def test_the_mark_is_for_the_service_only(tmp_path: Path) -> None:
    reset.begin(str(tmp_path))
    assert (tmp_path / reset.FILE).stat().st_mode & 0o777 == 0o600


def test_an_input_is_armed_once_it_was_seen_inactive(tmp_path: Path) -> None:
    folder = str(tmp_path)
    assert not reset.is_armed(folder, "door")
    reset.arm(folder, "door")
    assert reset.is_armed(folder, "door") and not reset.is_armed(folder, "gate")
    # at each start with the input inactive, which must not wear the card
    os.utime(tmp_path / reset.ARMED, (0, 0))
    reset.arm(folder, "door")
    assert (tmp_path / reset.ARMED).stat().st_mtime == 0
