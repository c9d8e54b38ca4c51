"""Reboot, services and logs: what is called, by whom, and what never becomes an argument."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import psutil
import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile
from edgeweb.device.system.command import MAX_OUTPUT, CommandError, run
from edgeweb.device.system.queries import Queries

from ..people import PASSWORD, SOMEBODY, add_owner, add_user, client_of, device_of

PROFILE = '[system]\nservices = ["nginx.service", "getty@tty1.service"]\n'


class System:
    """Stands in for the programs of the system: remembers what is called, and answers."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.answer = b""
        #: That of journalctl, where it is another one.
        self.journal: bytes | None = None
        self.error = ""

    def __call__(self, arguments: list[str]) -> bytes:
        self.calls.append(arguments)
        if self.error:
            raise CommandError(self.error)
        return self.journal if arguments[0] == "journalctl" and self.journal is not None else self.answer


@pytest.fixture
def called() -> System:
    return System()


@pytest.fixture
def app(make_profile: Callable[..., Profile], called: System) -> Flask:
    app = add_owner(create_app(make_profile(PROFILE)))
    device_of(app).run = called
    return app


@pytest.mark.parametrize(("what", "word"), [("reboot", "reboot"), ("shutdown", "poweroff")])
def test_power(app: Flask, called: System, what: str, word: str) -> None:
    answer = app.test_client().post(f"/api/v1/system/{what}", json={"password": PASSWORD})
    assert (answer.status_code, answer.json) == (202, {"accepted": what})
    assert called.calls == [["systemctl", "--no-block", "--no-ask-password", word]]
    rows = device_of(app).store.read("SELECT who, action FROM audit ORDER BY id DESC LIMIT 1")
    assert rows == [("owner", f"system.{what}")], "on the disk before the machine goes"


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 403), ({"password": "wrong"}, 401), ({"password": PASSWORD, "force": True}, 422)],
)
def test_power_needs_the_password_again(app: Flask, called: System, body: Any, status: int) -> None:
    """A token without the scope shows the password, as a browser does."""
    user = device_of(app).accounts.users()["owner"]
    _, token = device_of(app).accounts.add_token(SOMEBODY, user, "admin", "no scope")
    headers = {"Authorization": f"Bearer {token}"}
    assert client_of(app).post("/api/v1/system/reboot", json=body, headers=headers).status_code == status
    assert called.calls == []


def test_a_token_with_the_scope_needs_no_body(app: Flask, called: System) -> None:
    user = device_of(app).accounts.users()["owner"]
    _, token = device_of(app).accounts.add_token(SOMEBODY, user, "admin", "timer", ("power",))
    headers = {"Authorization": f"Bearer {token}"}
    asked = app.test_client()
    assert asked.post("/api/v1/system/reboot", headers=headers).status_code == 202
    assert len(called.calls) == 1
    form = asked.post("/api/v1/system/reboot", data={"password": ""}, headers=headers)
    assert form.status_code == 415, "a body in another form is no missing one"


def test_power_is_for_admins_and_for_profiles_that_allow_it(
    app: Flask, called: System, make_profile: Callable[..., Profile]
) -> None:
    operator = client_of(app, add_user(app, "olga", "operator"))
    body = {"password": PASSWORD}
    assert operator.post("/api/v1/system/reboot", json=body).status_code == 403
    assert app.test_client().get("/api/v1/system/reboot").status_code == 405
    assert app.test_client().post("/api/v1/system/explode", json=body).status_code == 404
    other = create_app(make_profile("[system]\npower = false\n[storage]\nstate = 'memory'"))
    device_of(add_owner(other)).run = called
    assert other.test_client().post("/api/v1/system/reboot", json=body).status_code == 403
    assert called.calls == []


def test_a_system_that_refuses(app: Flask, called: System) -> None:
    called.error = "systemctl: Interactive authentication required."
    answer = app.test_client().post("/api/v1/system/reboot", json={"password": PASSWORD})
    assert (answer.status_code, answer.json["key"]) == (503, "system-refused")
    assert answer.json["detail"] == called.error


