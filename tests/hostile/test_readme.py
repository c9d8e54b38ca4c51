"""Every attack in README.md has tests, and they are there under the names that it says."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from tests.hostile.test_requests import REFUSED, SERVED

HERE = Path(__file__).parent
#: Its short names: what they stand for, which it says itself, and the cases that there are.
SHORT = {
    "refused": ("hostile/test_requests.py::test_it_is_refused_and_nothing_after_it_is_served", REFUSED),
    "served": ("hostile/test_requests.py::test_what_is_unusual_but_right_is_served", SERVED),
}


def rows() -> list[list[str]]:
    lines = [line for line in (HERE / "README.md").read_text().splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if row[-1] != "test"]


def named_tests(cell: str) -> list[tuple[str, str]]:
    """Place and case of each test that a cell names; no case for a whole test."""
    words = [word.partition("[") for word in re.findall(r"`([^`]+)`", cell)]
    return [(word, case.removesuffix("]")) for word, _, case in words if case or "::" in word]


def is_there(place: str, case: str) -> bool:
    if case:
        place, cases = SHORT[place]
        if case not in cases:
            return False
    file, _, function = place.partition("::")
    return function in functions_of(file)


@cache
def functions_of(file: str) -> set[str]:
    tree = ast.parse((HERE.parent / file).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_the_named_tests_are_there() -> None:
    wanted = {named for row in rows() for named in named_tests(row[-1])}
    assert [named for named in sorted(wanted) if not is_there(*named)] == []
    assert len(wanted) > 80
    assert not is_there("server/test_drain.py", "") and not is_there("refused", "no such case")


def test_the_tests_named_by_security_md_are_there() -> None:
    text = (HERE.parent.parent / "SECURITY.md").read_text()
    named = re.findall(r"`([\w/]+\.py::\w+)`", text)
    assert [place for place in named if not is_there(place, "")] == []
    rows = [line for line in text.splitlines() if re.match(r"\| \d+\.\d+\.\d", line)]
    reasons = ("not met", "n/a", "met without a test")
    assert [row for row in rows if "::" not in row and not any(words in row for words in reasons)] == []
    assert len(rows) > 60


#: The rows of attacks that cannot be made here, with the reason in place of a test; and one for every test.
WITHOUT_TEST = {
    "no edgeweb for Windows",
    "no LDAP here",
    "every row of `refused`: the next request in the same bytes is not served",
}


def test_a_row_has_tests_or_says_why_not() -> None:
    assert {row[-1] for row in rows() if not named_tests(row[-1])} == WITHOUT_TEST
    assert all(place in (HERE / "README.md").read_text() for place, _ in SHORT.values())
