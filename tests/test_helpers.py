"""edgeweb.helpers: what view functions call."""

from __future__ import annotations

import asyncio
import functools
import inspect
import io
import re
import typing as t
from pathlib import Path

import pytest
from werkzeug.exceptions import HTTPException, NotFound

from edgeweb.helpers import get_debug_flag, get_load_dotenv, is_coroutine_function

from .witness import both

# --- flags -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "debug", "dotenv"),
    [
        (None, False, True),
        ("", False, True),
        ("0", False, True),
        ("false", False, True),
        ("No", False, True),
        ("1", True, False),
        ("true", True, False),
        ("off", True, False),
    ],
)
def test_flags(value: str | None, debug: bool, dotenv: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FLASK_DEBUG", "FLASK_SKIP_DOTENV"):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    assert (get_debug_flag(), get_load_dotenv()) == (debug, dotenv)
    assert get_load_dotenv(False) is (dotenv and bool(value))


# --- streams -----------------------------------------------------------------------------------------------


@both
def test_a_stream_keeps_its_request_and_is_closed(framework: t.Any) -> None:
    app = framework.Flask("example")
    events: list[str] = []
    app.teardown_request(lambda error: events.append("teardown"))

    class Stream:
        def __init__(self) -> None:
            self.pieces = iter("ab")

        def __iter__(self) -> t.Self:
            return self

        def __next__(self) -> str:
            return next(self.pieces) + framework.request.args["x"]

        def close(self) -> None:
            events.append("close")

    app.add_url_rule("/", view_func=lambda: framework.Response(framework.stream_with_context(Stream())))
    response = app.test_client().get("/?x=1", buffered=False)
    assert response.data == b"a1b1"
    response.close()
    # The view's context ended with the view; the stream had its own push of it.
    assert events == ["teardown", "close", "teardown"]


@both
def test_a_generator_function_is_decorated(framework: t.Any) -> None:
    app = framework.Flask("example")

    @app.route("/")
    def index() -> t.Any:
        @framework.stream_with_context
        def generate(mark: str) -> t.Iterator[str]:
            """Docs."""
            yield framework.request.path + mark

        assert generate.__doc__ == "Docs."
        return framework.Response(generate("!"))

    assert app.test_client().get("/").text == "/!"


@both
def test_a_stream_needs_a_request(framework: t.Any) -> None:
    with pytest.raises(RuntimeError, match=r"'stream_with_context' .* request"):
        framework.stream_with_context(iter(()))


# --- answers -----------------------------------------------------------------------------------------------


@both
def test_make_response(framework: t.Any) -> None:
    with framework.Flask("example").test_request_context("/"):
        assert framework.make_response().data == b""
        assert framework.make_response("a").data == b"a"
        response = framework.make_response({"a": 1}, 201, {"X": "1"})
        assert (response.json, response.status_code, response.headers["X"]) == ({"a": 1}, 201, "1")


@both
def test_abort_and_redirect_are_the_applications(framework: t.Any) -> None:
    app = framework.Flask("example")

    class OutOfTea(HTTPException):
        code = 499

    app.aborter.mapping[499] = OutOfTea
    with app.app_context():
        with pytest.raises(OutOfTea):
            framework.abort(499)
        with pytest.raises(NotFound, match="gone"):
            framework.abort(404, "gone")
        assert type(framework.redirect("/")) is framework.Response
    with pytest.raises(LookupError):
        framework.abort(499)
    with pytest.raises(NotFound):
        framework.abort(404)
    assert framework.redirect("/x", 303).status_code == 303


@both
def test_flashed_messages(framework: t.Any) -> None:
    app = framework.Flask("example")
    app.secret_key = "key"
    flashed: list[t.Any] = []
    with (
        framework.message_flashed.connected_to(lambda sender, **kw: flashed.append(kw), app),
        app.test_request_context("/"),
    ):
        framework.flash("one")
        framework.flash("two", "error")
        framework.flash("three", "error")
        get = framework.get_flashed_messages
        assert get() == ["one", "two", "three"]
        assert get(with_categories=True) == [("message", "one"), ("error", "two"), ("error", "three")]
        assert get(category_filter=["error"]) == ["two", "three"]
        assert get(category_filter=["none"]) == []
        assert "_flashes" not in framework.session
    assert [{key: kw[key] for key in ("message", "category")} for kw in flashed][:2] == [
        {"message": "one", "category": "message"},
        {"message": "two", "category": "error"},
    ]


@both
def test_a_macro_of_a_template(framework: t.Any, tmp_path: Path) -> None:
    (tmp_path / "macros.html").write_text(
        "{% macro hello(name) %}hello {{ name }}{% endmacro %}{% set x = 3 %}"
    )
    app = framework.Flask("example", root_path=str(tmp_path), template_folder=".")
    with app.app_context():
        assert framework.get_template_attribute("macros.html", "hello")("<b>") == "hello &lt;b&gt;"
        assert framework.get_template_attribute("macros.html", "x") == 3
        with pytest.raises(AttributeError):
            framework.get_template_attribute("macros.html", "missing")


# --- files -------------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("options", "headers"),
    [
        (
            {},
            {"Content-Type": "text/plain; charset=utf-8", "Content-Length": "3", "Cache-Control": "no-cache"},
        ),
        ({"max_age": 5}, {"Cache-Control": "public, max-age=5"}),
        ({"max_age": lambda name: len(name.rpartition("/")[2])}, {"Cache-Control": "public, max-age=7"}),
        ({"mimetype": "text/x"}, {"Content-Type": "text/x; charset=utf-8"}),
        ({"as_attachment": True}, {"Content-Disposition": "attachment; filename=one.txt"}),
        (
            {"as_attachment": True, "download_name": "two"},
            {"Content-Disposition": "attachment; filename=two"},
        ),
        ({"etag": "tag"}, {"ETag": '"tag"'}),
        ({"etag": False}, {"ETag": None}),
        ({"last_modified": 0}, {"Last-Modified": "Thu, 01 Jan 1970 00:00:00 GMT"}),
    ],
)
def test_headers_of_files(
    framework: t.Any, options: dict[str, t.Any], headers: dict[str, str | None], tmp_path: Path
) -> None:
    (tmp_path / "one.txt").write_bytes(b"one")
    app = framework.Flask("example", root_path=str(tmp_path))
    with app.test_request_context("/"):
        for sent in (
            framework.send_file("one.txt", **options),  # relative to the root path
            framework.send_from_directory(tmp_path, "one.txt", **options),
        ):
            assert {key: sent.headers.get(key) for key in headers} == headers
            sent.close()


