"""Backup and restore: one file, checked as a whole, and nobody locks themselves out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from base64 import b32decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device import backup, create_app
from edgeweb.device.access.actor import Actor
from edgeweb.device.access.second_factor import STEP, code_of
from edgeweb.device.backup import BackupError, canonical, checksum
from edgeweb.device.config.profile import Profile
from edgeweb.device.device import Device

from .backups import DAILY, changed, fill, restore, tables, without_use
from .conftest import CHANNELS
from .people import OWN, PASSWORD, SOMEBODY, add_owner, add_user, browser_of, client_of, device_of
from .process import ROOT


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    return fill(app)


@pytest.fixture
def fresh(make_profile: Callable[..., Profile], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Another device with the same profile, which has an owner of the same name and no more."""
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "other"))
    return add_owner(create_app(make_profile(CHANNELS)))


# -- the file ------------------------------------------------------------------------------------------


def test_the_file(app: Flask, document: dict[str, Any]) -> None:
    answer = app.test_client().get("/api/v1/backup")
    assert answer.mimetype == "application/json"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="edgeweb-')
    assert answer.headers["Cache-Control"] == "no-store, no-transform"
    assert "ETag" not in answer.headers
    found = answer.json
    assert without_use(found["content"]) == without_use(document["content"])
    assert (found["format"], found["version"]) == ("edgeweb-backup", 1)
    assert found["device"] == device_of(app).name
    assert [row[:2] for row in found["content"]["users"]] == [["owner", "admin"], ["vera", "viewer"]]
    assert found["content"]["settings"] == [["dashboard.title", 'Green "],[" house'], ["history.length", 9]]
    assert found["content"]["channels"] == [["door", None, None, 17]]
    newest = device_of(app).audit.rows(limit=1)[0]
    assert (newest["who"], newest["action"]) == ("owner", "state.backup")


def test_no_password_and_no_token_is_in_it(app: Flask, document: dict[str, Any]) -> None:
    text = app.test_client().get("/api/v1/backup").text
    for secret in (PASSWORD, app.config["TEST_TOKEN"], app.config["VERAS_TOKEN"]):
        assert secret not in text
    assert "audit" not in document["content"]


def test_who_may(app: Flask, document: dict[str, Any]) -> None:
    operator = client_of(app, add_user(app, "olga", "operator"))
    assert operator.get("/api/v1/backup").status_code == 403
    assert operator.post("/api/v1/restore", json={}).status_code == 403
    assert client_of(app).get("/api/v1/backup").status_code == 401


@pytest.mark.slow
def test_a_file_that_the_interface_would_not_take_back_says_so(app: Flask, document: dict[str, Any]) -> None:
    assert "hint" not in document
    device = device_of(app)
    people = [device.accounts.users()["owner"], *(add_user(app, f"u{n}", "admin") for n in range(9))]
    for number in range(254):
        device.accounts.add_token(SOMEBODY, people[number % 10], "viewer", "\u00e4" * 30 + str(number))
    found = json.loads(backup.export(device))
    assert "edgeweb state restore" in found["hint"]
    assert restore(app, found).status_code == 413
    assert backup.restore(device, SOMEBODY, canonical(found))["tokens"] == 256


# -- there and back ------------------------------------------------------------------------------------


def test_on_another_device(document: dict[str, Any], app: Flask, fresh: Flask) -> None:
    device = device_of(fresh)
    own = device.accounts.users()["owner"].password
    theirs = app.config["TEST_TOKEN"]
    answer = restore(fresh, document)
    assert answer.status_code == 200, answer.text
    assert answer.json == {
        "restored": {
            "users": 2,
            "second_factors": 0,
            "things": 0,
            "tokens": 2,
            "settings": 2,
            "schedules": 1,
            "channels": 1,
        },
        "pending": True,
    }
    assert device.title == 'Green "],[" house'
    assert device.schedules["morning"].at == "07:00"
    assert device.accounts.users()["vera"].role == "viewer"
    assert device.accounts.by_token(app.config["VERAS_TOKEN"]) is not None
    assert device.accounts.by_token(theirs) is not None
    assert device.accounts.users()["owner"].password == own, "whoever restores keeps the way in"
    rows = device.audit.rows(limit=1)
    assert (rows[0]["action"], rows[0]["who"]) == ("state.restore", "owner")
    assert rows[0]["result"].startswith(f"of {document['device']}, 20")
    again = json.loads(backup.export(device))
    del again["content"]["users"][0], document["content"]["users"][0]
    for content in (again["content"], document["content"]):
        content["tokens"] = [row[:7] + row[8:] for row in content["tokens"]]
    assert again["content"] == document["content"]


