"""`edgeweb remote` with real devices, alone and several at once."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edgeweb.commands.remote import devices, get, output
from edgeweb.commands.remote.devices import Device, Refused
from tests.client.recorder import Answer, Recorder
from tests.device.process import ROOT, DeviceServer

PROFILE = """
[channels.lamp]
driver = "memory"
mode = "output"
title = "Lamp"
[channels.fan]
driver = "memory"
mode = "pwm"
[sensors.load]
kind = "file"
path = "/proc/loadavg"
"""


class Remote:
    """The command, with a list of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(folder / "config")}
        self.list = folder / "config" / "edgeweb" / "remotes.toml"

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-W", "error", "-m", "edgeweb", "remote", *arguments]

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def add(self, name: str, url: str, token: str) -> None:
        file = self.folder / f"{name}.token"
        file.write_text(f"{token}\n")
        file.chmod(0o600)
        done = self("add", name, url, "--token-file", f"{name}.token")
        assert done.returncode == 0, done.stderr


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote(tmp_path)


@pytest.fixture(scope="module")
def boards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[DeviceServer]]:
    """Two devices with an owner each."""
    folder = tmp_path_factory.mktemp("boards")
    (folder / "shed.toml").write_text(PROFILE)
    started = [
        DeviceServer(folder / str(number), "--profile", str(folder / "shed.toml")) for number in range(2)
    ]
    for board in started:
        board.claim()
    yield started
    assert [board.stop() for board in started] == [0, 0]


@pytest.fixture
def fleet(remote: Remote, boards: list[DeviceServer]) -> Remote:
    """The command with both devices and one that is not there."""
    for name, board in zip(("greenhouse", "shed"), boards, strict=True):
        remote.add(name, board.url, board.token)
    return remote


