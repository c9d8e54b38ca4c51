"""The set-up code without a terminal: from the boot partition to the service, and from it to the screens."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from edgeweb.commands import console
from edgeweb.commands.terminal import halves
from edgeweb.device.access import setup_code

from ..device.people import PASSWORD
from ..device.process import DeviceServer

SYSTEMD = Path(__file__).parents[2] / "systemd"
SCRIPT = SYSTEMD / "setup" / "setup-code"
CODE = "tomato-7-ladder-42"
INVITATION = "this device has no owner yet: open it in a browser and enter the set-up code K7QM-4T2X-9RWD"
URL = "http://192.168.178.20:8080"


class Board:
    """The folders of a board, and the script with them in place of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run = folder / "run" / "edgeweb"
        self.boot = folder / "boot"
        self.devices = folder / "dev"
        for made in (self.run, self.boot, self.devices, folder / "bin"):
            made.mkdir(parents=True)
        self.file = self.boot / "edgeweb-setup.txt"
        self.taken = self.run / setup_code.FILE
        self.issue = folder / "issue.d" / "edgeweb.issue"
        self.active = folder / "active"
        self.reloads = folder / "reloads"
        agetty = folder / "bin" / "agetty"
        agetty.write_text(f'#!/bin/sh\necho "$@" >>{self.reloads}\n')
        agetty.chmod(0o755)

    def call(self, word: str) -> str:
        """Calls the script; returns what it says."""
        environ = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "RUNTIME_DIRECTORY": str(self.run),
            "EDGEWEB_BOOT": f"{self.folder / 'none'} {self.boot}",
            "EDGEWEB_ISSUE": str(self.issue.parent),
            "EDGEWEB_DEVICES": str(self.devices),
            "EDGEWEB_CONSOLES": str(self.active),
        }
        done = subprocess.run(
            ["sh", str(SCRIPT), word], env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        left = [path.name for path in self.run.parent.iterdir()]
        assert left == ["edgeweb"], "nothing is left in root's folder"
        return done.stdout + done.stderr


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board(tmp_path)


def test_a_file_is_taken_and_removed(board: Board) -> None:
    board.file.write_text(f"{CODE}\n")
    said = board.call("take")
    assert "took the set-up code from" in said and CODE not in said
    assert os.listdir(board.boot) == []
    assert (board.taken.read_text(), board.taken.stat().st_mode & 0o777) == (f"{CODE}\n", 0o600)
    assert board.call("take") == "", "once"


def test_it_takes_a_few_bytes_only(board: Board) -> None:
    board.file.write_bytes(b"x" * 1_000_000)
    board.call("take")
    assert board.taken.stat().st_size == 200
    assert setup_code.find({"RUNTIME_DIRECTORY": str(board.run)}).fault == "it has more than 128 bytes"


def test_a_link_is_not_followed(board: Board, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(CODE)
    board.file.symlink_to(tmp_path / "secret")
    assert board.call("take") == ""
    assert not board.taken.exists()
    board.file.unlink()
    board.file.write_text(CODE)
    (tmp_path / "other").write_text("kept")
    board.taken.symlink_to(tmp_path / "other")
    board.call("take")
    assert (tmp_path / "other").read_text() == "kept", "a link of the service leads nowhere"
    assert board.taken.read_text() == CODE and not board.taken.is_symlink()


def test_a_partition_that_is_read_only(board: Board) -> None:
    """Root may remove from any folder, so a program that fails stands for the kernel's refusal."""
    board.file.write_text(CODE)
    rm = board.folder / "bin" / "rm"
    rm.write_text(f'#!/bin/sh\ncase "$*" in *{board.boot}*) exit 1 ;; esac\nexec /bin/rm "$@"\n')
    rm.chmod(0o755)
    assert "is not used, because it cannot be removed" in board.call("take")
    assert not board.taken.exists()


def test_the_screens_show_what_the_service_has_written(board: Board) -> None:
    board.active.write_text("tty0 ttyS0 ttyAMA0\n")
    for name in ("tty1", "ttyS0", "tty2", "tty0"):
        (board.devices / name).touch()
    console.write([URL], [INVITATION], {"RUNTIME_DIRECTORY": str(board.run)})
    assert (board.run / console.FILE).stat().st_mode & 0o777 == 0o600
    board.call("show")
    shown = (board.devices / "tty1").read_text()
    assert INVITATION in shown and URL in shown and "\x1b" not in shown
    assert (board.devices / "ttyS0").read_text() == shown
    assert [(board.devices / name).read_text() for name in ("tty0", "tty2")] == ["", ""]
    assert not (board.devices / "ttyAMA0").exists(), "no device is made"
    assert board.issue.read_text().strip() == shown.strip()
    assert board.issue.stat().st_mode & 0o777 == 0o600
    assert not (board.run / console.FILE).exists()
    code = [line for line in shown.splitlines() if "█" in line]
    swap = str.maketrans(" █▀▄", "█ ▄▀")
    assert [line.translate(swap) for line in code] == halves(URL)
    # a start with an owner
    board.call("show")
    assert not board.issue.exists()
    assert board.reloads.read_text() == "--reload\n" * 2


def test_the_end_of_the_service_removes_it(board: Board) -> None:
    console.write([], [INVITATION], {"RUNTIME_DIRECTORY": str(board.run)})
    board.call("show")
    assert "as soon as there is a network" in board.issue.read_text()
    board.call("hide")
    assert not board.issue.exists()


def test_a_service_that_is_broken_into_steers_no_terminal(board: Board, tmp_path: Path) -> None:
    (board.devices / "tty1").touch()
    (board.run / console.FILE).write_bytes(b"\x1b]0;x\x07\xc2\x9b2J\\4\r\nfine\n" + b"x" * 100_000)
    board.call("show")
    shown = (board.devices / "tty1").read_bytes()
    assert b"fine\n" in shown and len(shown) < 9000
    assert not re.search(rb"[^\n -\[\]-~\xe2\x96\x80\x84\x88]", shown)
    (tmp_path / "secret").write_text("of root")
    (board.run / console.FILE).symlink_to(tmp_path / "secret")
    (board.devices / "tty1").write_text("")
    board.call("show")
    assert (board.devices / "tty1").read_text() == ""


def test_nothing_is_written_without_a_folder_or_an_invitation(tmp_path: Path) -> None:
    console.write([URL], [INVITATION], {})
    console.write([URL], [], {"RUNTIME_DIRECTORY": str(tmp_path)})
    console.write([URL], [INVITATION], {"RUNTIME_DIRECTORY": str(tmp_path / "none")})
    assert os.listdir(tmp_path) == []


@pytest.mark.slow
def test_from_the_card_to_the_owner(board: Board, tmp_path: Path) -> None:
    """As on a board: the card gives the code, the screen says so, and the page takes it."""
    (board.devices / "tty1").touch()
    board.file.write_text(f"{CODE}\r\n")
    board.call("take")
    variables = {"RUNTIME_DIRECTORY": str(board.run)}
    server = DeviceServer(tmp_path / "server", "--profile", "generic-linux", variables=variables)
    board.call("show")
    shown = (board.devices / "tty1").read_text()
    assert "set-up code of the file edgeweb-setup.txt" in shown
    assert CODE not in shown + server.log
    body = {"code": CODE, "name": "ada", "password": PASSWORD}
    assert server.post_json("/api/v1/setup", body).status == 201
    assert server.stop() == 0
    again = DeviceServer(tmp_path / "server", "--profile", "generic-linux", variables=variables)
    board.call("show")
    assert not board.issue.exists() and "set-up code" not in again.log
    assert again.stop() == 0


def test_the_service_calls_it() -> None:
    unit = (SYSTEMD / "edgeweb.service").read_text()
    assert re.findall(r"^Exec(\w+)=\+-(\S+)/setup-code (\w+)$", unit, re.MULTILINE) == [
        ("StartPre", "/opt/edgeweb/libexec", "take"),
        ("StartPost", "/opt/edgeweb/libexec", "show"),
        ("StopPost", "/opt/edgeweb/libexec", "hide"),
    ]
    drop_in = (SYSTEMD / "drop-ins" / "setup-code.conf").read_text()
    assert f"\nLoadCredential={setup_code.CREDENTIAL}\n" in drop_in
