"""One URL rule, and the base of everything that makes rules."""

from __future__ import annotations

# `weakref`, which has the same functions, adds 0.1 MB of dictionaries and sets.
from _weakref import proxy, ref
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol, Self

from werkzeug.datastructures.structures import iter_multi_items
from werkzeug.routing.converters import BaseConverter, NumberConverter, ValidationError

from .attributes import NAMES, RuleAttributes
from .builder import Builder, encode_query
from .segment import Segment, SegmentKey, segment_key
from .syntax import Variable, merge_slashes, parse_converter_args, tokenize

_WEBSOCKET_METHODS = {"GET", "HEAD", "OPTIONS"}
_BUILT_IN = BaseConverter.__module__

#: A variable bound to a map: its name, its converter, and what makes a value of its text; `None` where the
#: text is one.
BoundVariable = tuple[str, BaseConverter, Callable[[str], object] | None]

#: What makes two variables equal: the placeholder, and the converter that the map has for it.
VariableKey = tuple[Variable, type[BaseConverter] | None]

#: What a match returns by name: each value has the type that its converter makes.
Values = dict[str, Any]

#: Sorts the items of a query; see `Map.sort_key`.
SortKey = Callable[[Any], Any]


if TYPE_CHECKING:

    class RuleMap(Protocol):
        """What a rule needs of the map that it is bound to."""

        default_subdomain: str
        strict_slashes: bool
        merge_slashes: bool
        host_matching: bool
        sort_parameters: bool
        sort_key: SortKey | None
        converters: dict[str, type[BaseConverter]]
        segments: dict[SegmentKey, Segment]
        shared_variables: dict[VariableKey, BoundVariable]


class RuleFactory:
    """Something that yields rules for a map: one rule, or many that are derived from others.

    >>> class Versions(RuleFactory):
    ...     def __init__(self, string, versions, endpoint):
    ...         self.string, self.versions, self.endpoint = string, versions, endpoint
    ...
    ...     def get_rules(self, map):
    ...         for version in self.versions:
    ...             yield Rule(f"/v{version}{self.string}", endpoint=self.endpoint)
    >>> list(Map([Versions("/status", [1, 2], "status")]).iter_rules())
    [<Rule '/v1/status' -> status>, <Rule '/v2/status' -> status>]
    """

    __slots__ = ()

    def get_rules(self, map: RuleMap) -> Iterable[Rule]:
        """Return the rules, not yet bound to a map."""
        raise NotImplementedError


