"""What has to hold on every board: installed without internet, started by systemd, asked by curl."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scripts.qemu import figures, installation

from .conftest import Owned, compiled_files, only

pytestmark = pytest.mark.vm

#: Suites that say something about the board's own processor and Python. The rest needs packages or programs
#: that are not on a board, or minutes of its time: tests/routing/test_matcher.py has hundreds of cases.
SUITES = (
    "tests/routing/test_map.py tests/routing/test_rule.py tests/routing/test_adapter.py"
    " tests/templating/test_cachefile.py tests/templating/test_strings.py tests/device/storage/test_store.py"
    " tests/device/channels/drivers/test_gpiochip.py"
)
#: Of these, what starts processes or tries thousands of cases: minutes on a board, and no other result there.
LONG = (
    "one_wrong_bit_anywhere or any_number_of_texts or kill_9 or a_fault_at_every_step or many_threads"
    " or rules_are_added_while_others_match"
)
#: Boards with the processor, as QEMU has it, and the Python of another one, on which these run for both.
AS_ON = {"pi3": "virt64", "zero2": "virt64"}
#: The journal's lines from warning upwards that are known, each with its reason.
EXPECTED = {
    r"^kernel: ": "the emulator's devices are not the board's: QEMU's business, not ours",
    r"systemd-networkd.*(MTU|Failed to set|hostname)": "QEMU's network adapter by USB knows no such setting",
    r"systemd-journald.*(rotated|uncleanly|corrupted)": "power cuts are part of the tests",
    r"edgeweb.*this device has no owner yet": "the set-up code",
    r"edgeweb.*\[::1\]:8080 is no address of this machine yet": "tests/vm/test_faults.py boots without IPv6",
    r"systemd\[1\]: .*dev-.*\.device": "a unit waits for a device that the emulator has not",
    r"systemd\[1\]: .*clock": "no board here has a battery for its clock",
}
#: What systemd says of a service that was killed: as often as a test has killed it, and no more.
KILLED = (
    r"edgeweb\.service: Main process exited, code=killed, status=9/KILL",
    r"edgeweb\.service: Failed with result '(signal|oom-kill)'",
    r"edgeweb\.service: .*killed by the OOM killer",
)


def test_the_service_is_ready_as_installed(board: Owned) -> None:
    unit = board.guest.unit()
    assert (unit["ActiveState"], unit["SubState"], unit["NRestarts"]) == ("active", "running", "0")
    assert unit["StatusText"]
    assert board.device.board.profile in board.guest.run("cat /etc/default/edgeweb").text


def test_the_set_up_code_is_on_the_serial_console(board: Owned) -> None:
    # A container has no such line; its terminals are of a kind that every unit may write to.
    assert board.code in board.console


def test_it_stays_within_the_memory_of_its_unit(board: Owned) -> None:
    unit = board.guest.unit()
    # The limit has arrived in the kernel, and the process is below the softer one.
    limit = board.guest.run("cat /sys/fs/cgroup/system.slice/edgeweb.service/memory.max").text.strip()
    assert limit == unit["MemoryMax"]
    assert int(unit["MemoryCurrent"]) < int(unit["MemoryHigh"]) < int(limit)


def test_it_runs_without_rights(board: Owned) -> None:
    status = board.guest.run(f"cat /proc/{board.guest.unit()['MainPID']}/status").text
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert fields["Uid"].split()[0] != "0"
    # A container may lack a capability itself, so only a board shows what the unit asks for.
    held = {name: value for name, value in fields.items() if name.startswith("Cap") and value.strip("0")}
    assert held == {}
    assert (fields["NoNewPrivs"], fields["Seccomp"]) == ("1", "2")


def test_nothing_is_compiled_at_start(board: Owned) -> None:
    # Dates prove nothing: a board without a clock is before its image was made.
    assert compiled_files(board.guest) == board.compiled
    modules = board.guest.run("find /opt/edgeweb/lib -name '*.py'").text.split()
    tag = board.device.board.release.tag
    compiled = set(board.guest.run(f"find /opt/edgeweb/lib -name '*.{tag}.pyc'").text.split())
    assert len(modules) > 100
    assert {compiled_file(path, tag) for path in modules} <= compiled


#: Not found where the profile does not ask for them.
OF_PROFILES = ("/api/v1/fleet/targets", "/api/v1/mqtt", "/.well-known/security.txt")


def test_the_dashboard_and_every_endpoint_answer(board: Owned) -> None:
    assert board.curl("/livez", token=None) == (200, "ok\n")
    assert board.curl("/readyz", token=None)[0] == 200
    # The way in for who is nobody, the overview for the owner.
    for token, expected in ((None, 401), ("", 200)):
        status, page = board.curl("/", token=token)
        assert status == expected and "<html" in page
    document = board.ask("/api/v1/openapi.json")
    asked = 0
    for path, operations in document["paths"].items():
        for method in operations.keys() & {"get", "put", "post", "patch", "delete"}:
            if method == "get" and path == "/api/v1/events":
                continue  # it does not end by itself
            concrete = re.sub(r"\{[^}]*\}", "none", path)
            # Everything is closed to who is nobody, but for what says so; none of it may break.
            nobody, body = board.curl(concrete, "-X", method.upper(), "-d", "{}", token=None)
            assert nobody < 500, (method, path, nobody, body)
            if method == "get":
                status, body = board.look(concrete)
                assert status < 500 and status != 401, (path, status, body)
                assert "{" in path or status < 400 or (path in OF_PROFILES and status == 404), (path, body)
            asked += 1
    assert asked > 20


def test_a_channel_is_switched(board: Owned) -> None:
    for on in (True, False, True, False):
        state = board.ask("/api/v1/channels/lamp/state", "-X", "PUT", "-d", json.dumps({"on": on}))
        assert state["state"] is on
        assert board.ask("/api/v1/channels/lamp")["state"] is on


def test_sigkill_follows_at_start(board: Owned) -> None:
    for name in ("kept", "fresh"):
        board.ask(f"/api/v1/channels/{name}/state", "-X", "PUT", "-d", '{"on": true}')
    # A switch is on the disk five seconds later (firmware_configs/README.md); a slow board takes more.
    board.kill("sleep 8; systemctl kill --signal=SIGKILL edgeweb")
    assert board.ask("/api/v1/channels/kept")["state"] is True
    assert board.ask("/api/v1/channels/fresh")["state"] is False


def test_the_memory_limit_kills_and_systemd_restarts(board: Owned) -> None:
    softer = board.guest.unit()["MemoryHigh"]
    # The limit is the unit's own; only the softer one, which would slow the leak down, is taken away.
    board.guest.run("systemctl set-property --runtime edgeweb.service MemoryHigh=infinity")
    try:
        # A process beside the server takes the memory, as a leak would.
        board.kill(
            "sh -c 'echo $$ >/sys/fs/cgroup/system.slice/edgeweb.service/cgroup.procs;"
            ' exec python3 -c "b = bytearray(200 << 20); b[::4096] = bytes(len(b[::4096]))"\'; true'
        )
        assert "oom-kill" in board.guest.run("journalctl -b -u edgeweb -o cat").text
    finally:
        board.guest.run(f"systemctl set-property --runtime edgeweb.service MemoryHigh={softer}")


def test_suites_run_on_the_boards_own_python(board: Owned) -> None:
    if (other := AS_ON.get(board.device.board.name)) is not None:
        pytest.skip(f"the processor and the Python are those of {other}, on which the suites run")
    # Without the package itself: what is installed is what they ask.
    installation.carry(board.guest, "/usr/src/tests", "tests", "pyproject.toml", "firmware_configs")
    answer = board.guest.run(
        "cd /usr/src/tests && PYTHONDONTWRITEBYTECODE=1"
        f" /opt/edgeweb/bin/python -m pytest -q -p no:cacheprovider --durations=5 {SUITES} -k 'not ({LONG})'",
        check=False,
        timeout=900,
    )
    print(answer.text[-1000:])
    assert answer.code == 0, answer.text[-5000:]


def test_a_reboot_keeps_the_state(board: Owned) -> None:
    made = json.loads(board.curl("/api/v1/tokens", "-d", '{"note": "kept", "role": "viewer"}')[1])
    before = board.ask("/api/v1/tokens")
    board.device.reboot()
    assert made["token"]
    assert board.ask("/api/v1/tokens") == before


def test_figures(board: Owned) -> None:
    if board.device.ready is None:
        board.device.reboot()
    unit = board.guest.unit()
    rss = board.guest.run(f"grep ^Rss: /proc/{unit['MainPID']}/smaps_rollup").text.split()[1]
    measured = figures.measure(board.guest)
    figures.keep(
        board.device.board,
        {
            **measured,
            "ready": board.device.ready,
            "first": board.device.first,
            "service": int(rss) * 1024 / 1e6,
            "image": board.device.image.megabytes,
        },
    )
    # The bar of the issue is 0.65 on the Zero; it is memory, not time, and holds on the others, too.
    assert measured["rss_ratio"] <= 0.65


# The installer does the same on each of them, in minutes on a slow one; tests/systemd asks more of it.
@only("virt64")
def test_installing_again_changes_nothing_and_upgrading_keeps_the_state(board: Owned) -> None:
    settings = board.guest.run("cat /etc/default/edgeweb").text
    board.guest.run(
        f"{installation.SOURCE}/scripts/install --upgrade --offline {installation.WHEELS}",
        timeout=board.device.board.patience,
    )
    board.device.wait_until_it_serves()
    assert board.guest.run("cat /etc/default/edgeweb").text == settings
    assert board.ask("/api/v1/status")["device"]["profile"] == board.device.board.profile


def test_the_journal_has_no_unexpected_line(board: Owned) -> None:
    lines = board.guest.run("journalctl --no-hostname -o short -p warning --no-pager -q").text.splitlines()
    said = [re.sub(r"^\w{3} \d+ [\d:]+ ", "", line) for line in lines]
    assert len([line for line in said if re.search(KILLED[1], line)]) == board.kills
    known = (*EXPECTED, *KILLED)
    assert [line for line in said if not any(re.search(pattern, line) for pattern in known)] == []


def compiled_file(path: str, tag: str) -> str:
    """Return where the board's Python keeps the compiled file of a module."""
    return str(Path(path).parent / "__pycache__" / f"{Path(path).stem}.{tag}.pyc")
