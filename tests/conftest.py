"""For all tests."""

from __future__ import annotations

import gc
import signal
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# A drawn case may take as long as a busy machine makes it: no test asserts a time.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

#: Seconds for one test of these markers, its fixtures included: what takes longer hangs. `timeout` in
#: pyproject.toml has the seconds for all others; a mark at the test itself comes first.
SECONDS = {"vm": 1500, "nspawn": 900, "slow": 900, "browser": 600}


# A shell starts what it puts in the background with SIGINT ignored, and programs of tests would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each kind of test its limit of time."""
    for item in items:
        if item.get_closest_marker("timeout") is not None:
            continue
        seconds = [SECONDS[mark.name] for mark in item.iter_markers() if mark.name in SECONDS]
        if seconds:
            item.add_marker(pytest.mark.timeout(max(seconds)))


def pytest_collection_finish() -> None:
    """Take what the collected tests are made of out of garbage collection.

    There are half a million objects, which live to the end. A full collection takes 0.3 s to look at them,
    and tests that count garbage ask for two of them.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def state_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep device applications and their processes away from the state of the user who runs the tests."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(autouse=True)
def databases_are_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Closes the databases that a test leaves open, as the end of a process does; Python 3.13 warns of
    each."""
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def remembered(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        kwargs.setdefault("check_same_thread", False)
        opened.append(connect(*args, **kwargs))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", remembered)
    yield
    for connection in opened:
        connection.close()
