"""scripts/image: the command line, and a disk with a small root. tests/vm/test_card.py boots a whole one."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from scripts import mirror
from scripts.card import base, disk, tools
from scripts.card.cards import CARDS

ROOT = Path(__file__).parents[2]
EPOCH = 1_764_300_000


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ROOT / "scripts/image", *arguments], capture_output=True, text=True, check=False)


def test_the_help_names_every_card() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert all(name in done.stdout for name in CARDS)


def test_an_unknown_card_is_refused() -> None:
    done = run("pi1")
    assert (done.returncode, "invalid choice: 'pi1'" in done.stderr) == (2, True)


def test_programs_on_the_card_can_be_run_and_its_units_name_them() -> None:
    programs = list((base.FILES / "usr/libexec/edgeweb-card").iterdir())
    assert all(os.access(path, os.X_OK) for path in programs)
    units = "".join(path.read_text() for path in (base.FILES / "etc/systemd/system").glob("*.service"))
    assert {path.name for path in programs} == {
        line.rpartition("/")[2] for line in units.splitlines() if line.startswith("ExecStart=")
    }


def test_what_it_depends_on_is_read_from_the_package(tmp_path: Path) -> None:
    if shutil.which("dpkg-deb") is None:
        pytest.skip("no dpkg-deb: this is not Debian")
    control = tmp_path / "tree/DEBIAN/control"
    control.parent.mkdir(parents=True)
    control.write_text(
        "Package: p\nVersion: 1\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: d\n"
        "Depends: python3:any (>= 3.11), python3-x (>= 2), python3-x (<< 3~), a | b, libc++1\n"
    )
    package = tmp_path / "p.deb"
    subprocess.run(["dpkg-deb", "--build", tmp_path / "tree", package], check=True, capture_output=True)
    assert base.needed(package) == ["python3", "python3-x", "a", "libc++1"]


def _archive(path: Path, names: tuple[str, ...]) -> Path:
    with tarfile.open(path, "w") as archive:
        for name in names:
            entry = tarfile.TarInfo(name.rstrip("/"))
            entry.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            entry.mode, entry.mtime = 0o755, EPOCH
            entry.size = 0 if name.endswith("/") else 5
            archive.addfile(entry, io.BytesIO(b"hello"))
    return path


@pytest.mark.nspawn
def test_the_same_files_give_the_same_disk(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("a card is made by root")
    try:
        mirror.url()
    except mirror.NoMirror as reason:
        pytest.skip(f"no Debian to take mke2fs from: {reason}")
    tools.debian.install_missing(tools.PROGRAMS)
    archive = _archive(tmp_path / "root.tar", ("./", "./etc/", "./etc/fstab"))
    names = ("firmware/", "firmware/config.txt", "firmware/b", "firmware/a", "firmware/o/")
    firmware = _archive(tmp_path / "boot.tar", (*names, "firmware/o/z", "firmware/o/y"))
    digests = set()
    for number in range(2):
        made = tmp_path / f"{number}.img"
        disk.make(made, "pi64", archive, firmware, tmp_path, EPOCH)
        with made.open("rb") as file:
            digests.add(hashlib.file_digest(file, "sha256").hexdigest())
    assert len(digests) == 1
    command = [tools.find("mdir"), "-b", "-i", f"{made}@@{disk.START * disk.MIB}", "::"]
    files = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert files == ["::/a", "::/b", "::/config.txt", "::/o/"]
    # A partition is checked as the device's own start checks it.
    part = tmp_path / "part"
    with made.open("rb") as file, part.open("wb") as target:
        file.seek((disk.START + disk.BOOT) * disk.MIB)
        target.write(file.read(disk.ROOT * disk.MIB))
    done = subprocess.run([tools.find("e2fsck"), "-fn", part], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert made.stat().st_blocks * 512 < 100 * disk.MIB, "holes stay holes"
