"""scripts/debian/completion.py: a real bash completes with it, and starts nothing."""

from __future__ import annotations

import os
import select
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edgeweb.device.config.profile import shipped_profiles
from tests.scripts import command_line

ROOT = Path(__file__).resolve().parents[2]
BASH = shutil.which("bash") or ""

pytestmark = pytest.mark.skipif(not BASH, reason="bash is not installed")


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = subprocess.run(
        [sys.executable, "-m", "scripts.debian.completion"], cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    file = tmp_path_factory.mktemp("completion") / "edgeweb"
    file.write_bytes(made.stdout)
    return file


def complete(script: Path, *lines: str, folder: Path | None = None) -> list[list[str]]:
    """Return what is offered at the end of each line, words as readline splits them: `--port = 8`."""
    program = [f". {script}"]
    for line in lines:
        # A line that ends with a space asks for the next word.
        words = [*line.split(), *[""] * line.endswith(" ")]
        program.append(f"COMP_WORDS=({' '.join(map(shlex.quote, words))}) COMP_CWORD={len(words) - 1}")
        program.append('_edgeweb; IFS="|"; echo "${COMPREPLY[*]}"; unset IFS')
    done = subprocess.run(
        [BASH, "--norc", "-c", "\n".join(program)],
        cwd=folder or script.parent,
        # Without a PATH: a Tab on a slow board waits for no program.
        env={"PATH": "/nonexistent", "HOME": str(folder), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return [line.split("|") if line else [] for line in done.stdout.splitlines()]


def test_every_command_and_option_of_every_help(script: Path) -> None:
    helps = command_line.read_all()
    lines = [f"edgeweb {name}".strip() for name in helps]
    offered = complete(script, *(f"{line} -" for line in lines))
    # The help of serve does not list itself.
    expected = {
        name: {*found.options} | ({"-h", "--help"} if name == "serve" else set())
        for name, found in helps.items()
    }
    assert {name: {*words} for name, words in zip(helps, offered, strict=True)} == expected
    above = [name for name, found in helps.items() if found.commands]
    assert set(above) == {"", "as-flask", "profile", "remote", "remote all", "state", "tls", "users"}
    offered = complete(script, *(f"edgeweb {name} ".replace("  ", " ") for name in above))
    assert [set(words) for words in offered] == [set(helps[name].commands) for name in above]


def test_the_beginning_of_a_word_counts(script: Path) -> None:
    assert complete(script, "edgeweb s", "edgeweb serve --ho", "edgeweb --app a : serve run --p") == [
        ["serve", "shell", "state"],
        ["--host", "--host-name"],
        ["--port"],
    ]


def test_values(script: Path, tmp_path: Path) -> None:
    assert complete(
        script,
        "edgeweb users role ada ",
        "edgeweb users add --role = ad",
        "edgeweb users token --role viewer --scope =",
        "edgeweb remote switch shed/lamp t",
        "edgeweb remote --timeout 3 get sen",
        "edgeweb routes -s d",
        "edgeweb serve --port 80",
        "edgeweb serve --port ",
        "edgeweb users remove -- -",
        folder=tmp_path,
    ) == [
        ["viewer", "operator", "admin"],
        ["admin"],
        ["accounts", "backup", "power", "things", "reset"],
        ["toggle"],
        ["sensors"],
        ["domain"],
        [],
        [],
        [],
    ]


def test_files_folders_and_profiles(script: Path, tmp_path: Path) -> None:
    (tmp_path / "a b*.json").touch()
    (tmp_path / "a folder").mkdir()
    (tmp_path / "raspberry.toml").touch()
    files, with_equals, folders, profiles, by_position, programs = complete(
        script,
        "edgeweb state restore a",
        "edgeweb build --output = a",
        "edgeweb serve app : app --upload-folder a",
        "edgeweb serve --profile rasp",
        "edgeweb profile check generic-linux qemu",
        "edgeweb as-flask run -- shop",
        folder=tmp_path,
    )
    assert set(files) == set(with_equals) == {"a b*.json", "a folder"}
    assert folders == ["a folder"]
    boards = {name for name in shipped_profiles() if name.startswith("rasp")}
    assert set(profiles) == boards | {"raspberry.toml"}
    assert by_position == [name for name in shipped_profiles() if name.startswith("qemu")]
    assert programs == ["shopt"]


def test_names_of_the_devices_of_the_list(script: Path, tmp_path: Path) -> None:
    lines = ("edgeweb remote get status shed ", "edgeweb remote switch s", "edgeweb remote remove g")
    assert complete(script, *lines, folder=tmp_path) == [[], [], []]
    (tmp_path / ".config/edgeweb").mkdir(parents=True)
    rows = "# The devices\n[shed]\nurl = 'http://[::1]'\n\n[green_house-2]\nurl = 'http://b'\n"
    (tmp_path / ".config/edgeweb/remotes.toml").write_text(rows)
    assert complete(script, *lines, folder=tmp_path) == [
        ["shed", "green_house-2"],
        ["shed/"],
        ["green_house-2"],
    ]


def test_bash_itself_asks_it_on_a_tab(script: Path, tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(tmp_path)
        env = {"PATH": os.defpath, "HOME": str(tmp_path), "TERM": "dumb", "INPUTRC": "/dev/null"}
        os.execve(BASH, [BASH, "--norc", "--noprofile", "-i"], env)
    try:
        (tmp_path / "backup of june.json").touch()
        os.write(terminal, f". {script}; complete -p edgeweb\n".encode())
        read_until(terminal, "complete -F _edgeweb edgeweb")
        os.write(terminal, b"echo; edgeweb remote --ti\t")
        read_until(terminal, "remote --timeout ")
        # Ctrl-U takes the line back. A name with a space is quoted, as bash knows it for one of a file.
        os.write(terminal, b"\x15edgeweb state restore bac\t")
        read_until(terminal, "restore backup\\ of\\ june.json ")
        os.write(terminal, b"\x15edgeweb serve --profile=generic-l\t")
        read_until(terminal, "--profile=generic-linux ")
    finally:
        os.close(terminal)
        os.waitpid(child, 0)


def read_until(terminal: int, text: str) -> None:
    seen, end = "", time.monotonic() + 60
    while text not in seen:
        assert select.select([terminal], [], [], max(0, end - time.monotonic()))[0], seen
        seen += os.read(terminal, 4096).decode()
