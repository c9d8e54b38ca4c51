"""edgeweb.dispatch.responses: what a view may return, and what not."""

from __future__ import annotations

import enum
import typing as t
from http import HTTPStatus

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as WerkzeugResponse

from tests.witness import both, worded

HTML, JSON, PLAIN = "text/html; charset=utf-8", "application/json", "text/plain; charset=utf-8"


def _wsgi(environ: t.Any, start_response: t.Any) -> list[bytes]:
    start_response("299 Odd", [("Content-Type", "text/x")])
    return [b"wsgi ", environ["PATH_INFO"].encode()]


# What is returned: status line, content type, body.
RETURNED: dict[str, tuple[t.Callable[[t.Any], t.Any], str, str, bytes]] = {
    "text": (lambda f: "é", "200 OK", HTML, b"\xc3\xa9"),
    "bytes": (lambda f: b"b", "200 OK", HTML, b"b"),
    "bytearray": (lambda f: bytearray(b"b"), "200 OK", HTML, b"b"),
    "dict": (lambda f: {"a": None}, "200 OK", JSON, b'{"a":null}\n'),
    "list": (lambda f: [1], "200 OK", JSON, b"[1]\n"),
    "generator": (lambda f: (c for c in "ab"), "200 OK", HTML, b"ab"),
    "code": (lambda f: ("a", 404), "404 NOT FOUND", HTML, b"a"),
    "code enum": (lambda f: ("a", HTTPStatus.CREATED), "201 CREATED", HTML, b"a"),
    "unknown code": (lambda f: ("a", 299), "299 UNKNOWN", HTML, b"a"),
    "status line": (lambda f: ("a", "299 Odd"), "299 Odd", HTML, b"a"),
    "headers": (lambda f: ("a", {"Content-Type": "text/x"}), "200 OK", "text/x", b"a"),
    "header pairs": (lambda f: ("a", [("Content-Type", "text/x")]), "200 OK", "text/x", b"a"),
    "all three": (lambda f: ({}, 201, {"Content-Type": "text/x"}), "201 CREATED", "text/x", b"{}\n"),
    "no status": (lambda f: ("a", None, {"Content-Type": "text/x"}), "200 OK", "text/x", b"a"),
    "own response": (
        lambda f: f.Response("a", 203, mimetype="text/plain"),
        "203 NON AUTHORITATIVE INFORMATION",
        PLAIN,
        b"a",
    ),
    "own response and code": (lambda f: (f.Response("a", 203), 207), "207 MULTI STATUS", HTML, b"a"),
    "werkzeug's": (lambda f: WerkzeugResponse("a"), "200 OK", PLAIN, b"a"),
    "wsgi application": (lambda f: _wsgi, "299 Odd", "text/x", b"wsgi /"),
    "HTTP error": (lambda f: (NotFound(description="gone"), 410), "410 GONE", HTML, b"gone"),
    "empty": (lambda f: "", "200 OK", HTML, b""),
}


@both
@pytest.mark.parametrize("kind", RETURNED)
def test_what_a_view_may_return(framework: t.Any, kind: str) -> None:
    returned, status, content_type, body = RETURNED[kind]
    app = framework.Flask("example")
    with app.test_request_context("/"):
        response = app.make_response(returned(framework))
    assert type(response) is framework.Response
    assert (response.status, response.content_type) == (status, content_type)
    assert body in response.get_data()


class _Colour(enum.Enum):
    RED = 1


@both
@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "returned None"),
        ((None, 200), "returned None"),
        (("a",), "tuple must have the form"),
        (("a", 1, {}, 2), "tuple must have the form"),
        (3, "it was a int."),
        (_Colour.RED, "it was a _Colour."),
        (object(), "it was a object."),
        (len, "it was a builtin_function_or_method."),
    ],
)
def test_what_a_view_may_not_return(framework: t.Any, returned: t.Any, message: str) -> None:
    app = framework.Flask("example")
    app.add_url_rule("/", "view", lambda: returned)
    app.testing = True
    with pytest.raises(TypeError) as caught:
        app.test_client().get("/")
    assert message in str(caught.value)
    assert worded(framework, "The view function", "The view of endpoint 'view' returned") in str(caught.value)


@both
def test_header_pairs_replace_and_repeat(framework: t.Any) -> None:
    app = framework.Flask("example")
    with app.test_request_context("/"):
        first = framework.make_response("a", [("X-One", "1"), ("X-One", "2")])
        second = framework.make_response(first, {"X-One": "3"})
    assert second is first
    assert second.headers.getlist("X-One") == ["3"]


@both
def test_a_response_class_of_the_applications_own(framework: t.Any) -> None:
    class Response(framework.Response):
        default_mimetype = "text/plain"

    app = framework.Flask("example")
    app.response_class = Response
    with app.test_request_context("/"):
        assert [type(app.make_response(value)) for value in ("a", {}, framework.Response("b"), _wsgi)] == [
            Response
        ] * 4
        assert app.make_response("a").content_type == PLAIN
        assert type(app.make_default_options_response()) is Response
        assert type(framework.make_response()) is Response
