"""Code is read only from where nobody but root and we could have put it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from edgeweb.templating.trust import Untrusted, check_folder, open_for_reading

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")


@pytest.fixture
def file(place: Path) -> Path:
    path = place / "cache"
    path.write_bytes(b"code")
    path.chmod(0o644)
    return path


def refused(path: Path) -> str:
    with pytest.raises(Untrusted) as caught:
        os.close(open_for_reading(str(path)))
    return str(caught.value)


def test_our_own_file_in_our_own_folder(file: Path) -> None:
    descriptor = open_for_reading(str(file))
    try:
        assert os.read(descriptor, 10) == b"code"
        assert not os.get_inheritable(descriptor)
    finally:
        os.close(descriptor)


def test_a_file_that_is_not_there(place: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_for_reading(str(place / "cache"))


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666, 0o620, 0o602])
def test_a_file_that_others_can_write(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert f"chmod go-w {file}" in refused(file)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400, 0o444, 0o755])
def test_modes_that_let_nobody_else_write(file: Path, mode: int) -> None:
    file.chmod(mode)
    os.close(open_for_reading(str(file)))


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o777, 0o1777, 0o2775])
def test_a_folder_that_others_can_write(file: Path, mode: int) -> None:
    file.parent.chmod(mode)
    assert str(file.parent) in refused(file)


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o1777])
def test_a_folder_above_in_which_others_could_exchange_the_folder(place: Path, mode: int) -> None:
    folder = place / "a" / "b"
    folder.mkdir(parents=True)
    (folder / "cache").write_bytes(b"code")
    check_folder(str(folder))
    (place / "a").chmod(mode)
    assert str(place / "a") in refused(folder / "cache")


@as_root
@pytest.mark.parametrize("what", [".", "cache"])
def test_what_belongs_to_another_user(file: Path, what: str) -> None:
    os.chown(file.parent / what, NOBODY, -1)
    assert f"belongs to user {NOBODY}" in refused(file)


@as_root
def test_what_belongs_to_root_is_good_for_every_user(file: Path) -> None:
    if not all(folder.stat().st_mode & 0o001 for folder in file.parents):
        pytest.skip("another user cannot enter the folder of this checkout")
    os.seteuid(NOBODY)
    try:
        os.close(open_for_reading(str(file)))
    finally:
        os.seteuid(0)


def test_pytests_own_folder_is_a_temporary_one(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_mode & 0o002:
            break
    else:
        pytest.skip("the temporary folder of these tests is one that only we can write to")
    file = tmp_path / "cache"
    file.write_bytes(b"code")
    assert f"{folder}, a temporary folder" in refused(file)


def test_what_TMPDIR_names_is_a_temporary_folder(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(file.parent.parent / "elsewhere"))
    os.close(open_for_reading(str(file)))
    monkeypatch.setenv("TMPDIR", str(file.parent))
    assert "temporary folder" in refused(file)


def test_a_link_to_a_file(file: Path) -> None:
    link = file.parent / "link"
    link.symlink_to(file)
    assert "symbolic link" in refused(link)


def test_a_link_to_a_folder_counts_as_that_folder(file: Path, place: Path) -> None:
    real, link = place / "real", place / "link"
    real.mkdir()
    (real / "cache").write_bytes(b"code")
    link.symlink_to(real)
    os.close(open_for_reading(str(link / "cache")))
    real.chmod(0o777)
    assert str(real) in refused(link / "cache")


def test_a_pipe_is_not_waited_for(place: Path) -> None:
    os.mkfifo(place / "cache", 0o644)
    assert "not a regular file" in refused(place / "cache")


def test_a_refused_file_is_closed(file: Path) -> None:
    file.chmod(0o666)
    before = os.listdir("/proc/self/fd")
    refused(file)
    assert os.listdir("/proc/self/fd") == before
