"""Building the domain and path of one rule from values; made when a rule is first built from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from werkzeug.datastructures.structures import iter_multi_items
from werkzeug.routing.converters import BaseConverter

from .syntax import PATH_SAFE

#: What may stand unescaped in a query (https://url.spec.whatwg.org/#query-percent-encode-set), less ``&``,
#: ``+`` and ``=``.
_QUERY_SAFE = "!$'()*,/:;?@"


class Builder:
    """The texts and variables of one rule in the order in which they are joined."""

    __slots__ = ("_domain", "_known", "_path")

    def __init__(
        self,
        trace: Iterable[tuple[bool, str]],
        converters: Mapping[str, BaseConverter],
        defaults: Mapping[str, Any] | None,
    ) -> None:
        defaults = defaults or {}
        domain: list[str | tuple[str, BaseConverter]] = []
        path: list[str | tuple[str, BaseConverter]] = []
        pieces = domain
        for is_dynamic, text in trace:
            if not is_dynamic and text == "|" and pieces is domain:
                pieces = path
            elif is_dynamic and text not in defaults:
                pieces.append((text, converters[text]))
            else:
                # A default for a variable of the rule's own string makes that part of it constant.
                constant = (
                    str(converters[text].to_url(defaults[text]))
                    if is_dynamic
                    else quote(text, safe=PATH_SAFE)
                )
                if pieces and isinstance(pieces[-1], str):
                    pieces[-1] += constant
                else:
                    pieces.append(constant)
        self._domain = tuple(domain)
        self._path = tuple(path)
        self._known = frozenset(defaults).union(
            piece[0] for piece in (*domain, *path) if not isinstance(piece, str)
        )

    def build(self, values: Mapping[str, Any]) -> tuple[str, str]:
        """Domain part and path. `KeyError` for a missing value; `ValidationError` of a converter passes."""
        return _join(self._domain, values), _join(self._path, values)

    def unknown(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values that are neither variables nor defaults of the rule."""
        known = self._known
        return {name: value for name, value in values.items() if name not in known}


def _join(pieces: tuple[str | tuple[str, BaseConverter], ...], values: Mapping[str, Any]) -> str:
    if len(pieces) == 1 and isinstance(pieces[0], str):
        return pieces[0]
    return "".join(
        [piece if isinstance(piece, str) else str(piece[1].to_url(values[piece[0]])) for piece in pieces]
    )


def encode_query(query: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> str:
    """The query string of multi-valued items; those that are `None` are left out."""
    items = [(name, value) for name, value in iter_multi_items(query) if value is not None]
    return urlencode(items, safe=_QUERY_SAFE)
