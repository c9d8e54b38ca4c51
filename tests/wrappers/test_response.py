"""edgeweb.wrappers.response: the shorter way out sends what Werkzeug sends."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers
from werkzeug.test import create_environ
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response as WerkzeugResponse

from edgeweb import Flask, Response, request
from edgeweb.wrappers.response import is_plain_path

from ..witness import both

NAMES = ["Location", "location", "Content-Location", "Content-Length", "CONTENT-LENGTH", "X-One", "Vary"]
VALUES = [
    "/",
    "/a?b=c",
    "/a?",
    "//host/",
    "http://Host/ü",
    "/ü",
    "4",
    "Cookie",
    "a b",
    "/a#b",
    "/a%20b",
    "/a;b",
]


class Theirs(WerkzeugResponse):
    default_mimetype = "text/html"
    autocorrect_location_header = False


def sent(response: WerkzeugResponse, method: str) -> tuple[str, list[tuple[str, str]], list[bytes]]:
    body, status, headers = response.get_wsgi_response(create_environ("/", method=method))
    chunks = [chunk for chunk in body if chunk]
    if close := getattr(body, "close", None):
        close()
    return status, sorted(headers), chunks


@given(
    body=st.sampled_from(["", "text", b"bytes", "ü", ["a", b"b"], ("a", "b"), []]),
    status=st.sampled_from([200, 404, 302, 204, 304, 100, "418 TEAPOT", "200"]),
    headers=st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=3),
    method=st.sampled_from(["GET", "HEAD", "POST"]),
    direct=st.booleans(),
)
def test_an_answer_is_werkzeugs(
    body: t.Any, status: t.Any, headers: list[tuple[str, str]], method: str, direct: bool
) -> None:
    if direct:
        body = [b"bytes"]
    ours = Response(body, status, Headers(headers), direct_passthrough=direct)
    theirs = Theirs(body, status, Headers(headers), direct_passthrough=direct)
    assert sent(ours, method) == sent(theirs, method)


def test_headers_that_are_a_dict() -> None:
    """httpbin assigns one to each answer of a status."""
    answers = []
    for make in (Response, Theirs):
        response = make("text")
        response.headers = {"X-One": "1", "Location": "/ü"}  # type: ignore[assignment]
        answers.append(sent(response, "GET"))
    assert answers[0] == answers[1]


@both
def test_headers_that_are_a_dict_and_a_session_that_was_read(framework: t.Any) -> None:
    app = framework.Flask("example")
    app.secret_key = "key"

    @app.get("/")
    def view() -> t.Any:
        framework.session.get("user")
        response = framework.make_response("text")
        response.headers = {"X-One": "1"}
        return response

    answer = app.test_client().get("/")
    assert (answer.headers["X-One"], answer.headers["Vary"]) == ("1", "Cookie")


@given(st.text(st.sampled_from("/a:?#%;[]@ü\\ =&.\t\"<'")))
def test_a_plain_path_is_a_uri(text: str) -> None:
    if is_plain_path(text):
        assert iri_to_uri(text) == text


@pytest.mark.parametrize("location", ["/", "/garden", "/garden?page=2&next=/a?b", "/a;b,c/@x"])
def test_ordinary_locations_are_plain(location: str) -> None:
    assert is_plain_path(location)


def test_what_is_called_at_the_end_is_called_once() -> None:
    calls: list[str] = []
    response = Response("text")
    response.call_on_close(lambda: calls.append("closed"))
    body, _, _ = response.get_wsgi_response(create_environ("/"))
    # After the headers were made: a teardown function may still register one.
    response.call_on_close(lambda: calls.append("later"))
    assert next(body) == b"text" and not calls  # type: ignore[call-overload]
    body.close()  # type: ignore[attr-defined]
    assert calls == ["closed", "later"]


def test_what_a_program_overrides_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    class Own(Response):
        def get_wsgi_headers(self, environ: t.Any) -> Headers:
            headers = super().get_wsgi_headers(environ)
            headers["X-Own"] = "1"
            return headers

    assert ("X-Own", "1") in sent(Own("text"), "GET")[1]
    monkeypatch.setattr(Response, "get_app_iter", lambda self, environ: [b"patched"])
    assert sent(Response("text"), "GET")[2] == [b"patched"]


def test_without_a_length_of_its_own() -> None:
    class Unmeasured(Response):
        automatically_set_content_length = False

    names = [name for name, _ in sent(Unmeasured(["a", "b"]), "GET")[1]]
    assert "Content-Length" not in names


def test_a_response_reads_its_json() -> None:
    with Flask("example").test_request_context("/"):
        assert Response('{"a": 1}', mimetype="application/json").json == {"a": 1}


def test_a_conditional_response_compares_tags_in_linear_time(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    app = Flask("example")
    monkeypatch.setattr(
        WerkzeugResponse,
        "make_conditional",
        lambda self, environ, *rest: seen.append(environ["HTTP_IF_NONE_MATCH"]),
    )
    with app.test_request_context(headers={"If-None-Match": 'W/"a"' + " " * 15_000 + ', "b" '}):
        Response("x").make_conditional(request)
        assert sorted(seen[0].split(", ")) == ['"b"', 'W/"a"']
        assert len(request.environ["HTTP_IF_NONE_MATCH"]) > 15_000, "the request keeps what was sent"
