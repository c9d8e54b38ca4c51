"""SECURITY.md has each provision of ETSI EN 303 645 and the Cyber Resilience Act, with a test or a reason."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from .conftest import ROOT

TEXT = (ROOT / "SECURITY.md").read_text()

#: How many provisions each section of ETSI EN 303 645 V2.1.1 has; section 6 counts without a point.
ETSI = {
    "5.1": 5,
    "5.2": 3,
    "5.3": 16,
    "5.4": 4,
    "5.5": 8,
    "5.6": 9,
    "5.7": 2,
    "5.8": 3,
    "5.9": 3,
    "5.10": 1,
    "5.11": 4,
    "5.12": 3,
    "5.13": 1,
    "6": 5,
}
#: The points of Annex I of Regulation (EU) 2024/2847.
CRA = ["I (1)", *(f"I (2)({letter})" for letter in "abcdefghijklm"), *(f"II ({n})" for n in range(1, 9))]
#: What a row says that names no test.
REASONS = ("not met", "n/a", "no test can show it", "no test reads them")


def rows() -> dict[str, list[str]]:
    """The cells of each row, by provision; a row of several stands under each of them."""
    found = {}
    for line in TEXT.splitlines():
        first, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        names = first.split(", ")
        if all(re.fullmatch(r"5\.\d+-\d+|6-\d|II? \(\d\)(?:\([a-m]\))?", name) for name in names):
            for name in names:
                assert name not in found, f"{name} has two rows"
                found[name] = cells
    return found


@cache
def functions_of(file: str) -> set[str]:
    path = ROOT / "tests" / file
    tree = ast.parse(path.read_text() if path.exists() else "")
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def missing(text: str) -> list[str]:
    """The tests that a text names and that are not there."""
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", text)
    return [f"{file}::{name}" for file, name in named if name not in functions_of(file)]


def test_every_provision_has_a_row() -> None:
    etsi = [f"{section}-{number + 1}" for section, count in ETSI.items() for number in range(count)]
    assert list(rows()) == etsi + CRA


@pytest.mark.parametrize("name", rows())
def test_a_row_has_tests_that_are_there_or_says_why_not(name: str) -> None:
    asked, here, _ = rows()[name]
    assert asked
    assert "::" in here or any(reason in here for reason in REASONS)
    assert missing(here) == []


def test_a_test_that_is_not_there_is_found() -> None:
    assert missing("`scripts/test_lock.py::test_no_such`, `no/file.py::test_a`") == [
        "scripts/test_lock.py::test_no_such",
        "no/file.py::test_a",
    ]


def test_no_conformity_is_claimed() -> None:
    assert "We claim no conformity" in TEXT
