"""JSON that keeps Python's types, compactly: what a session cookie holds.

A value that JSON cannot express is written as an object with one key, the tag of its type: a tuple becomes
`{" t": [...]}`. The tags are Flask's, so that either reads what the other wrote.

    >>> serializer = TaggedJSONSerializer()
    >>> serializer.dumps({"at": (1, b"x")})
    '{"at":{" t":[1,{" b":"eA=="}]}}'
    >>> serializer.loads('{"at":{" t":[1,{" b":"eA=="}]}}')
    {'at': (1, b'x')}

More types are added with a class each; put it before the type that it specialises:

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
"""

from __future__ import annotations

import sys
import typing as t
from binascii import a2b_base64, b2a_base64

from markupsafe import Markup
from werkzeug.http import http_date, parse_date

from . import dumps, loads


def _is_instance(value: object, module_name: str, class_name: str) -> bool:
    """`isinstance` without importing the module: as long as nobody did, there is no such object."""
    cls = getattr(sys.modules.get(module_name), class_name, None)
    return cls is not None and isinstance(value, cls)


class JSONTag:
    """A type that `TaggedJSONSerializer` can write: how to know it, and how to turn it into JSON and back."""

    __slots__ = ("serializer",)

    #: What marks the value in JSON. Empty: the value is recognised and its contents are tagged, but not
    #: itself.
    key: str = ""

    def __init__(self, serializer: TaggedJSONSerializer) -> None:
        self.serializer = serializer

    def check(self, value: t.Any) -> bool:
        """Whether this tag is for the value."""
        raise NotImplementedError

    def to_json(self, value: t.Any) -> t.Any:
        """The value as something that JSON can express. The result is not tagged again."""
        raise NotImplementedError

    def to_python(self, value: t.Any) -> t.Any:
        """The value back from what `to_json` made of it; its contents are untagged already."""
        raise NotImplementedError

    def tag(self, value: t.Any) -> dict[str, t.Any]:
        """The JSON of the value, with the tag around it."""
        return {self.key: self.to_json(value)}


class TagDict(JSONTag):
    """A dict whose only key is a tag: the key gets `__` behind it, so as not to be taken for a tag."""

    __slots__ = ()
    key = " di"

    def check(self, value: t.Any) -> bool:
        return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in self.serializer.tags

    def to_json(self, value: t.Any) -> t.Any:
        key = next(iter(value))
        return {f"{key}__": self.serializer.tag(value[key])}

    def to_python(self, value: t.Any) -> t.Any:
        key = next(iter(value))
        return {key[:-2]: value[key]}


class PassDict(JSONTag):
    """Any other dict, whose values may need tags."""

    __slots__ = ()

    def check(self, value: t.Any) -> bool:
        return isinstance(value, dict)

    def to_json(self, value: t.Any) -> t.Any:
        # JSON's keys are text, so they need no tag.
        return {key: self.serializer.tag(item) for key, item in value.items()}

    tag = to_json


class TagTuple(JSONTag):
    __slots__ = ()
    key = " t"

    def check(self, value: t.Any) -> bool:
        return isinstance(value, tuple)

    def to_json(self, value: t.Any) -> t.Any:
        return [self.serializer.tag(item) for item in value]

    def to_python(self, value: t.Any) -> t.Any:
        return tuple(value)


class PassList(JSONTag):
    """A list, whose items may need tags."""

    __slots__ = ()

    def check(self, value: t.Any) -> bool:
        return isinstance(value, list)

    def to_json(self, value: t.Any) -> t.Any:
        return [self.serializer.tag(item) for item in value]

    tag = to_json


class TagBytes(JSONTag):
    __slots__ = ()
    key = " b"

    def check(self, value: t.Any) -> bool:
        return isinstance(value, bytes)

    def to_json(self, value: t.Any) -> t.Any:
        return b2a_base64(value, newline=False).decode("ascii")

    def to_python(self, value: t.Any) -> t.Any:
        return a2b_base64(value)


class TagMarkup(JSONTag):
    """Whatever has a method `__html__`; it comes back as `markupsafe.Markup`."""

    __slots__ = ()
    key = " m"

    def check(self, value: t.Any) -> bool:
        return callable(getattr(value, "__html__", None))

    def to_json(self, value: t.Any) -> t.Any:
        return str(value.__html__())

    def to_python(self, value: t.Any) -> t.Any:
        return Markup(value)


class TagUUID(JSONTag):
    __slots__ = ()
    key = " u"

    def check(self, value: t.Any) -> bool:
        return _is_instance(value, "uuid", "UUID")

    def to_json(self, value: t.Any) -> t.Any:
        return value.hex

    def to_python(self, value: t.Any) -> t.Any:
        from uuid import UUID

        return UUID(value)


class TagDateTime(JSONTag):
    """A point in time, by the second and in UTC."""

    __slots__ = ()
    key = " d"

    def check(self, value: t.Any) -> bool:
        return _is_instance(value, "datetime", "datetime")

    def to_json(self, value: t.Any) -> t.Any:
        return http_date(value)

    def to_python(self, value: t.Any) -> t.Any:
        return parse_date(value)


# Most of what is in a session; asking eight tags about each of these is most of the work otherwise.
_PLAIN = frozenset({str, int, float, bool, type(None)})
_NOT_FOR_PLAIN = frozenset({TagDict, PassDict, TagTuple, PassList, TagBytes, TagMarkup, TagUUID, TagDateTime})


class TaggedJSONSerializer:
    """Writes and reads JSON with tags for tuple, bytes, Markup, UUID, datetime, and what is registered.

    `tags` maps a key to its tag; `order` is the order in which tags are asked whether they fit.
    """

    __slots__ = ("_plain_passes", "order", "tags")

    #: Registered in every serializer, in this order.
    default_tags: list[type[JSONTag]] = [
        TagDict,
        PassDict,
        TagTuple,
        PassList,
        TagBytes,
        TagMarkup,
        TagUUID,
        TagDateTime,
    ]

    def __init__(self) -> None:
        self.tags: dict[str, JSONTag] = {}
        self.order: list[JSONTag] = []
        # False once a tag is registered that may be for plain values too.
        self._plain_passes = True
        for tag_class in self.default_tags:
            self.register(tag_class)

    def register(self, tag_class: type[JSONTag], force: bool = False, index: int | None = None) -> None:
        """Adds a tag, last or at `index` of the order.

        Raises `KeyError` when its key is taken, unless `force`.
        """
        tag = tag_class(self)
        key = tag.key
        if tag_class not in _NOT_FOR_PLAIN:
            self._plain_passes = False
        if key:
            if not force and key in self.tags:
                raise KeyError(f"Tag '{key}' is already registered.")
            self.tags[key] = tag
        if index is None:
            self.order.append(tag)
        else:
            self.order.insert(index, tag)

    def tag(self, value: t.Any) -> t.Any:
        """The value with tags where it needs them, as something that JSON can express."""
        if self._plain_passes and type(value) in _PLAIN:
            return value
        for tag in self.order:
            if tag.check(value):
                return tag.tag(value)
        return value

    def untag(self, value: dict[str, t.Any]) -> t.Any:
        """The value that a tagged object stands for; an object without a known tag is returned as it is."""
        if len(value) != 1:
            return value
        key = next(iter(value))
        if key not in self.tags:
            return value
        return self.tags[key].to_python(value[key])

    def _untag_scan(self, value: t.Any) -> t.Any:
        if isinstance(value, dict):
            return self.untag({key: self._untag_scan(item) for key, item in value.items()})
        if isinstance(value, list):
            return [self._untag_scan(item) for item in value]
        return value

    def dumps(self, value: t.Any) -> str:
        """The value as JSON without white space, with tags."""
        return dumps(self.tag(value), separators=(",", ":"))

    def loads(self, value: str) -> t.Any:
        """The value that such JSON stands for. Raises `ValueError` for text that is no JSON."""
        return self._untag_scan(loads(value))
