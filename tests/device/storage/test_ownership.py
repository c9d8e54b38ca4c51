"""A device that had an owner is never offered for the taking, whatever has happened to its state."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edgeweb.commands import serve, state, users
from edgeweb.device.config.profile import Profile
from edgeweb.device.device import Device
from edgeweb.device.storage import recovery
from edgeweb.device.storage.migrations import VERSION, Newer
from edgeweb.device.storage.store import EXIT_NEWER, RETRY
from edgeweb.device.system.clock import WallClock

from ..people import PASSWORD, SOMEBODY

Make = Callable[[], Device]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def now() -> list[float]:
    return [100.0]


@pytest.fixture
def make(make_profile: Callable[..., Profile], folder: Path, now: list[float]) -> Iterator[Make]:
    made: list[Device] = []

    def start() -> Device:
        device = Device(make_profile(), WallClock(lambda: now[0], lambda: now[0]), threaded=False)
        made.append(device)
        device.start()
        return device

    yield start
    for device in made:
        device.close()


@pytest.fixture
def owned(make: Make) -> None:
    """The device had an owner, and was switched off."""
    device = make()
    device.accounts.add(SOMEBODY, "ada", PASSWORD, "admin")
    device.close()


def lose_backup(folder: Path) -> None:
    (folder / recovery.BACKUP).unlink()


def corrupt(folder: Path) -> None:
    (folder / recovery.DATABASE).write_bytes(b"no database" * 1000)


def corrupt_both(folder: Path) -> None:
    corrupt(folder)
    (folder / recovery.BACKUP).write_bytes(b"no backup" * 1000)


def missing(folder: Path) -> None:
    for name in (recovery.DATABASE, recovery.BACKUP):
        (folder / name).unlink()


def empty(folder: Path) -> None:
    for name in (recovery.DATABASE, recovery.BACKUP):
        (folder / name).write_bytes(b"")


def corrupt_alone(folder: Path) -> None:
    corrupt(folder)
    lose_backup(folder)


def folders_in_place(folder: Path) -> None:
    """Neither file can be opened."""
    for name in (recovery.DATABASE, recovery.BACKUP):
        (folder / name).unlink()
        (folder / name).mkdir()


def without_users(folder: Path) -> None:
    """The database is healthy, and its users are gone."""
    lose_backup(folder)
    connection = sqlite3.connect(folder / recovery.DATABASE)
    with connection:
        connection.execute("DELETE FROM users")
    connection.close()


LOST = [corrupt_both, corrupt_alone, missing, empty, folders_in_place, without_users]


@pytest.mark.usefixtures("owned")
@pytest.mark.parametrize("spoil", LOST)
def test_a_lost_state_offers_no_set_up(
    make: Make, folder: Path, spoil: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(folder)
    for _ in range(2):
        device = make()
        assert device.accounts.users() == {}
        assert not device.setup.is_open
        assert device.setup.code == ""
        device.close()
        log = capsys.readouterr().err
        assert "set-up code" not in log
        assert "edgeweb users add NAME" in log


@pytest.mark.usefixtures("owned")
@pytest.mark.parametrize(
    "spoil", [corrupt, lambda folder: (folder / recovery.DATABASE).unlink(), lose_backup]
)
def test_one_of_the_two_files_is_enough(make: Make, folder: Path, spoil: Callable[[Path], object]) -> None:
    spoil(folder)
    device = make()
    assert list(device.accounts.users()) == ["ada"]
    assert not device.setup.is_open


@pytest.mark.parametrize("spoil", [corrupt, corrupt_both, empty])
def test_a_device_without_an_owner_stays_free(
    make: Make, folder: Path, spoil: Callable[[Path], None]
) -> None:
    make().close()
    spoil(folder)
    assert make().setup.is_open


@pytest.mark.usefixtures("owned")
def test_a_folder_that_was_removed_is_a_new_device(make: Make, folder: Path) -> None:
    shutil.rmtree(folder)
    assert make().setup.is_open


@pytest.mark.usefixtures("owned")
def test_a_state_of_before_the_mark_gets_it(make: Make, folder: Path) -> None:
    (folder / recovery.OWNED).unlink()
    make().close()
    missing(folder)
    assert not make().setup.is_open


@pytest.mark.usefixtures("owned")
def test_the_mark_is_written_once(make: Make, folder: Path) -> None:
    before = (folder / recovery.OWNED).stat()
    device = make()
    device.accounts.add(SOMEBODY, "bob", PASSWORD, "viewer")
    device.close()
    after = (folder / recovery.OWNED).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_an_owner_in_memory_leaves_no_mark(make: Make, folder: Path) -> None:
    folder.mkdir()
    (folder / recovery.DATABASE).mkdir()
    device = make()
    assert not device.store.persistent
    device.accounts.add(SOMEBODY, "ada", PASSWORD, "admin")
    device.close()
    assert not (folder / recovery.OWNED).exists(), "a restart forgets the owner"


@pytest.mark.usefixtures("owned")
def test_a_lost_state_has_an_owner_again_by_the_command_line(
    make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing(folder)
    make().close()
    with open(folder.parent / "password", "w+") as file:
        file.write(PASSWORD + "\n")
        file.seek(0)
        monkeypatch.setattr("sys.stdin", file)
        assert users.main(["add", "eva"]) == 0
    assert list(make().accounts.users()) == ["eva"]


@pytest.mark.usefixtures("owned")
def test_a_disk_that_can_be_read_again_has_its_users(make: Make, folder: Path, now: list[float]) -> None:
    for name in (recovery.DATABASE, recovery.BACKUP):
        os.rename(folder / name, folder / f"{name}.away")
        (folder / name).mkdir()
    device = make()
    assert device.accounts.users() == {}
    for name in (recovery.DATABASE, recovery.BACKUP):
        (folder / name).rmdir()
        os.rename(folder / f"{name}.away", folder / name)
    now[0] += RETRY + 1
    device.store.write(lambda execute: execute("INSERT INTO meta VALUES ('a', 'b')") and None)
    assert device.store.persistent
    assert list(device.accounts.users()) == ["ada"], "the empty memory did not replace them"
    device.close()
    assert list(make().accounts.users()) == ["ada"]


# -- a newer edgeweb -----------------------------------------------------------------------------------


@pytest.fixture
def newer(owned: None, folder: Path) -> None:
    """A newer edgeweb was here, and another one than that starts."""
    for name in (recovery.DATABASE, recovery.BACKUP):
        with sqlite3.connect(folder / name) as connection:
            connection.execute(f"PRAGMA user_version={VERSION + 1}")
        connection.close()


@pytest.mark.usefixtures("newer")
@pytest.mark.parametrize(
    "spoil", [lambda folder: None, corrupt, lambda folder: (folder / recovery.DATABASE).unlink()]
)
def test_a_newer_state_starts_no_server(
    make: Make, folder: Path, spoil: Callable[[Path], object], capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(folder)
    with pytest.raises(Newer):
        make()
    log = capsys.readouterr().err
    assert "set-up code" not in log


@pytest.mark.usefixtures("newer")
def test_what_a_person_reads_of_a_newer_state(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = (folder / recovery.DATABASE).read_bytes()
    profile = tmp_path / "own.toml"
    profile.write_text("")
    assert serve.main(["--profile", str(profile)]) == EXIT_NEWER
    assert users.main(["--profile", str(profile), "list"]) == 1
    assert state.main(["--profile", str(profile), "backup", str(tmp_path / "file")]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if "written by a newer edgeweb" in line] == [
        f"edgeweb {command}: the state was written by a newer edgeweb (version {VERSION + 1}, and this one"
        f" knows {VERSION}): update edgeweb, or give it another folder with storage.state"
        for command in ("serve", "users", "state")
    ]
    assert (folder / recovery.DATABASE).read_bytes() == before
