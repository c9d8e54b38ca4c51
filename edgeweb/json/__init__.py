"""JSON, written and read as the current application does it: `from edgeweb import json`.

While an application is active these functions use its `app.json`; without one they use the standard library's
`json` with the provider's `default`, so that dates, decimals, UUIDs and dataclasses work either way.

    >>> dumps({"at": __import__("datetime").date(1975, 1, 5)})
    '{"at": "Sun, 05 Jan 1975 00:00:00 GMT"}'
"""

from __future__ import annotations

import typing as t

from ..globals import current_app
from .current import dump as dump
from .current import dumps as dumps
from .current import load as load
from .current import loads as loads
from .types import _default as _default

if t.TYPE_CHECKING:
    from ..wrappers import Response


def jsonify(*args: t.Any, **kwargs: t.Any) -> Response:
    """A JSON response: of the one argument, of a list of several, or of a dict of the keyword arguments.

    Returning a dict or a list from a view does the same. Raises `TypeError` for both kinds of arguments at
    once, and `RuntimeError` while no application is active.
    """
    return current_app.json.response(*args, **kwargs)  # type: ignore[no-any-return]
