"""How an application writes and reads JSON; replace `app.json` to change it."""

from __future__ import annotations

import typing as t
from weakref import proxy

from .types import _default

if t.TYPE_CHECKING:
    from ..wrappers import Response


class JSONProvider:
    """What an application needs of a JSON library. For another one subclass it: `dumps` and `loads` suffice.

    `app` is the application that the provider is for.
    """

    def __init__(self, app: t.Any) -> None:
        # A proxy, because the application holds the provider: it must go away when its last reference does.
        self._app = proxy(app)

    def dumps(self, obj: t.Any, **kwargs: t.Any) -> str:
        """An object as JSON text. `kwargs` may be passed on to the library."""
        raise NotImplementedError

    def dump(self, obj: t.Any, fp: t.IO[str], **kwargs: t.Any) -> None:
        """Writes an object as JSON to a file that is open for UTF-8 text."""
        fp.write(self.dumps(obj, **kwargs))

    def loads(self, s: str | bytes, **kwargs: t.Any) -> t.Any:
        """The object that JSON text or bytes stand for."""
        raise NotImplementedError

    def load(self, fp: t.IO[t.AnyStr], **kwargs: t.Any) -> t.Any:
        """The object that a file's JSON stands for."""
        return self.loads(fp.read(), **kwargs)

    def _prepare_response_obj(self, args: tuple[t.Any, ...], kwargs: dict[str, t.Any]) -> t.Any:
        if args and kwargs:
            raise TypeError("app.json.response() takes either args or kwargs, not both")
        if not args and not kwargs:
            return None
        if len(args) == 1:
            return args[0]
        return args or kwargs

    def response(self, *args: t.Any, **kwargs: t.Any) -> Response:
        """A response with the JSON of the one argument, of a list of several, or of a dict of the keywords.

        It is of the application's `response_class`. Raises `TypeError` for both kinds of arguments at once.
        """
        obj = self._prepare_response_obj(args, kwargs)
        text = self.dumps(obj)
        return self._app.response_class(text, mimetype="application/json")  # type: ignore[no-any-return]


_COMPACT: dict[str, t.Any] = {"separators": (",", ":")}


def _make_encode(
    default: t.Callable[[t.Any], t.Any], ensure_ascii: bool, sort_keys: bool
) -> t.Callable[[t.Any], str]:
    """`JSONEncoder.encode` for compact text, with all that does not depend on the object prepared."""
    from json import encoder

    checked = encoder.JSONEncoder(
        default=default, ensure_ascii=ensure_ascii, sort_keys=sort_keys, **_COMPACT
    ).encode
    make = getattr(encoder, "c_make_encoder", None)
    if make is None:
        return checked
    encode_text = encoder.encode_basestring_ascii if ensure_ascii else encoder.encode_basestring
    # Without the table of what is being encoded, which threads could not share: a circle ends by the depth.
    pieces = make(None, default, encode_text, None, ":", ",", sort_keys, False, True)

    def encode(obj: t.Any) -> str:
        try:
            return "".join(pieces(obj, 0))
        except RecursionError:
            # Says what it is: a circle, or truly too deep.
            return checked(obj)

    return encode


class DefaultJSONProvider(JSONProvider):
    """The standard library's `json`, and a few types more.

    `datetime.datetime` and `datetime.date` become the date format of HTTP (RFC 9110, 5.6.7),
    `decimal.Decimal` and `uuid.UUID` text, dataclasses dicts, and an object with a method `__html__` the text
    that it returns.
    """

    default: t.Callable[[t.Any], t.Any] = staticmethod(_default)
    """Called with an object that JSON cannot express; returns one that it can, or raises `TypeError`."""

    ensure_ascii = True
    """Write only ASCII, with escapes for the rest: the safest for whoever reads it."""

    sort_keys = True
    """Sort the keys of objects, so that the same data is the same text and caches can compare it."""

    compact: bool | None = None
    """Leave out white space in responses. None: except in debug mode."""

    mimetype = "application/json"
    """The media type of responses."""

    # What it was made for, and the encoder.
    _kept_encode: tuple[t.Any, t.Callable[[t.Any], str]] | None = None

    def dumps(self, obj: t.Any, **kwargs: t.Any) -> str:
        """An object as JSON text. `kwargs` go to `json.dumps`; the provider's attributes are defaults."""
        if kwargs == _COMPACT:
            return self._compact_encode()(obj)
        import json

        kwargs.setdefault("default", self.default)
        kwargs.setdefault("ensure_ascii", self.ensure_ascii)
        kwargs.setdefault("sort_keys", self.sort_keys)
        return json.dumps(obj, **kwargs)

    def _compact_encode(self) -> t.Callable[[t.Any], str]:
        """What encodes responses and sessions; `json.dumps` prepares as much again at each call."""
        options = (self.default, self.ensure_ascii, self.sort_keys)
        # Read and written in one go each, because several threads come here.
        kept = self._kept_encode
        if kept is None or kept[0] != options:
            kept = self._kept_encode = options, _make_encode(*options)
        return kept[1]

    def loads(self, s: str | bytes, **kwargs: t.Any) -> t.Any:
        """The object that JSON text or bytes stand for. `kwargs` go to `json.loads`."""
        import json

        return json.loads(s, **kwargs)

    def response(self, *args: t.Any, **kwargs: t.Any) -> Response:
        """As `JSONProvider.response`: indented or without white space as `compact` says, or debug mode."""
        text = self.response_text(self._prepare_response_obj(args, kwargs))
        return self._app.response_class(text, mimetype=self.mimetype)  # type: ignore[no-any-return]

    def response_text(self, obj: t.Any) -> str:
        """The body of that response."""
        compact = self.compact
        if compact or (compact is None and not self._app.debug):
            dumps = self.dumps
            # Keywords alone cost as much as a small answer; a method of somebody else's has to get them.
            if getattr(dumps, "__func__", None) is DefaultJSONProvider.dumps:
                text = self._compact_encode()(obj)
            else:
                text = dumps(obj, **_COMPACT)
        else:
            text = self.dumps(obj, indent=2)
        return f"{text}\n"
