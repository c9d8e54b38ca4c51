"""JSON by the provider of the current application; outside of one, by the standard library's `json`.

A module of its own because requests and responses import it, while the package's `jsonify` needs responses.
"""

from __future__ import annotations

import typing as t

from ..globals import _cv_app
from .types import _default


def dumps(obj: object, **kwargs: t.Any) -> str:
    """Return `obj` as JSON text. `kwargs` go to the provider's `dumps`, or to `json.dumps`.

    Raises `TypeError` for an object that neither JSON nor `default` can express.
    """
    ctx = _cv_app.get(None)
    if ctx is not None:
        text: str = ctx.app.json.dumps(obj, **kwargs)
        return text
    import json

    kwargs.setdefault("default", _default)
    return json.dumps(obj, **kwargs)


def dump(obj: object, fp: t.IO[str], **kwargs: t.Any) -> None:
    """Write `obj` as JSON to a text file."""
    ctx = _cv_app.get(None)
    if ctx is not None:
        ctx.app.json.dump(obj, fp, **kwargs)
        return
    import json

    kwargs.setdefault("default", _default)
    json.dump(obj, fp, **kwargs)


def loads(s: str | bytes, **kwargs: t.Any) -> t.Any:
    """Return what JSON text, or bytes in UTF-8, 16 or 32, stand for. Raises `ValueError` for the rest."""
    ctx = _cv_app.get(None)
    if ctx is not None:
        return ctx.app.json.loads(s, **kwargs)
    import json

    return json.loads(s, **kwargs)


def load(fp: t.IO[t.AnyStr], **kwargs: t.Any) -> t.Any:
    """Return what the JSON in a file stands for. The file may be open for text or for bytes."""
    ctx = _cv_app.get(None)
    if ctx is not None:
        return ctx.app.json.load(fp, **kwargs)
    import json

    return json.load(fp, **kwargs)
