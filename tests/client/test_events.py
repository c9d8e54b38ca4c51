"""The events of a device as an iterator: from a real one, and over lost connections."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeweb.client import BadAnswer, Client, ClientError, Refused, Unreachable
from edgeweb.client.events import LONGEST_WAIT, MAX_EVENT, Parser

from ..device.process import DeviceServer
from .recorder import Answer, Recorder

PROFILE = '[channels.lamp]\ndriver = "memory"\nmode = "output"\n'


def stream(text: str, **headers: str) -> Answer:
    return Answer(
        200, None, {"Content-Type": "text/event-stream", "Content-Length": "", **headers}, text.encode()
    )


def event(number: int) -> str:
    return f'id: a-{number}\nevent: channel\ndata: {{"number": {number}}}\n\n'


@pytest.mark.slow
def test_a_real_device_over_a_restart(tmp_path: Path) -> None:
    (tmp_path / "shed.toml").write_text(PROFILE)
    server = DeviceServer(tmp_path / "device", "--profile", str(tmp_path / "shed.toml"))
    server.claim()
    client = Client(server.url, server.token)
    lost: list[ClientError] = []

    def restart(error: ClientError, pause: float) -> None:
        nonlocal server
        if not lost:
            server = DeviceServer(
                tmp_path / "device", "--profile", str(tmp_path / "shed.toml"), "--port", str(server.port)
            )
        lost.append(error)

    try:
        found = client.events("channels", on_lost=restart)
        assert next(found).data["state"] is False
        client.switch("lamp", True)
        assert next(found).data["state"] is True
        assert server.stop() == 0
        assert next(found).data["id"] == "lamp"
        assert lost
    finally:
        assert server.stop() == 0, server.log


def test_the_next_connection_names_the_last_event(recorder: Recorder) -> None:
    pauses: list[float] = []
    client = Client(recorder.url, "edgeweb_x", sleep=pauses.append)
    recorder.answers.extend(
        [stream("retry: 3000\n\n" + event(1) + event(2)), stream(event(3)), Answer(503), stream(event(4))]
    )
    found = client.events("channels")
    assert [next(found).data["number"] for _ in range(4)] == [1, 2, 3, 4]
    assert [asked.headers.get("Last-Event-ID") for asked in recorder.asked] == [None, "a-2", "a-3", "a-3"]
    assert {asked.headers["Accept"] for asked in recorder.asked} == {"text/event-stream"}
    assert 1.5 <= pauses[0] <= 3.0 and 1.0 <= pauses[1] <= 2.0 and 2.0 <= pauses[2] <= 4.0


def test_the_pauses_grow_and_obey_retry_after(recorder: Recorder) -> None:
    pauses: list[float] = []
    recorder.answers.append(stream(event(1)))
    recorder.answers.extend([Answer(503, {}, {"Retry-After": "20"}), *[Answer(502)] * 7, stream(event(2))])
    found = Client(recorder.url, sleep=pauses.append).events()
    assert [next(found).data["number"] for _ in range(2)] == [1, 2]
    assert pauses[1] == 20 and len(pauses) == 9
    assert all(LONGEST_WAIT / 2 <= pause <= LONGEST_WAIT for pause in pauses[-3:])


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_no_other_attempt_changes_is_raised(status: int, recorder: Recorder) -> None:
    lost: list[float] = []
    recorder.answers.extend([stream(event(1)), Answer(status, {"title": "No"})])
    found = Client(recorder.url, sleep=lost.append).events(on_lost=lambda error, pause: None)
    next(found)
    with pytest.raises(Refused) as caught:
        next(found)
    assert caught.value.status == status


@pytest.mark.parametrize(
    "answer",
    [
        Answer(503),
        stream(""),
        Answer(200, {}),
        stream("data: 1\n\n"),
        stream("data: {\n\n"),
        stream("data: " + "x" * (MAX_EVENT + 1)),
    ],
)
def test_without_a_callback_a_first_failure_is_raised(answer: Answer, recorder: Recorder) -> None:
    recorder.answers.append(answer)
    with pytest.raises((Refused, Unreachable, BadAnswer)):
        next(Client(recorder.url).events())
    assert len(recorder.asked) == 1


def test_with_a_callback_it_is_asked_again(recorder: Recorder) -> None:
    lost: list[tuple[ClientError, float]] = []
    recorder.answers.extend([Answer(503), Answer(200, {}), stream(event(1))])
    client = Client(recorder.url, sleep=lambda seconds: None)
    assert next(client.events(on_lost=lambda *row: lost.append(row))).data == {"number": 1}
    assert [type(error) for error, _ in lost] == [Refused, BadAnswer]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_events_in_pieces(size: int, end: str) -> None:
    text = ': comment\n\nid: 1\ndata: {"a":\ndata:"ü"}\n\nevent: x\ndata: {}\n\nid: 2\n\n'
    text = (text + "retry: 9999999999\nid: 3\nevent: lost\n").replace("\n", end)
    parser = Parser()
    found = [one for start in range(0, len(text), size) for one in parser.feed(text[start : start + size])]
    assert found == [("message", {"a": "ü"}, "1"), ("x", {}, "1")]
    assert parser.last_id == "3" and parser.retry is None
