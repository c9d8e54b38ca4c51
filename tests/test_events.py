"""Topics and their streams, without a server that parks them: the format, who gets what, and every bound."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from edgeweb import Flask, Response, events
from edgeweb.events import OPENING, Stream, Topic, encode


@pytest.fixture
def topic() -> Topic:
    return Topic(history=3)


@pytest.fixture
def app(topic: Topic) -> Flask:
    app = Flask(__name__)

    @app.get("/events")
    def stream() -> Response:
        return topic.stream()

    return app


def opened(topic: Topic, app: Flask, headers: dict[str, str] | None = None, **options: object) -> Stream:
    """A stream as a view returns it, opened as a server that parks it does."""
    with app.test_request_context("/events", headers=headers):
        stream = topic.stream(**options).response  # type: ignore[arg-type]
    assert isinstance(stream, Stream)
    stream.park(lambda: None)
    return stream


def data_of(text: bytes) -> list[str]:
    return [line[6:] for line in text.decode().split("\n") if line.startswith("data: ")]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ["data: "]),
        ("one", ["data: one"]),
        ("one\ntwo\r\nthree\rfour", ["data: one", "data: two", "data: three", "data: four"]),
        ("a\n", ["data: a", "data: "]),
        # what Python's splitlines takes for line ends, and the standard does not
        ("a\x0bb\x0cc\x85d\u2028e", ["data: a\x0bb\x0cc\x85d\u2028e"]),
    ],
)
def test_the_lines_of_a_text(text: str, lines: list[str]) -> None:
    assert encode(text, "", "7").decode() == "\n".join(["id: 7", *lines]) + "\n\n"


def test_a_text_that_is_not_unicode_harms_no_viewer() -> None:
    assert encode("\udcff", "", "7") == b"id: 7\ndata: ?\n\n"


@pytest.mark.parametrize("name", ["a\nb", "a\rb"])
def test_a_name_is_one_line(topic: Topic, name: str) -> None:
    with pytest.raises(ValueError, match="line end in the name"):
        topic.publish("x", event=name)


def test_data_that_is_no_json_changes_nothing(topic: Topic, app: Flask) -> None:
    stream = opened(topic, app)
    stream.take()
    with pytest.raises(TypeError):
        topic.publish(object())
    assert stream.take() == b""
    assert topic.publish("x").endswith("-1")


def test_everybody_gets_the_same_bytes(topic: Topic, app: Flask) -> None:
    streams = [opened(topic, app) for _ in range(3)]
    identity = topic.publish({"level": 4.2}, event="level")
    expected = OPENING + f'id: {identity}\nevent: level\ndata: {{"level": 4.2}}\n\n'.encode()
    assert [stream.take() for stream in streams] == [expected] * 3
    assert [stream.take() for stream in streams] == [b""] * 3


def test_a_viewer_gets_the_events_that_are_named(topic: Topic, app: Flask) -> None:
    stream = opened(topic, app, only={"level", ""})
    topic.publish("1", event="level")
    topic.publish("2", event="alarm")
    topic.publish("3")
    assert data_of(stream.take()) == ["1", "3"]


def test_what_was_missed_comes_first(topic: Topic, app: Flask) -> None:
    first, *_ = [topic.publish(str(number)) for number in range(3)]
    stream = opened(topic, app, {"Last-Event-ID": first})
    topic.publish("new")
    assert data_of(stream.take()) == ["1", "2", "new"]


def test_a_new_viewer_gets_no_history(topic: Topic, app: Flask) -> None:
    topic.publish("old")
    assert opened(topic, app).take() == OPENING


@pytest.mark.parametrize("last", ["ffff-2", "nonsense", "-", "{}--1", "{}-" + "9" * 40, "{}-²", "0"])
def test_an_id_of_another_process_or_of_nothing_gets_all_that_is_kept(
    topic: Topic, app: Flask, last: str
) -> None:
    origin = topic.publish("0").partition("-")[0]
    for number in range(1, 5):
        topic.publish(str(number))
    stream = opened(topic, app, {"Last-Event-ID": last.format(origin)})
    assert data_of(stream.take()) == ["2", "3", "4"]


def test_a_new_viewer_gets_the_present_state_first(topic: Topic, app: Flask) -> None:
    topic.publish("1", event="level", retain="tank 1")
    topic.publish("2", event="level", retain="tank 2")
    topic.publish("passing", event="level")
    topic.publish("3", event="level", retain="tank 1")
    topic.publish("4", event="alarm", retain="alarm")
    stream = opened(topic, app, only={"level"})
    topic.publish("5", event="level", retain="tank 2")
    assert data_of(stream.take()) == ["2", "3", "5"]
    with topic.lock:
        topic.forget("level")
    assert data_of(opened(topic, app).take()) == ["4"]


def test_a_viewer_that_comes_back_gets_the_state_that_has_changed(topic: Topic, app: Flask) -> None:
    topic.publish("1", retain="tank 1")
    last = topic.publish("2", retain="tank 2")
    topic.publish("passing")
    topic.publish("4", retain="tank 1")
    assert data_of(opened(topic, app, {"Last-Event-ID": last}).take()) == ["passing", "4"]
    assert data_of(opened(topic, app, {"Last-Event-ID": "another-1"}).take()) == ["2", "passing", "4"]


def test_the_present_state_may_be_larger_than_what_waits(topic: Topic, app: Flask) -> None:
    for number in range(3):
        topic.publish("x" * events.MAX_WAITING, retain=str(number))
    stream = opened(topic, app)
    topic.publish("new")
    assert len(data_of(stream.take())) == 4
    assert not stream.ended


def test_who_watches_what(topic: Topic, app: Flask) -> None:
    stream = opened(topic, app, only={"level"}, owner="ada")
    opened(topic, app, only={"alarm"}, owner="eve")
    with topic.lock:
        assert [topic.is_watched(name) for name in ("level", "alarm", "other")] == [True, True, False]
    assert topic.owners == ["ada", "eve"]
    stream.close()
    with topic.lock:
        assert not topic.is_watched("level")


def test_the_history_is_bounded_in_bytes(app: Flask) -> None:
    topic = Topic(history=1000, history_bytes=1000)
    for number in range(100):
        topic.publish(str(number).rjust(80))
    stream = opened(topic, app, {"Last-Event-ID": "0"})
    kept = stream.take().removeprefix(OPENING)
    assert len(kept) <= 1000
    assert data_of(kept)[-1].strip() == "99"
    topic.publish("x" * 2000)
    assert opened(topic, app, {"Last-Event-ID": "0"}).take() == OPENING


def test_a_viewer_that_does_not_read_is_dropped_at_64_kib(topic: Topic, app: Flask) -> None:
    slow, quick = opened(topic, app), opened(topic, app)
    size = len(encode("x" * 1000, "", topic.publish("x" * 1000)))
    sent = 1
    while (sent + 1) * size <= events.MAX_WAITING - 1000:
        topic.publish("x" * 1000)
        quick.take()
        sent += 1
    assert not slow.ended
    for _ in range(3):
        topic.publish("x" * 1000)
        quick.take()
    assert slow.ended
    assert slow.take() == b""
    assert not quick.ended


def test_end_ends_the_streams_of_an_owner(topic: Topic, app: Flask) -> None:
    ada, eve = opened(topic, app, owner="ada"), opened(topic, app, owner="eve")
    topic.end(lambda owner: owner == "ada")
    assert (ada.ended, eve.ended) == (True, False)
    assert topic.viewers == 1
    topic.end()
    assert topic.viewers == 0


def test_a_server_is_notified_of_each_event_and_of_the_end(topic: Topic, app: Flask) -> None:
    ready: list[None] = []
    with app.test_request_context("/events"):
        stream = topic.stream().response
    assert isinstance(stream, Stream)
    stream.park(lambda: ready.append(None))
    topic.publish("1")
    topic.publish("2")
    topic.end()
    assert len(ready) == 4


# -- under any other server: an ordinary iterable -----------------------------------------------------------


def test_a_client_reads_events_as_they_come(topic: Topic, app: Flask) -> None:
    response = app.test_client().get("/events", buffered=False)
    chunks: Iterator[bytes] = iter(response.response)  # type: ignore[arg-type]
    assert next(chunks) == OPENING
    publisher = threading.Thread(target=topic.publish, args=("now",))
    publisher.start()
    assert data_of(next(chunks)) == ["now"]
    publisher.join()
    topic.end()
    assert list(chunks) == []
    response.close()


def test_a_comment_is_sent_where_no_event_comes(
    topic: Topic, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.01)
    with app.test_request_context("/events"):
        stream = iter(topic.stream().response)
    assert [next(stream), next(stream), next(stream)] == [OPENING, b":\n\n", b":\n\n"]


def test_the_headers(topic: Topic, app: Flask) -> None:
    response = app.test_client().get("/events", buffered=False)
    assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert "Content-Length" not in response.headers
    assert topic.viewers == 1
    response.close()
    assert topic.viewers == 0


def test_head_opens_no_stream(topic: Topic, app: Flask) -> None:
    response = app.test_client().head("/events")
    assert response.status_code == 200
    assert response.mimetype == "text/event-stream"
    assert topic.viewers == 0


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("text/event-stream", 200),
        ("text/*", 200),
        ("*/*", 200),
        ("", 200),
        ("text/html", 406),
        ("text/event-stream;q=0", 406),
    ],
)
def test_what_the_client_accepts(app: Flask, accept: str, status: int) -> None:
    response = app.test_client().get("/events", headers={"Accept": accept}, buffered=False)
    assert response.status_code == status
    response.close()


def test_a_change_of_a_whole_that_is_kept(topic: Topic, app: Flask) -> None:
    """Who listens gets what has changed; who comes, or comes back, gets the whole."""
    last = topic.publish({"a": 1, "b": 2}, retain="state")
    first = opened(topic, app)
    first.take()
    topic.publish({"a": 3}, retain="state", present={"a": 3, "b": 2})
    assert first.take() == b'data: {"a": 3}\n\n'
    assert data_of(opened(topic, app).take()) == ['{"a": 3, "b": 2}']
    back = opened(topic, app, {"Last-Event-ID": last})
    assert data_of(back.take()) == ['{"a": 3, "b": 2}']
