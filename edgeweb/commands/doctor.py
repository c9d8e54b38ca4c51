"""`edgeweb doctor`: show which flask a program gets here, edgeweb's or the real one, and why."""

from __future__ import annotations

import argparse
import json
import os
import sys
import sysconfig
from collections.abc import Sequence
from importlib import metadata
from importlib.machinery import PathFinder
from pathlib import Path
from typing import NamedTuple

import edgeweb
from edgeweb.compat import distribution, environment


class Flask(NamedTuple):
    """The `flask` that an import gives."""

    #: Its folder, or "" for none.
    place: str
    #: The version in its metadata, or "".
    version: str
    is_edgeweb: bool
    #: A sentence for people.
    why: str
    #: What is wrong, with the next step; a sentence each.
    problems: list[str]


def main(argv: Sequence[str]) -> int:
    """Print the findings. Return 1 if one of them needs a person."""
    options = make_parser().parse_args(argv)
    found = find()
    if options.json:
        versions = {"edgeweb": edgeweb.__version__, "python": sys.version.split()[0]}
        print(json.dumps({**versions, "executable": sys.executable, "flask": found._asdict()}, indent=2))
    else:
        print(f"edgeweb {edgeweb.__version__}: {Path(edgeweb.__file__).parent}")
        print(f"Python {sys.version.split()[0]}: {sys.executable}")
        print(f"flask {found.version or '(not installed)'}{': ' * bool(found.place)}{found.place}")
        print("\n".join([found.why, *found.problems]))
    return 1 if found.problems else 0


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="edgeweb doctor", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    return parser


def find() -> Flask:
    """Return what `import flask` gives to a program of this interpreter. Nothing is imported."""
    search = sys.path if sys.flags.safe_path else sys.path[1:]  # the first is this command's folder
    spec = PathFinder.find_spec("flask", search)
    origin = Path(spec.origin) if spec and spec.origin else None
    version = _version(search)
    if origin is None:
        why = "A program that imports flask fails. 'edgeweb as-flask install' gives it edgeweb."
        return Flask("", version, False, why, _hidden())
    place = origin.parent
    is_edgeweb = origin.read_text().startswith(distribution.MARK)
    problems = _hidden()
    if not is_edgeweb:
        why = f"A program that imports flask gets the real Flask, from {_where(place)}."
        why += " 'edgeweb as-flask install' changes that."
        if "+edgeweb." in version:
            problems.append(
                f"The metadata are edgeweb's (flask {version}), the package is not. To mend that:"
                " edgeweb as-flask remove"
            )
    else:
        why = f"A program that imports flask gets edgeweb, from {_where(place)}."
        if version != distribution.VERSION:
            problems.append(
                f"The metadata are those of flask {version or '(none)'}, not {distribution.VERSION}."
                " To mend that: edgeweb as-flask install"
            )
        aside = environment.set_aside_version(environment.current())
        if aside:
            why += f" Flask {aside} is set aside."
    return Flask(str(place), version, is_edgeweb, why, problems)


def _version(search: list[str]) -> str:
    distributions = metadata.distributions(name="flask", path=search)
    return next((found.version for found in distributions), "")


def _where(place: Path) -> str:
    """Return where a package lies, and which command or variable has put it on the path."""
    parent = os.path.normcase(place.parent)
    if parent == os.path.normcase(sysconfig.get_path("purelib")):
        return "this environment"
    if parent in map(os.path.normcase, os.environ.get("PYTHONPATH", "").split(os.pathsep)):
        if place.parent.name.startswith("edgeweb-as-flask-"):
            return "the folder of 'edgeweb as-flask run', for this process and its children"
        return f"PYTHONPATH ({place.parent})"
    return str(place.parent)


def _hidden() -> list[str]:
    """Return a sentence for a file of the current folder that hides every installed `flask`."""
    for name in ("flask.py", "flask"):
        if Path(name).is_file() or Path(name, "__init__.py").is_file():
            return [f"{name} in this folder hides it from programs that start here. Give it another name."]
    return []
