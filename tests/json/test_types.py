"""edgeweb.json.types: the types that JSON does not have."""

from __future__ import annotations

import dataclasses
import decimal
import json
import subprocess
import sys
import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from edgeweb.json.types import _default


@dataclasses.dataclass
class Reading:
    name: str
    value: decimal.Decimal


class Html:
    def __html__(self) -> str:
        return "<b>"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2024, 2, 29), '"Thu, 29 Feb 2024 00:00:00 GMT"'),
        (datetime(2024, 2, 29, 12, 30), '"Thu, 29 Feb 2024 12:30:00 GMT"'),
        (datetime(2024, 2, 29, 12, 30, tzinfo=UTC), '"Thu, 29 Feb 2024 12:30:00 GMT"'),
        (datetime(2024, 2, 29, 1, tzinfo=timezone(timedelta(hours=2))), '"Wed, 28 Feb 2024 23:00:00 GMT"'),
        (decimal.Decimal("0.10"), '"0.10"'),
        (uuid.UUID(int=255), '"00000000-0000-0000-0000-0000000000ff"'),
        (Reading("t", decimal.Decimal("1.5")), '{"name": "t", "value": "1.5"}'),
        (Html(), '"<b>"'),
    ],
)
def test_types_that_json_does_not_have(value: Any, text: str) -> None:
    assert json.dumps(value, default=_default) == text


@pytest.mark.parametrize(
    ("value", "name"), [(object(), "object"), (Reading, "type"), (timedelta(1), "timedelta")]
)
def test_other_types_are_named_in_the_error(value: Any, name: str) -> None:
    with pytest.raises(TypeError, match=f"Object of type {name} is not JSON serializable"):
        json.dumps(value, default=_default)


def test_nothing_is_imported_to_recognise_a_type() -> None:
    program = """
import sys
from edgeweb.json.types import _default
class Html:
    def __html__(self): return "x"
assert _default(Html()) == "x"
print([name for name in ("uuid", "decimal", "dataclasses", "datetime", "json") if name in sys.modules])
"""
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert output.stdout == "[]\n"
