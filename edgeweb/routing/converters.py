"""The converters of URL variables, which are Werkzeug's own classes.

Extensions and applications subclass and test for `werkzeug.routing.BaseConverter`, so there is one set of
classes, whichever name it is imported by. How their texts are recognised without regular expressions is in
`edgeweb.routing.reading`.

    >>> class ListConverter(BaseConverter):
    ...     def to_python(self, value: str) -> list[str]:
    ...         return value.split("+")
    ...     def to_url(self, value: list[str]) -> str:
    ...         return "+".join([super(ListConverter, self).to_url(item) for item in value])
    >>> url_map = Map([Rule("/<list:names>", endpoint="names")], converters={"list": ListConverter})
    >>> url_map.bind("example.com").match("/a+b")
    ('names', {'names': ['a', 'b']})

A converter's `regex` must match independent of the text around it. Its `map` is a weak proxy of the map:
a reference would be a cycle, and keep the map in memory.
"""

from werkzeug.routing.converters import DEFAULT_CONVERTERS as DEFAULT_CONVERTERS
from werkzeug.routing.converters import AnyConverter as AnyConverter
from werkzeug.routing.converters import BaseConverter as BaseConverter
from werkzeug.routing.converters import FloatConverter as FloatConverter
from werkzeug.routing.converters import IntegerConverter as IntegerConverter
from werkzeug.routing.converters import NumberConverter as NumberConverter
from werkzeug.routing.converters import PathConverter as PathConverter
from werkzeug.routing.converters import UnicodeConverter as UnicodeConverter
from werkzeug.routing.converters import UUIDConverter as UUIDConverter
from werkzeug.routing.converters import ValidationError as ValidationError
