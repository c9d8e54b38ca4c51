"""JSON by the current application's provider; without an application, by the standard library's `json`.

Apart from the package's `__init__`, because requests and responses need it, and `jsonify` knows responses.
"""

from __future__ import annotations

import typing as t

from ..globals import _cv_app
from .types import _default


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
