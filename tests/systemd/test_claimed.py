"""The first hour under a real systemd: a code from card or credential, the screen, the factory reset."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from ..device.people import PASSWORD
from . import container as containers
from . import roots
from .container import Container
from .test_booted import free_port, get, main_pid, override, wait_for

pytestmark = roots.marks

CODE = "tomato-7-ladder-42"
ISSUE = "run/issue.d/edgeweb.issue"


@pytest.fixture(scope="module", params=list(roots.PYTHONS))
def machine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    folder = tmp_path_factory.mktemp("nspawn")
    containers.make_root(folder / "root", request.param)
    containers.install_offline(folder / "root")
    with containers.booted(folder / "root", folder / "console") as found:
        yield found
    shutil.rmtree(folder / "root")


@pytest.fixture
def port(machine: Container) -> Iterator[int]:
    """The service without an owner, stopped; it is started on this port."""
    number = free_port()
    machine.run("systemctl", "stop", "edgeweb.service", check=False)
    machine.run("rm", "-rf", "/var/lib/edgeweb", "/etc/systemd/system/edgeweb.service.d")
    machine.write("/etc/default/edgeweb", f"EDGEWEB_PROFILE=generic-linux\nEDGEWEB_OPTIONS=--port {number}\n")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "reset-failed", "edgeweb.service", check=False)
    yield number


def post(port: int, path: str, body: Any, token: str = "") -> tuple[int, Any]:
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1{path}", json.dumps(body).encode())
    asked.add_header("Content-Type", "application/json")
    if token:
        asked.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def claim(port: int, code: str) -> tuple[int, Any]:
    return post(port, "/setup", {"code": code, "name": "ada", "password": PASSWORD})


def read(machine: Container, path: str) -> str:
    """A file of the container's own mounts; empty where it is not there."""
    return machine.run("cat", f"/{path}", check=False).stdout


def test_a_card_gives_the_code_and_the_reset_makes_another(machine: Container, port: int) -> None:
    machine.write("/boot/edgeweb-setup.txt", f"{CODE}\r\n")
    machine.run("systemctl", "start", "edgeweb.service")
    assert not (machine.folder / "boot/edgeweb-setup.txt").exists()
    shown = read(machine, ISSUE)
    assert "set-up code of the file edgeweb-setup.txt" in shown
    assert CODE not in shown + machine.journal("edgeweb.service")
    status, made = claim(port, CODE)
    assert status == 201, made
    before = main_pid(machine)
    assert post(port, "/reset", {"password": ""}, made["token"]) == (202, {"accepted": "reset"})
    wait_for(lambda: main_pid(machine) not in (0, before) and get(port)[0] == 200, seconds=60)
    wait_for(lambda: machine.unit("edgeweb.service")["ActiveState"] == "active")
    assert machine.unit("edgeweb.service")["Result"] == "success"
    shown = read(machine, ISSUE)
    code = shown.split("set-up code ")[1].split()[0]
    assert code != CODE and len(code) == 14
    assert claim(port, CODE)[0] == 401
    assert claim(port, code)[0] == 201
    machine.run("systemctl", "restart", "edgeweb.service")
    assert read(machine, ISSUE) == ""


def test_a_credential_gives_the_code(machine: Container, port: int) -> None:
    drop_in = (roots.ROOT / "systemd" / "drop-ins" / "setup-code.conf").read_text()
    override(machine, "edgeweb.service", drop_in)
    # none yet: the service starts all the same
    machine.run("systemctl", "start", "edgeweb.service")
    assert get(port) == (200, "ok\n")
    machine.write("/etc/credstore/edgeweb.setup-code", f"{CODE}\n")
    machine.run("chmod", "-R", "go=", "/etc/credstore")
    for _ in range(2):
        machine.run("systemctl", "restart", "edgeweb.service")
        assert "of the credential edgeweb.setup-code" in read(machine, ISSUE)
    assert claim(port, CODE)[0] == 201
    machine.run("rm", "-r", "/etc/credstore")
