"""How an application writes and reads JSON. Assign another provider to `app.json` to change it.

Source: Flask documentation, "API", "JSON Support".
"""

from __future__ import annotations

import typing as t
from _weakref import proxy

from .types import _default

if t.TYPE_CHECKING:
    from ..wrappers import Response

    class Application(t.Protocol):
        """What a provider needs of its application."""

        debug: bool
        response_class: type[Response]


class JSONProvider:
    """The JSON library of an application. A subclass for another library defines `dumps` and `loads`."""

    def __init__(self, app: Application) -> None:
        # Weak reference: avoids the cycle app → provider → app.
        self._app: Application = proxy(app)

    def dumps(self, obj: object, **kwargs: t.Any) -> str:
        """Return `obj` as JSON text. `kwargs` are for the library."""
        raise NotImplementedError

    def dump(self, obj: object, fp: t.IO[str], **kwargs: t.Any) -> None:
        """Write `obj` as JSON to a file that is open for text in UTF-8."""
        fp.write(self.dumps(obj, **kwargs))

    def loads(self, s: str | bytes, **kwargs: t.Any) -> t.Any:
        """Return what JSON text or bytes stand for."""
        raise NotImplementedError

    def load(self, fp: t.IO[t.AnyStr], **kwargs: t.Any) -> t.Any:
        """Return what the JSON in a file stands for."""
        return self.loads(fp.read(), **kwargs)

    def _prepare_response_obj(self, args: tuple[object, ...], kwargs: dict[str, object]) -> object:
        """Return the one object that the arguments of `response` stand for; None when there are none."""
        if not args:
            return kwargs or None
        if kwargs:
            # "args or kwargs": Flask's suite, test_basic.py.
            raise TypeError("A JSON response is made of args or kwargs. Give it only one of the two.")
        return args if len(args) > 1 else args[0]

    def response(self, *args: t.Any, **kwargs: t.Any) -> Response:
        """Return a response with the JSON of one argument, a list of several, or a dict of the keywords.

        Its class is the application's `response_class`. Raises `TypeError` for arguments with keywords.
        """
        obj = self._prepare_response_obj(args, kwargs)
        text = self.dumps(obj)
        return self._app.response_class(text, mimetype="application/json")


_COMPACT: dict[str, t.Any] = {"separators": (",", ":")}

#: What decides the text of a JSON response.
OPTIONS = ("compact", "default", "ensure_ascii", "mimetype", "sort_keys")
_DECIDES_RESPONSES = frozenset({"_prepare_response_obj", "dumps", "response", *OPTIONS})


def _make_encode(
    default: t.Callable[[t.Any], object], ensure_ascii: bool, sort_keys: bool
) -> t.Callable[[object], str]:
    """Return the `JSONEncoder.encode` of compact text, with everything prepared but the object."""
    from json import encoder

    checked = encoder.JSONEncoder(
        default=default, ensure_ascii=ensure_ascii, sort_keys=sort_keys, **_COMPACT
    ).encode
    make = getattr(encoder, "c_make_encoder", None)
    if make is None:
        return checked
    encode_text = encoder.encode_basestring_ascii if ensure_ascii else encoder.encode_basestring
    # The first argument, the table of containers that are open, would be shared by all threads. Without it a
    # reference cycle ends in RecursionError.
    pieces = make(None, default, encode_text, None, ":", ",", sort_keys, False, True)

    def encode(obj: object) -> str:
        try:
            return "".join(pieces(obj, 0))
        except RecursionError:
            # Slower, and its error names the reason: a cycle, or too many levels.
            return checked(obj)

    return encode


class DefaultJSONProvider(JSONProvider):
    """The standard library's `json`, with a few more types.

    Dates and times become a date of HTTP (RFC 9110, 5.6.7), `decimal.Decimal` and `uuid.UUID` text, a
    dataclass a dict, and an object with `__html__` the text that this method returns.
    """

    default: t.Callable[[t.Any], object] = staticmethod(_default)
    """Convert an object that JSON cannot express into one that it can, or raise `TypeError`."""

    ensure_ascii = True
    """Escape everything that is not ASCII, so that no reader has to know the encoding."""

    sort_keys = True
    """Sort the keys of objects: equal data is equal text, and so has the same ETag."""

    compact: bool | None = None
    """Write responses without white space. None: indented in debug mode, compact otherwise."""

    mimetype = "application/json"
    """The media type of responses."""

    # How often one of these was set on an instance. Counted on the class, where the fast path notices it.
    replaced: t.ClassVar[int] = 0

    # The options of the encoder that was made last, and the encoder.
    _kept_encode: tuple[object, t.Callable[[object], str]] | None = None

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if name in _DECIDES_RESPONSES:
            DefaultJSONProvider.replaced += 1

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        if name in _DECIDES_RESPONSES:
            DefaultJSONProvider.replaced += 1

    def dumps(self, obj: object, **kwargs: t.Any) -> str:
        """Return `obj` as JSON text. `kwargs` go to `json.dumps`, over the provider's own options."""
        if kwargs == _COMPACT:
            return self._compact_encode()(obj)
        import json

        own: dict[str, t.Any] = {
            "default": self.default,
            "ensure_ascii": self.ensure_ascii,
            "sort_keys": self.sort_keys,
        }
        return json.dumps(obj, **own | kwargs)

    def _compact_encode(self) -> t.Callable[[object], str]:
        """Return the encoder of responses and sessions. `json.dumps` makes a new one at each call."""
        options = (self.default, self.ensure_ascii, self.sort_keys)
        # Threads share this: the options and their encoder are read, and replaced, as one object.
        kept = self._kept_encode
        if kept is None or kept[0] != options:
            kept = self._kept_encode = options, _make_encode(*options)
        return kept[1]

    def loads(self, s: str | bytes, **kwargs: t.Any) -> t.Any:
        """Return what JSON text or bytes stand for. `kwargs` go to `json.loads`."""
        import json

        return json.loads(s, **kwargs)

    def response(self, *args: t.Any, **kwargs: t.Any) -> Response:
        """Return what `JSONProvider.response` does, indented or compact; see `compact`."""
        text = self.response_text(self._prepare_response_obj(args, kwargs))
        return self._app.response_class(text, mimetype=self.mimetype)

    def encoder(self) -> t.Callable[[object], str] | None:
        """Return what makes the text of compact responses; `None` where they are indented."""
        return self._compact_encode() if self.compact or self.compact is None else None

    def response_text(self, obj: object) -> str:
        """Return the body of that response."""
        compact = self.compact
        if compact or (compact is None and not self._app.debug):
            dumps = self.dumps
            # Passing keywords costs as much as encoding a small object, but a subclass's method needs them.
            if getattr(dumps, "__func__", None) is _dumps:
                text = self._compact_encode()(obj)
            else:
                text = dumps(obj, **_COMPACT)
        else:
            text = self.dumps(obj, indent=2)
        return f"{text}\n"


# As it is here, since a program may replace it on the class.
_dumps = DefaultJSONProvider.dumps


def dumps_is_original() -> bool:
    """Return whether `DefaultJSONProvider.dumps` is the one above. Sessions have to call another one."""
    return DefaultJSONProvider.dumps is _dumps
