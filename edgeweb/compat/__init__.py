"""edgeweb in Flask's place: after `install_as_flask()`, `import flask` gives edgeweb's own modules.

    >>> from edgeweb.compat import install_as_flask
    >>> install_as_flask()
    >>> import edgeweb.globals, flask.globals
    >>> flask.globals is edgeweb.globals
    True

For programs that cannot be edited there are `python -m edgeweb --as-flask run` and, for `python -m edgeweb`,
the environment variable `EDGEWEB_AS_FLASK=1`.
"""

from __future__ import annotations

import sys

from .finder import FlaskFinder
from .metadata import FlaskMetadataFinder

# The release whose documented behaviour this is.
FLASK_VERSION = "3.1.3"


def install_as_flask() -> None:
    """Make `import flask`, and every module of Flask's, resolve to edgeweb. A second call does nothing.

    Raises `RuntimeError` if the real Flask was imported before: two frameworks would then serve one program.
    """
    if any(isinstance(finder, FlaskFinder) for finder in sys.meta_path):
        return
    if "flask" in sys.modules:
        raise RuntimeError(
            "Flask itself was imported before install_as_flask() was called. Call it first: at the top of the"
            " program, or by 'python -m edgeweb --as-flask run', before anything imports flask or one of its"
            " extensions."
        )
    # First, so that an installed Flask is not found. The metadata last: those of an installed Flask win.
    sys.meta_path.insert(0, FlaskFinder(FLASK_VERSION))
    sys.meta_path.append(FlaskMetadataFinder(FLASK_VERSION))
