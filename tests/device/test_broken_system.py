"""A broken source costs its own figures and nothing else: every source, on every GET route and page."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from edgeweb import Flask, url_for
from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile
from edgeweb.device.metrics.reader import Metrics
from edgeweb.device.system import poller

from .conftest import BOARD
from .faults import FIGURES
from .people import add_owner, browser_of, device_of

_LONG = 60.0

#: What each source does in turn. `synchronized` makes a number of two file names and has no garbage.
FAULTS = ("fails", "garbage", "hangs")
#: Those that stand for all in a quick run.
QUICK = {("memory", "garbage"), ("disk", "hangs"), ("processes", "fails"), ("network", "fails")}
CASES = [
    pytest.param(name, kind, marks=() if (name, kind) in QUICK else pytest.mark.slow)
    for name in FIGURES
    for kind in FAULTS
    if (name, kind) != ("clock", "garbage")
]


class Fault:
    """What happens in the call of a source instead."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.released = threading.Event()
        self.calls = 0

    def __call__(self, *arguments: object, **options: object) -> object:
        self.calls += 1
        if self.kind == "hangs":
            self.released.wait(_LONG)
        if self.kind == "garbage":
            return "garbage"
        raise OSError(5, "Input/output error")


def addresses(app: Flask) -> list[str]:
    """Every address that GET reaches; the parts in them are those of the board of the test."""
    parts = {"name": "lamp", "key": "not-found", "unit": "nginx.service", "filename": "icon.svg"}
    parts |= {"family": "channels", "choice": "memory"}
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "GET" in (rule.methods or ()):
                values = {argument: parts.get(argument, "1") for argument in rule.arguments}
                found.append(url_for(rule.endpoint, **values))
    return [
        *sorted(set(found)),
        "/?processes=1",
        "/live?show=figures,channels,processes,history",
        "/history?span=day",
    ]


@pytest.fixture
def fault(request: pytest.FixtureRequest) -> Iterator[Fault]:
    found = Fault(request.param)
    yield found
    found.released.set()


@pytest.mark.parametrize(("name", "fault"), CASES, indirect=["fault"])
def test_every_route_with_every_source_broken(
    name: str,
    fault: Fault,
    make_profile: Callable[..., Profile],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(poller, "FIRST", 0.1)
    monkeypatch.setattr(poller, "PROMPT", 0.1)
    monkeypatch.setattr(*FIGURES[name], fault)
    # of this device only: what an earlier test has left running reads the broken source as well
    logged: list[str] = []
    monkeypatch.setattr("edgeweb.device.device.log", logged.append)
    app = add_owner(create_app(make_profile(BOARD, {"sensors.interval": 0.5})))
    device = device_of(app)
    # systemd is the boundary of other tests
    device.run = lambda arguments: b""
    clients = (app.test_client(), browser_of(app))
    for address in addresses(app):
        answer = clients[1].get(address, headers={"Accept": "*/*"})
        assert answer.status_code < 500 or answer.status_code == 503, (address, answer.text)
    sources = (*device.metrics.sources, device.processes.source)
    (broken,) = [source for source in sources if source.name == name]
    deadline = time.monotonic() + _LONG
    if fault.kind == "hangs":
        broken.deadline = 0.0
        while broken.error is None and time.monotonic() < deadline:
            clients[1].get("/?processes=1")
            time.sleep(0.05)
        assert fault.calls == 1, "one thread waits, however often somebody looks"
    assert broken.error is not None and broken.error.kind in ("late", "unreadable", "malformed")
    assert not [source.title for source in sources if source is not broken and source.error]

    page = clients[1].get("/?processes=1")
    assert page.status_code == 200
    if name != "processes":
        time.sleep(0.5)
        status = clients[0].get("/api/v1/status").json
        assert [row["source"] for row in status["warnings"]] == [broken.title]
        assert status["warnings"][0]["reason"] == str(broken.error)
        others = {figure: value for figure, value in status["metrics"].items() if value not in (None, {})}
        assert len(others) > 12, "all others are shown"
        live = clients[1].get("/live?show=figures", headers={"Accept-Language": "fr"}).json["figures"]
        (text,) = live["warnings"]
        assert "lecture impossible" in text
        assert f'edgeweb_source_up{{source="{broken.title}"}} 0.0' in clients[0].get("/metrics").text
    else:
        assert "The list of processes cannot be read" in page.text
    assert len([line for line in logged if "cannot be read" in line]) == 1, logged
    device.close()


def test_every_source_is_broken_once() -> None:
    assert {source.name for source in Metrics().sources} | {"processes"} == {*FIGURES, "uptime"}


def test_a_watchdogs_questions_read_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = Fault("fails")
    for call in FIGURES.values():
        monkeypatch.setattr(*call, fault)
    client = app.test_client()
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").status_code == 200
    assert fault.calls == 0
