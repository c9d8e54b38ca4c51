"""The design is one table: what the style sheets name, and how many lengths they still write themselves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import edgeweb.device

ROOT = Path(edgeweb.device.__file__).parents[2]
CSS = ROOT / "edgeweb/device/ui/static/css"
SHEETS = sorted(path for path in CSS.glob("*.css") if path.stem != "tokens")
TOKENS = (CSS / "tokens.css").read_text()

LENGTH = re.compile(r"(?<![\w.-])(?:\d*\.)?\d+(?:rem|px|em|ms|s)\b")
#: Declarations of what is one for all pages; the length of a column or of a drawing is its own.
SHARED = re.compile(
    r"^ +(?:padding|margin|gap|row-gap|column-gap|font|border-radius|transition|animation|box-shadow)"
    r"[\w-]*: [^;]*;",
    re.M,
)
#: Lengths of columns and drawings in all sheets. A new one is a decision: raise this, or take a token.
MAX_OWN = 66


def without_comments(sheet: str) -> str:
    return re.sub(r"/\*.*?\*/", "", sheet, flags=re.S)


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.stem)
def test_space_type_corners_elevation_and_motion_are_tokens(path: Path) -> None:
    declarations = SHARED.findall(without_comments(path.read_text()))
    # em: a share of the text that it stands in; inset: a line drawn inside
    found = [one.strip() for one in declarations if LENGTH.search(re.sub(r"[\d.]+em\b", "", one))]
    assert found == []


def test_few_lengths_are_written_elsewhere() -> None:
    count = sum(len(LENGTH.findall(without_comments(path.read_text()))) for path in SHEETS)
    assert count <= MAX_OWN


def test_every_token_is_used_and_every_name_is_a_token() -> None:
    defined = set(re.findall(r"^ +(--[\w-]+):", TOKENS, re.M))
    used = set(re.findall(r"var\((--[\w-]+)", TOKENS + "".join(path.read_text() for path in SHEETS)))
    scripts = "".join(path.read_text() for path in CSS.parent.glob("*.js"))
    assert used - defined == set()
    assert {
        name for name in defined - used if name not in scripts and not name.startswith("--series")
    } == set()
    assert len(re.findall(r"^:root", TOKENS, re.M)) == 1, "one table; others are within its media queries"


def test_the_guide_names_every_group() -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text()
    for name in re.findall(r"^  (--[\w-]+):", TOKENS, re.M):
        stem = re.sub(r"-(?:soft|\d+)$", "", name)
        stem = "--type" if stem.startswith("--type") else stem
        assert stem in guide, name
