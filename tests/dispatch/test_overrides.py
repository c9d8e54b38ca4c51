"""edgeweb.dispatch.overrides: changes of classes are noticed, with the probe and without it."""

from __future__ import annotations

import sys
import typing as t

import pytest

import edgeweb
from edgeweb import Flask
from edgeweb.dispatch.overrides import OVERRIDABLE, UNCHANGED, Watch
from edgeweb.json.provider import DefaultJSONProvider
from edgeweb.sessions import SecureCookieSessionInterface


class _Application(Flask):
    """Not Flask itself, whose probe the other tests' applications have."""


@pytest.fixture(params=[True, False], ids=["probe", "comparison"])
def watch(request: pytest.FixtureRequest) -> Watch:
    if request.param and sys.version_info >= (3, 14):
        pytest.skip("CPython 3.14 does not set the bit that the probe is for")
    watch = Watch(_Application, has_probe=request.param)
    if request.param and not watch.probe.__flags__ & UNCHANGED:
        pytest.skip("the tests before this have used up the version tags that CPython 3.13 has for a class")
    return watch


def _changes(watch: Watch) -> t.Callable[[], bool]:
    """Return a function that tells whether something has changed since its last call."""
    watch.renew()
    last = [watch.revision, watch.seen(_Application)]

    def changed() -> bool:
        nonlocal last
        is_set = watch.probe.__flags__ & UNCHANGED
        now = [watch.revision, watch.seen(_Application)]
        watch.renew()
        before, last = last, [watch.revision, watch.seen(_Application)]
        return not is_set or now != before

    return changed


@pytest.mark.parametrize(
    ("cls", "name"),
    [
        *((Flask, name) for name in OVERRIDABLE),
        *((_Application, name) for name in ("make_response", "do_teardown_appcontext")),
        *((edgeweb.Response, name) for name in ("__call__", "get_wsgi_headers", "default_status")),
        (edgeweb.Response.__mro__[1], "get_app_iter"),
        *((DefaultJSONProvider, name) for name in ("dumps", "response")),
        *((SecureCookieSessionInterface, name) for name in ("open_session", "save_session")),
    ],
)
def test_a_change_of_a_class_and_its_end_are_noticed(
    watch: Watch, cls: t.Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = _changes(watch)
    assert not changed()
    with monkeypatch.context() as patch:
        patch.setattr(cls, name, object())
        assert changed()
        assert not changed()
        on_application = issubclass(cls, Flask)
        assert watch.overridden_by(_Application) == ({name} if on_application else set())
        assert watch.parts_are_original() == on_application
    assert changed()
    assert watch.overridden_by(_Application) == frozenset()
    assert watch.parts_are_original()


def test_a_method_replaced_on_a_provider_or_an_interface_is_noticed(watch: Watch) -> None:
    changed = _changes(watch)
    app = Flask("example")
    app.json.response = lambda *args: edgeweb.Response("own")  # type: ignore[method-assign]
    assert changed()
    app.json.sort_keys = False  # type: ignore[attr-defined]
    assert changed()
    app.json.own = 1  # type: ignore[attr-defined]
    assert not changed()
    SecureCookieSessionInterface().save_session = lambda *args: None  # type: ignore[method-assign]
    assert changed()


def test_the_application_notices_without_a_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgeweb.app._WATCH", Watch(Flask, has_probe=False))
    app = Flask("example")
    app.add_url_rule("/", view_func=lambda: {"a": 1})
    client = app.test_client()
    assert [client.get("/").text for _ in range(2)] == ['{"a":1}\n'] * 2
    assert app.fast_path.is_open
    calls: list[str] = []
    original = Flask.make_response
    with monkeypatch.context() as patch:
        patch.setattr(Flask, "make_response", lambda self, rv: (calls.append("m"), original(self, rv))[1])
        client.get("/")
    client.get("/")
    assert calls == ["m"]
    app.json.response = lambda *args: edgeweb.Response("own")  # type: ignore[method-assign]
    assert client.get("/").text == "own"


def test_a_class_that_was_changed_thousands_of_times_is_still_watched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Own(Flask):
        pass

    watch = Watch(Own)
    for _ in range(3000):
        Own.make_response = None  # type: ignore[assignment, method-assign]
        watch.renew()
    del Own.make_response
    watch.renew()
    before = watch.revision, watch.seen(Own)
    assert watch.probe.__flags__ & UNCHANGED, "at rest each request is a short way"
    watch.renew()
    assert (watch.revision, watch.seen(Own)) == before
    Own.make_response = None  # type: ignore[assignment, method-assign]
    is_set = watch.probe.__flags__ & UNCHANGED
    assert not is_set or watch.seen(Own) != before[1]


def test_a_program_s_class_has_no_probe_below_it() -> None:
    """A program's own class has no hidden subclass, which a loop over `__subclasses__` would find."""

    class Own(Flask):
        pass

    app = Own("example")
    assert app.test_client().get("/").status_code == 404
    assert Own.__subclasses__() == []
