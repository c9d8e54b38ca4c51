"""Real Flask as a witness: a test marked with `both` runs on both, and expects the same of each."""

from __future__ import annotations

import flask
import pytest

import edgeweb


def worded(framework: object, theirs: str, ours: str) -> str:
    """Return the text that a message has in Flask, or in edgeweb, which has its own words for most."""
    return ours if framework is edgeweb else theirs


both = pytest.mark.parametrize("framework", [edgeweb, flask], ids=["edgeweb", "flask"])