@both
def test_ranges_and_conditions(framework: t.Any, tmp_path: Path) -> None:
    (tmp_path / "one.bin").write_bytes(b"0123456789")
    app = framework.Flask("example", static_folder=tmp_path, static_url_path="/f")
    client = app.test_client()
    with client.get("/f/one.bin") as whole:
        etag = whole.headers["ETag"]
    table = [
        ({"Range": "bytes=2-4"}, 206, b"234"),
        ({"Range": "bytes=-3"}, 206, b"789"),
        ({"Range": "bytes=20-"}, 416, None),
        ({"If-None-Match": etag}, 304, b""),
        ({"If-None-Match": '"other"'}, 200, b"0123456789"),
        ({"If-Range": etag, "Range": "bytes=0-0"}, 206, b"0"),
        ({"If-Range": '"other"', "Range": "bytes=0-0"}, 200, b"0123456789"),
    ]
    for headers, status, data in table:
        with client.get("/f/one.bin", headers=headers) as response:
            assert response.status_code == status, headers
            assert data is None or response.data == data


@both
@pytest.mark.parametrize(
    "path", ["missing", "../secret.txt", "/etc/hostname", "sub/../../secret.txt", "sub", ""]
)
def test_nothing_outside_of_the_directory(framework: t.Any, path: str, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "public" / "sub").mkdir(parents=True)
    app = framework.Flask("example")
    with app.test_request_context("/"), pytest.raises(NotFound):
        framework.send_from_directory(tmp_path / "public", path)


@both
@pytest.mark.parametrize(
    ("file", "options", "error", "message"),
    [
        (io.BytesIO(b"x"), {}, TypeError, "Unable to detect the MIME type"),
        (io.StringIO("x"), {"mimetype": "text/plain"}, ValueError, "Files must be opened in binary mode"),
        (io.BytesIO(b"x"), {"mimetype": "text/plain", "as_attachment": True}, TypeError, "No name provided"),
        ("missing.txt", {}, FileNotFoundError, "missing.txt"),
    ],
)
def test_files_that_cannot_be_sent(
    framework: t.Any, file: t.Any, options: dict[str, t.Any], error: type[Exception], message: str
) -> None:
    app = framework.Flask("example")
    with app.test_request_context("/"), pytest.raises(error, match=message):
        framework.send_file(file, **options)


# --- coroutine functions -----------------------------------------------------------------------------------


async def _coroutine(x: int = 0) -> int:
    return x


async def _async_generator() -> t.AsyncIterator[int]:
    yield 1


def _generator() -> t.Iterator[int]:
    yield 1


class _Callable:
    async def method(self) -> None: ...

    async def __call__(self) -> None: ...

    def plain(self) -> None: ...


CALLABLES: list[t.Any] = [
    *(
        _coroutine,
        _async_generator,
        _generator,
        len,
        print,
        int,
        _Callable,
        lambda: None,
    ),
    *(
        _Callable().method,
        _Callable().plain,
        _Callable(),
        functools.partial(_coroutine, 1),
        functools.partial(len),
    ),
    *(
        functools.partial(functools.partial(_coroutine), x=2),
        functools.wraps(_coroutine)(lambda: None),
        asyncio.sleep,
    ),
]


def _without_address(value: object) -> str:
    """Return what a test has as a part of its name, which is the same in each process."""
    return re.sub(" at 0x[0-9a-f]+", "", repr(value))


@pytest.mark.parametrize("function", CALLABLES, ids=_without_address)
def test_coroutine_functions_are_told_as_inspect_does(function: t.Any) -> None:
    assert is_coroutine_function(function) is inspect.iscoroutinefunction(function)
