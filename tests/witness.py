"""Real Flask as a witness: a test marked with `both` runs on both, and expects the same of each."""

from __future__ import annotations

import flask
import pytest

import edgeweb

both = pytest.mark.parametrize("framework", [edgeweb, flask], ids=["edgeweb", "flask"])
