"""edgeweb.json.tag: what comes back, what stands in between, and what real Flask makes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import flask.json.tag
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from edgeweb.json.tag import JSONTag, TaggedJSONSerializer

TABLE: list[tuple[Any, str]] = [
    ({"a": 1, "b": [None, True, 1.5]}, '{"a":1,"b":[null,true,1.5]}'),
    ((1, (2,)), '{" t":[1,{" t":[2]}]}'),
    (b"\xff\x00", '{" b":"/wA="}'),
    (Markup("<b>"), '{" m":"<b>"}'),
    (UUID(int=1), '{" u":"00000000000000000000000000000001"}'),
    (datetime(2024, 2, 29, 12, 30, tzinfo=UTC), '{" d":"Thu, 29 Feb 2024 12:30:00 GMT"}'),
    ({" t": 1}, '{" di":{" t__":1}}'),
    ({" di": (1,)}, '{" di":{" di__":{" t":[1]}}}'),
    ({" t": 1, "b": 2}, '{" t":1,"b":2}'),
    ({" unknown": 1}, '{" unknown":1}'),
    ({" t__": 1}, '{" t__":1}'),
    ("text", '"text"'),
]

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.uuids()
    | st.builds(Markup, st.text())
    | st.datetimes(min_value=datetime(1900, 1, 1)).map(lambda d: d.replace(microsecond=0, tzinfo=UTC)),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.sampled_from([" t", " di", " b__", " u"]), inner)
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(("value", "text"), TABLE)
def test_text_and_back(value: Any, text: str) -> None:
    serializer = TaggedJSONSerializer()
    assert serializer.dumps(value) == text
    back = serializer.loads(text)
    assert back == value
    assert type(back) is type(value)


@pytest.mark.slow
@given(VALUES)
def test_flask_writes_the_same_and_each_reads_the_other(value: Any) -> None:
    ours, theirs = TaggedJSONSerializer(), flask.json.tag.TaggedJSONSerializer()
    text = ours.dumps(value)
    assert text == theirs.dumps(value)
    assert ours.loads(text) == theirs.loads(text) == value


class Celsius:
    def __init__(self, degrees: float) -> None:
        self.degrees = degrees


class TagCelsius(JSONTag):
    key = " c"

    def check(self, value: Any) -> bool:
        return isinstance(value, Celsius)

    def to_json(self, value: Any) -> Any:
        return value.degrees

    def to_python(self, value: Any) -> Any:
        return Celsius(value)


def test_own_tag() -> None:
    serializer = TaggedJSONSerializer()
    serializer.register(TagCelsius)
    assert serializer.order[-1] is serializer.tags[" c"]
    text = serializer.dumps({"t": (Celsius(21.5),)})
    assert text == '{"t":{" t":[{" c":21.5}]}}'
    assert serializer.loads(text)["t"][0].degrees == 21.5


def test_own_tag_for_a_plain_type_is_asked() -> None:
    class TagInt(JSONTag):
        key = " i"

        def check(self, value: Any) -> bool:
            return isinstance(value, int)

        def to_json(self, value: Any) -> Any:
            return hex(value)

        def to_python(self, value: Any) -> Any:
            return int(value, 16)

    serializer = TaggedJSONSerializer()
    serializer.register(TagInt)
    assert serializer.dumps([255]) == '[{" i":"0xff"}]'
    assert serializer.loads('[{" i":"0xff"}]') == [255]


def test_a_subclass_of_a_plain_type_may_be_tagged() -> None:
    class Name(str): ...

    class TagName(JSONTag):
        key = " n"

        def check(self, value: Any) -> bool:
            return isinstance(value, Name)

        def to_json(self, value: Any) -> Any:
            return str(value)

        def to_python(self, value: Any) -> Any:
            return Name(value)

    serializer = TaggedJSONSerializer()
    serializer.register(TagName, index=0)
    assert type(serializer.loads(serializer.dumps(Name("ada")))) is Name


def test_a_taken_key() -> None:
    class Other(TagCelsius):
        key = " t"

    serializer = TaggedJSONSerializer()
    with pytest.raises(KeyError, match="Tag ' t' is already registered"):
        serializer.register(Other)
    serializer.register(Other, force=True, index=0)
    assert type(serializer.tags[" t"]) is Other
    assert type(serializer.order[0]) is Other


def test_an_order_from_behind() -> None:
    serializer = TaggedJSONSerializer()
    serializer.register(TagCelsius, index=-1)
    assert isinstance(serializer.order[-2], TagCelsius)


def test_a_tag_has_to_be_filled_in() -> None:
    tag = JSONTag(TaggedJSONSerializer())
    for method in (tag.check, tag.to_json, tag.to_python):
        with pytest.raises(NotImplementedError):
            method(None)


def test_text_that_is_no_json() -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        TaggedJSONSerializer().loads("nope")
