"""Building the domain and path of one rule from values. A rule makes its builder on first use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

from werkzeug.datastructures.structures import iter_multi_items
from werkzeug.routing.converters import BaseConverter

from .syntax import PATH_SAFE

#: What may stand unescaped in a query (https://url.spec.whatwg.org/#query-percent-encode-set), without the
#: separators of its items.
_QUERY_SAFE = "!$'()*,/:;?@"


class _Template:
    """A text with places for variables, each with the `to_url` of its converter."""

    __slots__ = ("text", "variables")

    def __init__(self, pieces: Iterable[str | tuple[str, BaseConverter]]) -> None:
        pieces = list(pieces)
        self.variables = [(piece[0], piece[1].to_url) for piece in pieces if not isinstance(piece, str)]
        if self.variables:
            pieces = [piece.replace("%", "%%") if isinstance(piece, str) else "%s" for piece in pieces]
        self.text = "".join([piece for piece in pieces if isinstance(piece, str)])

    def fill(self, values: Mapping[str, object]) -> str:
        if not self.variables:
            return self.text
        texts = []
        for name, to_url in self.variables:
            texts.append(to_url(values[name]))
        return self.text % tuple(texts)


class Builder:
    """The texts and variables of one rule in the order in which they are joined."""

    __slots__ = ("_domain", "_known", "_path")

    def __init__(
        self,
        trace: Iterable[tuple[bool, str]],
        converters: Mapping[str, BaseConverter],
        defaults: Mapping[str, object] | None,
    ) -> None:
        defaults = defaults or {}
        domain: list[str | tuple[str, BaseConverter]] = []
        path: list[str | tuple[str, BaseConverter]] = []
        pieces = domain
        for is_dynamic, text in trace:
            if not is_dynamic:
                if text == "|" and pieces is domain:
                    pieces = path
                else:
                    pieces.append(quote(text, safe=PATH_SAFE))
            elif text in defaults:
                # A default for a variable of the rule's own string makes that part of it constant.
                pieces.append(str(converters[text].to_url(defaults[text])))
            else:
                pieces.append((text, converters[text]))
        self._domain = _Template(domain)
        self._path = _Template(path)
        self._known = frozenset(defaults).union(
            [name for name, _ in (*self._domain.variables, *self._path.variables)]
        )

    def build(self, values: Mapping[str, object]) -> tuple[str, str]:
        """Return domain part and path. Raises `KeyError` for a missing value, and what converters raise."""
        return self._domain.fill(values), self._path.fill(values)

    def unknown(self, values: Mapping[str, object]) -> dict[str, object] | None:
        """Return the values that are neither variables nor defaults of the rule; `None` if there are none.

        Raises `TypeError` for those whose name is no string.
        """
        if self._known.issuperset(values):
            return None
        unknown = {name: value for name, value in values.items() if name not in self._known}
        if not all(isinstance(name, str) for name in unknown):
            raise TypeError(f"names of values must be strings, not {list(unknown)!r}")
        return unknown


def encode_query(query: Mapping[str, object] | Iterable[tuple[str, object]]) -> str:
    """Return the query string of pairs, or of a mapping, also with several values a name; without `None`."""
    items = iter_multi_items(query) if isinstance(query, Mapping) else query
    return "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in items if value is not None])


def _quoted(value: object) -> str:
    # str() also of a subclass of str, such as a lazy translation, which decides its text then.
    return quote_plus(value if isinstance(value, bytes) else str(value), safe=_QUERY_SAFE)
