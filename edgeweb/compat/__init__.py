"""edgeweb in Flask's place: `import flask` gives edgeweb's own modules.

There are three ways, from the widest to the narrowest:

- `edgeweb as-flask install` puts a distribution named `flask` into an environment (`environment.py`);
- `edgeweb as-flask run -- PROGRAM` does it for one process and its children (`distribution.py`);
- `install_as_flask()` does it in the running process:

    >>> from edgeweb.compat import install_as_flask
    >>> install_as_flask()
    >>> import edgeweb.globals, flask.globals
    >>> flask.globals is edgeweb.globals
    True
"""

from __future__ import annotations

import sys
import typing as t

from .finder import FlaskFinder, fill_package
from .metadata import FlaskMetadataFinder

# The release whose documented behaviour this is.
FLASK_VERSION = "3.1.3"


def install_as_flask() -> None:
    """Make `import flask`, and every module of Flask's, resolve to edgeweb. A second call does nothing.

    Raises `RuntimeError` if the real Flask was imported before: two frameworks would then serve one program.
    """
    if _is_installed():
        return
    if "flask" in sys.modules:
        raise RuntimeError(
            "Flask itself was imported before install_as_flask() was called. Call it first, at the top of the"
            " program, or start the program by 'edgeweb as-flask run -- PROGRAM'."
        )
    # First, so that an installed Flask is not found. The metadata last: those of an installed Flask win.
    sys.meta_path.insert(0, FlaskFinder(FLASK_VERSION))
    sys.meta_path.append(FlaskMetadataFinder(FLASK_VERSION))


def fill_flask(namespace: dict[str, t.Any]) -> None:
    """Make the module with this namespace Flask's package: the one line of the `flask` that is on disk."""
    if not _is_installed():
        sys.meta_path.insert(0, FlaskFinder(FLASK_VERSION, on_disk=True))
    fill_package(namespace, FLASK_VERSION)


def _is_installed() -> bool:
    return any(isinstance(finder, FlaskFinder) for finder in sys.meta_path)