def test_services(app: Flask, called: System) -> None:
    called.answer = (
        b"Id=nginx.service\nDescription=A web = server\nLoadState=loaded\nActiveState=active\n\n"
        b"Id=getty@tty1.service\nLoadState=not-found\nActiveState=inactive\nSubState=dead\n"
    )
    rows = app.test_client().get("/api/v1/services").json["services"]
    assert rows[0]["description"] == "A web = server"
    assert [(row["id"], row["active"]) for row in rows] == [
        ("nginx.service", "active"),
        ("getty@tty1.service", "inactive"),
    ]
    assert called.calls[0][-3:] == ["--", "nginx.service", "getty@tty1.service"]


def test_only_listed_services_are_restarted(app: Flask, called: System) -> None:
    client = app.test_client()
    for unit in ("ssh.service", "--user", "nginx.service;id", "nginx", "-M root@host", "*.service"):
        assert client.post(f"/api/v1/services/{unit}/restart").status_code == 404
    assert called.calls == []
    assert client.post("/api/v1/services/nginx.service/restart").status_code == 202
    assert called.calls[0][-3:] == ["restart", "--", "nginx.service"]


#: Cockpit, CVE-2026-4802: a link into the log's page became a command.
HOSTILE = [
    {"unit": "ssh.service"},
    {"unit": "$(id)"},
    {"unit": "--file=/etc/shadow"},
    {"unit": "nginx.service\n--file=x"},
    {"lines": "0"},
    {"lines": "501"},
    {"lines": "1 --file=x"},
    {"lines": "-1"},
    {"lines": "\u0665"},
    {"lines": "9" * 5000},
    {"priority": "8"},
    {"priority": "debug"},
    {"seconds": "yesterday"},
]


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_filters_call_nothing(app: Flask, called: System, query: dict[str, str]) -> None:
    answer = app.test_client().get("/api/v1/logs", query_string=query)
    assert (answer.status_code, answer.json["key"]) == (400, "invalid-query")
    assert called.calls == []


def test_logs(app: Flask, called: System) -> None:
    rows = [
        {"__REALTIME_TIMESTAMP": "1800000000000000", "MESSAGE": "hello", "PRIORITY": "4"},
        {"__REALTIME_TIMESTAMP": "1800000001000000", "MESSAGE": [104, 255]},
        {"__REALTIME_TIMESTAMP": "1800000002000000", "MESSAGE": None},
    ]
    called.answer = b"\n".join(json.dumps(row).encode() for row in rows) + b'\n{"MESSAGE": "cut o'
    query = {"unit": "nginx.service", "lines": "7", "priority": "4", "seconds": "60"}
    answer = app.test_client().get("/api/v1/logs", query_string=query).json
    assert [(row["priority"], row["message"]) for row in answer["entries"]] == [
        (4, "hello"),
        (6, "hÿ"),
        (6, ""),
        (6, '{"MESSAGE": "cut o'),
    ]
    assert [row["truncated"] for row in answer["entries"]] == [False, False, True, True]
    assert answer["entries"][0]["at"] == "2027-01-15T08:00:00.000Z"
    assert called.calls[0][-4:] == ["--unit=nginx.service", "--lines=7", "--priority=4", "--since=-60s"]


def test_an_alias_goes_by_the_name_of_the_profile(app: Flask, called: System) -> None:
    called.answer = b"Id=www.service\nNames=nginx.service www.service\n\nId=getty@tty1.service\n"
    client = app.test_client()
    row = client.get("/api/v1/services").json["services"][0]
    assert (row["id"], row["unit"]) == ("nginx.service", "www.service")
    assert client.post(f"/api/v1/services/{row['id']}/restart").status_code == 202
    called.answer = b""
    assert client.get("/api/v1/logs", query_string={"unit": row["id"]}).json["entries"] == []


