"""Static files: each answer is Flask's to the byte, whether its headers are worked out or kept."""

from __future__ import annotations

import os
import typing as t
from email.utils import parsedate_to_datetime
from io import BytesIO
from pathlib import Path

import flask
import pytest

import edgeweb
from edgeweb.dispatch import static_files
from tests.witness import both

Answer = tuple[str, list[tuple[str, str]], bytes]

# What a request adds to a plain GET; TAG stands for the entity tag of the file.
REQUESTS: dict[str, dict[str, str]] = {
    "plain": {},
    "head": {"REQUEST_METHOD": "HEAD"},
    "post": {"REQUEST_METHOD": "POST"},
    "options": {"REQUEST_METHOD": "OPTIONS"},
    "same tag": {"HTTP_IF_NONE_MATCH": "TAG"},
    "same tag, head": {"HTTP_IF_NONE_MATCH": "TAG", "REQUEST_METHOD": "HEAD"},
    "weak tag": {"HTTP_IF_NONE_MATCH": "W/TAG"},
    "one of two tags": {"HTTP_IF_NONE_MATCH": '"x", TAG'},
    "another tag": {"HTTP_IF_NONE_MATCH": '"x"'},
    "empty tag": {"HTTP_IF_NONE_MATCH": ""},
    "any tag": {"HTTP_IF_NONE_MATCH": "*"},
    "same tag, older time": {
        "HTTP_IF_NONE_MATCH": "TAG",
        "HTTP_IF_MODIFIED_SINCE": "Fri, 01 Jan 1999 00:00:00 GMT",
    },
    "another tag, later time": {
        "HTTP_IF_NONE_MATCH": '"x"',
        "HTTP_IF_MODIFIED_SINCE": "Fri, 01 Jan 2100 00:00:00 GMT",
    },
    "later time": {"HTTP_IF_MODIFIED_SINCE": "Fri, 01 Jan 2100 00:00:00 GMT"},
    "older time": {"HTTP_IF_MODIFIED_SINCE": "Fri, 01 Jan 1999 00:00:00 GMT"},
    "range": {"HTTP_RANGE": "bytes=1-2"},
    "range, same tag": {"HTTP_RANGE": "bytes=1-2", "HTTP_IF_NONE_MATCH": "TAG"},
    "range behind the end": {"HTTP_RANGE": "bytes=900-"},
    "range if it is the same": {"HTTP_RANGE": "bytes=1-2", "HTTP_IF_RANGE": "TAG"},
    "if it is the same": {"HTTP_IF_MATCH": "TAG"},
    "if it is another": {"HTTP_IF_MATCH": '"x"'},
    "if it is the same, same tag": {"HTTP_IF_MATCH": '"x"', "HTTP_IF_NONE_MATCH": "TAG"},
}


@pytest.fixture(autouse=True)
def nothing_known() -> None:
    static_files._known.clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "a.css").write_text("p { color: red }")
    (tmp_path / "static" / "grüße.js.gz").write_bytes(b"\x1f\x8b" + b"x" * 9000)
    (tmp_path / "static" / "empty").touch()
    return tmp_path


def made(framework: t.Any, root: Path, **config: t.Any) -> t.Any:
    app = framework.Flask("example", root_path=str(root))
    app.config.update(config)
    return app


def ask(app: t.Any, path: str = "/static/a.css", **environ: t.Any) -> Answer:
    """One request as a server makes it."""
    seen: list[t.Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: t.Any = None) -> None:
        seen[:] = [status, headers]

    request = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path.encode().decode("latin-1"),
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "host",
        "SERVER_PORT": "80",
        "HTTP_HOST": "host",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        **environ,
    }
    chunks = app(request, start_response)
    body = b"".join(chunks)
    if hasattr(chunks, "close"):
        chunks.close()
    return seen[0], seen[1], body


def without_times(answer: Answer) -> tuple[str, list[tuple[str, str]], list[float], bytes]:
    """Date and Expires apart, as seconds."""
    status, headers, body = answer
    times = [
        parsedate_to_datetime(value).timestamp() for name, value in headers if name in ("Date", "Expires")
    ]
    return (
        status,
        [(name, "" if name in ("Date", "Expires") else value) for name, value in headers],
        times,
        body,
    )