@pytest.fixture
def nowhere() -> Iterator[str]:
    """An address at which connections are taken and nothing is answered."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield f"http://127.0.0.1:{silent.getsockname()[1]}"


def test_a_list_from_the_first_device_to_the_last(remote: Remote) -> None:
    assert "edgeweb remote add NAME URL" in remote("list").stdout
    remote.add("shed", "http://shed.local/", "edgeweb_secret")
    remote.add("house", "https://house.local:8443/board", "edgeweb_other")
    assert stat.S_IMODE(remote.list.stat().st_mode) == 0o600
    assert stat.S_IMODE(remote.list.parent.stat().st_mode) == 0o700
    assert tomllib.loads(remote.list.read_text())["shed"] == {
        "url": "http://shed.local",
        "token_file": str(remote.folder / "shed.token"),
    }
    shown = remote("list").stdout
    assert "house" in shown and "https://house.local:8443/board" in shown and "secret" not in shown
    assert [row["name"] for row in json.loads(remote("list", "--json").stdout)] == ["shed", "house"]
    assert remote("remove", "shed").returncode == 0
    assert list(tomllib.loads(remote.list.read_text())) == ["house"]
    gone = remote("remove", "shed")
    assert gone.returncode == 1 and "'shed' in the list; it has: house" in gone.stderr
    assert sorted(path.name for path in remote.list.parent.iterdir()) == ["remotes.toml"]


def test_a_token_that_others_can_read_is_refused(remote: Remote) -> None:
    file = remote.folder / "open.token"
    file.write_text("edgeweb_secret")
    file.chmod(0o644)
    done = remote("add", "shed", "http://shed.local", "--token-file", "open.token")
    assert done.returncode == 1 and done.stderr.rstrip().endswith(f"chmod 600 {file}")
    assert "secret" not in done.stderr and not remote.list.exists()


@pytest.mark.parametrize(
    ("name", "url"),
    [("..", "http://a"), ("a/b", "http://a"), ("a", "ftp://a"), ("", "http://a"), ("a", "http://u:p@a")],
)
def test_what_is_no_device_is_refused(name: str, url: str, remote: Remote) -> None:
    done = remote("add", name, url)
    assert (
        done.returncode == 1 and done.stderr.startswith("edgeweb remote: ") and "Traceback" not in done.stderr
    )


@pytest.mark.parametrize(
    "text", ["[a", "[a]\nurl = 3", "[a]", '[a]\nurl = "http://a"\ntoken = "x"', "a = 1", "\udcff"]
)
def test_a_list_that_is_broken(text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "edgeweb").mkdir()
    (tmp_path / "edgeweb/remotes.toml").write_text(text, errors="surrogateescape")
    with pytest.raises(Refused, match=r"remotes\.toml"):
        devices.load()


@pytest.mark.parametrize("path", ["/a b/ü", '/a"b\\c', "/tab\there", "/\u202e", "/\U0001f512"])
def test_a_path_comes_back_as_it_was(path: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    row = Device("shed", "http://shed", path, path)
    devices.save({"shed": row, "house": Device("house", "http://house")})
    assert devices.load() == {"shed": row, "house": Device("house", "http://house")}


# --- asking -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_status_of_all(fleet: Remote) -> None:
    done = fleet("get", "status")
    assert (done.returncode, done.stderr) == (0, "")
    head, *rows = done.stdout.splitlines()
    assert head.split() == ["device", "title", "model", "channels", "processor", "memory", "warnings"]
    assert [row.split()[0] for row in rows] == ["greenhouse", "shed"] and "0 of 2 on" in rows[0]
    found = json.loads(fleet("get", "status", "shed", "--json").stdout)
    assert list(found) == ["shed"] and found["shed"]["device"]["profile"] == "shed"


@pytest.mark.slow
@pytest.mark.parametrize("what", get.WHAT)
def test_whatever_is_asked(what: str, fleet: Remote) -> None:
    done = fleet("get", what)
    if what == "services":  # a container has no systemd
        assert done.returncode in (0, 3), done.stderr
    else:
        assert (done.returncode, done.stderr) == (0, "")
    assert "Traceback" not in done.stderr
    answered = fleet("get", what, "--json")
    assert set(json.loads(answered.stdout)) == {"greenhouse", "shed"}


@pytest.mark.slow
def test_switching(fleet: Remote, boards: list[DeviceServer]) -> None:
    done = fleet("switch", "greenhouse/lamp", "on")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1].split()[:4] == ["greenhouse", "lamp", "Lamp", "on"]
    assert [board.get("/api/v1/channels/lamp").json["state"] for board in boards] == [True, False]
    assert " off " in fleet("switch", "greenhouse/lamp", "toggle").stdout
    assert fleet("pulse", "shed/lamp", "50").returncode == 0
    assert "on 40%" in fleet("level", "shed/fan", "0.4").stdout
    refused = fleet("switch", "greenhouse/lmap", "on")
    assert refused.returncode == 3 and "Unknown channel (404)" in refused.stderr
    assert fleet("pulse", "shed/lamp", "1").returncode == 3
    assert fleet("switch", "lamp", "on").returncode == 1
    assert fleet("switch", "shed/lamp", "up").returncode == 2


@pytest.mark.slow
def test_a_backup_of_all(fleet: Remote, nowhere: str, boards: list[DeviceServer]) -> None:
    fleet.add("attic", nowhere, "edgeweb_x")
    done = fleet("--timeout", "0.3", "all", "backup", "kept")
    assert done.returncode == 4 and "2 of 3 devices" in done.stdout
    assert f"{nowhere} does not answer within 0.3 s." in done.stdout
    files = sorted((fleet.folder / "kept").iterdir())
    assert [file.name.partition("-")[0] for file in files] == ["greenhouse", "shed"]
    for file, board in zip(files, boards, strict=True):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        content = json.loads(file.read_text())
        assert board.post_json("/api/v1/restore", {"password": "", "backup": content}).status == 200


@pytest.mark.slow
def test_refused_by_one_and_done_by_the_other(fleet: Remote, boards: list[DeviceServer]) -> None:
    fleet.add("shed", boards[1].url, "edgeweb_wrong")
    done = fleet("get", "channels")
    assert done.returncode == 3 and "greenhouse" in done.stdout
    assert done.stderr.startswith("edgeweb remote: shed:") and "Not signed in (401)" in done.stderr
    assert json.loads(fleet("get", "channels", "--json").stdout)["shed"]["error"].startswith("Not signed in")


def test_what_a_device_answers_commands_no_terminal(remote: Remote, recorder: Recorder) -> None:
    row = {"id": "\x1b]0;x\x07lamp", "title": "\x1b[2J", "online": True, "state": True, "changed_at": "\n"}
    recorder.answers.extend(
        [
            Answer(200, {"channels": [row]}),
            Answer(403, {"title": "\x1b[31mNo"}),
            Answer(200, {"channels": [{}]}),
        ]
    )
    remote.add("evil", recorder.url, "edgeweb_x")
    done = [remote("get", "channels") for _ in range(3)]
    assert [one.returncode for one in done] == [0, 3, 4]
    assert "\x1b" not in "".join(one.stdout + one.stderr for one in done) and "lamp" in done[0].stdout
    assert "is not one that this edgeweb knows" in done[2].stderr


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    found = Recorder()
    yield found
    found.close()


# --- a person at a terminal -------------------------------------------------------------------------------


def at_a_terminal(remote: Remote, *arguments: str) -> tuple[int, str]:
    """The exit code, and what the terminal has got of stderr."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        remote.command(*arguments),
        cwd=remote.folder,
        env=remote.env,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 4096):
            shown += piece
    except OSError:  # Linux: the other side is closed
        pass
    os.close(ours)
    return process.wait(), shown.decode()


