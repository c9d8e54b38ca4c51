"""JSON as the current application writes and reads it: `from edgeweb import json`.

The functions use `app.json` while an application is active. Otherwise they use the standard library's `json`
with the same additions, so that dates, decimals, UUIDs and dataclasses work either way.

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
    """Return a response with the JSON of one argument, a list of several, or a dict of the keywords.

    A view can return a dict or a list instead. Raises `TypeError` for arguments with keywords, and
    `RuntimeError` while no application is active.
    """
    response: Response = current_app.json.response(*args, **kwargs)
    return response