class _SlottedRule(RuleFactory):
    """All that a `Rule` is, but for attributes that extensions add."""

    __slots__ = (
        "_builder",
        "_domain",
        "_map",
        "_parts",
        "alias",
        "bound_variables",
        "build_only",
        "defaults",
        "endpoint",
        "host",
        "may_redirect",
        "merge_slashes",
        "methods",
        "provide_automatic_options",
        "redirect_to",
        "rule",
        "strict_slashes",
        "subdomain",
        "websocket",
    )

    # Set by applications.
    provide_automatic_options: bool | None

    def __init__(
        self,
        string: str,
        defaults: Mapping[str, object] | None = None,
        subdomain: str | None = None,
        methods: Iterable[str] | None = None,
        build_only: bool = False,
        endpoint: Any = None,
        strict_slashes: bool | None = None,
        merge_slashes: bool | None = None,
        redirect_to: str | Callable[..., str] | None = None,
        alias: bool = False,
        host: str | None = None,
        websocket: bool = False,
    ) -> None:
        if not string.startswith("/"):
            raise ValueError(f"URL rule '{string}' must start with a slash.")
        if methods is not None:
            if isinstance(methods, str):
                raise TypeError("'methods' should be a list of strings.")
            methods = {method.upper() for method in methods}
            if "GET" in methods:
                methods.add("HEAD")
            if websocket and methods - _WEBSOCKET_METHODS:
                raise ValueError("A WebSocket rule answers GET, HEAD and OPTIONS only.")

        self.rule = string
        self.defaults = defaults
        self.subdomain = subdomain
        self.methods: set[str] | None = methods
        self.build_only = build_only
        self.endpoint = endpoint
        self.strict_slashes = strict_slashes
        self.merge_slashes = merge_slashes
        self.redirect_to = redirect_to
        self.alias = alias
        self.host = host
        self.websocket = bool(websocket)

        # Weak reference: avoids the cycle map → rule → map.
        self._map: ref[RuleMap] | None = None
        self._domain = ""
        self.bound_variables: tuple[BoundVariable, ...] = ()
        # Domain and path in parts, until the map has put them into its tree.
        self._parts: tuple[str | Segment, list[str | Segment]] | None = None
        self._builder: Builder | None = None
        # True: a match may be a redirect. The map sets it where another rule of the endpoint has defaults.
        self.may_redirect = False

    @classmethod
    def from_rule(cls, other: Any) -> Self:
        """Return an unbound copy of a rule of another class, such as `werkzeug.routing.Rule`.

        Raises `RuntimeError` if that one is bound to a map, which would not see changes of the copy.
        """
        if other.map is not None:
            raise RuntimeError(_BOUND.format(other, other.map))
        rule = cls(other.rule, **{name: getattr(other, name) for name in _OPTIONS})
        for name, value in vars(other).items():
            if name not in _OWN_ATTRIBUTES:
                setattr(rule, name, value)
        return rule

    def bind_original(self, other: Any) -> None:
        """Bind the rule that this is a copy of, so that adding it once more is an error as in Werkzeug."""
        vars(other).update(map=self.map, _trace=self._trace)

    def to_werkzeug(self) -> Any:
        """Return an unbound copy of the class `werkzeug.routing.Rule`, for a map of that package."""
        from werkzeug.routing.rules import Rule as WerkzeugRule

        rule = WerkzeugRule(self.rule, **{name: getattr(self, name) for name in _OPTIONS})
        for name, value in _added_attributes(self).items():
            setattr(rule, name, value)
        return rule

    @property
    def map(self) -> Any:
        """The map that the rule is bound to. `None` before that, and when the map is gone."""
        return None if self._map is None else self._map()

    @property
    def is_branch(self) -> bool:
        """True for a rule that ends with a slash."""
        return self.rule.endswith("/")

    @property
    def is_leaf(self) -> bool:
        """True for a rule that ends without a slash."""
        return not self.rule.endswith("/")

    @property
    def arguments(self) -> set[str]:
        """The names of the rule's variables and defaults."""
        return {str(name) for name in self.defaults or ()}.union(
            [variable[0] for variable in self.bound_variables]
        )

    @property
    def converter_by_name(self) -> dict[str, BaseConverter]:
        """The converters by the name of their variable, in the rule's order; empty before it is bound."""
        return {name: converter for name, converter, _ in self.bound_variables}

    # Also under Werkzeug's private name, which programs read.
    _converters = converter_by_name

    @property
    def _trace(self) -> list[tuple[bool, str]]:
        """The pieces of domain, ``|`` and path: True and a variable's name, or False and text.

        Computed on each access: it is rarely used, and thousands of lists would stay in memory.
        """
        if self._map is None:
            return []
        tokens = [*tokenize(self._domain), "|", *tokenize(self._path)]
        return [(False, token) if isinstance(token, str) else (True, token.name) for token in tokens]

    @property
    def _path(self) -> str:
        return merge_slashes(self.rule) if self.merge_slashes else self.rule

    def empty(self) -> Self:
        """Return an unbound copy, for another map; see `get_empty_kwargs`."""
        return type(self)(self.rule, **self.get_empty_kwargs())

    def get_empty_kwargs(self) -> Mapping[str, Any]:
        """Return the keyword arguments of the copy that `empty` makes. A subclass may add its own.

        As in Werkzeug, `merge_slashes` and `websocket` are not copied.
        """
        options = {name: getattr(self, name) for name in _COPIED}
        options["defaults"] = dict(self.defaults) if self.defaults else None
        return options

    def bind(self, map: RuleMap, rebind: bool = False) -> None:
        """Take the map's settings where the rule has none, and look up its converters. `Map.add` calls this.

        Raises `RuntimeError` if the rule is bound, `LookupError` for an unknown converter, `ValueError` for a
        malformed rule string.
        """
        if self._map is not None and not rebind:
            raise RuntimeError(_BOUND.format(self, self.map))
        self._map = ref(map)
        for name, source in _INHERITED:
            if getattr(self, name) is None:
                setattr(self, name, getattr(map, source))
        self.compile()

    def refresh(self) -> None:
        """Bind the rule again after its attributes were changed. Where it matches stays as it was added."""
        self.bind(self.map, rebind=True)
        self._parts = None

    def take_parts(self) -> tuple[str | Segment, list[str | Segment]] | None:
        """Hand over domain and path in parts, once: the map keeps them in its tree."""
        parts, self._parts = self._parts, None
        return parts

    def compile(self) -> None:
        """Find the variables and make their converters. The builder of URLs is made on first use."""
        map = self.map
        self._domain = (self.host if map.host_matching else self.subdomain) or ""
        variables: dict[str, BoundVariable] = {}
        domain = self._segments(map, self._domain, variables)
        if len(domain) > 1 and not self.build_only:
            raise ValueError(
                f"domain {self._domain!r} of url rule {self.rule!r} has a slash: it would never match"
            )
        self._parts = domain[0], self._segments(map, self._path, variables)
        self.bound_variables = tuple(variables.values())
        self._builder = None
        if self.alias or self.redirect_to is not None:
            self.may_redirect = True
        if self.defaults and not variables.keys().isdisjoint(self.defaults):
            # Fails early where a default is none that its converter takes.
            self._make_builder()

    def _segments(self, map: RuleMap, text: str, variables: dict[str, BoundVariable]) -> list[str | Segment]:
        """Return what stands between the slashes of a rule string; add its variables to *variables*."""
        if "<" not in text:
            return list[str | Segment](text.split("/"))
        # Segments before the first variable are plain text.
        cut = text.rfind("/", 0, text.index("<"))
        parts: list[str | Segment] = [] if cut < 0 else [*text[:cut].split("/")]
        pieces: list[str | BaseConverter] = []
        final = False
        for token in tokenize(text, cut + 1):
            if isinstance(token, Variable):
                if token.name in variables and token.name not in (self.defaults or ()):
                    raise ValueError(f"variable name {token.name!r} used twice in url rule {self.rule!r}")
                variables[token.name] = variable = self._variable(map, token)
                pieces.append(variable[1])
                final = final or not variable[1].part_isolating
            elif token == "/" and not final:
                parts.append(_part(map, pieces, False, False))
                pieces = []
            else:
                pieces.append(token)
        suffixed = final and pieces[-1] == "/"
        if suffixed:
            pieces.pop()
        parts.append(_part(map, pieces, final, suffixed))
        if suffixed:
            parts.append("")
        return parts

    def _variable(self, map: RuleMap, token: Variable) -> BoundVariable:
        """Return a variable with its converter. Built-in ones are immutable, so all rules share them."""
        key = (token, map.converters.get(token.converter))
        shares = type(self).get_converter is _SlottedRule.get_converter
        variable = map.shared_variables.get(key) if shares else None
        if variable is None:
            args, kwargs = parse_converter_args(token.arguments) if token.arguments else ((), {})
            converter = self.get_converter(token.name, token.converter, args, kwargs)
            variable = (token.name, converter, _conversion(converter))
            if shares and type(converter).__module__ == _BUILT_IN:
                map.shared_variables[key] = variable
        return variable

    def get_converter(
        self, variable_name: str, converter_name: str, args: tuple[object, ...], kwargs: Mapping[str, object]
    ) -> BaseConverter:
        """Return the converter of a variable, made with the map and the arguments of the rule string.

        Raises `LookupError` if the map has no converter of that name.
        """
        map = self.map
        make: Callable[..., BaseConverter] | None = map.converters.get(converter_name)
        if make is None:
            raise LookupError(f"URL rule {self.rule!r}: the map has no converter {converter_name!r}.")
        return make(proxy(map), *args, **kwargs)

    def _make_builder(self) -> Builder:
        self._builder = builder = Builder(self._trace, self.converter_by_name, self.defaults)
        return builder

    def build(self, values: Mapping[str, object], append_unknown: bool = True) -> tuple[str, str] | None:
        """Return the domain part and the path with query; `None` where a converter refuses a value.

        The values must be `suitable_for` the rule. Values that it does not know go to the query, unless
        *append_unknown* is off.
        """
        builder = self._builder or self._make_builder()
        try:
            domain, path = builder.build(values)
        except ValidationError:
            return None
        if append_unknown and (unknown := builder.unknown(values)):
            query = self._encode_query_vars(unknown)
            if query:
                path = f"{path}?{query}"
        return domain, path

    def _encode_query_vars(self, query_vars: Mapping[str, object]) -> str:
        map = self.map
        if map.sort_parameters:
            return encode_query(sorted(iter_multi_items(query_vars), key=map.sort_key))
        return encode_query(query_vars)

    def provides_defaults_for(self, rule: _SlottedRule) -> bool:
        """Return whether this rule is another one's address when the values are its own defaults."""
        if self.build_only or not self.defaults:
            return False
        return rule.endpoint == self.endpoint and rule.arguments == self.arguments and rule != self

    def suitable_for(self, values: Mapping[str, object], method: str | None = None) -> bool:
        """Return whether a URL can be built from the values: none is missing or contradicts a default."""
        if method is not None and self.methods is not None and method not in self.methods:
            return False
        defaults = self.defaults or ()
        for name, _, _ in self.bound_variables:
            if name not in values and name not in defaults:
                return False
        if self.defaults:
            for name, value in self.defaults.items():
                if name in values and value != values[name]:
                    return False
        return True

    def build_compare_key(self) -> tuple[int, int, int]:
        """Return the key that orders rules for building: no aliases, more arguments, more defaults first."""
        return (1 if self.alias else 0, -len(self.arguments), -len(self.defaults or ()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._trace == other._trace

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.rule

    def __repr__(self) -> str:
        if self._map is None:
            return f"<{type(self).__name__} (unbound)>"
        text = "".join([f"<{text}>" if is_dynamic else text for is_dynamic, text in self._trace]).lstrip("|")
        methods = f" ({', '.join(self.methods)})" if self.methods is not None else ""
        return f"<{type(self).__name__} {text!r}{methods} -> {self.endpoint}>"


class _OpenRule(_SlottedRule):
    """A rule that takes any other attribute."""

    # Extensions hang their own attributes on rules: those few get a dictionary, the thousands of others none.
    # Since Python 3.14 a class with a dictionary reserves room in each object for every attribute that its
    # own methods set, slots included: 160 bytes a rule. So the methods that set any are in the class above.
    __slots__ = ("__dict__", "__weakref__")


def _added_attributes(rule: _SlottedRule) -> dict[str, Any]:
    added: dict[str, Any] = _OpenRule.__dict__["__dict__"].__get__(rule)
    return added


class Rule(_OpenRule):
    """One URL pattern and the endpoint that it stands for.

    - `string`: a path with placeholders, ``/user/<int:id>``; it begins with a slash;
    - `endpoint`: anything hashable, usually a name; `MapAdapter.build` makes URLs from it;
    - `defaults`: values that go with the rule without being in its string. When another rule of the same
      endpoint takes them from the path, a request with just these values is redirected to this rule
      (``/all/page/1`` to ``/all/``), unless the map's `redirect_defaults` is off;
    - `subdomain`, `host`: rule strings for what stands before the path; `host` counts with
      `Map(host_matching=True)`;
    - `methods`: allowed methods, `None` for all; ``HEAD`` comes with ``GET``;
    - `build_only`: never matched, only built;
    - `strict_slashes`, `merge_slashes`: override the map's settings;
    - `redirect_to`: a target string with placeholders, or a function ``f(adapter, **values)`` that returns
      one; a matching request is redirected there, relative to the application's root;
    - `alias`: another address of an endpoint; it redirects to the one that is none;
    - `websocket`: matches WebSocket requests only.

    Raises `ValueError` for a string without a leading slash and for methods that a WebSocket rule cannot
    have, `TypeError` for `methods` as one string. Source: Werkzeug documentation, "URL Routing".
    """

    __slots__ = ()

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        """All attributes, as Werkzeug's rules have them; writing an item sets one."""
        return RuleAttributes(self, _added_attributes(self))

    def get_rules(self, map: RuleMap) -> Iterator[Rule]:
        yield self


# Both kinds of binding raise this.
_BOUND = "url rule {0!r} already bound to map {1!r}"

# Attributes that `bind` takes from the map where the rule has none, and their names there.
_INHERITED = (
    ("strict_slashes", "strict_slashes"),
    ("merge_slashes", "merge_slashes"),
    ("subdomain", "default_subdomain"),
)

#: The arguments of the constructor after the string, in both packages.
_OPTIONS = (
    *("defaults", "subdomain", "methods", "build_only", "endpoint", "strict_slashes", "merge_slashes"),
    *("redirect_to", "alias", "host", "websocket"),
)

_COPIED = (
    *("subdomain", "methods", "build_only", "endpoint", "strict_slashes", "redirect_to", "alias", "host"),
)

#: What `from_rule` does not copy as a user's addition: Werkzeug's attributes of a rule that is not bound.
_OWN_ATTRIBUTES = frozenset({*NAMES, "_parts"})


def _conversion(converter: BaseConverter) -> Callable[[str], object] | None:
    """Return what converts text to a value: something faster than `to_python` where that does no more."""
    method = type(converter).to_python
    if method is BaseConverter.to_python:
        return None
    if (
        isinstance(converter, NumberConverter)
        and method is NumberConverter.to_python
        and not converter.fixed_digits
        and converter.min is None
        and converter.max is None
        and converter.num_convert in (int, float)
    ):
        return converter.num_convert
    return converter.to_python


def _part(map: RuleMap, pieces: list[str | BaseConverter], final: bool, suffixed: bool) -> str | Segment:
    """Return static text unchanged, and for a dynamic segment the one object that the map has for it."""
    if not pieces:
        return ""
    first = pieces[0]
    if isinstance(first, str) and len(pieces) == 1:
        return first
    key = segment_key(pieces, final, suffixed)
    segment = map.segments.get(key)
    if segment is None:
        # setdefault: two threads that add rules must get the same object.
        segment = map.segments.setdefault(key, Segment(key, pieces, final, suffixed))
    return segment