def assert_same(ours: Answer, theirs: Answer) -> None:
    our, their = without_times(ours), without_times(theirs)
    assert (our[0], our[1], our[3]) == (their[0], their[1], their[3])
    assert our[2] == pytest.approx(their[2], abs=2)


def tag_of(app: t.Any, path: str) -> str:
    return dict(ask(app, path)[1])["ETag"]


def is_short(app: t.Any, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the next answer is made of what is known."""
    with monkeypatch.context() as patch:
        calls: list[t.Any] = []
        original = static_files.send_from_directory
        patch.setattr(
            static_files, "send_from_directory", lambda *a, **k: calls.append(a) or original(*a, **k)
        )
        ask(app)
    return not calls


@pytest.mark.parametrize("max_age", [None, 0, 3600])
@pytest.mark.parametrize("path", ["/static/a.css", "/static/grüße.js.gz", "/static/empty"])
@pytest.mark.parametrize("hooked", [False, True], ids=["unseen", "seen by a hook"])
def test_every_answer_is_flasks(folder: Path, path: str, max_age: int | None, hooked: bool) -> None:
    apps = [made(framework, folder, SEND_FILE_MAX_AGE_DEFAULT=max_age) for framework in (edgeweb, flask)]
    for app in apps:
        if hooked:
            app.after_request(lambda response: response.headers.add("X-Seen", "1") or response)
        ask(app, path)
    tag = tag_of(apps[1], path)
    for name, more in REQUESTS.items():
        request = {key: value.replace("TAG", tag) for key, value in more.items()}
        ours, theirs = [ask(app, path, **request) for app in apps]
        if name in ("post", "options"):  # Allow is made from a set
            assert (ours[0], ours[2]) == (theirs[0], theirs[2])
        else:
            assert_same(ours, theirs)


def test_the_second_answer_takes_the_short_way(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = made(edgeweb, folder)
    assert [is_short(app, monkeypatch) for _ in range(3)] == [False, True, True]


@both
def test_a_changed_file_is_noticed(framework: t.Any, folder: Path) -> None:
    app, file = made(framework, folder), folder / "static" / "a.css"
    before = [ask(app) for _ in range(2)]
    file.write_text("p { color: blue }")
    after = [ask(app) for _ in range(2)]
    assert [answer[2] for answer in before + after] == [b"p { color: red }"] * 2 + [b"p { color: blue }"] * 2
    assert dict(before[1][1])["ETag"] != dict(after[0][1])["ETag"] == dict(after[1][1])["ETag"]
    assert dict(after[1][1])["Content-Length"] == "17"
    # The same size, another time; and an older one than before.
    os.utime(file, (1_000_000_000, 1_000_000_000))
    assert dict(ask(app)[1])["Last-Modified"] == "Sun, 09 Sep 2001 01:46:40 GMT"


@both
def test_a_file_that_is_none_any_more_is_not_found(framework: t.Any, folder: Path) -> None:
    app, file = made(framework, folder), folder / "static" / "a.css"
    for _ in range(2):
        assert ask(app)[0] == "200 OK"
    file.unlink()
    assert ask(app)[0] == "404 NOT FOUND"
    file.mkdir()
    assert ask(app)[0] == "404 NOT FOUND"
    file.rmdir()
    os.mkfifo(file)  # opening it would wait for somebody who writes
    assert ask(app)[0] == "404 NOT FOUND"
    file.unlink()
    file.write_text("back")
    assert ask(app)[2] == b"back"


@both
def test_a_link_is_followed_wherever_it_points_by_now(framework: t.Any, folder: Path) -> None:
    app, link = made(framework, folder), folder / "static" / "link"
    (folder / "one").write_text("one")
    (folder / "two").write_text("two!")
    link.symlink_to(folder / "one")
    assert [ask(app, "/static/link")[2] for _ in range(2)] == [b"one", b"one"]
    link.unlink()
    link.symlink_to(folder / "two")
    assert ask(app, "/static/link")[2] == b"two!"


def test_an_unreadable_file_is_answered_as_ever(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = made(edgeweb, folder, PROPAGATE_EXCEPTIONS=True)
    ask(app)

    def refuse(*args: t.Any) -> t.Any:
        raise PermissionError("no")

    monkeypatch.setattr(static_files, "FileIO", refuse)
    assert ask(app)[::2] == ("200 OK", b"p { color: red }")


@both
def test_date_and_expires_are_those_of_the_answer(
    framework: t.Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = made(framework, folder, SEND_FILE_MAX_AGE_DEFAULT=60)
    for later in (0, 0, 100):
        real = parsedate_to_datetime("Sat, 21 Nov 2026 12:00:00 GMT").timestamp() + later
        for module in ("edgeweb.dispatch.static_files", "werkzeug.utils"):
            monkeypatch.setattr(f"{module}.time", lambda now=real: now)
        monkeypatch.setattr("time.time", lambda now=real: now)
        _, headers, _ = ask(app)
        times = [parsedate_to_datetime(dict(headers)[name]).timestamp() for name in ("Date", "Expires")]
        assert times == [real, real + 60]


@both
def test_a_subclass_decides_how_long_a_file_is_kept(framework: t.Any, folder: Path) -> None:
    class App(framework.Flask):  # type: ignore[misc, name-defined]
        def get_send_file_max_age(self, filename: str | None) -> int | None:
            asked.append(filename)
            return ages.pop(0)

    asked: list[str | None] = []
    ages: list[int | None] = [10, 10, 20, 20]
    app = App("example", root_path=str(folder))
    found = [dict(ask(app)[1])["Cache-Control"] for _ in range(4)]
    assert found == ["public, max-age=10"] * 2 + ["public, max-age=20"] * 2
    assert asked == ["a.css"] * 4


@both
def test_a_blueprints_file_follows_the_applications_time_where_it_has_none(
    framework: t.Any, folder: Path
) -> None:
    class Blueprint(framework.Blueprint):  # type: ignore[misc, name-defined]
        def get_send_file_max_age(self, filename: str | None) -> int | None:
            return None

    app = made(framework, folder, SEND_FILE_MAX_AGE_DEFAULT=7)
    app.register_blueprint(
        Blueprint("shop", "example", root_path=str(folder), static_folder="static", url_prefix="/shop")
    )
    for _ in range(3):
        assert dict(ask(app, "/shop/static/a.css")[1])["Cache-Control"] == "public, max-age=7"
        assert dict(ask(app)[1])["Cache-Control"] == "public, max-age=7"


@both
def test_send_static_file_can_be_overridden(framework: t.Any, folder: Path) -> None:
    class App(framework.Flask):  # type: ignore[misc, name-defined]
        def send_static_file(self, filename: str) -> t.Any:
            response = super().send_static_file(filename)
            response.headers["X-Name"] = filename
            response.set_cookie("seen", "1")
            return response

    app = App("example", root_path=str(folder))
    for _ in range(3):
        status, headers, body = ask(app)
        assert (status, body) == ("200 OK", b"p { color: red }")
        assert dict(headers)["X-Name"] == "a.css" and "Set-Cookie" in dict(headers)


@both
def test_x_sendfile_is_left_to_the_server(framework: t.Any, folder: Path) -> None:
    app = made(framework, folder)
    ask(app), ask(app)
    app.config["USE_X_SENDFILE"] = True
    _, headers, body = ask(app)
    assert dict(headers)["X-Sendfile"] == str(folder / "static" / "a.css") and body == b""


@both
def test_a_response_class_of_the_applications_own_is_used(framework: t.Any, folder: Path) -> None:
    class Marked(framework.Response):  # type: ignore[misc, name-defined]
        def __init__(self, *args: t.Any, **kwargs: t.Any) -> None:
            super().__init__(*args, **kwargs)
            self.headers["X-Class"] = "mine"

    app = made(framework, folder)
    ask(app), ask(app)
    app.response_class = Marked
    assert [dict(ask(app)[1])["X-Class"] for _ in range(2)] == ["mine", "mine"]


# What a view may do with the response of a static file before it returns it.
TOUCHES: dict[str, t.Callable[[t.Any], t.Any]] = {
    "nothing": lambda response: response,
    "status": lambda response: setattr(response, "status_code", 404) or response,
    "in a tuple": lambda response: (response, 404, {"X-A": "1"}),
    "in a tuple, the same code": lambda response: (response, 200),
    "header": lambda response: response.headers.set("X-A", "1") or response,
    "media type": lambda response: setattr(response, "mimetype", "text/plain") or response,
    "looked at": lambda response: (response.status_code, response.is_streamed) and response,
    "text": lambda response: setattr(response, "data", b"mine") or response,
    "whole body": lambda response: (
        setattr(response, "direct_passthrough", False) or (response.get_data() and response)
    ),
    "no cache": lambda response: setattr(response.cache_control, "no_store", True) or response,
    "cookie": lambda response: response.set_cookie("a", "b") or response,
}


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.parametrize("same_tag", [False, True], ids=["whole", "same tag"])
@pytest.mark.parametrize("touch", TOUCHES)
def test_a_view_may_change_the_response(folder: Path, touch: str, same_tag: bool) -> None:
    answers = []
    for framework in (edgeweb, flask):
        app = made(framework, folder)
        app.add_url_rule("/page", view_func=lambda app=app: TOUCHES[touch](app.send_static_file("a.css")))
        more = {"HTTP_IF_NONE_MATCH": tag_of(app, "/static/a.css")} if same_tag else {}
        answers.append([ask(app, "/page", **more) for _ in range(2)])
    for ours, theirs in zip(*answers, strict=True):
        assert_same(ours, theirs)


def test_what_a_hook_sees_is_a_response(folder: Path) -> None:
    app = made(edgeweb, folder)
    seen: list[t.Any] = []
    app.after_request(lambda response: seen.append(response) or response)
    for _ in range(2):
        ask(app)
    response = seen[1]
    assert isinstance(response, edgeweb.Response) and isinstance(response, app.response_class)
    assert (response.status_code, response.content_type) == (200, "text/css; charset=utf-8")
    assert response.direct_passthrough and not response.is_sequence
    assert response.get_etag()[0]
    with pytest.raises(AttributeError, match="no_such_attribute"):
        _ = response.no_such_attribute


@pytest.mark.parametrize("more", [{}, {"HTTP_IF_NONE_MATCH": "TAG"}], ids=["whole", "same tag"])
def test_the_servers_file_wrapper_is_used_and_the_file_closed(folder: Path, more: dict[str, str]) -> None:
    class Wrapper:
        def __init__(self, file: t.Any, size: int) -> None:
            self.file = file
            opened.append(file)

        def __iter__(self) -> t.Iterator[bytes]:
            return iter([self.file.read()])

        def close(self) -> None:
            self.file.close()

    opened: list[t.Any] = []
    app = made(edgeweb, folder)
    tag = tag_of(app, "/static/a.css")
    request = {key: value.replace("TAG", tag) for key, value in more.items()}
    status, _, body = ask(app, **request, **{"wsgi.file_wrapper": Wrapper})
    assert (status, body) == (("304 NOT MODIFIED", b"") if more else ("200 OK", b"p { color: red }"))
    assert [file.closed for file in opened] == [True]


def test_other_names_of_a_file_are_not_kept(folder: Path) -> None:
    app = made(edgeweb, folder)
    for path in ("/static/./a.css", "/static/x/../a.css", "/static/a.css/", "/static/missing", "/static/.."):
        ask(app, path)
    assert not static_files._known
    assert ask(app, "/static/x/../a.css")[0] == "200 OK"


def test_what_is_known_has_a_bound(folder: Path) -> None:
    app = made(edgeweb, folder)
    for number in range(static_files._MAX_KNOWN + 5):
        (folder / "static" / str(number)).write_text(str(number))
        assert ask(app, f"/static/{number}")[2] == ask(app, f"/static/{number}")[2] == str(number).encode()
    assert len(static_files._known) == 5


def test_a_session_that_was_read_is_still_said(folder: Path) -> None:
    app = made(edgeweb, folder, SECRET_KEY="k")
    app.before_request(lambda: edgeweb.session.get("x"))
    for _ in range(3):
        _, headers, _ = ask(app)
        assert [value for name, value in headers if name == "Vary"] == ["Cookie"]
