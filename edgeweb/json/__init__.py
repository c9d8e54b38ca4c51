"""JSON, written and read as the current application does it: `from edgeweb import json`.

While an application is active these functions use its `app.json`; without one they use the standard library's
`json` with the provider's `default`, so that dates, decimals, UUIDs and dataclasses work either way.

    >>> dumps({"at": __import__("datetime").date(1975, 1, 5)})
    '{"at": "Sun, 05 Jan 1975 00:00:00 GMT"}'
"""

from __future__ import annotations

import typing as t

from ..globals import _cv_app, current_app
from .provider import _default

if t.TYPE_CHECKING:
    from werkzeug.wrappers.response import Response


def dumps(obj: t.Any, **kwargs: t.Any) -> str:
    """An object as JSON text. `kwargs` go to the provider's `dumps`, or to `json.dumps`.

    Raises `TypeError` for an object that JSON cannot express and `default` does not know.
    """
    ctx = _cv_app.get(None)
    if ctx is not None:
        text: str = ctx.app.json.dumps(obj, **kwargs)
        return text
    import json

    kwargs.setdefault("default", _default)
    return json.dumps(obj, **kwargs)


def dump(obj: t.Any, fp: t.IO[str], **kwargs: t.Any) -> None:
    """Writes an object as JSON to a text file."""
    ctx = _cv_app.get(None)
    if ctx is not None:
        ctx.app.json.dump(obj, fp, **kwargs)
        return
    import json

    kwargs.setdefault("default", _default)
    json.dump(obj, fp, **kwargs)


def loads(s: str | bytes, **kwargs: t.Any) -> t.Any:
    """The object that JSON text, or bytes in UTF-8, 16 or 32, stand for. Raises `ValueError` for all else."""
    ctx = _cv_app.get(None)
    if ctx is not None:
        return ctx.app.json.loads(s, **kwargs)
    import json

    return json.loads(s, **kwargs)


def load(fp: t.IO[t.AnyStr], **kwargs: t.Any) -> t.Any:
    """The object that a file's JSON stands for; the file may be opened for text or for bytes."""
    ctx = _cv_app.get(None)
    if ctx is not None:
        return ctx.app.json.load(fp, **kwargs)
    import json

    return json.load(fp, **kwargs)


def jsonify(*args: t.Any, **kwargs: t.Any) -> Response:
    """A JSON response: of the one argument, of a list of several, or of a dict of the keyword arguments.

    Returning a dict or a list from a view does the same. Raises `TypeError` for both kinds of arguments at
    once, and `RuntimeError` while no application is active.
    """
    return current_app.json.response(*args, **kwargs)  # type: ignore[no-any-return]
