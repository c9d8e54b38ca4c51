"""What the table of programs is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .client import Request

#: Less RSS than on Flask with gunicorn, in percent: for a program that `edgeweb serve` can serve.
LESS = 15
#: For one with login, forms and CORS.
LESS_WITH_ALL = 30


class Program(NamedTuple):
    """One program: how it is installed, started and used. Nothing in here is code.

    In commands, environment and files, `{port}`, `{home}` (a folder of its own, empty at first), `{bin}` (the
    programs of its environment) and `{packages}` (its packages) stand for what they name.
    """

    name: str
    what: str
    #: With versions. What these need is pinned in `locked/NAME.txt`.
    requires: tuple[str, ...]
    #: As its documentation says.
    start: str
    requests: tuple[Request, ...] = ()
    #: `module:app`, if a WSGI server can serve it.
    wsgi: str = ""
    #: Besides `--port`.
    serve_options: str = ""
    #: Run once in the home, before the start.
    prepare: tuple[str, ...] = ()
    environ: Mapping[str, str] = {}
    #: Name below the home -> content.
    files: Mapping[str, str] = {}
    #: A path that is answered as soon as the program is up.
    ready: str = "/"
    #: Names of rules.
    differs: tuple[str, ...] = ()
    #: Rules for the log only.
    log_differs: tuple[str, ...] = ()
    #: Percent that it has to need less, served by `edgeweb serve`.
    less: int = LESS
    #: Seconds until it is up.
    patience: float = 60.0
    #: Why it cannot be run; everything else is then its best description.
    left_out: str = ""


def get(path: str, **more: object) -> Request:
    """Return a GET request.

    >>> get("/", status=404).status
    404
    """
    return Request("GET", path, **more)  # type: ignore[arg-type]


def post(path: str, **more: object) -> Request:
    """Return a POST request; `form` or `json` is its body."""
    return Request("POST", path, **more)  # type: ignore[arg-type]
