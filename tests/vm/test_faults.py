"""What the system does to a device that runs: it stays up, the watchdog is quiet, its answers are true.

Asked on one board: none of it depends on the processor.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import Owned, only
from .mounts import DEAD, dead_mount

pytestmark = pytest.mark.vm

#: Longer than the unit's watchdog (30 s): what hangs for this long would be noticed by it.
HANGS = 35.0
#: Takes all space of the file system that the state is on, but for what root keeps.
_FILL = """\
python3 - <<'END'
import os
with open("/var/fill", "wb") as file:
    try:
        while True:
            file.write(bytes(1 << 16))
            file.flush()
    except OSError:
        pass
END
true"""


@pytest.fixture
def steady(board: Owned) -> Iterator[Owned]:
    """The board; after the test its service is the same process as before, and the watchdog was quiet."""
    before = board.guest.unit()
    yield board
    after = board.guest.unit()
    assert (after["MainPID"], after["NRestarts"]) == (before["MainPID"], before["NRestarts"])
    assert "Watchdog timeout" not in board.guest.run("journalctl -b -u edgeweb -o cat").text


def serve_on(board: Owned, options: str) -> None:
    """Give the service other options, from its next start on."""
    board.guest.run(f"sed -i 's/^EDGEWEB_OPTIONS=.*/EDGEWEB_OPTIONS={options}/' /etc/default/edgeweb")


def figures(board: Owned) -> dict[str, Any]:
    answer = board.ask("/api/v1/status")
    assert isinstance(answer, dict)
    return answer


@only("virt64")
def test_a_dead_mount_costs_its_own_figures(steady: Owned) -> None:
    with dead_mount(steady):
        end = time.monotonic() + HANGS
        while time.monotonic() < end:
            assert steady.curl("/livez", token=None) == (200, "ok\n")
            status = figures(steady)
            assert status["metrics"]["disk_used_percent"]["/"] > 0
            assert status["metrics"]["disk_used_percent"].get(DEAD) is None
            assert steady.curl("/")[0] == 200
            time.sleep(2)
        assert DEAD in steady.curl("/")[1]
        # one line of the log, and one thread that hangs
        log = "journalctl -b -u edgeweb -o cat"
        assert steady.guest.run(f"{log} | grep -c 'disk {DEAD} cannot'").text == "1\n"


@only("virt64")
def test_a_journal_that_hangs_holds_up_nothing(steady: Owned) -> None:
    guest = steady.guest
    guest.run("systemctl kill --signal=SIGSTOP systemd-journald")
    try:
        end = time.monotonic() + HANGS
        while time.monotonic() < end:
            # each reload is a line of the log
            guest.run("for i in 1 2 3 4 5 6 7 8; do pkill -HUP -o -f 'edgeweb serve'; done")
            assert steady.curl("/livez", token=None) == (200, "ok\n")
            assert steady.curl("/api/v1/status")[0] == 200
            # the log cannot be read now, and the answer gives the reason
            status, answer = steady.curl("/api/v1/logs")
            assert status in (200, 503), answer
    finally:
        guest.run("systemctl kill --signal=SIGCONT systemd-journald")
    steady.wait_until(lambda: steady.curl("/api/v1/logs")[0] == 200, "the log")


@only("virt64")
def test_a_full_disk_is_reported_and_ends_with_its_cause(steady: Owned) -> None:
    guest = steady.guest
    try:
        guest.run(_FILL, timeout=600)  # two minutes on a quiet host
        assert steady.curl("/livez", token=None) == (200, "ok\n")
        # what can be switched is switched; what has to be kept is refused with the reason
        state = steady.ask("/api/v1/channels/lamp/state", "-X", "PUT", "-d", '{"on": true}')
        assert state["state"] is True
        # a reading that was under way while the disk filled may be shown first
        steady.wait_until(
            lambda: figures(steady)["metrics"]["disk_used_percent"]["/"] > 99, "the full disk in the figures"
        )
        assert steady.curl("/")[0] == 200
    finally:
        guest.run("rm -f /var/fill")
    steady.ask("/api/v1/channels/lamp/state", "-X", "PUT", "-d", '{"on": false}')
    steady.wait_until(lambda: figures(steady)["storage"]["persistent"], "a state that is kept")


@only("virt64")
def test_an_interface_comes_and_goes(steady: Owned) -> None:
    guest = steady.guest
    guest.run("ip link add edge0 type dummy; ip addr add 10.9.9.1/24 dev edge0")
    guest.run("ip link set edge0 up; ping -c 3 -I edge0 10.9.9.2 >/dev/null; true")
    try:
        steady.configure('[sensors]\ninterfaces = ["edge0"]\n')
        steady.wait_until(lambda: "edge0" in figures(steady)["metrics"]["network_sent_bytes"], "an interface")
    finally:
        guest.run("ip link del edge0")
    steady.wait_until(lambda: "edge0" not in figures(steady)["metrics"]["network_sent_bytes"], "its end")
    assert steady.curl("/")[0] == 200
    steady.configure("")


@only("virt64")
def test_the_clock_is_set_from_1970_to_now(steady: Owned) -> None:
    guest = steady.guest
    now = int(guest.run("date +%s").text)
    guest.run("date -s @1000")
    try:
        assert figures(steady)["sampled_at"].startswith("1970-01-01")
        assert steady.curl("/")[0] == 200
        steady.ask("/api/v1/channels/lamp/state", "-X", "PUT", "-d", '{"on": true}')
    finally:
        guest.run(f"date -s @{now}")
    year = guest.run(f"date -u -d @{now} +%Y").text.strip()
    status = figures(steady)
    assert status["sampled_at"].startswith(year)
    # what happened before the clock was set has the date that it really had
    assert status["channels"]["lamp"]["changed_at"].startswith(year)
    steady.ask("/api/v1/channels/lamp/state", "-X", "PUT", "-d", '{"on": false}')
    assert steady.curl("/livez", token=None) == (200, "ok\n")


@only("virt64")
def test_a_boot_without_ipv6_and_with_hosts_that_name_it(board: Owned) -> None:
    guest = board.guest
    guest.write("/etc/sysctl.d/90-faults.conf", "net.ipv6.conf.all.disable_ipv6 = 1\n")
    guest.run("echo '::1 localhost' >>/etc/hosts")
    serve_on(board, "--host localhost --host 10.0.2.15")
    try:
        board.device.reboot()
        guest = board.guest
        assert guest.unit()["NRestarts"] == "0"
        assert board.curl("/livez", token=None) == (200, "ok\n")
        listening = guest.run("ss -Hltn || cat /proc/net/tcp").text
        assert "127.0.0.1:8080" in listening or "0100007F:1F90" in listening
    finally:
        guest.run("rm /etc/sysctl.d/90-faults.conf; sed -i '/^::1 localhost$/d' /etc/hosts")
        guest.run("sysctl -w net.ipv6.conf.all.disable_ipv6=0 || true")
        serve_on(board, "--host 0.0.0.0")
        guest.run("systemctl restart edgeweb")
        board.device.wait_until_it_serves()
    assert json.loads(board.curl("/api/v1/status")[1])["device"]["name"] == "board"
