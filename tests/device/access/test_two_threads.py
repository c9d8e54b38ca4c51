"""Two threads in the limit on attempts, in sessions, users and the audit log: nothing is lost or done twice.

The server answers several requests at once. Each test stops one call before every instruction in turn while
another thread makes the second call, and allows only what the two give one after the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from edgeweb.device.access import accounts as accounts_module
from edgeweb.device.access import audit as audit_module
from edgeweb.device.access import passwords
from edgeweb.device.access import rate_limit as rate_limit_module
from edgeweb.device.access import sessions as sessions_module
from edgeweb.device.access.accounts import Accounts, User
from edgeweb.device.access.audit import Audit
from edgeweb.device.access.rate_limit import FREE_ATTEMPTS, RateLimit, TooManyAttempts
from edgeweb.device.access.sessions import Sessions
from edgeweb.device.storage.store import Store
from tests.interleaving import Meeting, check_serial, watch_locks

from ..people import SOMEBODY

ADDRESS = "203.0.113.5"
ADA = User("ada", "admin", "hash")


@pytest.fixture(autouse=True)
def locks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (rate_limit_module, sessions_module, audit_module, accounts_module):
        watch_locks(monkeypatch, module)


def still() -> float:
    return 1000.0


# -- the limit -----------------------------------------------------------------------------------------


def limiter_after(failures: int) -> RateLimit:
    limiter = RateLimit(still)
    for _ in range(failures):
        limiter.begin(ADDRESS)
    return limiter


def succeed(limiter: RateLimit) -> None:
    limiter.succeed(ADDRESS)


def wait(limiter: RateLimit) -> float:
    return limiter.wait(ADDRESS)


def begin(limiter: RateLimit) -> bool:
    try:
        limiter.begin(ADDRESS)
    except TooManyAttempts:
        return False
    return True


def test_attempts_at_the_same_moment_are_all_counted() -> None:
    check_serial(rate_limit_module, lambda: limiter_after(FREE_ATTEMPTS - 2), begin, begin, wait)


def test_attempts_at_the_same_moment_pass_no_limit_together() -> None:
    check_serial(rate_limit_module, lambda: limiter_after(FREE_ATTEMPTS - 1), begin, begin, wait)


@pytest.mark.parametrize("calls", [(begin, succeed), (succeed, begin)])
def test_success_forgets_also_what_fails_at_the_same_moment(calls: tuple[Any, Any]) -> None:
    check_serial(rate_limit_module, lambda: limiter_after(FREE_ATTEMPTS - 1), *calls, wait)


def test_an_answer_is_that_of_one_moment() -> None:
    """Before the success the pair's wait, after it none."""
    answers: list[float] = []
    check_serial(
        rate_limit_module,
        lambda: limiter_after(FREE_ATTEMPTS),
        lambda limiter: answers.append(limiter.wait(ADDRESS)),
        succeed,
        lambda limiter: answers[-1],
    )
    assert set(answers) == {1.0, 0.0}


def test_tables_stay_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit_module, "MAX_KEYS", 2)

    def make() -> RateLimit:
        limiter = RateLimit(still)
        for address in ("10.0.0.1", "10.0.0.2"):
            for _ in range(FREE_ATTEMPTS):
                limiter.begin(address)
        return limiter

    check_serial(
        rate_limit_module,
        make,
        lambda limiter: limiter.begin("10.0.0.3"),
        lambda limiter: limiter.begin("10.0.0.4"),
        lambda limiter: [limiter.wait(f"10.0.0.{number}") == 0.0 for number in (1, 2, 3, 4)],
    )


# -- sessions ------------------------------------------------------------------------------------------


class Signed:
    """As many sessions as there may be. The key is that of the one that was used longest ago."""

    def __init__(self) -> None:
        self.sessions = Sessions(60.0, Store(""), still)
        self.key, _ = self.sessions.open(ADA, "first")
        for source in ("second", "third"):
            self.sessions.open(ADA, source)

    def sources(self) -> list[str]:
        return [session.source for session in self.sessions.all()]


#: What requests do with sessions.
SESSION_CALLS: dict[str, Callable[[Signed], Any]] = {
    "find": lambda signed: signed.sessions.find(signed.key),
    "open": lambda signed: signed.sessions.open(ADA, "new"),
    "all": lambda signed: signed.sessions.all(),
    "end": lambda signed: signed.sessions.end(lambda session: session.source == "first"),
}


@pytest.mark.slow
@pytest.mark.parametrize("second", SESSION_CALLS)
@pytest.mark.parametrize("first", SESSION_CALLS)
def test_sessions_are_opened_found_and_ended_at_once(
    monkeypatch: pytest.MonkeyPatch, first: str, second: str
) -> None:
    monkeypatch.setattr(sessions_module, "MAX_PER_USER", 3)
    check_serial(sessions_module, Signed, SESSION_CALLS[first], SESSION_CALLS[second], Signed.sources)


# -- the audit log -------------------------------------------------------------------------------------


class Log:
    """An audit log in memory. `on_write` is called before each transaction."""

    def __init__(self) -> None:
        self.store = Store("")
        self.later: list[Callable[[], object]] = []
        self.audit = Audit(
            self.store, 100, lambda seconds, call: self.later.append(call), lambda at: at, still
        )
        self.on_write: Callable[[], object] = lambda: None
        write = self.store.write

        def watched(*arguments: Any, **options: Any) -> Any:
            self.on_write()
            return write(*arguments, **options)

        self.store.write = watched  # type: ignore[method-assign]

    def _later(self, seconds: float, call: Callable[[], object]) -> None:
        self.later.append(call)

    def note(self, target: str) -> None:
        self.audit.note(SOMEBODY, "channel.set", target, "on")

    def targets(self) -> list[str]:
        """What is in the store once all that was promised for later has been done."""
        for call in self.later:
            call()
        return [target for (target,) in self.store.read("SELECT target FROM audit ORDER BY target")]


def test_a_row_is_written_once_by_two_who_write() -> None:
    log, meeting = Log(), Meeting()
    log.note("lamp")
    log.on_write = meeting.stop
    for future in meeting.run(log.audit.flush, log.audit.flush):
        future.result()
    assert log.targets() == ["lamp"]


def flush(log: Log) -> None:
    log.audit.flush()


def note_another(log: Log) -> None:
    log.note("b")


def test_two_first_rows_are_both_written() -> None:
    check_serial(audit_module, Log, lambda log: log.note("a"), note_another, Log.targets)


@pytest.mark.parametrize("calls", [(note_another, flush), (flush, note_another)])
def test_a_row_that_comes_while_others_are_written_is_not_lost(calls: tuple[Any, Any]) -> None:
    def make() -> Log:
        log = Log()
        log.note("a")
        return log

    check_serial(audit_module, make, *calls, Log.targets)


# -- users ---------------------------------------------------------------------------------------------


def test_a_user_who_is_removed_while_others_are_read_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", (16, 8, 1))

    def make() -> Accounts:
        log = Log()
        accounts = Accounts(log.store, log.audit)
        for name in ("ada", "bob"):
            accounts.add(SOMEBODY, name, "correct horse battery", "admin")
        return accounts

    check_serial(
        accounts_module,
        make,
        Accounts.users,
        lambda accounts: accounts.remove(SOMEBODY, "bob"),
        lambda accounts: list(accounts.users()),
    )
