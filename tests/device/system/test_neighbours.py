"""Boards as avahi-browse prints them."""

from __future__ import annotations

import doctest

import pytest

from edgeweb.device.system import neighbours
from edgeweb.device.system.command import CommandError
from edgeweb.device.system.neighbours import BROWSE, MAX_BOARDS, MAX_NAME, boards


def line(name: str = "shed", address: str = "192.168.1.20", port: str = "80", kind: str = "=") -> bytes:
    return f'{kind};eth0;IPv4;{name};_edgeweb._tcp;local;{name}.local;{address};{port};"path=/;x"\n'.encode()


def found(*lines: bytes) -> list[tuple[str, str]]:
    return [tuple(board) for board in boards(lambda arguments: b"".join(lines))]  # type: ignore[misc]


def test_the_example() -> None:
    assert doctest.testmod(neighbours).failed == 0


def test_a_board_with_several_addresses_has_the_one_that_others_reach() -> None:
    rows = [line(address=text) for text in ("127.0.0.1", "fe80::1", "2001:db8::1", "192.168.1.20")]
    assert found(*rows) == [("shed", "192.168.1.20:80")]
    assert found(*rows[:3]) == [("shed", "[2001:db8::1]:80")]
    assert found(*rows[:2]) == [("shed", "127.0.0.1:80")]
    assert found(rows[1]) == []


def test_they_are_in_order_and_what_was_only_announced_is_left_out() -> None:
    assert found(line("b"), line("a", port="8080"), line("c", kind="+"), line("d", kind="-")) == [
        ("a", "192.168.1.20:8080"),
        ("b", "192.168.1.20:80"),
    ]


@pytest.mark.parametrize(
    "row",
    [
        line(port="0"),
        line(port="65536"),
        line(port="-1"),
        line(address="x"),
        line(""),
        b"=;;;\n",
        b"\xff\n",
        b"",
    ],
)
def test_what_is_none_is_left_out(row: bytes) -> None:
    assert found(row, line("good")) == [("good", "192.168.1.20:80")]


def test_a_name_of_a_stranger() -> None:
    ((name, _),) = found(line("\\226\\152\\131\\027[31m" + "x" * 200))
    assert name.isprintable() and len(name) == MAX_NAME and name.startswith("☃")
    assert len(found(*[line(f"n{number}") for number in range(MAX_BOARDS + 9)])) == MAX_BOARDS


def test_how_avahi_is_called() -> None:
    def run(arguments: list[str]) -> bytes:
        assert arguments == BROWSE == ["avahi-browse", "-prt", "_edgeweb._tcp"]
        raise CommandError("avahi-browse: Daemon not running")

    with pytest.raises(CommandError, match="Daemon not running"):
        boards(run)
