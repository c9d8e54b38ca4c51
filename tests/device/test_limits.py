"""Every limit with the last value that it accepts and the first one that it refuses.

A row has a probe, which returns whether a value is accepted, and the values on either side of the limit: as
numbers, so that a constant that changes is noticed. Limits of a profile's keys are in the schema, and
test_schema.py goes through those.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from edgeweb.device import backup
from edgeweb.device.access import passwords, rate_limit
from edgeweb.device.access.accounts import AccountError, Accounts, User
from edgeweb.device.access.audit import Audit
from edgeweb.device.access.known import KnownPlaces
from edgeweb.device.access.sessions import Sessions
from edgeweb.device.config.profile import ProfileError, load
from edgeweb.device.schedules.schedule import Schedule, ScheduleError
from edgeweb.device.schedules.timesync import TimeSync
from edgeweb.device.storage.store import Store
from edgeweb.device.system.clock import WallClock
from edgeweb.device.system.timers import Timers

from .access.failures import AnyFailures
from .people import SOMEBODY

ADA = User("ada", "admin", "hash")
#: One of the house, and one from outside.
NEAR, FAR = "192.168.1.2", "203.0.113.5"


class Limit(NamedTuple):
    """Whether `probe` accepts a value: it does `accepted`, and not `refused`."""

    name: str
    probe: Callable[[Any], bool]
    accepted: Any
    refused: Any


class Clock:
    """A clock that only the test moves. It does not start at 0, where a wrong sign would not show."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


# -- passwords, sessions, users ----------------------------------------------------------------------------


def good_password(password: str) -> bool:
    return passwords.fault_of(password, "ada") == ""


def good_for_name(name: str) -> bool:
    return passwords.fault_of("correctbatt", name) == ""


def session_lasts(seconds: float) -> bool:
    clock = Clock()
    opened = Sessions(60.0, Store(""), clock)
    key, _ = opened.open(ADA)
    clock.now += seconds
    listed = bool(opened.all())
    assert listed is (opened.find(key) is not None), "it is listed as long as it can be used"
    return listed


def session_is_kept_beside(others: int) -> bool:
    opened = Sessions(60.0, Store(""), Clock())
    key, _ = opened.open(ADA)
    for _ in range(others):
        opened.open(ADA)
    return opened.find(key) is not None


def new_accounts() -> Accounts:
    memory = Store("")
    return Accounts(memory, Audit(memory, 10, lambda seconds, call: None, lambda moment: moment))


def one_more_user(there: int) -> bool:
    found = new_accounts()
    for number in range(there):
        found.add(SOMEBODY, f"u{number}", "correct horse", "viewer")
    try:
        found.add(SOMEBODY, "another", "correct horse", "viewer")
    except AccountError as error:
        assert "remove one first" in str(error)
    assert ("another" in found.users()) is (len(found.users()) > there)
    return "another" in found.users()


def one_more_token_of_all(there: int) -> bool:
    """Whether a viewer gets one more: the last ones are for admins."""
    found = new_accounts()
    users = [found.add(SOMEBODY, f"u{number}", "correct horse", "viewer") for number in range(8)]
    for number in range(there):
        found.add_token(SOMEBODY, users[number % 7], "viewer", "")
    assert found.add_token(SOMEBODY, found.add(SOMEBODY, "boss", "x", "admin"), "admin", "")
    number = len(found.tokens())
    found.revoke(SOMEBODY, number)
    try:
        found.add_token(SOMEBODY, users[7], "viewer", "another")
    except AccountError as error:
        assert "revoke one first" in str(error)
    return any(token.note == "another" for token in found.tokens())


def one_more_token(there: int) -> bool:
    found = new_accounts()
    user = found.add(SOMEBODY, "ada", "correct horse", "viewer")
    for _ in range(there):
        found.add_token(SOMEBODY, user, "viewer", "")
    try:
        found.add_token(SOMEBODY, user, "viewer", "another")
    except AccountError as error:
        assert "revoke one first" in str(error)
    return any(token.note == "another" for token in found.tokens())


