"""The set-up code: how long it lives, and the codes that a device is given."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from edgeweb.device import create_app
from edgeweb.device.access import setup_code
from edgeweb.device.access.setup import LIFETIME, MAX_TRIES, CodeExpired, WrongCode
from edgeweb.device.config.profile import Profile
from edgeweb.device.device import Device
from edgeweb.device.system.clock import WallClock

from ..conftest import CHANNELS
from ..people import OWN, PASSWORD, SOMEBODY, device_of
from ..process import DeviceServer

CODE = "tomato-7-ladder-42"


class Fresh:
    """A device without an owner, whose clock the test moves."""

    def __init__(self, profile: Profile) -> None:
        self.now = 100.0
        self.device = Device(profile, WallClock(lambda: self.now), threaded=False)
        self.lines: list[str] = []

    def start(self) -> str:
        self.lines.clear()
        self.device.start(self.lines.append)
        return self.device.setup.code

    def claim(self, code: str) -> None:
        self.device.setup.claim(SOMEBODY, code, "ada", PASSWORD)


@pytest.fixture
def fresh(make_profile: Callable[..., Profile]) -> Fresh:
    return Fresh(make_profile(CHANNELS))


@pytest.fixture
def credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "credentials").mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    return tmp_path / "credentials" / setup_code.CREDENTIAL


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "run").mkdir()
    monkeypatch.setenv("RUNTIME_DIRECTORY", f"{tmp_path / 'run'}:{tmp_path / 'other'}")
    return tmp_path / "run" / setup_code.FILE


def test_it_ends_with_its_time(fresh: Fresh) -> None:
    code = fresh.start()
    fresh.now += LIFETIME - 1
    assert fresh.device.setup.code == code
    fresh.now += 1
    assert (fresh.device.setup.code, fresh.device.setup.is_expired) == ("", True)
    with pytest.raises(CodeExpired):
        fresh.claim(code)
    fresh.device.close()
    again = fresh.start()
    assert again not in ("", code)
    assert fresh.lines == [
        f"this device has no owner yet: open it in a browser and enter the set-up code {again}"
    ]
    fresh.claim(again)
    fresh.device.close()


def test_it_ends_with_wrong_ones(fresh: Fresh) -> None:
    code = fresh.start()
    for _ in range(MAX_TRIES - 1):
        with pytest.raises(WrongCode):
            fresh.claim("0000-0000-0000")
    assert fresh.device.setup.code == code
    with pytest.raises(WrongCode):
        fresh.claim("")
    with pytest.raises(CodeExpired):
        fresh.claim(code)
    fresh.device.close()
    fresh.claim(fresh.start())
    fresh.device.close()


def test_each_start_has_another(fresh: Fresh) -> None:
    codes = set()
    for _ in range(3):
        codes.add(fresh.start())
        fresh.device.close()
    assert len(codes) == 3


def test_page_and_interface_tell_what_to_do(make_profile: Callable[..., Profile]) -> None:
    app = create_app(make_profile(CHANNELS))
    code, client = device_of(app).setup.code, app.test_client()
    page = client.get("/", headers={"Accept": "text/html"}).text
    assert "good for 24 hours from the start, and for 50 wrong attempts" in page
    device_of(app).setup._tries = MAX_TRIES
    body = {"code": code, "name": "ada", "password": PASSWORD}
    answer = client.post("/api/v1/setup", json=body)
    assert (answer.status_code, answer.json["key"]) == (403, "expired-code")
    page = client.get("/", headers={"Accept": "text/html"}).text
    assert "Switch the device off and on" in page and "good for 24" not in page
    refused = client.post("/set-up", data=body, headers=OWN)
    assert refused.status_code == 403 and "Make this device yours" in refused.text


def test_a_credential_is_the_code_of_every_start(fresh: Fresh, credential: Path) -> None:
    credential.write_text(f"{CODE}\n")
    for _ in range(2):
        assert fresh.start() == CODE
        assert fresh.lines == [
            "this device has no owner yet: open it in a browser and enter the set-up code of the credential"
            " edgeweb.setup-code"
        ]
        fresh.device.close()
    fresh.start()
    fresh.now += LIFETIME
    with pytest.raises(CodeExpired):
        fresh.claim(CODE)
    fresh.device.close()
    fresh.start()
    fresh.claim("TOMATO 7 Ladder 42")
    fresh.device.close()


def test_a_file_is_taken_once(fresh: Fresh, file: Path, credential: Path) -> None:
    credential.write_text("7QMK-4T2X-9RWD")
    file.write_bytes(b"\xef\xbb\xbftomato-7-ladder-42\r\n")
    assert fresh.start() == CODE
    assert not file.exists()
    fresh.device.close()
    assert fresh.start() == "7QMK-4T2X-9RWD"
    fresh.claim("7QMK-4T2X-9RWD")
    fresh.device.close()
    file.write_text(CODE)
    assert fresh.start() == ""
    assert fresh.lines == [] and not file.exists()
    fresh.device.close()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "a code has at least 12 letters and digits"),
        (b"tomato-42", "a code has at least 12 letters and digits"),
        (b"123456789012", "it is too easy to guess"),
        (b"password1234", "it is too easy to guess"),
        (b"aaaaaaaaaaaaaaa", "it is too easy to guess"),
        (b"tomato-7-ladder-42\nmore", "a code is one line of at most 40 letters, digits and dashes"),
        (b"tomato\x1b[2J7ladder42", "a code is one line of at most 40 letters, digits and dashes"),
        ("tomäto-7-ladder-42".encode(), "a code is one line of at most 40 letters, digits and dashes"),
        (b"x1y2z3w4" * 6, "a code is one line of at most 40 letters, digits and dashes"),
        (b"x1y2z3w4" * 1000, "it has more than 128 bytes"),
    ],
)
def test_what_is_no_code(
    fresh: Fresh, file: Path, content: bytes, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(content)
    code = fresh.start()
    assert len(code) == 14 and fresh.lines[0].endswith(code), "it has one of its own"
    log = capsys.readouterr().err
    assert log == f"edgeweb: the file edgeweb-setup.txt is no set-up code: {reason}\n"
    assert not file.exists()
    fresh.device.close()


def test_a_file_that_cannot_be_removed_is_not_used(
    fresh: Fresh, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would be the code of the next start as well."""
    file.write_text(CODE)

    def refuse(path: str) -> None:
        raise OSError(30, "Read-only file system", path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", refuse)
        assert fresh.start() != CODE
    assert "cannot be removed: Read-only file system" in capsys.readouterr().err
    fresh.device.close()


def test_a_folder_in_place_of_it(fresh: Fresh, credential: Path, capsys: pytest.CaptureFixture[str]) -> None:
    credential.mkdir()
    assert len(fresh.start()) == 14
    assert "cannot be read: Is a directory" in capsys.readouterr().err
    fresh.device.close()


def test_a_served_device_is_claimed_with_it_and_its_log_has_it_not(tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / setup_code.CREDENTIAL).write_text(CODE)
    variables = {"CREDENTIALS_DIRECTORY": str(folder)}
    server = DeviceServer(tmp_path, "--profile", "generic-linux", variables=variables)
    answer = server.post_json("/api/v1/setup", {"code": CODE, "name": "ada", "password": PASSWORD})
    assert answer.status == 201, answer.text
    assert CODE not in server.log
    assert server.stop() == 0
