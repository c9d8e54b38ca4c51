"""What installed packages offer, read without `importlib.metadata`, and the same as it finds."""

from __future__ import annotations

import os
import re
import sys
from importlib import metadata
from pathlib import Path

import pytest

from edgeweb.device.plugins.entry_points import Offer, offers

from .packages import DRIVERS, KINDS, install


def found(*folders: Path, group: str = DRIVERS) -> list[Offer]:
    return offers(group, [str(folder) for folder in folders])


@pytest.mark.parametrize("suffix", ["dist-info", "egg-info"])
def test_a_package_of_pip_and_one_of_debian(tmp_path: Path, suffix: str) -> None:
    install(tmp_path, "relay-boards", {"relay8": "relay_boards.eight"}, version="1.2", suffix=suffix)
    offer = Offer("relay8", "relay_boards.eight", "", "relay-boards 1.2", str(tmp_path))
    assert found(tmp_path) == [offer]
    assert found(tmp_path, group=KINDS) == []


def test_a_group_is_one_section(tmp_path: Path) -> None:
    install(tmp_path, "both", {"a": "both.a", "b": "both.b"})
    install(tmp_path, "both", {"c": "both.c"}, KINDS)
    assert [offer.name for offer in found(tmp_path)] == ["a", "b"]
    assert [offer.name for offer in found(tmp_path, group=KINDS)] == ["c"]


def test_of_a_package_that_is_there_twice_the_first_counts(tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    install(first, "relay-boards", {"relay8": "new"}, version="2.0")
    install(second, "Relay.Boards", {"relay8": "old"})
    install(second, "others", {"other": "other"})
    assert [offer.module for offer in found(first, second)] == ["new", "other"]


@pytest.mark.parametrize(
    ("line", "name", "module", "attribute"),
    [
        ("relay8=boards", "relay8", "boards", ""),
        ("relay-8.i2c = boards", "relay-8.i2c", "boards", ""),
        ("relay8 = boards.eight [i2c]", "relay8", "boards.eight", ""),
        ("relay8 = boards:Eight.Of", "relay8", "boards", "Eight.Of"),
    ],
)
def test_lines(tmp_path: Path, line: str, name: str, module: str, attribute: str) -> None:
    install(tmp_path, "one", {})
    (tmp_path / "one-1.0.dist-info/entry_points.txt").write_text(f"# why\n[{DRIVERS}]\r\n; what\n{line}\r\n")
    assert [offer[:3] for offer in found(tmp_path)] == [(name, module, attribute)]


@pytest.mark.parametrize("line", ["", "relay8", "relay8 =", "= boards", "8relay = x", "a b = c", "a = b/c"])
def test_lines_that_offer_nothing(tmp_path: Path, line: str) -> None:
    install(tmp_path, "one", {})
    (tmp_path / "one-1.0.dist-info/entry_points.txt").write_text(f"[{DRIVERS}]\n{line}\nlast = kept\n")
    assert [offer.name for offer in found(tmp_path)] == ["last"]


def test_what_cannot_be_read_offers_nothing(tmp_path: Path) -> None:
    install(tmp_path, "good", {"good": "good"})
    (tmp_path / "archive.zip").write_bytes(b"PK")
    (tmp_path / "empty-1.0.dist-info").mkdir()
    (tmp_path / "file-1.0.egg-info").write_text("Name: file\n")
    for name, content in (("bytes", b"\xff\xfe[" + DRIVERS.encode() + b"\n\0"), ("folder", None)):
        folder = tmp_path / f"{name}-1.0.dist-info"
        folder.mkdir()
        points = folder / "entry_points.txt"
        points.mkdir() if content is None else points.write_bytes(content)
    loop = tmp_path / "loop-1.0.dist-info"
    loop.symlink_to(loop)
    pipe = tmp_path / "pipe-1.0.dist-info"
    pipe.mkdir()
    os.mkfifo(pipe / "entry_points.txt")
    absent = tmp_path / "absent"
    assert [offer.name for offer in found(tmp_path, absent, tmp_path / "archive.zip")] == ["good"]


def test_a_package_without_its_own_facts_has_those_of_its_folder(tmp_path: Path) -> None:
    install(tmp_path, "bare", {"bare": "bare"}, version="3.1")
    (tmp_path / "bare-3.1.dist-info/METADATA").unlink()
    (offer,) = found(tmp_path)
    assert offer.package == "bare 3.1"


def test_the_packages_of_this_interpreter_offer_what_the_standard_library_finds() -> None:
    """Of a group that packages here have: the commands that they install."""
    theirs = {
        (point.name, point.value.replace(" ", ""))
        for path in dict.fromkeys(sys.path)
        for one in metadata.distributions(path=[path or os.getcwd()])
        for point in one.entry_points
        if point.group == "console_scripts" and re.fullmatch(r"[a-zA-Z][\w.-]*", point.name)
    }
    ours = {(offer.name, f"{offer.module}:{offer.attribute}") for offer in offers("console_scripts")}
    assert ours and ours <= theirs
    assert {name for name, _ in theirs} == {name for name, _ in ours}