# -- failed attempts ---------------------------------------------------------------------------------------


def free_after(failures: int) -> bool:
    found = AnyFailures(Clock())
    for _ in range(failures):
        found.fail(NEAR)
    return found.wait(NEAR) == 0.0


def waits_after_many(seconds: float) -> bool:
    """Whether an address that has failed thirty times still waits."""
    clock = Clock()
    found = AnyFailures(clock)
    for _ in range(30):
        found.fail(NEAR)
    clock.now += seconds
    return found.wait(NEAR) > 0.0


def counts_on_after(seconds: float) -> bool:
    """Whether a failure is one more of those before it, and not the first one."""
    clock = Clock()
    found = AnyFailures(clock)
    for _ in range(rate_limit.FREE_ATTEMPTS + 2):
        found.fail(NEAR)
    clock.now += seconds
    found.fail(NEAR)
    return found.wait(NEAR) > 0.0


def free_again_after(failures: int) -> bool:
    """Whether an address is free with these failures, when those before them are forgotten."""
    clock = Clock()
    found = AnyFailures(clock)
    for _ in range(7):
        found.fail(NEAR)
    clock.now += 900.0
    for _ in range(failures):
        found.fail(NEAR)
    return found.wait(NEAR) == 0.0


def free_beside_others(failures: int) -> bool:
    found = AnyFailures(Clock())
    for number in range(failures):
        found.fail(f"198.51.{number}.1", f"name{number}")
    return found.wait(FAR) == 0.0


def waits_for_others(seconds: float) -> bool:
    """Whether an address still waits when others have failed twice a second, this time after the first."""
    clock = Clock()
    found = AnyFailures(clock)
    began = clock.now
    for number in range(rate_limit.GLOBAL_PER_MINUTE):
        clock.now = began + number * 0.5
        found.fail(f"198.51.{number}.1", f"name{number}")
    clock.now = began + seconds
    return found.wait(FAR) > 0.0


def failures_are_remembered_beside(others: int) -> bool:
    found = AnyFailures(Clock())
    for _ in range(rate_limit.FREE_ATTEMPTS):
        found.fail(NEAR)
    for number in range(others):
        for _ in range(rate_limit.FREE_ATTEMPTS + 1):
            found.fail(f"198.51.{number >> 8}.{number & 255}", f"name{number}")
    return found.wait(NEAR) > 0.0


def is_known_beside(others: int) -> bool:
    """Whether a browser that has signed in is still known when others have."""
    found = KnownPlaces(Store(""))
    key = found.add("ada", FAR)
    for number in range(others):
        found.add("ada", f"198.51.100.{number}")
    return found.find("ada", "192.0.2.1", key) != ""


# -- the audit log -----------------------------------------------------------------------------------------


class Log:
    """An audit log in memory that keeps ten rows."""

    def __init__(self) -> None:
        self.store = Store("")
        self.audit = Audit(self.store, 10, lambda seconds, call: None, lambda moment: moment)

    def note(self, target: str) -> None:
        self.audit.note(SOMEBODY, "channel.set", target, target)

    def written(self) -> list[tuple[str, str]]:
        return self.store.read("SELECT target, result FROM audit ORDER BY id")  # type: ignore[return-value]


def row_is_kept_beside(others: int) -> bool:
    log = Log()
    for target in ("first", *map(str, range(others))):
        log.note(target)
    log.audit.flush()
    return log.written()[0][0] == "first"


def rows_are_gathered(rows: int) -> bool:
    log = Log()
    for number in range(rows):
        log.note(str(number))
    return log.written() == []


def text_is_whole(length: int) -> bool:
    log = Log()
    log.note("x" * length)
    log.audit.flush()
    return log.written() == [("x" * length, "x" * length)]


# -- files and times ---------------------------------------------------------------------------------------