@pytest.mark.slow
def test_a_bar_counts_the_devices_on_a_terminal(fleet: Remote) -> None:
    code, shown = at_a_terminal(fleet, "get", "status")
    assert code == 0 and "] 0/2" in shown and "[########################] 2/2" in shown
    assert shown.endswith("\r\x1b[K")
    assert at_a_terminal(fleet, "get", "status", "shed") == (0, "")


@pytest.mark.slow
def test_ctrl_c_does_not_wait_for_a_device(remote: Remote) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        remote.add("attic", f"http://127.0.0.1:{silent.getsockname()[1]}", "edgeweb_x")
        process = subprocess.Popen(
            remote.command("--timeout", "3600", "get", "status"),
            env=remote.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        with silent.accept()[0]:  # it asks now
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=120) == (b"", b"") and process.returncode == 130


@pytest.mark.slow
def test_watching_until_ctrl_c(fleet: Remote, boards: list[DeviceServer]) -> None:
    process = subprocess.Popen(
        fleet.command("watch", "--topic", "channels", "--json"),
        env=fleet.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    first: list[Any] = [json.loads(process.stdout.readline()) for _ in range(4)]
    assert sorted((row["device"], row["data"]["id"]) for row in first) == [
        *(("greenhouse", "fan"), ("greenhouse", "lamp"), ("shed", "fan"), ("shed", "lamp")),
    ]
    boards[1].put_json("/api/v1/channels/lamp/state", {"on": True})
    found = json.loads(process.stdout.readline())
    assert (found["device"], found["event"], found["data"]["state"]) == ("shed", "channel", True)
    boards[1].put_json("/api/v1/channels/lamp/state", {"on": False})
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (130, "")


@pytest.mark.slow
def test_watching_in_words_ends_where_nobody_may(remote: Remote, recorder: Recorder) -> None:
    text = (
        'event: channel\ndata: {"id": "lamp", "online": true, "state": true}\n\n'
        'event: sensor\ndata: {"id": "soil", "value": 21.5, "unit": "%", "level": "low", "online": true}\n\n'
        'event: warnings\ndata: {"warnings": [{"source": "disk", "reason": "\\u001b[31mgone"}]}\n\n'
        'event: schedules\ndata: {"schedules": []}\n\n'
    )
    stream = {"Content-Type": "text/event-stream", "Content-Length": ""}
    recorder.answers.extend(
        [Answer(200, None, stream, text.encode()), Answer(401, {"title": "Not signed in"})]
    )
    remote.add("shed", recorder.url, "edgeweb_x")
    done = remote("watch")
    assert done.stdout.splitlines() == [
        "shed  channel  lamp on",
        "shed  sensor  soil 21.5 %, low",
        "shed  warnings  disk: gone",
        'shed  schedules  {"schedules": []}',
    ]
    assert done.returncode == 3 and "has ended the stream" in done.stderr and "(401)" in done.stderr


# --- tables -----------------------------------------------------------------------------------------------


def test_a_table() -> None:
    assert output.table(("a", "b"), [("long", None), ("x", 1)]) == "a     b\nlong\nx     1"
    assert get.state_of({"online": False}) == "offline"
    assert get.state_of({"online": True, "state": None}) == "unknown"
    assert get.state_of({"online": True, "state": False, "value": 0}) == "off"
    assert get.value_of({"value": None}) == "offline"


def test_nothing_of_it_is_imported_by_a_server() -> None:
    code = "import edgeweb.commands.serve, edgeweb.device.app, sys; sys.exit('edgeweb.client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
