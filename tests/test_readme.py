"""The README, done to the letter: its program, its commands, its curl lines and their answers."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.device.process import DeviceServer

README = (Path(__file__).parent.parent / "README.md").read_text()

#: What differs from machine to machine and from second to second; all else is compared to the letter.
VOLATILE = {"model", "architecture", "changed_at", "next_at", "sampled_at", "token"}

#: Stands for the rest of an object, where the README has "...".
LEFT_OUT = "..."

#: Stands for the code that the server prints; $TOKEN is what the answer to it brings.
CODE = "K7QM-4T2X-9RWD"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)


def console() -> list[tuple[str, str]]:
    """Every command of the console blocks, and the answer below it."""
    text = "".join(blocks("console"))
    return [(command, answer) for command, answer in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.M)]


def port_of(command: str) -> int:
    (port,) = re.findall(r"http://127\.0\.0\.1:(\d+)/", command)
    return int(port)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("readme")


@pytest.fixture(scope="module")
def servers(folder: Path) -> Iterator[dict[int, DeviceServer]]:
    """The servers that the README starts, by the ports that it names."""
    (program,) = blocks("python")
    (folder / "greenhouse.py").write_text(program)
    (command,) = re.findall(r"^edgeweb serve (.*?) --port (\d+)$", "".join(blocks("sh")), re.M)
    own = folder / "own"
    own.mkdir()
    device = DeviceServer(folder, "--profile", "generic-linux")
    greenhouse = DeviceServer(own, command[0], python_path=folder)
    yield {8080: device, int(command[1]): greenhouse}
    assert (device.stop(), greenhouse.stop()) == (0, 0)


def same(written: Any, answered: Any, key: str = "") -> bool:
    """Return whether two answers agree in all that can agree between two machines, as far as one is given."""
    if isinstance(written, dict) and isinstance(answered, dict):
        if written.pop(LEFT_OUT, False):
            answered = {name: value for name, value in answered.items() if name in written}
        if list(written) != list(answered):
            return False
        # Of the machine and its figures only the names are the same everywhere.
        return key in ("metrics", "device") or all(same(written[k], answered[k], k) for k in written)
    return bool(type(written) is type(answered) and (key in VOLATILE or written == answered))


@pytest.mark.parametrize(("command", "written"), console())
def test_the_console_blocks(
    command: str, written: str, servers: dict[int, DeviceServer], folder: Path
) -> None:
    if not shutil.which("curl"):
        pytest.skip("no curl on the PATH (Debian: apt install curl)")
    assert command.startswith("curl ")
    port = port_of(command)
    server = servers[port]
    command = command.replace(f":{port}/", f":{server.port}/")
    if CODE in command:
        command = command.replace(CODE, server.code)
    ended = subprocess.run(
        ["bash", "-c", command],
        env={**os.environ, "TOKEN": server.token},
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
        check=True,
    )
    try:
        expected = json.loads(written.replace(", ...", f',"{LEFT_OUT}":true'))
    except ValueError:
        assert ended.stdout == written
    else:
        answered = json.loads(ended.stdout)
        assert same(expected, answered), ended.stdout
        if isinstance(answered, dict):
            server.token = answered.get("token", server.token)


def test_the_order_of_the_console_blocks_is_the_one_that_was_run() -> None:
    commands = [command for command, _ in console()]
    assert len(commands) == 14
    assert "status" in commands[5] and '"state":false' in console()[4][1]


def test_the_program_has_ten_lines_and_is_tidy(tmp_path: Path) -> None:
    (program,) = blocks("python")
    assert len(program.splitlines()) <= 10
    compile(program, "greenhouse.py", "exec")


def test_the_commands_and_folders_are_there() -> None:
    root = Path(__file__).parent.parent
    for path in re.findall(r"^\| `([\w/]+)/` \|", README, re.M):
        assert (root / path).is_dir(), path
    for script in re.findall(r"^(scripts/\w+)", "".join(blocks("sh")), re.M):
        assert os.access(root / script, os.X_OK), script


def test_the_relay_is_a_profile_without_faults(tmp_path: Path) -> None:
    (relay,) = blocks("toml")
    assert len(relay.splitlines()) == 5
    layer = tmp_path / "edgeweb.toml.d/pump.toml"
    layer.parent.mkdir()
    layer.write_text(relay)
    command = [sys.executable, "-m", "edgeweb", "profile", "show", "--changed", "generic-linux"]
    ended = subprocess.run(
        command,
        env={**os.environ, "CONFIGURATION_DIRECTORY": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "channels.pump.line" in ended.stdout and "pump.toml" in ended.stdout


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_what_the_documents_name_is_there(name: str) -> None:
    root = Path(__file__).parent.parent
    text = (root / name).read_text()
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    named = re.findall(r"`((?:edgeweb|tests|scripts|systemd|firmware_configs|\.ci)/[\w./]*)`", text)
    rooms = [
        f"edgeweb/{path}" for path in re.findall(r"`((?:device|dispatch|server|commands)/[\w./]*)`", text)
    ]
    for path in (*links, *named, *rooms):
        assert (root / path).exists(), path


def test_no_path_of_ours_is_in_it() -> None:
    assert str(Path.home()) not in README
    assert sys.prefix not in README
