"""`edgeweb serve` at a terminal: a line a step, the addresses, the set-up code, the QR code."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from edgeweb.commands.terminal import code_of, qr
from edgeweb.device.system.addresses import ipv4_addresses
from edgeweb.device.ui.qr import QUIET_ZONE, matrix

ROOT = Path(__file__).parents[2]
URL = "http://192.168.178.20:8080/"
HALVES = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


def modules(text: str) -> list[list[int]]:
    """The code that lines of a terminal show, without its quiet zone."""
    lines = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in text.splitlines()]
    rows = [[HALVES[mark][half] for mark in line] for line in lines for half in (0, 1)]
    inner = [row[QUIET_ZONE:-QUIET_ZONE] for row in rows[QUIET_ZONE:]]
    size = len(inner[0])
    assert not any(map(any, rows[:QUIET_ZONE])) and not any(map(any, inner[size:]))
    return inner[:size]


@pytest.mark.parametrize("text", [URL, "http://a.local:80/"])
def test_the_terminal_shows_the_modules_of_the_code(text: str) -> None:
    assert modules(qr(text)) == matrix(text)
    assert max(len(re.sub(r"\x1b\[[\d;]*m", "", line)) for line in qr(text).splitlines()) <= 40


def test_a_number_is_shown_before_a_name() -> None:
    assert code_of(["http://board.local:8080/", URL], "utf-8") == qr(URL)
    assert code_of(["http://board.local:8080/"], "utf-8") == qr("http://board.local:8080/")
    assert code_of([], "utf-8") == "" and code_of([URL], "ascii") == ""


def is_whole(said: str) -> bool:
    """Whether a server has shown its set-up code, and the QR code behind it where it has an address."""
    head, found, rest = said.partition("set-up code")
    own = ipv4_addresses()[:1]
    addresses = [url for url in re.findall(r"http://\S+", head) if own and own[0] in url]
    height = len(qr(addresses[0]).splitlines()) if addresses else 0
    return found != "" and rest.endswith("\n") and rest.count("\n") > height


def test_from_the_first_step_to_the_code(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        "CONFIGURATION_DIRECTORY": str(tmp_path / "etc"),
        "STATE_DIRECTORY": str(tmp_path / "state"),
    }
    command = [sys.executable, "-m", "edgeweb", "serve", "--host", "0.0.0.0", "--port", "0"]
    process = subprocess.Popen(command, env=env, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    try:
        said = b""
        while not is_whole(said.decode("utf-8", "replace")):
            said += os.read(ours, 4096)
    finally:
        process.terminate()
        assert process.wait(60) == 0
        os.close(ours)
    lines = said.decode().splitlines()
    assert lines[:2] == ["edgeweb: starting the application ...", "edgeweb: warming up ..."]
    (at,) = [number for number, line in enumerate(lines) if line.startswith("edgeweb serves on ")]
    urls = re.findall(r"http://\S+", lines[at])
    assert urls[0].startswith("http://127.0.0.1:") and "0.0.0.0" not in said.decode()
    assert "set-up code" in lines[at + 1]
    shown = "".join(f"{line}\n" for line in lines[at + 2 :])
    if ipv4_addresses():
        (found,) = {url for url in urls[1:] if ipv4_addresses()[0] in url}
        assert modules(shown) == matrix(found)
    else:
        assert shown == ""
