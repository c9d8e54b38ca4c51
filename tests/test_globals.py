"""edgeweb.globals: the proxies with and without something behind them."""

from __future__ import annotations

import typing as t

import pytest

from .witness import both


@both
@pytest.mark.parametrize(
    ("proxy", "attribute", "first_line"),
    [
        ("current_app", "name", "Working outside of application context."),
        ("g", "anything", "Working outside of application context."),
        ("request", "path", "Working outside of request context."),
        ("session", "permanent", "Working outside of request context."),
    ],
)
def test_outside_of_a_context(framework: t.Any, proxy: str, attribute: str, first_line: str) -> None:
    value = getattr(framework, proxy)
    assert not value
    assert repr(value).startswith("<LocalProxy unbound")
    with pytest.raises(RuntimeError) as caught:
        getattr(value, attribute)
    line, _, advice = str(caught.value).partition("\n")
    assert line == first_line
    assert advice.strip(), "the message says what to do"


@both
def test_inside_of_a_context(framework: t.Any) -> None:
    app = framework.Flask("example")
    with app.test_request_context("/path?q=1") as ctx:
        assert framework.current_app._get_current_object() is app
        assert framework.request._get_current_object() is ctx.request
        assert framework.request.args["q"] == "1"
        assert framework.g._get_current_object() is framework.g._get_current_object()
        assert isinstance(framework.request, framework.Request)
        assert isinstance(framework.current_app, framework.Flask)
        # Equality and truth are those of the object behind.
        assert framework.current_app == app and framework.current_app
    assert not framework.current_app
