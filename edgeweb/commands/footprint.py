"""`edgeweb footprint`: what an application weighs in memory here, step by step, and the heaviest imports."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from secrets import token_urlsafe
from typing import TypedDict

HEAVIEST = 10


class Step(TypedDict):
    """What the process holds after a step, in KiB: all that is resident, and what is private and changed."""

    step: str
    rss: int
    dirty: int


class Weights(TypedDict):
    """What `weigh.py` prints: for a module name, dirty memory of its own (KiB), importer."""

    steps: list[Step]
    modules: list[tuple[str, int, str]]


# The folder is on the path for this one import: it holds modules with names of standard ones. Imported, and
# not run as a file, which would be compiled, and weighed, each time.
_START = "import sys; sys.path.insert(0, sys.argv.pop(1)); import weigh; del sys.path[0]; weigh.main()"


def main(argv: Sequence[str]) -> int:
    """Print the tables, or JSON with `--json`. Returns 1 if the application cannot be loaded or fails."""
    options = make_parser().parse_args(argv)
    try:
        found = measure(options.app, options.profile)
    except subprocess.CalledProcessError as error:
        print(f"edgeweb footprint: the application could not be weighed:\n{error.stderr}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        print("\n".join(_table(found)))
    return 0


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="edgeweb footprint", description=__doc__)
    parser.add_argument("--app", default="", metavar="MODULE:APP", help="default: the device's application")
    parser.add_argument("--profile", default="generic-linux", help="the device application's (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    return parser


def measure(app: str = "", profile: str = "generic-linux") -> Weights:
    """Weigh an application in a new interpreter, from the current folder, with a state folder of its own.

    Raises `subprocess.CalledProcessError` with what the interpreter wrote to stderr.
    """
    here = Path(__file__).resolve()
    path = os.pathsep.join([os.getcwd(), str(here.parents[2]), os.environ.get("PYTHONPATH", "")])
    with tempfile.TemporaryDirectory() as state:
        environ = {**os.environ, "PYTHONPATH": path.rstrip(os.pathsep), "STATE_DIRECTORY": state}

        def run(*arguments: str, typed: str = "") -> str:
            return subprocess.run(
                [sys.executable, "-P", *arguments],
                env=environ,
                input=typed,
                capture_output=True,
                text=True,
                check=True,
            ).stdout

        # Made beforehand, because hashing a password weighs more than all else.
        token = "" if app else _make_token(run, profile)
        found: Weights = json.loads(run("-c", _START, str(here.parent), app, profile, token))
    return found


def _make_token(run: Callable[..., str], profile: str) -> str:
    """Return a token for the device's application, which refuses requests without one."""
    users = ("-m", "edgeweb", "users", "--profile", profile)
    run(*users, "add", "footprint", typed=f"{token_urlsafe()}\n")
    return run(*users, "token", "footprint", "--role", "admin").strip()


def _table(found: Weights) -> list[str]:
    lines = [f"{'':40} {'RSS':>10} {'dirty':>10} {'more':>10}   KiB"]
    before = 0
    for step in found["steps"]:
        lines.append(f"{step['step']:40} {step['rss']:10,} {step['dirty']:10,} {step['dirty'] - before:+10,}")
        before = step["dirty"]
    lines += ["", f"{'heaviest imports':40} {'':10} {'dirty':>10}   asked for by"]
    for name, kib, asked_by in found["modules"][:HEAVIEST]:
        lines.append(f"{name:40} {'':10} {kib:10,}   {asked_by}")
    if any(name == "jinja2.compiler" for name, *_ in found["modules"]):
        lines += ["", "The page was compiled from its source: `edgeweb build` spares that, and its memory."]
    return lines
