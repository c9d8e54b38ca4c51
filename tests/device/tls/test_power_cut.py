"""The power goes at any call that changes the disk: the old pair is in force or the new one, and both fit."""

from __future__ import annotations

import os
import shutil
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from edgeweb.device.storage import reset
from edgeweb.device.tls.authority import Authority
from edgeweb.device.tls.certificate import read

from ..storage.cuts import PowerCut, cut_at
from .conftest import DAY, TODAY, Make, verify

#: Calls that change the disk, or wait for it.
CALLS = ("mkdir", "replace", "fsync", "unlink", "rmdir")

Step = Callable[[Authority], object]


def fingerprint(path: str) -> str:
    try:
        return read(Path(path).read_bytes())[0].fingerprint
    except FileNotFoundError:
        return ""


LATER = TODAY + 300 * DAY

STEPS: dict[str, tuple[Step | None, Step, int]] = {
    "init": (None, lambda authority: authority.init(["kitchen.local"], now=TODAY), TODAY),
    "renewal": (
        lambda authority: authority.init(now=TODAY),
        lambda authority: authority.renew_if_due(LATER),
        LATER,
    ),
    "new authority": (
        lambda authority: authority.init(now=TODAY),
        lambda authority: authority.init(["garden.lan"], now=TODAY, replace=True),
        TODAY,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", STEPS)
def test_a_power_cut_at_each_call(name: str, make: Make, tmp_path: Path) -> None:
    before, step, moment = STEPS[name]
    authority, folder, kept = make(), tmp_path / "tls", tmp_path / "kept"
    if before:
        before(authority)
        shutil.copytree(folder, kept)
    old = fingerprint(authority.certificate)
    seen: set[str] = set()
    for number in range(200):
        shutil.rmtree(folder, ignore_errors=True)
        if before:
            shutil.copytree(kept, folder)
        with pytest.MonkeyPatch.context() as patch:
            calls = cut_at(patch, number, CALLS)
            try:
                step(authority)
                break
            except PowerCut:
                pass
        now = fingerprint(authority.certificate)
        seen.add("" if not now else "old" if now == old else "new")
        if now:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(authority.certificate, authority.key)
        if now and name != "new authority":
            # what is published may be missing before the first end, and never fits another one
            assert not os.path.exists(authority.authority) or verify(authority, at=moment) == ""
        for path in folder.rglob("*") if folder.exists() else ():
            assert path.is_dir() or path.suffix == ".crt" or path.parent.name == "work" or private(path)
        # the next start
        authority.init(now=moment)
        assert verify(authority, at=moment) == ""
        assert {path.name for path in folder.iterdir()} <= {
            *("authority.pem", "authority.crt", "host.pem", "names"),
        }
    else:
        pytest.fail("no end")
    assert number == len(calls) > 10
    assert seen == ({"old", "new"} if before else {"", "new"})


def private(path: Path) -> bool:
    return path.stat().st_mode & 0o077 == 0 or path.name == "authority.crt.new"


def test_content_is_on_the_disk_before_its_name(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = cut_at(monkeypatch, 1000, CALLS)
    make().init(["kitchen.local"], now=TODAY)
    at = [index for index, call in enumerate(calls) if call == "replace"]
    assert len(at) == 4
    assert {(calls[index - 1], calls[index + 1]) for index in at} == {("fsync", "fsync")}


def test_a_reset_removes_it(make: Make, tmp_path: Path) -> None:
    """Also where the power goes meanwhile, and what lies in the folder besides."""
    authority = make()
    authority.init(["kitchen.local"], now=TODAY)
    (tmp_path / "tls" / "work").mkdir()
    (tmp_path / "tls" / "work" / "key.pem").write_text("secret")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "notes.txt").write_text("kept")
    (tmp_path / "tls" / "work" / "link").symlink_to(outside)
    kept = tmp_path / "kept"
    shutil.copytree(tmp_path / "tls", kept, symlinks=True)
    for number in range(100):
        folder = tmp_path / f"state-{number}"
        folder.mkdir()
        shutil.copytree(kept, folder / "tls", symlinks=True)
        with pytest.MonkeyPatch.context() as patch:
            cut_at(patch, number, CALLS)
            try:
                reset.begin(str(folder))
                reset.finish(str(folder))
                break
            except PowerCut:
                pass
        assert not reset.is_begun(str(folder)) or reset.finish(str(folder))
        assert list(folder.iterdir()) == [] or number == 0
    assert number > 8
    assert list(folder.iterdir()) == []
    assert (outside / "notes.txt").read_text() == "kept"
