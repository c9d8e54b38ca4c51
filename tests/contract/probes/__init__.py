"""Small programs that replace parts of a framework, each run on edgeweb and on Flask.

python -m tests.contract.probes edgeweb

A probe is a function of the framework's package; what it returns, as JSON, or its exception is compared.
"""

from __future__ import annotations

from . import environment, methods, parts, replaced
from .probe import PROBES

__all__ = ["PROBES", "environment", "methods", "parts", "replaced"]
