"""systemd's programs answer anything: rows are clean and complete, or `CommandError` has the reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeweb.device.system import systemd
from edgeweb.device.system.clock import WallClock
from edgeweb.device.system.command import MAX_OUTPUT, CommandError
from edgeweb.device.system.systemd import MAX_MESSAGE, own_name

UNITS = ("sshd.service", "nginx.service")
FIELDS = ["id", "unit", "description", "load", "active", "sub"]

#: Answers of a program that no manual promises.
ATTACKS = {
    "empty": b"",
    "newlines": b"\n\n\n\n",
    "text": b"Failed to connect to bus: No such file or directory\n",
    "truncated": b"Id=ssh.serv",
    "no values": b"Id\nDescription\n\n=\n",
    "nul": b"\0" * 4096,
    "random": bytes(range(256)) * 64,
    "huge line": b"Id=" + b"x" * 1_000_000,
    "many blocks": b"Id=a\n\n" * 10_000,
    "numbers": b"5\n[]\nnull\n{}\ntrue\n",
    "deep": b"[" * 100_000,
    "huge number": b'{"__REALTIME_TIMESTAMP": "' + b"9" * 4000 + b'"}',
    "huge integer": b'{"__REALTIME_TIMESTAMP": ' + b"9" * 5000 + b"}",
    "infinite": b'{"__REALTIME_TIMESTAMP": Infinity}',
    "negative": b'{"__REALTIME_TIMESTAMP": -1e300}',
    "utf-16": '{"__REALTIME_TIMESTAMP": "1"}'.encode("utf-16"),
}


def answering(output: bytes) -> Callable[[list[str]], bytes]:
    return lambda arguments: output


def entries(output: bytes) -> list[dict[str, object]]:
    return systemd.journal(answering(output), WallClock.date, "nginx.service", 10, 7, 60)


def check_services(output: bytes) -> None:
    try:
        rows = systemd.services(answering(output), UNITS)
    except CommandError:
        return
    assert [row["id"] for row in rows] == list(UNITS)
    for row in rows:
        assert list(row) == FIELDS
        assert all(text.isprintable() and len(text) <= 255 for text in row.values())


def check_journal(output: bytes) -> None:
    try:
        rows = entries(output)
    except CommandError:
        return
    for row in rows:
        assert list(row) == ["at", "priority", "message", "truncated"]
        message = row["message"]
        assert isinstance(message, str) and message.isprintable() and len(message) <= MAX_MESSAGE
        assert row["priority"] in range(8)
        assert row["at"]


@pytest.mark.parametrize("output", ATTACKS.values(), ids=ATTACKS)
def test_attacks(output: bytes) -> None:
    check_services(output)
    check_journal(output)


VALUES = st.recursive(
    st.none() | st.integers(-1, 300) | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3)
)


@given(st.binary(max_size=200))
def test_random_bytes(output: bytes) -> None:
    check_services(output)
    check_journal(output)


@pytest.mark.slow
@given(st.lists(st.dictionaries(st.sampled_from(["MESSAGE", "PRIORITY", "__REALTIME_TIMESTAMP"]), VALUES)))
def test_random_entries(rows: list[dict[str, object]]) -> None:
    check_journal(b"\n".join(json.dumps({"__REALTIME_TIMESTAMP": "1", **row}).encode() for row in rows))


# -- services ------------------------------------------------------------------------------------------


def test_a_row_has_the_name_of_the_profile_and_that_of_systemd() -> None:
    output = b"Names=ssh.service sshd.service\nId=ssh.service\n\nNames=nginx.service\nId=nginx.service\n"
    rows = systemd.services(answering(output), UNITS)
    assert [(row["id"], row["unit"]) for row in rows] == [
        ("sshd.service", "ssh.service"),
        ("nginx.service", "nginx.service"),
    ]


def test_two_names_of_one_service_are_two_rows() -> None:
    output = b"Names=ssh.service sshd.service\nId=ssh.service\n\n" * 2
    rows = systemd.services(answering(output), ("ssh.service", "sshd.service"))
    assert [(row["id"], row["unit"]) for row in rows] == [
        ("ssh.service", "ssh.service"),
        ("sshd.service", "ssh.service"),
    ]


def test_a_service_that_the_answer_leaves_out_has_empty_fields() -> None:
    rows = systemd.services(answering(b"Names=nginx.service\nId=nginx.service\nActiveState=active"), UNITS)
    assert [(row["id"], row["active"]) for row in rows] == [("sshd.service", ""), ("nginx.service", "active")]


def test_the_own_name_of_a_unit_is_that_of_its_file(tmp_path: Path) -> None:
    units, links = tmp_path / "usr/lib/systemd/system", tmp_path / "etc/systemd/system"
    units.mkdir(parents=True)
    links.mkdir(parents=True)
    (units / "ssh.service").touch()
    (units / "nginx.service").touch()
    (links / "sshd.service").symlink_to("/usr/lib/systemd/system/ssh.service")
    (links / "remote.service").symlink_to(links / "sshd.service")
    (links / "masked.service").symlink_to("/dev/null")
    (links / "loop.service").symlink_to(links / "loop.service")
    root = str(tmp_path)
    for unit, wanted in [
        ("sshd.service", "ssh.service"),
        ("remote.service", "ssh.service"),
        ("nginx.service", "nginx.service"),
        ("masked.service", "masked.service"),
        ("loop.service", "loop.service"),
        ("missing.service", "missing.service"),
    ]:
        assert own_name(unit, root) == wanted


# -- the journal ---------------------------------------------------------------------------------------


def line(**fields: object) -> bytes:
    return json.dumps({"__REALTIME_TIMESTAMP": "1800000000000000", **fields}).encode()


@pytest.mark.parametrize(
    ("message", "wanted", "truncated"),
    [
        ("whole", "whole", False),
        ([104, 255], "hÿ", False),
        (["first", "second"], "first | second", False),
        ([[104, 105], [255]], "hi | ÿ", False),
        (None, "", True),
        ("x" * MAX_MESSAGE, "x" * MAX_MESSAGE, False),
        ("x" * (MAX_MESSAGE + 1), "x" * (MAX_MESSAGE - 1) + "…", True),
    ],
)
def test_messages(message: object, wanted: str, truncated: bool) -> None:
    (row,) = entries(line(MESSAGE=message))
    assert (row["message"], row["truncated"]) == (wanted, truncated)


def test_an_entry_without_a_message_is_whole() -> None:
    (row,) = entries(line())
    assert (row["message"], row["truncated"]) == ("", False)


@pytest.mark.parametrize(
    ("priority", "wanted"),
    [("3", 3), (4, 4), (["6", "4"], 4), ("8", 6), ("x", 6), (None, 6), ("\u0665", 6), ([], 6), ({}, 6)],
)
def test_priorities(priority: object, wanted: int) -> None:
    (row,) = entries(line(PRIORITY=priority))
    assert row["priority"] == wanted


def test_an_entry_that_cannot_be_read_is_shown_as_cut() -> None:
    first, broken, last = entries(line(MESSAGE="a") + b'\n{"MESSAGE": "cut o\n' + line(MESSAGE="b"))
    assert (first["message"], last["message"]) == ("a", "b")
    assert (broken["message"], broken["truncated"]) == ('{"MESSAGE": "cut o', True)
    assert broken["at"] == first["at"]


def test_where_the_output_was_cut_its_newest_entries_are_shown() -> None:
    whole = b"\n".join(line(MESSAGE=str(number) + "x" * 1000) for number in range(1000))
    rows = entries(whole[-MAX_OUTPUT:])
    assert (rows[0]["message"], rows[0]["truncated"]) == ("", True)
    assert str(rows[-1]["message"]).startswith("999x")
    assert not any(row["truncated"] for row in rows[1:])


def test_a_log_is_asked_for_by_both_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systemd, "own_name", lambda unit: "ssh.service")
    called: list[str] = []

    def run(arguments: list[str]) -> bytes:
        called.extend(arguments)
        return b""

    assert systemd.journal(run, WallClock.date, "sshd.service", 10, 7, 60) == []
    assert [word for word in called if word.startswith("--unit")] == [
        "--unit=ssh.service",
        "--unit=sshd.service",
    ]
