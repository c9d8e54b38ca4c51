"""The factory reset of a served device: by the interface and by the page, to the next start."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from edgeweb import Flask
from edgeweb.device import create_app, start
from edgeweb.device.channels.drivers import DriverError, memory
from edgeweb.device.config.errors import ProfileError
from edgeweb.device.config.profile import Profile
from edgeweb.device.device import Device
from edgeweb.device.storage import reset
from edgeweb.device.storage.reset import ResetFailed
from edgeweb.device.system.clock import WallClock

from .people import OWN, PASSWORD, SOMEBODY, add_owner, add_user, browser_of, client_of, device_of
from .process import ROOT, DeviceServer
from .ui.visitor import Visitor

OUTPUT = """
[channels.lamp]
driver = "memory"
mode = "output"
at_exit = "off"
"""
SECRET = "of the former owner"


def fill(folder: Path) -> None:
    """Puts into the folder what other parts of the product have there."""
    (folder / "tls" / "old").mkdir(parents=True)
    (folder / "tls" / "authority.key").write_text(SECRET)
    (folder / "tls" / "old" / "device.key").write_text(SECRET)


def secrets_in(folder: Path) -> list[str]:
    return [str(file) for file in folder.rglob("*") if file.is_file() and SECRET in file.read_text("latin-1")]


@pytest.mark.slow
def test_a_server_that_is_reset_ends_and_starts_as_new(tmp_path: Path) -> None:
    profile = tmp_path / "board.toml"
    profile.write_text(OUTPUT)
    server = DeviceServer(tmp_path, "--profile", str(profile))
    first = server.code
    server.claim()
    state = tmp_path / "state"
    assert server.post_json("/api/v1/tokens", {"note": SECRET, "role": "admin"}).status == 201
    assert server.put_json("/api/v1/channels/lamp/state", {"on": True}).status == 200
    fill(state)
    answer = server.post_json("/api/v1/reset", {"password": ""})
    assert (answer.status, answer.json) == (202, {"accepted": "reset"})
    assert server.process.wait(120) == 0, server.log
    assert "the state is being reset: the process ends" in server.log
    assert "Traceback" not in server.log
    assert os.listdir(state) == ["server.lock"], "on the disk before the process has ended"
    again = DeviceServer(tmp_path, "--profile", str(profile))
    assert again.code != first
    again.claim("eve")
    assert [row["name"] for row in again.get("/api/v1/users").json["users"]] == ["eve"]
    assert [row["note"] for row in again.get("/api/v1/tokens").json["tokens"]] == ["set-up"]
    assert secrets_in(state) == []
    assert again.stop() == 0


def test_a_server_that_is_killed_after_the_mark(tmp_path: Path) -> None:
    """The power goes while the server answers its last requests: the next start ends the reset."""
    server = DeviceServer(tmp_path, "--profile", "generic-linux")
    server.claim()
    state = tmp_path / "state"
    fill(state)
    assert server.post_json("/api/v1/tokens", {"note": SECRET, "role": "admin"}).status == 201
    reset.begin(str(state))
    server.process.kill()
    server.process.wait(120)
    assert secrets_in(state) != []
    again = DeviceServer(tmp_path, "--profile", "generic-linux")
    assert again.code
    assert secrets_in(state) == []
    assert again.stop() == 0


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[Device]:
    """The devices whose process would have ended."""
    found: list[Device] = []

    def end(device: Device) -> None:
        found.append(device)

    monkeypatch.setattr(Device, "end_process", end)
    return found


def test_by_the_page(app: Flask, ended: list[Device]) -> None:
    device = device_of(app)
    owner = Visitor(app)
    page = owner.client.get("/backup").text
    assert "Take a backup first" in page and "second factors, tokens" in page
    assert "The name or the password is wrong." in owner.send("/reset", status=401, password="wrong password")
    assert "Enter your own password" in owner.send("/reset", status=403)
    assert ended == [] and not reset.is_begun(device.store.folder)
    assert "Everything is being removed." in owner.send("/reset", status=200, password=PASSWORD)
    assert ended == [device]
    assert device.audit.rows(limit=1)[0]["action"] == "state.reset"
    device.close()
    assert os.listdir(device.store.folder) == ["server.lock"]


def test_outputs_go_to_their_exit_states(make_profile: Callable[..., Profile], ended: list[Device]) -> None:
    app = add_owner(create_app(make_profile(OUTPUT)))
    start(app)
    device = device_of(app)
    device.switch(SOMEBODY, "lamp", True)
    written: list[object] = []
    channel = device.channels["lamp"]
    device.reset(SOMEBODY)
    assert channel.current.state is True, "until the process ends"
    device.close()
    written.append(channel.current.state)
    assert written == [False]


def test_who_may(app: Flask, ended: list[Device]) -> None:
    for role in ("viewer", "operator"):
        assert (
            client_of(app, add_user(app, role, role)).post("/api/v1/reset", json={"password": ""}).status_code
            == 403
        )
        assert browser_of(app, role).post("/reset", headers=OWN).status_code == 403
    assert client_of(app).post("/api/v1/reset", json={"password": ""}).status_code == 401
    assert ended == []


def test_a_disk_that_refuses(app: Flask, ended: list[Device], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reset, "begin", read_only)
    answer = app.test_client().post("/api/v1/reset", json={"password": ""})
    assert (answer.status_code, answer.json["key"]) == (503, "system-refused")
    assert "Read-only file system" in answer.json["detail"]
    assert ended == []
    device = device_of(app)
    with pytest.raises(ResetFailed):
        device.reset(SOMEBODY)
    device.close()
    assert "owner" in device.accounts.users(), "nothing has changed"


def test_who_asks_twice_ends_it_once(app: Flask, ended: list[Device]) -> None:
    """A second signal would cut off the last answers."""
    device = device_of(app)
    for _ in range(2):
        device.reset(SOMEBODY)
    assert ended == [device]
    device.close()


def test_files_that_cannot_be_removed_go_at_the_next_start(
    app: Flask, ended: list[Device], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    device = device_of(app)
    device.reset(SOMEBODY)
    with monkeypatch.context() as patch:
        patch.setattr(reset, "finish", read_only)
        device.close()
    assert "the reset has not ended: Read-only file system. The next start ends it" in capsys.readouterr().err
    assert reset.is_begun(device.store.folder)
    device.close()
    assert reset.is_begun(device.store.folder), "the folder may be another process's by now"


def read_only(folder: str, *_: object) -> bool:
    raise OSError(30, "Read-only file system", folder)


def test_a_state_in_memory_ends_with_the_process(
    make_profile: Callable[..., Profile], ended: list[Device]
) -> None:
    app = add_owner(create_app(make_profile('[storage]\nstate = "memory"')))
    assert app.test_client().post("/api/v1/reset", json={"password": ""}).status_code == 202
    assert ended == [device_of(app)]
    device_of(app).close()


INPUT = """
[access]
reset_input = "door"
[channels.door]
driver = "memory"
mode = "input"
inverted = {}
"""


class Start:
    """Starts of one device whose input is in memory: inverted, it is held."""

    def __init__(self, make_profile: Callable[..., Profile], capsys: pytest.CaptureFixture[str]) -> None:
        self._make_profile = make_profile
        self._capsys = capsys
        self.now = 100.0
        self.status: list[str] = []

    def start(self, held: bool, released: float = 1e9) -> Device:
        """A started device; `released` is the second of the clock at which the hand goes."""
        profile = self._make_profile(INPUT.format(str(held).lower()))
        device = Device(profile, WallClock(lambda: self.now), threaded=False)
        real = memory.Driver.read

        def pause(seconds: float) -> None:
            self.now += seconds

        device.pause = pause
        self.status.clear()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(memory.Driver, "read", lambda *args: real(*args) != (self.now >= released))
            device.start(report=self.status.append)
        return device

    def log(self) -> str:
        return self._capsys.readouterr().err


@pytest.fixture
def starts(make_profile: Callable[..., Profile], capsys: pytest.CaptureFixture[str]) -> Start:
    return Start(make_profile, capsys)


def test_an_input_that_is_held_resets_the_device(starts: Start) -> None:
    device = starts.start(held=False)
    device.accounts.add(SOMEBODY, "ada", PASSWORD, "admin")
    device.close()
    assert starts.status == [] and "reset_input" not in starts.log()
    before = starts.now
    device = starts.start(held=True)
    assert starts.now - before == pytest.approx(10, abs=0.2)
    assert starts.status == ['"door" is held: in 10 s this device is reset to factory settings']
    log = starts.log()
    assert '"door" (access.reset_input) was held for 10 s: this device was reset to factory settings' in log
    assert f"set-up code {device.setup.code}" in log
    assert device.accounts.users() == {}
    assert device.store.persistent
    assert device.channels["door"].current.state is True, "the channel is there after that"
    device.close()
    # still held: there is nothing to remove, and nothing waits
    before = starts.now
    starts.start(held=True).close()
    assert starts.now == before


def test_an_input_that_is_let_go_resets_nothing(starts: Start) -> None:
    device = starts.start(held=False)
    device.accounts.add(SOMEBODY, "ada", PASSWORD, "admin")
    device.close()
    device = starts.start(held=True, released=starts.now + 9)
    assert list(device.accounts.users()) == ["ada"]
    assert "was let go before 10 s had passed: nothing was reset" in starts.log()
    device.close()


def test_an_input_that_is_wired_wrongly_never_resets(starts: Start) -> None:
    for _ in range(3):
        before = starts.now
        device = starts.start(held=True)
        assert starts.now == before, "and holds no start up"
        assert "it has never been inactive at a start: check its wiring, or set inverted" in starts.log()
        if not device.accounts.users():
            device.accounts.add(SOMEBODY, "ada", PASSWORD, "admin")
        device.close()
    assert starts.status == []
    assert list(device.accounts.users()) == ["ada"]


def test_an_input_that_cannot_be_read_resets_nothing(starts: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    starts.start(held=False).close()
    starts.log()

    def fail(*_: object) -> bool:
        raise DriverError("the line does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(memory.Driver, "attach", fail)
        device = starts.start(held=True)
    log = starts.log()
    assert (
        '"door" (access.reset_input) cannot be read, so it resets nothing: the line does not answer\n' in log
    )
    device.close()


@pytest.mark.parametrize(("call", "held"), [("arm", False), ("begin", True)])
def test_an_input_whose_folder_takes_no_file_resets_nothing(
    starts: Start, monkeypatch: pytest.MonkeyPatch, call: str, held: bool
) -> None:
    device = starts.start(held=False)
    device.accounts.add(SOMEBODY, "ada", PASSWORD, "admin")
    device.close()
    with monkeypatch.context() as patch:
        patch.setattr(reset, call, read_only)
        device = starts.start(held)
    assert (
        '"door" (access.reset_input) resets nothing: the folder of the state cannot be written'
        " (Read-only file system)\n"
    ) in starts.log()
    assert list(device.accounts.users()) == ["ada"]
    device.close()


def test_another_input_is_not_armed_by_the_first(tmp_path: Path) -> None:
    reset.arm(str(tmp_path), "door")
    assert reset.is_armed(str(tmp_path), "door")
    assert not reset.is_armed(str(tmp_path), "gate")
    reset.arm(str(tmp_path), "gate")
    assert not reset.is_armed(str(tmp_path), "door")


def test_a_profile_that_names_no_input(make_profile: Callable[..., Profile]) -> None:
    for channels in ("", '[channels.door]\ndriver = "memory"\nmode = "output"'):
        with pytest.raises(ProfileError) as caught:
            make_profile(f'[access]\nreset_input = "door"\n{channels}')
        assert 'the name of a channel of this profile with mode = "input"' in str(caught.value)


def test_a_device_without_one_loads_no_code_for_it(make_profile: Callable[..., Profile]) -> None:
    program = (
        "import sys; from edgeweb.device import create_app, start; app = create_app(); start(app);"
        "assert 'edgeweb.device.channels.held' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