def profile_of(tmp_path: Path) -> Callable[[int], bool]:
    def is_read(size: int) -> bool:
        file = tmp_path / "large.toml"
        file.write_text("#" + "x" * (size - 2) + "\n")
        assert file.stat().st_size == size
        try:
            load(file, system=str(tmp_path / "etc"))
        except ProfileError:
            return False
        return True

    return is_read


def backup_is_read(size: int) -> bool:
    with pytest.raises(backup.BackupError) as caught:
        backup.restore(None, SOMEBODY, b" " * size)  # type: ignore[arg-type]
    return "at most" not in str(caught.value)


def disk_is_left_alone(tmp_path: Path) -> Callable[[float], bool]:
    """Whether a disk that has refused is not asked again by a write after these seconds."""

    def is_left_alone(seconds: float) -> bool:
        clock = Clock()
        blocker = tmp_path / "folder"
        blocker.write_text("in the way")
        found = Store(str(blocker), clock)
        found.open()
        assert not found.persistent
        blocker.unlink()
        clock.now += seconds
        blocker.mkdir()
        found.write(lambda execute: execute("INSERT INTO meta VALUES ('a', '')") and None)
        left_alone = not found.persistent
        found.close()
        for file in blocker.iterdir():
            file.unlink()
        blocker.rmdir()
        return left_alone

    return is_left_alone


def timer_waits(seconds: float) -> bool:
    clock = Clock()
    done: list[float] = []
    timers = Timers(clock, threaded=False)
    timers.after(5.0, lambda: done.append(clock.now))
    clock.now += seconds
    timers.run_due()
    return done == []


def nobody_is_asked_again(seconds: float) -> bool:
    clock = Clock()
    asked: list[float] = []

    def kernel() -> bool:
        asked.append(clock.now)
        return False

    sync = TimeSync(lambda: True, lambda arguments: b"no", clock, "/nonexistent", kernel)
    sync.check()
    clock.now += seconds
    sync.check()
    return len(asked) == 1


def clock_only_drifts(seconds: float) -> bool:
    clock = Clock()
    wall = WallClock(lambda: 0.0, clock)
    clock.now += seconds
    return wall.check() == 0


# -- schedules ---------------------------------------------------------------------------------------------

DAILY: Mapping[str, Any] = {"channel": "lamp", "action": "on", "kind": "daily", "at": "07:00"}
EVERY: Mapping[str, Any] = {"channel": "lamp", "action": "on", "kind": "interval", "every": 60}
SPAN: Mapping[str, Any] = {**DAILY, "kind": "span", "at": "sunrise", "until": "sunset"}


def schedule_with(fields: Mapping[str, Any], field: str) -> Callable[[Any], bool]:
    def is_accepted(value: Any) -> bool:
        try:
            Schedule("one", {**fields, field: value})
        except ScheduleError:
            return False
        return True

    return is_accepted


