"""Every fault of the system on every route and page, asked and changed: no 5xx but 503 with a reason, no
request that waits a second, one line of the log for each source and state.

`faults.py` has the faults and `routes.py` the requests. What a single source has to do is in `system/`, and
what becomes of its figures in `test_broken_system.py`.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile
from edgeweb.device.device import Device
from edgeweb.device.system import queries
from edgeweb.device.system.clock import WallClock
from edgeweb.wrappers import Response

from . import faults
from .conftest import BOARD
from .faults import FAULTS, GOING_ON, HANGING, Fault, Scene, Threads, Waits
from .people import add_owner, device_of
from .routes import ASKS, Ask, Visit
from .system.attacks import JOURNAL, SHOW

#: No request waits as long as this.
SECOND = 1.0

#: Faults that stand for all in a quick run.
QUICK = {
    "memory garbage",
    "disk hangs",
    "programs hangs",
    "programs missing",
    "state fails",
    "hardware iio hangs",
}
CASES = [
    pytest.param(fault, id=fault.title, marks=() if fault.title in QUICK else pytest.mark.slow)
    for fault in FAULTS
]


class Templates(BytecodeCache):
    """The compiled templates of all applications of this file: compiling them takes most of its time."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = Templates()


def run(arguments: list[str]) -> bytes:
    return JOURNAL if arguments[0] == "journalctl" else SHOW


def test_every_route_has_a_row(make_profile: Callable[..., Profile]) -> None:
    app = create_app(make_profile(BOARD))
    routes = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == {(ask.method, ask.rule) for ask in ASKS}
    assert len(ASKS) == len(routes)


def test_a_healthy_device_does_all_of_it(make_profile: Callable[..., Profile]) -> None:
    app = add_owner(create_app(make_profile(BOARD)))
    app.jinja_env.bytecode_cache = TEMPLATES
    device = device_of(app)
    device.run = run
    visit = Visit(app)
    refused = []
    for ask in ASKS:
        answer = visit.ask(ask)
        if answer.status_code >= 400 and answer.status_code != ask.status:
            refused.append((ask.method, ask.path, answer.status_code, answer.get_data(as_text=True)[:300]))
    device.close()
    assert refused == []


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Waits:
    found = Waits()

    class Event(queries.Event):
        """An event whose waits are noted in place of made."""

        def wait(self, timeout: float | None = None) -> bool:
            if super().wait(found.really):
                return True
            found.spend(timeout or 0.0)
            return False

    monkeypatch.setattr(queries, "Event", Event)
    return found


@pytest.mark.parametrize("fault", CASES)
def test_every_fault_on_every_route(
    fault: Fault,
    waits: Waits,
    make_profile: Callable[..., Profile],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    logged: list[str] = []
    failed: list[BaseException | None] = []
    monkeypatch.setattr("edgeweb.device.device.log", logged.append)
    monkeypatch.setattr("edgeweb.device.device.Executor", lambda: Threads(waits))
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: failed.append(error))
    made = partial(Device, clock=WallClock(waits.clock))
    monkeypatch.setattr("edgeweb.device.app.Device", made)
    faults.connect(monkeypatch)
    settings = {"sensors.interval": 0.5, "access.audit_rows": 500, "schedules.wait_for_clock": True}
    app = add_owner(create_app(make_profile(BOARD, settings)))
    app.jinja_env.bytecode_cache = TEMPLATES
    device = device_of(app)
    device.run = run
    visit = Visit(app, "2001:db8:1:2::7")
    for ask in ASKS[:3]:
        visit.ask(ask)
    logged.clear()
    found: list[str] = []
    try:
        with monkeypatch.context() as patch:
            waits.really = HANGING if fault.kind == "hangs" else GOING_ON
            fault.inject(Scene(device, waits, patch, tmp_path))
            for ask in ASKS:
                waits.clear()
                answer = visit.ask(ask)
                found += faults_of(fault, ask, answer)
                if waits.seconds >= SECOND:
                    found.append(f"{ask.method} {ask.path}: waited {waits.seconds:.3g} s")
            waits.released.set()
    finally:
        waits.released.set()
        device.close()
    lines = Counter(re.sub(r"\d+", "0", line) for line in logged)
    found += [f"logged {number} times: {line}" for line, number in lines.items() if number > 1]
    if len(logged) > fault.lines:
        found.append(f"{len(logged)} lines in the log: {logged}")
    found += [f"raised in a thread: {error!r}" for error in failed]
    assert not found, "\n".join(found)


def faults_of(fault: Fault, ask: Ask, answer: Response) -> Iterator[str]:
    """Yield what is wrong with an answer."""
    if answer.status_code < 500:
        return
    text = answer.get_data(as_text=True)
    where = f"{ask.method} {ask.path} {answer.status_code}"
    if answer.status_code != 503:
        yield f"{where}: {text[:300]}"
    elif ask.rule != "/readyz" and not reason_of(text):
        yield f"{where}: no reason: {text[-300:]}"
    elif fault.kind == "hangs" and ask.rule != "/readyz" and "Retry-After" not in answer.headers:
        yield f"{where}: no Retry-After: {reason_of(text)}"


def reason_of(text: str) -> str:
    """Return the reason in an answer: a problem document's, that of a page, or that in a channel's row."""
    match = re.search(r'"detail": ?"([^"]+)"|(?:id="message"|class="refusal") role="alert">([^<]+)', text)
    return "".join(match.groups("")) if match else ""