@pytest.mark.parametrize("path", ["services", "logs"])
def test_a_program_that_hangs_holds_no_request(app: Flask, path: str) -> None:
    device, go_on, ended = device_of(app), Event(), Event()

    def hangs(arguments: list[str]) -> bytes:
        go_on.wait(30)
        ended.set()
        return b""

    device.run = hangs
    device.query = Queries(hangs, patience=0.01)
    answer = app.test_client().get(f"/api/v1/{path}")
    assert (answer.status_code, answer.json["key"]) == (503, "system-refused")
    assert "has not answered within 0.01 s" in answer.json["detail"]
    assert int(answer.headers["Retry-After"]) > 0
    go_on.set()
    assert ended.wait(30)


@pytest.mark.parametrize("path", ["services", "logs"])
@pytest.mark.parametrize("output", [b"garbage", b"\0" * 100, b"=\n\n="])
def test_a_program_that_answers_garbage(app: Flask, called: System, path: str, output: bytes) -> None:
    called.answer = output
    answer = app.test_client().get(f"/api/v1/{path}")
    assert (answer.status_code, answer.json["key"]) == (503, "system-refused")


@pytest.mark.parametrize("path", ["services", "logs"])
def test_reading_leaves_no_row_in_the_audit_log(app: Flask, called: System, path: str) -> None:
    """A machine without systemd, whose page is opened again and again."""
    before = device_of(app).audit.rows()
    called.error = "systemctl: No such file or directory"
    for _ in range(2):
        assert app.test_client().get(f"/api/v1/{path}").status_code == 503
    assert device_of(app).audit.rows() == before


@pytest.mark.parametrize("unit", ["nginx", "--x.service", "a b.service", "../x.service", "x.service\n", ""])
def test_units_of_a_profile(make_profile: Callable[..., Profile], unit: str) -> None:
    from edgeweb.device.config.errors import ProfileError

    with pytest.raises(ProfileError, match=r"names like `nginx\.service`"):
        make_profile(f"[system]\nservices = [{json.dumps(unit)}]")


# -- real programs -------------------------------------------------------------------------------------


def test_programs() -> None:
    assert run(["printf", "%s", "$HOME; id"]) == b"$HOME; id"
    assert len(run(["head", "-c", str(2 * MAX_OUTPUT), "/dev/zero"])) == MAX_OUTPUT
    with pytest.raises(CommandError, match="no/such/program: No such file"):
        run(["/no/such/program"])
    with pytest.raises(CommandError, match=r"sleep did not end within 0\.05 s"):
        run(["sleep", "9"], timeout=0.05)
    with pytest.raises(CommandError, match="code 1"):
        run(["false"])
    with pytest.raises(CommandError, match="No such file"):
        run(["cat", "/no/such/file"])
    with pytest.raises(CommandError, match=r"sh did not end within 0\.05 s"):
        run(["sh", "-c", "exec >&- 2>&-; sleep 9"], timeout=0.05)
    with pytest.raises(CommandError, match="sh: the last line"):
        run(["sh", "-c", "head -c 300000 /dev/zero >&2; echo >&2; echo the last line >&2; exit 3"])
    assert run(["sh", "-c", "head -c 2000000 /dev/zero; printf newest"]).endswith(b"\0newest")
    with pytest.raises(CommandError, match="null"):
        run(["echo", "\0"])
    assert run(["sh", "-c", "cat; trap '' TERM; echo $0"]) == b"sh\n", "there is nothing to read"


def test_programs_leave_nothing_behind() -> None:
    before, children = sorted(os.listdir("/proc/self/fd")), psutil.Process().children()
    for program in (["echo"], ["false"], ["/no/such/program"], ["sleep", "9"]):
        with contextlib.suppress(CommandError):
            run(program, timeout=0.2)
    assert sorted(os.listdir("/proc/self/fd")) == before
    assert psutil.Process().children() == children


@pytest.mark.slow
def test_the_children_of_a_program_end_with_it(tmp_path: Path) -> None:
    file = tmp_path / "child"
    with pytest.raises(CommandError, match="did not end"):
        run(["sh", "-c", f"sleep 99 & echo $! > {file}; wait"], timeout=1)
    child = int(file.read_text())
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(child).wait(10)
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE
