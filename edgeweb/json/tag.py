"""JSON that keeps Python's types: the content of a session cookie.

A value that JSON cannot express is written as an object with one key, the tag of its type. The format
is Flask's, so either framework reads a cookie of the other:

| type | written as |
|---|---|
| tuple | `{" t": [items]}` |
| bytes | `{" b": "Base64"}` |
| an object with `__html__` | `{" m": "its HTML"}`, read as `markupsafe.Markup` |
| `uuid.UUID` | `{" u": "32 hexadecimal digits"}` |
| `datetime.datetime` | `{" d": "a date of HTTP"}`, in UTC, to the second |
| a dict whose only key is a tag | `{" di": {"the key, then __": value}}` |

    >>> serializer = TaggedJSONSerializer()
    >>> serializer.dumps({"at": (1, b"x")})
    '{"at":{" t":[1,{" b":"eA=="}]}}'
    >>> serializer.loads('{"at":{" t":[1,{" b":"eA=="}]}}')
    {'at': (1, b'x')}

A program adds a type with a class, and puts it before the type that it specialises:

    >>> class TagSet(JSONTag):
    ...     key = " s"
    ...     def check(self, value):
    ...         return isinstance(value, set)
    ...     def to_json(self, value):
    ...         return [self.serializer.tag(item) for item in sorted(value)]
    ...     def to_python(self, value):
    ...         return set(value)
    >>> serializer.register(TagSet, index=0)
    >>> serializer.loads(serializer.dumps({"b", "a"})) == {"a", "b"}
    True

Source: Flask documentation, "API", "Tagged JSON".
"""

from __future__ import annotations

import sys
import typing as t
from operator import attrgetter

from werkzeug.http import http_date, parse_date

from . import dumps, loads


class JSONTag:
    """A type that `TaggedJSONSerializer` can write. Subclass it for a type of your own.

    Without a `key` nothing is marked: for containers that JSON knows, whose contents may need tags.
    """

    __slots__ = ("serializer",)

    #: The only key of the object that a value is written as; by convention a space and one or two letters.
    key: str = ""

    def __init__(self, serializer: TaggedJSONSerializer) -> None:
        self.serializer = serializer

    def check(self, value: t.Any) -> bool:
        """Return whether this tag is for `value`."""
        raise NotImplementedError

    def to_json(self, value: t.Any) -> t.Any:
        """Return `value` as something that JSON can express. The result is not tagged again."""
        raise NotImplementedError

    def to_python(self, value: t.Any) -> t.Any:
        """Return the value that `to_json` wrote. The contents of `value` have been restored already."""
        raise NotImplementedError

    def tag(self, value: t.Any) -> dict[str, t.Any]:
        """Return the object with one key that stands for `value`."""
        return {self.key: self.to_json(value)}


_Check = t.Callable[[JSONTag, object], bool]
_Convert = t.Callable[[JSONTag, t.Any], object]
_Class = t.TypeVar("_Class", bound=type[JSONTag])


def _row(**members: str | _Check | _Convert) -> t.Callable[[_Class], _Class]:
    """Decorate a tag's class with its row of the table: the key, and the functions that are its methods."""

    def complete(cls: _Class) -> _Class:
        for name, member in members.items():
            setattr(cls, name, member)
        return cls

    return complete


def _is(kind: type) -> _Check:
    return lambda self, value: isinstance(value, kind)


def _is_late(module_name: str, class_name: str) -> _Check:
    """Return a check for a class without importing its module: before that there are no objects of it."""

    def check(self: JSONTag, value: object) -> bool:
        kind = getattr(sys.modules.get(module_name), class_name, None)
        return kind is not None and isinstance(value, kind)

    return check


def _by(convert: t.Callable[[t.Any], object]) -> _Convert:
    return lambda self, value: convert(value)


def _items(self: JSONTag, value: t.Iterable[object]) -> list[object]:
    tag = self.serializer.tag
    return [tag(item) for item in value]


def _contents(self: JSONTag, value: dict[str, object]) -> dict[str, object]:
    # Keys are text in JSON, whatever they are in Python: only the contents can have a tag.
    tag = self.serializer.tag
    return {key: tag(content) for key, content in value.items()}


# binascii, a shared library, is loaded with the first bytes: few sessions have any.
def _base64(value: bytes) -> str:
    from binascii import b2a_base64

    return b2a_base64(value, newline=False).decode()


def _bytes(text: str) -> bytes:
    from binascii import a2b_base64

    return a2b_base64(text)


def _markup(text: str) -> object:
    from markupsafe import Markup

    return Markup(text)


def _has_html(value: object) -> bool:
    return callable(getattr(value, "__html__", None))


def _uuid(text: str) -> object:
    from uuid import UUID

    return UUID(text)


def _looks_tagged(self: JSONTag, value: object) -> bool:
    return isinstance(value, dict) and self.serializer.looks_tagged(value)


def _hide_key(self: JSONTag, value: dict[str, object]) -> dict[str, object]:
    return {f"{key}__": content for key, content in _contents(self, value).items()}


def _show_key(value: dict[str, object]) -> dict[str, object]:
    return {key.removesuffix("__"): content for key, content in value.items()}


@_row(key=" di", check=_looks_tagged, to_json=_hide_key, to_python=_by(_show_key))
class TagDict(JSONTag):
    """A dict that would be read as another type."""


@_row(check=_is(dict), to_json=_contents, tag=_contents)
class PassDict(JSONTag):
    """A dict that nothing else would be read as."""


@_row(key=" t", check=_is(tuple), to_json=_items, to_python=_by(tuple))
class TagTuple(JSONTag):
    """A tuple; a named one is read as a plain one."""


@_row(check=_is(list), to_json=_items, tag=_items)
class PassList(JSONTag):
    """A list."""


@_row(key=" b", check=_is(bytes), to_json=_by(_base64), to_python=_by(_bytes))
class TagBytes(JSONTag):
    """Bytes, in Base64."""


@_row(
    key=" m",
    check=_by(_has_html),
    to_json=_by(lambda value: str(value.__html__())),
    to_python=_by(_markup),
)
class TagMarkup(JSONTag):
    """Text that is HTML already."""


@_row(key=" u", check=_is_late("uuid", "UUID"), to_json=_by(attrgetter("hex")), to_python=_by(_uuid))
class TagUUID(JSONTag):
    """A UUID, in hexadecimal."""


@_row(key=" d", check=_is_late("datetime", "datetime"), to_json=_by(http_date), to_python=_by(parse_date))
class TagDateTime(JSONTag):
    """A point in time, as a date of HTTP."""


_STANDARD: tuple[type[JSONTag], ...] = (
    TagDict,
    PassDict,
    TagTuple,
    PassList,
    TagBytes,
    TagMarkup,
    TagUUID,
    TagDateTime,
)
# Most of a session. No standard tag is for these, and asking all eight costs more than the rest of the work.
_PLAIN = frozenset({str, int, float, bool, type(None)})


class TaggedJSONSerializer:
    """Write and read JSON with a tag for each type that JSON does not have.

    `tags` maps a key to its tag. `order` holds all tags; the first that fits a value writes it.
    """

    __slots__ = ("_skips_plain", "order", "tags")

    #: The tags of a new serializer.
    default_tags: list[type[JSONTag]] = list(_STANDARD)

    def __init__(self) -> None:
        self.tags: dict[str, JSONTag] = {}
        self.order: list[JSONTag] = []
        # False from the first tag on that may be for plain values.
        self._skips_plain = True
        for tag_class in self.default_tags:
            self.register(tag_class)

    def register(self, tag_class: type[JSONTag], force: bool = False, index: int | None = None) -> None:
        """Add a tag to the end of the order, or insert it at `index`.

        Raises `KeyError` for a key that another tag has, unless `force` is set.
        """
        tag = tag_class(self)
        if tag.key in self.tags and not force:
            raise KeyError(f"Tag '{tag.key}' is already registered.")
        if tag.key:
            self.tags[tag.key] = tag
        self.order.insert(len(self.order) if index is None else index, tag)
        self._skips_plain &= tag_class in _STANDARD

    def tag(self, value: object) -> object:
        """Return `value` as something that JSON can express, with tags where it needs them."""
        if self._skips_plain:
            if type(value) in _PLAIN:
                return value
            if (
                type(value) is dict
                and _PLAIN.issuperset(map(type, value.values()))
                and not self.looks_tagged(value)
            ):
                return value
        for candidate in self.order:
            if candidate.check(value):
                return candidate.tag(value)
        return value

    def looks_tagged(self, value: dict[t.Any, object]) -> bool:
        """Return whether a dict would be read as another type."""
        return len(value) == 1 and not self.tags.keys().isdisjoint(value)

    def untag(self, value: dict[str, object]) -> object:
        """Return the value that an object stands for: the same object, unless its only key is a tag."""
        if len(value) == 1:
            [(key, content)] = value.items()
            if key in self.tags:
                return self.tags[key].to_python(content)
        return value

    def _restore(self, value: object) -> object:
        """Return `value` untagged at every depth, the innermost objects first."""
        if isinstance(value, list):
            return list(map(self._restore, value))
        if isinstance(value, dict):
            return self.untag({key: self._restore(content) for key, content in value.items()})
        return value

    def dumps(self, value: object) -> str:
        """Return `value` as tagged JSON without white space."""
        return dumps(self.tag(value), separators=(",", ":"))

    def loads(self, value: str) -> t.Any:
        """Return what tagged JSON stands for. Raises `ValueError` for text that is not JSON."""
        return self._restore(loads(value))
