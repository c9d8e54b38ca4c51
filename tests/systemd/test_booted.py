"""The installed units under a real systemd: start, sockets, watchdog, recovery, reload."""

from __future__ import annotations

import ast
import shutil
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from . import container as containers
from . import roots
from .container import INSTALL, WHEELS, Container

pytestmark = roots.marks


#: Imported where it is there only: extras, types, and what a newer Python has itself.
OPTIONAL = {"_sha2", "_typeshed", "asgiref", "cryptography", "dotenv", "flask", "paho"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(port: int, path: str = "/livez", timeout: float = 5) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=timeout) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    """Returns as soon as the condition holds; fails when it does not in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if condition():
                return
        except OSError:
            pass
        time.sleep(0.1)
    pytest.fail(f"did not come true within {seconds} s")


@pytest.fixture(scope="module", params=list(roots.PYTHONS))
def release(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def installation(
    release: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Container, list[str]]]:
    """A machine on which somebody runs scripts/install, with the network, and the lines that it prints."""
    folder = tmp_path_factory.mktemp("nspawn")
    containers.make_root(folder / "root", release)
    with containers.booted(folder / "root", folder / "console", *roots.network_options()) as machine:
        machine.write("/etc/default/edgeweb", f"EDGEWEB_OPTIONS=--port {free_port()}\n")
        done = machine.run(INSTALL, check=False, variables=roots.network_variables(), seconds=600)
        assert done.returncode == 0, done.stderr
        yield machine, done.stderr.splitlines()
    shutil.rmtree(folder / "root")


@pytest.fixture(scope="module")
def machine(installation: tuple[Container, list[str]]) -> Container:
    return installation[0]


@pytest.fixture
def port(machine: Container) -> Iterator[int]:
    """The service, started anew on a free port; whatever a test did to its settings is undone."""
    number = free_port()
    machine.write("/etc/default/edgeweb", f"EDGEWEB_PROFILE=generic-linux\nEDGEWEB_OPTIONS=--port {number}\n")
    machine.run("systemctl", "restart", "edgeweb.service")
    yield number
    machine.run("systemctl", "stop", "edgeweb.service", "edgeweb.socket", check=False)
    for override in ("edgeweb.service.d", "edgeweb.socket.d"):
        machine.run("rm", "-rf", f"/etc/systemd/system/{override}")
    machine.run("rm", "-rf", "/etc/edgeweb/edgeweb.toml")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "reset-failed", "edgeweb.service", check=False)


def main_pid(machine: Container) -> int:
    return int(machine.unit("edgeweb.service")["MainPID"])


def override(machine: Container, unit: str, text: str) -> None:
    machine.write(f"/etc/systemd/system/{unit}.d/test.conf", text)
    machine.run("systemctl", "daemon-reload")


def test_one_line_names_what_came_from_where(installation: tuple[Container, list[str]], release: str) -> None:
    (line,) = [line for line in installation[1] if line.startswith("From ")]
    debian, _, index = line.partition(" From the package index: ")
    assert debian.startswith("From Debian: ")
    compiled = {"bookworm": {"python3-psutil 5.9.4", "python3-markupsafe 2.1.2"}}.get(release, set())
    assert compiled <= set(debian.removeprefix("From Debian: ").rstrip(".").split(", "))
    # Debian 13 has all of them new enough.
    names = [entry.split()[0] for entry in index.rstrip(".").split(", ") if entry]
    pure = ["werkzeug", "jinja2", "waitress", "itsdangerous", "click", "blinker"]
    assert names == (pure if release == "bookworm" else [])


def test_nothing_was_compiled_by_pip(machine: Container) -> None:
    found = machine.run("find", "/opt/edgeweb", "-name", "*.so").stdout
    assert found == ""


def test_the_installed_unit_becomes_active(machine: Container, port: int) -> None:
    # Type=notify: `systemctl restart` has waited for READY=1, so the very first request is answered.
    assert get(port) == (200, "ok\n")
    unit = machine.unit("edgeweb.service")
    assert unit["ActiveState"] == "active"
    assert unit["NRestarts"] == "0"
    assert unit["StatusText"]


def test_it_runs_as_its_own_user_without_rights(machine: Container, port: int) -> None:
    status = machine.run("cat", f"/proc/{main_pid(machine)}/status").stdout
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert fields["Uid"].split()[0] != "0"
    assert {name for name, value in fields.items() if name.startswith("Cap") and value.strip("0")} == set()
    assert fields["NoNewPrivs"] == "1"
    assert fields["Seccomp"] == "2"


def test_all_that_the_package_imports_is_installed(machine: Container) -> None:
    # Some of it is loaded by the first session or signal only: a start does not show that it is missing.
    imported = set()
    for file in (roots.ROOT / "edgeweb").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                imported.add(node.module.partition(".")[0])
    needed = sorted(imported - sys.stdlib_module_names - OPTIONAL)
    assert {"werkzeug", "itsdangerous"} <= set(needed)
    answer = machine.run("/opt/edgeweb/bin/python", "-c", f"import {', '.join(needed)}", check=False)
    assert (answer.returncode, answer.stderr) == (0, "")


def test_nothing_is_compiled_at_start(machine: Container, port: int) -> None:
    # As the service cannot write there, a missing .pyc would cost memory at every start.
    listing = machine.run("find", "/opt/edgeweb", "-name", "*.py", "-path", "*/edgeweb/*").stdout.split()
    assert listing
    missing = [
        path
        for path in listing
        if not list((machine.folder / path.lstrip("/")).parent.glob(f"__pycache__/{Path(path).stem}.*.pyc"))
    ]
    assert not missing


def test_sigterm_ends_it_cleanly(machine: Container, port: int) -> None:
    machine.run("systemctl", "stop", "edgeweb.service")
    unit = machine.unit("edgeweb.service")
    assert (unit["ActiveState"], unit["Result"]) == ("inactive", "success")


def test_sigkill_recovers(machine: Container, port: int) -> None:
    before = main_pid(machine)
    machine.run("systemctl", "kill", "--signal=SIGKILL", "edgeweb.service")
    wait_for(lambda: get(port)[0] == 200 and main_pid(machine) not in (0, before))
    assert machine.unit("edgeweb.service")["NRestarts"] == "1"


def test_socket_activation(machine: Container, port: int) -> None:
    machine.run("systemctl", "stop", "edgeweb.service")
    other = free_port()
    override(machine, "edgeweb.socket", f"[Socket]\nListenStream=\nListenStream=127.0.0.1:{other}\n")
    machine.run("systemctl", "start", "edgeweb.socket")
    assert machine.unit("edgeweb.service")["ActiveState"] == "inactive"
    # The connection starts the service, and waits for it.
    assert get(other, timeout=20) == (200, "ok\n")
    # it answers before avahi's file is written, which ends the start
    wait_for(lambda: machine.unit("edgeweb.service")["ActiveState"] == "active")


def test_a_queued_connection_survives_a_kill(machine: Container, port: int) -> None:
    other = free_port()
    machine.run("systemctl", "stop", "edgeweb.service")
    override(machine, "edgeweb.socket", f"[Socket]\nListenStream=\nListenStream=127.0.0.1:{other}\n")
    machine.run("systemctl", "start", "edgeweb.socket")
    assert get(other, timeout=20)[0] == 200
    # Stopped, it accepts nothing: the connections below wait in the kernel's queue when it is killed.
    machine.run("systemctl", "kill", "--signal=SIGSTOP", "edgeweb.service")
    answers: list[int] = []
    clients = [threading.Thread(target=lambda: answers.append(get(other, timeout=30)[0])) for _ in range(8)]
    for client in clients:
        client.start()
    time.sleep(0.5)
    machine.run("systemctl", "kill", "--signal=SIGKILL", "edgeweb.service")
    for client in clients:
        client.join()
    assert answers == [200] * 8


def serve_wedge(machine: Container, port: int, watchdog: int) -> None:
    override(
        machine,
        "edgeweb.service",
        "[Service]\nEnvironment=PYTHONPATH=/usr/src/apps\n"
        f"WatchdogSec={watchdog}\nExecStart=\n"
        f"ExecStart=/opt/edgeweb/bin/edgeweb serve wedge:app --port {port}\n",
    )
    machine.run("systemctl", "restart", "edgeweb.service")


def ask_in_background(port: int, path: str, count: int) -> None:
    def ask() -> None:
        try:
            get(port, path, timeout=10)
        except OSError:
            pass  # a wedged server does not answer: that is the point

    for _ in range(count):
        threading.Thread(target=ask, daemon=True).start()


def test_the_watchdog_restarts_a_hung_server(machine: Container, port: int) -> None:
    serve_wedge(machine, port, watchdog=4)
    before = main_pid(machine)
    ask_in_background(port, "/wedge", 16)
    wait_for(lambda: main_pid(machine) not in (0, before) and get(port)[0] == 200, seconds=45)
    assert int(machine.unit("edgeweb.service")["NRestarts"]) >= 1


def test_the_watchdog_leaves_a_busy_server_alone(machine: Container, port: int) -> None:
    serve_wedge(machine, port, watchdog=4)
    before = main_pid(machine)
    end = time.monotonic() + 10
    while time.monotonic() < end:
        ask_in_background(port, "/busy", 4)
        time.sleep(1)
    assert main_pid(machine) == before
    assert machine.unit("edgeweb.service")["NRestarts"] == "0"


def test_reload_takes_a_good_profile_and_refuses_a_bad_one(machine: Container, port: int) -> None:
    pid = main_pid(machine)
    machine.write("/etc/edgeweb/edgeweb.toml", "[server]\nbody_bytes = 'many'\n")
    machine.run("chmod", "-R", "a+rX", "/etc/edgeweb")
    machine.run("systemctl", "reload", "edgeweb.service", check=False)
    wait_for(lambda: "body_bytes" in machine.journal("edgeweb.service"))
    assert get(port) == (200, "ok\n")
    machine.write("/etc/edgeweb/edgeweb.toml", "[server]\nidle_timeout = 7\n")
    machine.run("systemctl", "reload", "edgeweb.service")
    wait_for(lambda: get(port)[0] == 200)
    assert main_pid(machine) == pid


def as_edgeweb(machine: Container, *command: str) -> tuple[int, str]:
    done = machine.run("runuser", "-u", "edgeweb", "--", *command, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


def test_the_polkit_rule_lets_it_do_its_part_and_no_more(machine: Container, port: int) -> None:
    ask = ("busctl", "call", "org.freedesktop.login1", "/org/freedesktop/login1")
    for can, answer in (("CanReboot", "yes"), ("CanPowerOff", "yes"), ("CanHalt", "challenge")):
        assert as_edgeweb(machine, *ask, "org.freedesktop.login1.Manager", can) == (0, f's "{answer}"')
    before = main_pid(machine)
    systemctl = ("systemctl", "--no-block", "--no-ask-password")
    assert as_edgeweb(machine, *systemctl, "restart", "--", "edgeweb.service") == (0, "")
    wait_for(lambda: main_pid(machine) not in (0, before) and get(port)[0] == 200)
    for verb, unit in (("stop", "edgeweb.service"), ("restart", "systemd-journald.service")):
        code, said = as_edgeweb(machine, *systemctl, verb, "--", unit)
        assert code != 0
        assert "authentication" in said.lower() or "denied" in said.lower(), said


def test_the_drop_in_for_leds_and_pwm_opens_the_devices_and_nothing_else(
    machine: Container, port: int
) -> None:
    def is_writable(path: str) -> bool:
        mounts = machine.run("cat", "/run/edgeweb/mounts").stdout.splitlines()
        found = [(fields[4], fields[5]) for fields in map(str.split, reversed(mounts))]
        # Of the mounts that a path is on, the one with the longest name is in force, and of these the last.
        over = [pair for pair in found if f"{path}/".startswith(pair[0].rstrip("/") + "/")]
        return "rw" in max(over, key=lambda pair: len(pair[0]))[1].split(",")

    # A board's /sys is writable; a container's is not, and no unit can change that.
    machine.run("mount", "-o", "remount,bind,rw", "/sys")
    show = "[Service]\nExecStartPre=/bin/sh -c 'cat /proc/self/mountinfo > /run/edgeweb/mounts'\n"
    override(machine, "edgeweb.service", show)
    machine.run("systemctl", "restart", "edgeweb.service")
    assert not is_writable("/sys/devices")
    text = machine.run("cat", "/usr/src/edgeweb/systemd/drop-ins/leds-and-pwm.conf").stdout
    machine.write("/etc/systemd/system/edgeweb.service.d/leds-and-pwm.conf", text)
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", "edgeweb.service")
    assert get(port) == (200, "ok\n")
    assert is_writable("/sys/devices")
    others = set(machine.run("ls", "/sys").stdout.split()) - {"devices", "block", "dev"}
    assert {"class", "kernel", "module"} <= others
    for path in (*(f"/sys/{name}" for name in sorted(others)), "/proc/sys", "/usr", "/etc"):
        assert not is_writable(path), path
    machine.run("mount", "-o", "remount,bind,ro", "/sys")


def test_what_mqtt_needs_is_installed_when_it_is_asked_for(
    machine: Container, release: str, port: int
) -> None:
    program = ("/opt/edgeweb/bin/python", "-c", "import paho.mqtt.enums")
    assert machine.run(*program, check=False).returncode != 0
    upgrade, variables = (INSTALL, "--upgrade"), roots.network_variables()
    said = machine.run(*upgrade, "--mqtt", variables=variables, seconds=600).stderr
    (line,) = [line for line in said.splitlines() if line.startswith("From ")]
    debian, _, index = line.partition(" From the package index: ")
    # that of Debian 12 is too old
    assert ("python3-paho-mqtt" in debian, "paho-mqtt" in index) == (
        (False, True) if release == "bookworm" else (True, False)
    )
    machine.run(*program)
    machine.run(*upgrade, variables=variables, seconds=600)
    machine.run(*program)
    assert get(port) == (200, "ok\n")


def test_the_units_are_gone_after_uninstalling(machine: Container, port: int) -> None:
    machine.write("/var/lib/edgeweb/kept", "state")
    machine.run(INSTALL, "--uninstall")
    assert machine.unit("edgeweb.service")["LoadState"] == "not-found"
    assert not (machine.folder / "opt/edgeweb").exists()
    assert (machine.folder / "var/lib/edgeweb/kept").exists()
    # Twice is as good as once, also without a network: then Debian's packages that are there are used.
    for _ in range(2):
        said = machine.run(INSTALL, "--offline", WHEELS, "--no-start").stderr
        assert "From Debian: " in said and "python3-psutil" in said
    machine.run("systemctl", "daemon-reload")
    assert machine.unit("edgeweb.service")["LoadState"] == "loaded"
