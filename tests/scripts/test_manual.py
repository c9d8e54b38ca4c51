"""scripts/debian/manual.py: the page has every command and option, and no program finds fault with it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.debian import manual
from scripts.debian.interface import Argument, Command
from tests.scripts import command_line

ROOT = Path(__file__).resolve().parents[2]


def make(seconds: int = 1_795_000_000, **environment: str) -> bytes:
    return subprocess.run(
        [sys.executable, "-m", "scripts.debian.manual", "1.2.3"],
        cwd=ROOT,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(seconds), **environment},
        stdout=subprocess.PIPE,
        check=True,
    ).stdout


def needs(program: str, package: str) -> pytest.MarkDecorator:
    reason = f"{program} is not installed (Debian package {package}; scripts/test installs it)"
    return pytest.mark.skipif(shutil.which(program) is None, reason=reason)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("manual") / "edgeweb.1"
    file.write_bytes(make())
    return file


def render(page: Path) -> str:
    done = subprocess.run(
        ["man", "--warnings", "-l", page],
        env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "200", "MAN_KEEP_FORMATTING": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


def split(text: str) -> dict[str, str]:
    """Return the text under the heading of each command; that of the program is all before the first one."""
    sections, name = {"": ""}, ""
    for line in text.splitlines():
        heading = re.match(r"EDGEWEB ([A-Z -]+)$|   edgeweb ([a-z -]+?)(?: [\[A-Z].*)?$", line)
        if heading:
            name = (heading[1] or heading[2]).lower()
            assert name not in sections
        sections[name] = f"{sections.get(name, '')}{line}\n"
    return sections


@needs("man", "man-db")
def test_each_command_has_its_options_under_its_heading(page: Path) -> None:
    sections = split(render(page))
    helps = command_line.read_all()
    assert {"serve", "run", "remote all backup", "users token"} <= set(helps)
    for name, found in helps.items():
        entries = re.findall(r"^ {7}(-.*)$", sections[name], re.MULTILINE)
        listed = {word.strip(",") for entry in entries for word in entry.split()}
        # The option --help is described once, for all.
        assert set(found.options) - listed <= ({"-h", "--help"} if name else set()), name
    overview = re.findall(r"^ {7}edgeweb ([a-z-]+)$", sections[""], re.MULTILINE)
    assert overview == list(helps[""].commands)


@needs("man", "man-db")
def test_it_says_what_the_help_says(page: Path) -> None:
    words = " ".join(render(page).split())
    assert "edgeweb - web server of small boards" in words
    assert "--threads NUMBER run this many views at the same time" in words
    assert "130 ended by Ctrl-C" in words
    assert "edgeweb users role NAME viewer|operator|admin give a user another role" in words


@needs("mandoc", "mandoc")
def test_mandoc_finds_no_fault(page: Path) -> None:
    done = subprocess.run(["mandoc", "-Tlint", page], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs("groff", "groff-base")
def test_groff_finds_no_fault(page: Path) -> None:
    done = subprocess.run(
        ["groff", "-man", "-ww", "-Tutf8", page], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""


@pytest.mark.slow
def test_it_depends_on_the_commit_only() -> None:
    made = make(COLUMNS="40", LC_ALL="C", TZ="Pacific/Kiritimati")
    assert made == make(COLUMNS="200", TZ="UTC", PYTHONHASHSEED="7")
    assert b'.TH EDGEWEB 1 "2026-11-18" "edgeweb 1.2.3"' in made
    assert b'"2026-11-19"' in make(1_795_086_400)


def test_texts_that_roff_would_take_for_its_own() -> None:
    option = Argument(("--path",), "A\\B", ".hidden is 'quoted'. Write `-x` for ~ and ^.")
    command = Command(("odd",), "An odd one.", ("'begins' so",), (), (option,))
    program = Command((), "", ("text",), (), (), (command,))
    lines = list(manual.page(program, "1", 0))
    assert r"\(aqbegins\(aq so" in lines
    assert r"\fB\-\-path\fR \fIA\eB\fR" in lines
    assert r"\&.hidden is \(aqquoted\(aq." in lines
    assert r"Write \fB\-x\fR for \(ti and \(ha." in lines