def give_factor(app: Flask, name: str) -> None:
    factors = device_of(app).second_factors
    secret = b32decode(factors.begin(name))
    factors.finish(Actor(name, "viewer", "127.0.0.1"), code_of(secret, int(time.time() // STEP)))


def test_second_factors_come_along_but_that_of_the_one_who_restores(app: Flask, fresh: Flask) -> None:
    add_user(app, "vera", "viewer")
    give_factor(app, "vera")
    give_factor(app, "owner")
    document = app.test_client().get("/api/v1/backup").json
    device, owner = device_of(fresh), Actor("owner", "admin", "127.0.0.1")
    assert backup.restore_document(device, owner, document)["second_factors"] == 1
    users = device.accounts.users()
    assert (users["vera"].has_factor, users["owner"].has_factor) == (True, False)
    give_factor(fresh, "owner")
    assert backup.restore_document(device, owner, document)["second_factors"] == 2
    assert device.accounts.users()["owner"].has_factor


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (["eve", "0" * 40, 1, ""], "user: expected one of the users of the file"),
        (["vera", "0" * 38, 1, ""], "secret: expected 20 bytes in hexadecimal digits"),
        (["vera", "0" * 40, -1, ""], "step: expected"),
        (["vera", "0" * 40, 1, "0" * 63], "recovery: expected SHA-256 digests"),
        (["vera", "0" * 40, 1, ("0" * 64 + " ") * 99], "recovery: expected SHA-256 digests"),
        (["vera", "0" * 40, 1], "expected a list of user, secret, step, recovery"),
    ],
)
def test_a_second_factor_that_does_not_fit(
    document: dict[str, Any], fresh: Flask, row: list[Any], fault: str
) -> None:
    document["content"]["second_factors"] = [row]
    document["checksum"] = checksum(document)
    answer = restore(fresh, document)
    assert answer.status_code == 422
    assert fault in answer.json["errors"][0]["detail"]


def test_what_is_remembered_of_channels_is_there_now_and_after_the_next_start(
    document: dict[str, Any], fresh: Flask
) -> None:
    device = device_of(fresh)
    assert device.channels["door"].current.on_count == 0
    assert restore(fresh, document).status_code == 200
    assert device.channels["door"].current.on_count == 17
    device.close()
    assert Device(device.settings.base, threaded=False).channels["door"].current.on_count == 17


def test_browsers_of_others_are_signed_out(app: Flask, document: dict[str, Any]) -> None:
    mine, theirs = browser_of(app), browser_of(app, "vera")
    device = device_of(app)
    device.accounts.set_password(SOMEBODY, "vera", "staple battery horse")
    device.sessions.end(lambda session: session.user == "vera")
    theirs = client_of(app)
    headers = {"Origin": "http://localhost"}
    body = {"name": "vera", "password": "staple battery horse"}
    theirs.post("/api/v1/session", json=body, headers=headers)
    assert len(device.sessions.all()) == 2
    assert restore(app, document).status_code == 200
    assert [session.user for session in device.sessions.all()] == ["owner"]
    assert mine.get("/").status_code == 200
    assert theirs.get("/").status_code == 401


def test_the_file_of_a_device_on_which_one_is_no_admin(app: Flask, document: dict[str, Any]) -> None:
    users = [
        ["owner", "viewer", row[2]] if row[0] == "owner" else row for row in document["content"]["users"]
    ]
    users.append(["ada", "admin", users[0][2]])
    assert restore(app, changed(document, users=users)).status_code == 200
    assert {name: user.role for name, user in device_of(app).accounts.users().items()} == {
        "ada": "admin",
        "owner": "admin",
        "vera": "viewer",
    }


def test_settings_of_another_board_are_kept_and_left_out(app: Flask, document: dict[str, Any]) -> None:
    settings = [*document["content"]["settings"], ["channels.pump.title", "Pump"]]
    assert restore(app, changed(document, settings=settings)).status_code == 200
    answer = app.test_client().get("/api/v1/settings").json
    assert answer["ignored"] == [{"key": "channels.pump.title", "reason": "this device has no such setting"}]
    assert device_of(app).title == 'Green "],[" house'


def test_many_unknown_settings_are_a_few_lines(
    app: Flask, document: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    settings = [[f"channels.c{number}.title", "x"] for number in range(500)]
    capsys.readouterr()
    assert restore(app, changed(document, settings=settings)).status_code == 200
    lines = [line for line in capsys.readouterr().err.splitlines() if "ignored" in line]
    assert len(lines) == 9
    assert "492 more settings are ignored" in lines[-1]


def test_what_a_device_leaves_out_is_not_in_its_file(app: Flask, fresh: Flask) -> None:
    def insert(execute: Any) -> None:
        execute("INSERT INTO settings VALUES ('history.length', '-1'), ('dashboard.title', '{')")
        execute("INSERT INTO schedules VALUES ('odd', '{}'), ('worse', '[')")

    device = device_of(fresh)
    device.store.write(insert)
    device.open()
    content = backup.export(device)
    assert json.loads(content)["content"]["settings"] == json.loads(content)["content"]["schedules"] == []
    backup.restore(device_of(app), SOMEBODY, content)


def test_pretty_printed_is_the_same_file(app: Flask, document: dict[str, Any]) -> None:
    text = json.dumps(document, indent=4, ensure_ascii=False, sort_keys=True)
    assert backup.restore(device_of(app), SOMEBODY, text.encode())["users"] == 2


# -- what is refused -----------------------------------------------------------------------------------

SALT = "$000000000000000000000000$" + "0" * 128
GOOD = "scrypt:16:8:1" + SALT

#: (table, its rows, where the fault is, a part of what is said)
#: The last columns of a token: no scope, and no date.
NO_DATES = ("", None, None, None)

ROWS: list[tuple[str, Any, str, str]] = [
    ("users", [], "/users", "an admin among them"),
    ("users", [["ada", "viewer", GOOD]], "/users", "an admin among them"),
    ("users", {}, "/users", "a list"),
    ("users", [["a", "admin", GOOD]] * 2, "/users/1", "one row for this name"),
    ("users", [[f"u{number}", "admin", GOOD] for number in range(65)], "/users", "at most 64 rows"),
    ("users", [["ada", "root", GOOD]], "/users/0", "role: expected one of"),
    ("users", [["a\r\nb", "admin", GOOD]], "/users/0", "name: expected"),
    ("users", [["ada", "admin"]], "/users/0", "a list of name, role, password"),
    ("users", [["ada", "admin", "plain"]], "/users/0", "a hash as edgeweb makes it"),
    ("users", [["ada", "admin", "pbkdf2:sha256:1" + SALT]], "/users/0", "a hash"),
    ("users", [["ada", "admin", "scrypt:1048576:8:1" + SALT]], "/users/0", "that can be checked here"),
    ("users", [["ada", "admin", "scrypt:1000:8:1" + SALT]], "/users/0", "that can be checked here"),
    # 8 MB, but a minute of a small board
    ("users", [["ada", "admin", "scrypt:8192:8:21" + SALT]], "/users/0", "that can be checked here"),
    ("users", [["ada", "admin", "scrypt:16384:8:20" + SALT]], "/users/0", "that can be checked here"),
    ("users", [["ada", "admin", "scrypt:16:0:1" + SALT]], "/users/0", "that can be checked here"),
    ("users", [[["ada"], "admin", GOOD]], "/users/0", "name: expected"),
    ("users", [5, None], "/users/0", "a list of"),
    (
        "tokens",
        [[1, "0" * 64, "nobody", "viewer", "", *NO_DATES]],
        "/tokens/0",
        "one of the users of the file",
    ),
    ("tokens", [[0, "0" * 64, "vera", "viewer", "", *NO_DATES]], "/tokens/0", "id: expected"),
    ("tokens", [[True, "0" * 64, "vera", "viewer", "", *NO_DATES]], "/tokens/0", "id: expected"),
    ("tokens", [[2**80, "0" * 64, "vera", "viewer", "", *NO_DATES]], "/tokens/0", "id: expected"),
    ("tokens", [[1, "0" * 63, "vera", "viewer", "", *NO_DATES]], "/tokens/0", "digest: expected"),
    ("tokens", [[1, "0" * 64, "vera", "viewer", "x" * 4097, *NO_DATES]], "/tokens/0", "note: expected"),
    ("tokens", [[1, "0" * 64, "vera", "viewer", "\ud800", *NO_DATES]], "/tokens/0", "note: expected"),
    (
        "tokens",
        [[1, "0" * 64, "vera", "viewer", "", "root", None, None, None]],
        "/tokens/0",
        "scopes: ",
    ),
    (
        "tokens",
        [[1, "0" * 64, "vera", "viewer", "", "", "1970", None, None]],
        "/tokens/0",
        "created: ",
    ),
    ("tokens", [[1, "0" * 64, "vera", "viewer", "", "", None, None, -1]], "/tokens/0", "expires: "),
    (
        "tokens",
        [[1, "0" * 64, "vera", "viewer", "", *NO_DATES], [2, "0" * 64, "vera", "viewer", "", *NO_DATES]],
        "/tokens",
        "digest",
    ),
    ("settings", [["history.length", -1]], "/settings/0", "a whole number from 0 to 8640"),
    ("settings", [["history.length", None]], "/settings/0", "value: expected a value"),
    ("settings", [["x\ny", 1]], "/settings/0", "key: expected"),
    ("settings", [["dashboard.title", [[[]]]]], "/settings/0", "text of at most 100"),
    (
        "settings",
        [["channels.lamp.pulse", 9], ["channels.lamp.pulse_max", 5]],
        "/settings",
        "pulse_min <=",
    ),
    ("schedules", [["one", {**DAILY, "at": "25:00"}]], "/schedules/0", "at: expected a time of day"),
    ("schedules", [["one", {**DAILY, "run": "x"}]], "/schedules/0", "cannot be read"),
    ("schedules", [["one", 5]], "/schedules/0", "an object"),
    ("schedules", [["a b", DAILY]], "/schedules/0", "name: expected"),
    ("schedules", [[f"s{number}", DAILY] for number in range(65)], "/schedules", "at most 64 rows"),
    ("channels", [["door", 2, None, 0]], "/channels/0", "state: expected null, 0 or 1"),
    ("channels", [["fan", 1, 1.5, 0]], "/channels/0", "value: expected a number from 0 to 1"),
    ("channels", [["door", None, None, -1]], "/channels/0", "on_count: expected"),
    ("channels", [["door", [], None, 1]], "/channels/0", "state: expected"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("table", "rows", "where", "words"), ROWS)
def test_a_faulty_row_changes_nothing(
    app: Flask, document: dict[str, Any], table: str, rows: Any, where: str, words: str
) -> None:
    device = device_of(app)
    before, tag = tables(device), device.settings.tag
    answer = restore(app, changed(document, **{table: rows}))
    assert (answer.status_code, answer.json["key"]) == (422, "invalid-fields")
    (first, *_) = answer.json["errors"]
    assert first["pointer"].startswith(f"/backup/content{where}")
    assert words in first["detail"]
    assert tables(device) == before
    assert device.settings.tag == tag
    assert "state.restore" not in {row["action"] for row in device.audit.rows()}


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"format": "zip"}, "/backup/format"),
        ({"version": 2}, "/backup/version"),
        ({"version": True}, "/backup/version"),
        ({"version": "1"}, "/backup/version"),
        ({"device": "a\nb"}, "/backup/device"),
        ({"created_at": None}, "/backup/created_at"),
        ({"content": []}, "/backup/content"),
    ],
)
def test_a_faulty_head(app: Flask, document: dict[str, Any], changes: dict[str, Any], where: str) -> None:
    answer = restore(app, changed(document, **changes))
    assert [row["pointer"] for row in answer.json["errors"]] == [where]


