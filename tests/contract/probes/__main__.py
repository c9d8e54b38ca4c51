"""Run all probes on one framework, and print what they found as JSON."""

from __future__ import annotations

import importlib
import json
import logging
import sys
import typing as t

from . import PROBES


def answers(framework: str) -> dict[str, t.Any]:
    """Name of the probe to what it returned, or to its exception."""
    flask = importlib.import_module(framework)
    logging.disable(logging.CRITICAL)
    found: dict[str, t.Any] = {}
    for name, function in PROBES.items():
        try:
            found[name] = function(flask)
        except Exception as error:  # compared as well
            found[name] = f"{type(error).__name__}: {error}"
    return found


if __name__ == "__main__":
    json.dump(answers(sys.argv[1]), sys.stdout, default=repr)
