"""The README, done to the letter: its program, its commands, its curl lines and their answers."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import islice
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

#: An id of an event, which begins with a random word of its process.
EVENT_ID = re.compile(r"\b[0-9a-f]{8}-(?=\d+$)", re.M)

#: Seconds after which a command is stuck.
STUCK = 60


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
    commands = re.findall(r"^edgeweb serve (\w+):app --port (\d+)$", "".join(blocks("sh")), re.M)
    started = {8080: DeviceServer(folder, "--profile", "generic-linux")}
    try:
        for (name, port), program in zip(commands, blocks("python"), strict=True):
            (folder / f"{name}.py").write_text(program)
            started[int(port)] = DeviceServer(folder / name, f"{name}:app", python_path=folder)
        yield started
    finally:
        ends = [server.stop() for server in started.values()]
    assert ends == [0, 0, 0]


def answer_of(command: str, written: str, token: str, folder: Path) -> str:
    """Return what a command prints; of `curl -N`, which does not end, as many lines as the README has."""
    process = subprocess.Popen(
        ["bash", "-c", f"exec {command}"],
        env={**os.environ, "TOKEN": token},
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
    )
    watchdog = threading.Timer(STUCK, process.kill)
    watchdog.start()
    try:
        assert process.stdout
        if " -N " in command:
            printed = "".join(islice(process.stdout, written.count("\n")))
            process.kill()
            process.wait()
        else:
            printed = process.stdout.read()
            assert process.wait() == 0, printed
        process.stdout.close()
    finally:
        watchdog.cancel()
    return printed


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
    printed = answer_of(command, written, server.token, folder)
    written, printed = EVENT_ID.sub("", written), EVENT_ID.sub("", printed)
    assert printed.count("\n") == written.count("\n"), printed
    for expected, answered in zip(written.splitlines(), printed.splitlines(), strict=True):
        if not expected.startswith(("{", "data: {")):
            assert answered == expected
            continue
        document = json.loads(answered.removeprefix("data: "))
        shortened = expected.removeprefix("data: ").replace(", ...", f',"{LEFT_OUT}":true')
        assert same(json.loads(shortened), document), answered
        server.token = document.get("token", server.token)


def test_the_order_of_the_console_blocks_is_the_one_that_was_run() -> None:
    commands = [command for command, _ in console()]
    assert len(commands) == 17
    assert "status" in commands[7] and '"state":false' in console()[6][1]


@pytest.mark.parametrize("program", blocks("python"))
def test_a_program_has_ten_lines_and_is_tidy(program: str) -> None:
    assert len([line for line in program.splitlines() if line]) <= 10
    compile(program, "program.py", "exec")


def test_the_commands_and_folders_are_there() -> None:
    root = Path(__file__).parent.parent
    for path in re.findall(r"^\| `([\w/]+)/` \|", README, re.M):
        assert (root / path).is_dir(), path
    for script in re.findall(r"^(scripts/\w+)", "".join(blocks("sh")), re.M):
        assert os.access(root / script, os.X_OK), script


def test_relay_and_padlock_are_profiles_without_faults(tmp_path: Path) -> None:
    relay, padlock = blocks("toml")
    assert (len(relay.splitlines()), len(padlock.splitlines())) == (5, 2)
    for name, text in (("pump", relay), ("tls", padlock)):
        layer = tmp_path / f"edgeweb.toml.d/{name}.toml"
        layer.parent.mkdir(exist_ok=True)
        layer.write_text(text)
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