def test_damage_is_found(app: Flask, document: dict[str, Any]) -> None:
    document["content"]["channels"][0][3] = 18
    answer = restore(app, document)
    assert answer.json["errors"] == [
        {"pointer": "/backup/checksum", "detail": "expected another one: the file was changed or is damaged"}
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "expected JSON"),
        (b"\xff", "expected JSON"),
        (b"[" * 200_000, "expected JSON"),
        (b"NaN", "NaN is not JSON"),
        (b"[1]", "no backup of edgeweb"),
        (b" " * (backup.MAX_BYTES + 1), "at most 4194304 bytes"),
        (b'{"format": "edgeweb-backup", "version": 1' + b"0" * 5000 + b"}", "expected JSON"),
    ],
)
def test_what_is_no_backup(app: Flask, content: bytes, words: str) -> None:
    with pytest.raises(BackupError, match=words):
        backup.restore(device_of(app), SOMEBODY, content)


def test_faults_are_counted_out(app: Flask, document: dict[str, Any]) -> None:
    answer = restore(app, changed(document, settings=[[5, 5]] * 4000))
    assert len(answer.json["errors"]) == 20
    assert len(answer.data) < 10_000


def test_the_password_is_asked_for(app: Flask, document: dict[str, Any]) -> None:
    client = app.test_client()
    assert restore(app, document, "wrong").status_code == 401
    for body in (
        {},
        {"password": 5, "backup": {}},
        {"password": PASSWORD, "backup": []},
    ):
        assert client.post("/api/v1/restore", json=body).status_code == 422
    browser = browser_of(app)
    unasked = browser.post("/api/v1/restore", json={"backup": document}, headers=OWN)
    assert (unasked.status_code, unasked.json["key"]) == (403, "unconfirmed")
    more = {"password": PASSWORD, "backup": document, "force": True}
    assert client.post("/api/v1/restore", json=more).status_code == 422
    text = {"data": json.dumps(more), "content_type": "text/plain"}
    assert client.post("/api/v1/restore", **text).status_code == 415
    assert "state.restore" not in {row["action"] for row in device_of(app).audit.rows()}


