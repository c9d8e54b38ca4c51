"""What waits for the broker is bounded, and the last state of a topic is the one that is sent."""

from __future__ import annotations

from edgeweb.device.mqtt.outbox import MAX_EVENTS, Message, Outbox


def drain(outbox: Outbox) -> list[Message]:
    found = []
    while (message := outbox.take()) is not None:
        found.append(message)
    return found


def test_a_topic_has_one_state() -> None:
    outbox = Outbox()
    for number in range(10_000):
        outbox.put_state(f"topic/{number % 3}", str(number).encode())
    assert len(outbox) == 3
    assert [message.payload for message in drain(outbox)] == [b"9999", b"9997", b"9998"]
    assert len(outbox) == outbox.lost == 0


def test_the_oldest_events_are_lost_and_counted() -> None:
    outbox = Outbox()
    for number in range(MAX_EVENTS + 7):
        outbox.put_event("events", str(number).encode())
    assert outbox.lost == 7
    assert drain(outbox)[0].payload == b"7"


def test_what_was_not_acknowledged_comes_first_and_states_do_not_come_back() -> None:
    outbox = Outbox()
    outbox.put_event("events", b"2")
    outbox.put_back(
        [Message("events", b"0", False), Message("state", b"ON", True), Message("events", b"1", False)]
    )
    assert [message.payload for message in drain(outbox)] == [b"0", b"1", b"2"]


def test_what_comes_back_to_a_full_box_is_lost() -> None:
    outbox = Outbox()
    for number in range(MAX_EVENTS):
        outbox.put_event("events", str(number).encode())
    outbox.put_back([Message("events", b"old", False)])
    assert (outbox.lost, len(outbox)) == (1, MAX_EVENTS)
    assert drain(outbox)[0].payload == b"0"


def test_each_message_wakes_the_link() -> None:
    calls: list[str] = []
    outbox = Outbox(lambda: calls.append("woken"))
    outbox.put_state("state", b"ON")
    outbox.put_event("events", b"{}")
    assert len(calls) == 2
