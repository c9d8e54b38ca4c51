"""The examples in the docstrings."""

from __future__ import annotations

import doctest
import importlib

import pytest

import edgeweb.routing

MODULES = ["adapter", "converters", "factories", "map", "rule", "syntax"]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    module = importlib.import_module(f"edgeweb.routing.{name}")
    result = doctest.testmod(module, extraglobs={**vars(edgeweb.routing), "__name__": module.__name__})
    assert result.attempted > 0
    assert result.failed == 0
