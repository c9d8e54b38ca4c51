"""scripts/install on a booted Debian: failing upgrades, a read-only root, a root in memory, uninstalling."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from . import container as containers
from . import roots
from .container import INSTALL, WHEELS, Container
from .test_booted import free_port, get

pytestmark = roots.marks
OFFLINE = ("--offline", WHEELS)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root file system with edgeweb installed; each test boots it in its own way."""
    folder = tmp_path_factory.mktemp("install") / "root"
    containers.make_root(folder, "bookworm")
    containers.install_offline(folder)
    return folder


@contextmanager
def running(root: Path, *options: str) -> Iterator[tuple[Container, int]]:
    """The machine, and the port on which its edgeweb listens."""
    port = free_port()
    (root / "etc/default/edgeweb").write_text(
        f"EDGEWEB_PROFILE=generic-linux\nEDGEWEB_OPTIONS=--port {port}\n"
    )
    with containers.booted(root, root.parent / "console", *options) as machine:
        yield machine, port


def storage(machine: Container, port: int) -> dict[str, object]:
    """What the interface says of the state, asked by an owner who is made for it."""
    # The last one: the journal goes back to earlier boots, which had codes of their own.
    code = re.findall(r"set-up code ([A-Z0-9-]+)", machine.journal("edgeweb.service"))[-1]
    body = json.dumps({"code": code, "name": "ada", "password": "correct horse battery"}).encode()
    url = f"http://127.0.0.1:{port}/api/v1"
    made = urllib.request.Request(f"{url}/setup", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(made, timeout=20) as answer:
        token = json.load(answer)["token"]
    asked = urllib.request.Request(f"{url}/status", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked, timeout=20) as answer:
        found: dict[str, object] = json.load(answer)["storage"]
    return found


def test_an_upgrade_that_fails_changes_nothing(root: Path) -> None:
    with running(root) as (machine, port):
        before = machine.run("sha256sum", "/opt/edgeweb/bin/edgeweb").stdout
        pid = machine.unit("edgeweb.service")["MainPID"]
        machine.run("mkdir", "-p", "/usr/src/empty")
        failed = machine.run(INSTALL, "--upgrade", "--offline", "/usr/src/empty", check=False)
        assert failed.returncode != 0
        assert "edgeweb" in failed.stderr
        assert machine.run("sha256sum", "/opt/edgeweb/bin/edgeweb").stdout == before
        assert machine.unit("edgeweb.service")["MainPID"] == pid
        assert get(port) == (200, "ok\n")


def test_a_wheel_that_is_missing_is_named(root: Path) -> None:
    with running(root) as (machine, _):
        machine.run("sh", "-c", "cp -r /usr/src/wheels /usr/src/fewer && rm /usr/src/fewer/waitress-*")
        failed = machine.run(INSTALL, "--offline", "/usr/src/fewer", check=False)
        assert failed.returncode != 0
        assert "waitress" in failed.stderr


def test_a_wheel_that_was_changed_is_refused(root: Path) -> None:
    with running(root) as (machine, port):
        # sh expands no pattern behind >>
        change = 'for wheel in /usr/src/changed/waitress-*.whl; do echo >>"$wheel"; done'
        machine.run("sh", "-c", f"cp -r /usr/src/wheels /usr/src/changed && {change}")
        failed = machine.run(INSTALL, "--offline", "/usr/src/changed", check=False)
        assert failed.returncode != 0
        assert "has none of the hashes in scripts/locked" in failed.stderr and "waitress" in failed.stderr
        assert get(port) == (200, "ok\n")


def test_an_upgrade_keeps_settings_and_state(root: Path) -> None:
    with running(root) as (machine, port):
        settings = (root / "etc/default/edgeweb").read_text()
        machine.write("/etc/edgeweb/edgeweb.toml", "[server]\nidle_timeout = 7\n")
        machine.write("/var/lib/edgeweb/kept", "")
        machine.run(INSTALL, "--upgrade", *OFFLINE)
        assert get(port) == (200, "ok\n")
        assert (root / "etc/default/edgeweb").read_text() == settings
        assert (root / "etc/edgeweb/edgeweb.toml").exists() and (root / "var/lib/edgeweb/kept").exists()
        assert not (root / "opt/edgeweb.new").exists() and not (root / "opt/edgeweb.old").exists()
        # A profile that is named is taken, and the rest of the settings stays.
        machine.run(INSTALL, *OFFLINE, "--profile", "raspberry-pi-4")
        assert "EDGEWEB_PROFILE=raspberry-pi-4" in (root / "etc/default/edgeweb").read_text()
        assert f"--port {port}" in (root / "etc/default/edgeweb").read_text()


def test_what_is_compiled_names_its_own_place(root: Path) -> None:
    # It was made in /opt/edgeweb.new: a traceback would name files that are not there.
    with running(root) as (machine, _):
        program = "import edgeweb.app; print(edgeweb.app.Flask.__init__.__code__.co_filename)"
        said = machine.run("/opt/edgeweb/bin/python", "-c", program).stdout
        assert said.startswith("/opt/edgeweb/lib/python3")
        assert machine.run("grep", "-r", "edgeweb.new", "/opt/edgeweb/bin", check=False).stdout == ""


def test_a_read_only_root_with_one_folder_for_the_state(root: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    options = ("--read-only", f"--bind={state}:/var/lib/edgeweb", "--tmpfs=/var/tmp")
    with running(root, *options) as (machine, port):
        assert get(port) == (200, "ok\n")
        assert storage(machine, port)["persistent"] is True
        refused = machine.run(INSTALL, "--upgrade", *OFFLINE, check=False)
        assert refused.returncode != 0
        assert "remount,rw" in refused.stderr
    assert (state / "state.db").exists()
    with running(root, *options) as (machine, port):
        assert get(port) == (200, "ok\n")
        # The owner of the first start is known: no new set-up code.
        said = machine.run("journalctl", "--no-pager", "--boot", "--unit=edgeweb.service").stdout
        assert "serves on" in said and "set-up code" not in said


def test_a_root_in_memory_is_told(root: Path) -> None:
    with running(root, "--volatile=overlay") as (machine, port):
        assert get(port) == (200, "ok\n")
        said = machine.run(INSTALL, "--upgrade", *OFFLINE).stderr
        assert re.search("not kept after the next start.*/etc/edgeweb.* /var/lib/edgeweb", said)


def test_uninstalling_twice_and_purging(root: Path) -> None:
    with running(root) as (machine, _):
        for _ in range(2):
            machine.run(INSTALL, "--uninstall")
            assert machine.unit("edgeweb.service")["LoadState"] == "not-found"
        assert not (root / "opt/edgeweb").exists()
        assert (root / "etc/default/edgeweb").exists() and (root / "var/lib/edgeweb").exists()
        refused = machine.run(INSTALL, "--upgrade", *OFFLINE, check=False)
        assert refused.returncode != 0 and "leave --upgrade out" in refused.stderr
        machine.run(INSTALL, "--uninstall", "--purge")
        for path in ("etc/default/edgeweb", "etc/edgeweb", "var/lib/edgeweb"):
            assert not (root / path).exists()
