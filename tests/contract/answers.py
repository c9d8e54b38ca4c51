"""Runs the contract's application on one framework and writes the answers as JSON to standard output.

python -m tests.contract.answers edgeweb
"""

from __future__ import annotations

import importlib
import json
import logging
import sys
import typing as t

from .application import create_app
from .cases import ANSWER_KINDS, cases

# What differs from run to run and is nobody's behaviour.
_VOLATILE = {"Date", "Expires"}


def _headers(response: t.Any) -> list[list[str]]:
    pairs = [[key, value] for key, value in response.headers if key not in _VOLATILE]
    for pair in pairs:
        if pair[0] == "Set-Cookie" and "session=" in pair[1]:
            # The signature holds the second in which it was made: keep the cookie's flags only.
            pair[1] = "; ".join(["session", *sorted(part.split("=")[0] for part in pair[1].split("; ")[1:])])
        elif pair[0] == "Set-Cookie":
            pair[1] = "; ".join(part for part in pair[1].split("; ") if not part.startswith("Expires="))
        elif pair[0] == "Allow":
            # Made from a set: the order is that of the process's hash seed.
            pair[1] = ", ".join(sorted(pair[1].split(", ")))
    return sorted(pairs)


def answers(framework: str) -> dict[str, t.Any]:
    """Name of the case to status, headers, body and what ran."""
    flask = importlib.import_module(framework)
    importlib.import_module(f"{framework}.views")
    app = create_app(flask)
    assert app.answer_kinds == ANSWER_KINDS, "a kind of answer that no case asks for"
    logging.getLogger(app.name).addHandler(logging.NullHandler())
    client = app.test_client()
    found: dict[str, t.Any] = {}
    for name, method, path, arguments in cases():
        app.trace.clear()
        try:
            with client.open(path, method=method, **arguments) as response:
                found[name] = {
                    "status": response.status,
                    "headers": _headers(response),
                    "body": response.get_data().decode("latin-1"),
                }
        except Exception as error:  # compared as well
            found[name] = {"error": f"{type(error).__name__}: {error}"}
        found[name]["trace"] = list(app.trace)
    return found


if __name__ == "__main__":
    json.dump(answers(sys.argv[1]), sys.stdout)
