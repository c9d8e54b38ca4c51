"""A server that records, and a real device."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .recorder import Recorder


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    found = Recorder()
    yield found
    found.close()