# -- power cuts ----------------------------------------------------------------------------------------

#: Dies at the n-th statement of the restore.
DIE = """
import os, signal, sys
from edgeweb.device import backup
from edgeweb.device.device import Device
from edgeweb.device.config.profile import load
from tests.device.people import SOMEBODY

device = Device(load(sys.argv[1], system="/nonexistent"), threaded=False)
device.open()
left = int(sys.argv[2])
write = device.store.write

def counted(change, **options):
    def cut(execute):
        def one(*arguments):
            global left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return execute(*arguments)
        return change(one)
    return write(cut, **options)

device.store.write = counted
backup.restore(device, SOMEBODY, open(sys.argv[3], "rb").read())
"""


@pytest.mark.slow
@pytest.mark.parametrize("statements", [0, 1, 5, 9, 13, 99])
def test_a_power_cut_leaves_all_or_nothing(
    document: dict[str, Any], fresh: Flask, tmp_path: Path, statements: int
) -> None:
    device = device_of(fresh)
    before = tables(device)
    device.close()
    (tmp_path / "backup.json").write_bytes(canonical(document))
    arguments = [str(tmp_path / "test.toml"), str(statements), str(tmp_path / "backup.json")]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", DIE, *arguments], env=env, capture_output=True, timeout=60, check=False
    )
    found = Device(device.settings.base, threaded=False)
    after = tables(found)
    on_counts = found.store.read("SELECT name, on_count FROM channels")
    if statements < 99:
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert after == before
    else:
        assert done.returncode == 0, done.stderr
        assert [row[0] for row in after["users"]] == ["owner", "vera"]
        assert on_counts == [("door", 17)]
