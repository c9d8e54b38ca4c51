"""edgeweb.json.provider: options, responses, and what an application must not be kept alive by."""

from __future__ import annotations

import decimal
import gc
import weakref
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.json.provider import DefaultJSONProvider, JSONProvider


@pytest.fixture
def app() -> Flask:
    return Flask("provider_app")


def test_options_are_attributes(app: Flask) -> None:
    provider = DefaultJSONProvider(app)
    assert provider.dumps({"b": "é", "a": 1}) == '{"a": 1, "b": "\\u00e9"}'
    provider.ensure_ascii = False
    provider.sort_keys = False
    assert provider.dumps({"b": "é", "a": 1}) == '{"b": "é", "a": 1}'
    assert provider.dumps({"b": "é", "a": 1}, sort_keys=True) == '{"a": 1, "b": "é"}'


def test_options_count_for_compact_json_whenever_they_change(app: Flask) -> None:
    provider = DefaultJSONProvider(app)

    def compact(value: Any) -> str:
        return provider.dumps(value, separators=(",", ":"))

    assert compact({"b": "é", "a": 1}) == '{"a":1,"b":"\\u00e9"}'
    provider.sort_keys = False
    assert compact({"b": "é", "a": 1}) == '{"b":"\\u00e9","a":1}'
    provider.ensure_ascii = False
    assert compact({"b": "é", "a": 1}) == '{"b":"é","a":1}'
    provider.default = lambda value: "other"
    assert compact({"b": object()}) == '{"b":"other"}'


def test_compact_json_notices_cycles_again_and_again(app: Flask) -> None:
    # The encoder is kept, and what it knew about the first cycle must not stay in it.
    cycle: list[Any] = []
    cycle.append(cycle)
    inner: dict[str, Any] = {"a": 1}
    for _ in range(2):
        with pytest.raises(ValueError, match="Circular"):
            app.json.dumps([inner, cycle], separators=(",", ":"))
        assert app.json.dumps([inner, inner], separators=(",", ":")) == '[{"a":1},{"a":1}]'


def test_default_may_be_a_method(app: Flask) -> None:
    class Own(DefaultJSONProvider):
        def default(self, o: Any) -> Any:  # type: ignore[override]
            return f"<{type(o).__name__}>"

    assert Own(app).dumps([object()]) == '["<object>"]'
    assert Own(app).dumps([object()], separators=(",", ":")) == '["<object>"]'


def test_loads_hands_its_options_on(app: Flask) -> None:
    assert app.json.loads("1.5", parse_float=decimal.Decimal) == decimal.Decimal("1.5")


@pytest.mark.parametrize(
    ("args", "kwargs", "text"),
    [
        ((), {}, "null\n"),
        ((1,), {}, "1\n"),
        (([1, 2],), {}, "[1,2]\n"),
        ((1, 2), {}, "[1,2]\n"),
        ((), {"a": 1}, '{"a":1}\n'),
        ((None,), {}, "null\n"),
    ],
)
def test_response_of_arguments(app: Flask, args: tuple[Any, ...], kwargs: dict[str, Any], text: str) -> None:
    response = app.json.response(*args, **kwargs)
    assert response.get_data(as_text=True) == text
    assert response.mimetype == "application/json"
    assert isinstance(response, app.response_class)


def test_response_of_both_kinds_of_arguments(app: Flask) -> None:
    with pytest.raises(TypeError, match="args or kwargs"):
        app.json.response(1, a=2)


@pytest.mark.parametrize(
    ("compact", "debug", "indented"),
    [(None, False, False), (None, True, True), (True, True, False), (False, False, True)],
)
def test_response_is_indented(app: Flask, compact: bool | None, debug: bool, indented: bool) -> None:
    provider = DefaultJSONProvider(app)
    provider.compact = compact
    app.debug = debug
    assert provider.response(a=1).get_data() == (b'{\n  "a": 1\n}\n' if indented else b'{"a":1}\n')


def test_response_goes_through_dumps_of_a_subclass(app: Flask) -> None:
    class Own(DefaultJSONProvider):
        mimetype = "application/vnd.own+json"

        def dumps(self, obj: Any, **kwargs: Any) -> str:
            return "own " + super().dumps(obj, **kwargs)

    response = Own(app).response([1, 2])
    assert response.get_data() == b"own [1,2]\n"
    assert response.mimetype == "application/vnd.own+json"


def test_a_provider_has_to_be_filled_in(app: Flask) -> None:
    provider = JSONProvider(app)
    with pytest.raises(NotImplementedError):
        provider.dumps(1)
    with pytest.raises(NotImplementedError):
        provider.loads("1")


def test_the_application_goes_away_with_its_last_reference() -> None:
    gc.disable()
    try:
        app = Flask("short_lived")
        assert app.json.response(a=1).status_code == 200
        gone = weakref.ref(app)
        del app
        assert gone() is None
    finally:
        gc.enable()
