from __future__ import annotations

import pytest

from edgeweb.device.tls.names import BadName, checked, could_be_top_level, is_name, is_permitted, of_host


@pytest.mark.parametrize(
    ("hostname", "names"),
    [
        ("board-2", ["board-2.local", "board-2", "localhost"]),
        ("Board2.Fritz.Box", ["board2.local", "board2.fritz.box", "board2", "localhost"]),
        ("garden", ["garden.local", "localhost"]),
        ("garden.lan", ["garden.local", "garden.lan", "localhost"]),
        ("garden.local", ["garden.local", "localhost"]),
        ("localhost", ["localhost.local", "localhost"]),
        ("xn--kche-0ra", ["xn--kche-0ra.local", "localhost"]),
        ("10", ["10.local", "localhost"]),
        ("a" * 64, ["localhost"]),
        ("bad_name", ["localhost"]),
        ("x$y\nDNS.9 = example.com", ["localhost"]),
        ("", ["localhost"]),
    ],
)
def test_the_names_of_a_host(hostname: str, names: list[str]) -> None:
    assert of_host(hostname) == names


@pytest.mark.parametrize("name", ["dev", "garden", "com", "xn--vermgensberatung-pwb"])
def test_what_could_be_a_top_level_domain(name: str) -> None:
    """Permitting it would permit all names in it."""
    assert could_be_top_level(name)
    with pytest.raises(BadName, match=f"use {name}.local"):
        checked(name)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("192.168.1.20", "private addresses of the device are in it anyway"),
        ("fe80::1", "private addresses"),
        ("a b", "letters a to z"),
        ("küche.local", "letters a to z"),
        ("", "letters a to z"),
        ("*.lan", "letters a to z"),
        ("-a.lan", "letters a to z"),
        (".".join(["a" * 60] * 5), "letters a to z"),
    ],
)
def test_what_is_no_name(name: str, reason: str) -> None:
    assert not is_name(name)
    with pytest.raises(BadName, match=reason):
        checked(name)


def test_the_longest_name() -> None:
    """253 characters, of which a label has 63 (RFC 1035, section 2.3.4, without the lengths and the root)."""
    longest = ".".join(["a" * 63] * 3 + ["a" * 61])
    assert len(longest) == 253 and is_name(longest)
    assert not is_name(f"{longest}a")
    assert not is_name(f"{'a' * 64}.lan")


def test_names_are_in_lower_case() -> None:
    assert checked(" Board.LAN. ") == "board.lan"
    assert checked("localhost") == "localhost"


def test_what_constraints_permit() -> None:
    permitted = ("local", "board.lan")
    for name, expected in (("a.local", True), ("board.lan", True), ("x.board.lan", True)):
        assert is_permitted(name, permitted) is expected
    for name in ("notlocal", "lan", "otherboard.lan", "example.com"):
        assert not is_permitted(name, permitted)
    assert not is_permitted("a.local", ())