LIMITS = [
    Limit("password, shortest", good_password, "tapdripsat", "tapdripsa"),
    Limit("password, longest", good_password, "x1y-z" * 51 + "z", "x1y-z" * 51 + "zz"),
    Limit("password, different characters", good_password, "tapztpzatzap", "taptpatapatp"),
    Limit("password, other than the name", good_for_name, "correctam", "CorrectBatt"),
    Limit("session, idle seconds", session_lasts, 60.0, 60.001),
    Limit("sessions of a user", session_is_kept_beside, 7, 8),
    Limit("users", one_more_user, 63, 64),
    Limit("tokens of a user", one_more_token, 31, 32),
    Limit("tokens", one_more_token_of_all, 191, 192),
    Limit("failures of an address", free_after, 4, 5),
    Limit("longest wait", waits_after_many, 59.999, 60.0),
    Limit("failures, forgotten", counts_on_after, 899.999, 900.0),
    Limit("failures, begun anew", free_again_after, 4, 5),
    Limit("failures of all together", free_beside_others, 59, 60),
    Limit("window of all together", waits_for_others, 59.999, 60.0),
    Limit("addresses that failed", failures_are_remembered_beside, 255, 256),
    Limit("browsers that are known", is_known_beside, 7, 8),
    Limit("audit rows", row_is_kept_beside, 9, 10),
    Limit("audit rows gathered", rows_are_gathered, 499, 500),
    Limit("audit text", text_is_whole, 120, 121),
    Limit("backup, bytes", backup_is_read, 4_194_304, 4_194_305),
    Limit("timer", timer_waits, 4.999, 5.0),
    Limit("time, asked again", nobody_is_asked_again, 59.999, 60.0),
    Limit("clock, drift", clock_only_drifts, 0.5, 0.501),
    Limit("clock, drift back", clock_only_drifts, -0.5, -0.501),
    Limit("schedule, title", schedule_with(DAILY, "title"), "x" * 100, "x" * 101),
    Limit("schedule, every, least", schedule_with(EVERY, "every"), 10, 9),
    Limit("schedule, every, most", schedule_with(EVERY, "every"), 604_800, 604_801),
    Limit("schedule, hour", schedule_with(DAILY, "at"), "23:59:59", "24:00:00"),
    Limit("schedule, minute", schedule_with(DAILY, "at"), "07:59", "07:60"),
    Limit("schedule, offset", schedule_with(SPAN, "offset_minutes"), 360, 361),
    Limit("schedule, offset, least", schedule_with(SPAN, "until_offset_minutes"), -360, -361),
    Limit("schedule, value", schedule_with({**DAILY, "action": "value"}, "value"), 1.0, 1.001),
    Limit("schedule, value, least", schedule_with({**DAILY, "action": "value"}, "value"), 0.0, -0.001),
    Limit("schedule, pulse", schedule_with({**DAILY, "action": "pulse"}, "pulse_ms"), 3_600_000, 3_600_001),
    Limit("schedule, pulse, least", schedule_with({**DAILY, "action": "pulse"}, "pulse_ms"), 10, 9),
]


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_the_last_is_accepted_and_the_next_refused(limit: Limit) -> None:
    assert limit.probe(limit.accepted) is True, limit.accepted
    assert limit.probe(limit.refused) is False, limit.refused


def test_of_files_as_well(tmp_path: Path) -> None:
    for limit in (
        Limit("profile, bytes", profile_of(tmp_path), 262_144, 262_145),
        Limit("disk, asked again", disk_is_left_alone(tmp_path), 29.999, 30.0),
    ):
        test_the_last_is_accepted_and_the_next_refused(limit)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"),
        ("2001:db8:1:2::", "2001:db8:1:2"),
        ("2001:db8::5:6:7:8", "2001:db8:0:0"),
        ("2001::4:5:6:7:8", "2001:0:0:4"),
        ("::3:4:5:6:7:8", "0:0:3:4"),
        ("::1", "0:0:0:0"),
        ("fe80::1%eth0", "fe80:0:0:0"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.1"),
    ],
)
def test_what_counts_as_one_address(address: str, expected: str) -> None:
    assert rate_limit.network(address) == expected


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("172.15.255.255", False),
        ("172.16.0.0", True),
        ("172.31.255.255", True),
        ("172.32.0.0", False),
        ("173.16.0.1", False),
        ("9.255.0.1", False),
        ("10.0.0.1", True),
        ("11.0.0.1", False),
        ("192.167.0.1", False),
        ("192.169.0.1", False),
        ("fbff:1:2:3", False),
        ("fc00:1:2:3", True),
        ("fdff:1:2:3", True),
        ("fe00:1:2:3", False),
    ],
)
def test_which_networks_nobody_outside_has(address: str, near: bool) -> None:
    """RFC 1918 and RFC 4193: the first and the last address of each, and their neighbours."""
    assert rate_limit.is_near(address) is near
