from __future__ import annotations

from typing import Any

import pytest
from werkzeug.routing.map import Map as WerkzeugMap
from werkzeug.routing.rules import Rule as WerkzeugRule

from edgeweb.routing import BaseConverter, IntegerConverter, Map, Rule, Submount

from .telling import told


def bound(string: str = "/a/<int:b>", **options: Any) -> tuple[Rule, Map]:
    """A rule with its map, which has to be kept: the rule refers to it weakly."""
    rule = Rule(string, **options)
    return rule, Map([rule])


def test_attributes() -> None:
    rule, url_map = bound(
        "/a/<int:id>/<name>/", endpoint="e", defaults={"page": 1}, methods=["get", "POST"], subdomain="<lang>"
    )
    assert rule.rule == str(rule) == "/a/<int:id>/<name>/"
    assert rule.endpoint == "e"
    assert rule.methods == {"GET", "HEAD", "POST"}
    assert rule.arguments == {"id", "name", "page", "lang"}
    assert rule.defaults == {"page": 1}
    assert (rule.is_leaf, rule.is_branch) == (False, True)
    assert (rule.strict_slashes, rule.merge_slashes, rule.websocket, rule.alias) == (True, True, False, False)
    assert (rule.subdomain, rule.host, rule.redirect_to, rule.build_only) == ("<lang>", None, None, False)
    assert rule.map is url_map
    assert list(rule._converters) == ["lang", "id", "name"]
    assert isinstance(rule._converters["id"], IntegerConverter)
    assert rule._trace == [
        (True, "lang"),
        (False, "|"),
        (False, "/"),
        (False, "a"),
        (False, "/"),
        (True, "id"),
        (False, "/"),
        (True, "name"),
        (False, "/"),
    ]


def test_before_it_is_bound() -> None:
    rule = Rule("/a/<b>", defaults={"c": 1})
    assert rule.map is None
    assert rule.arguments == {"c"}
    assert rule._trace == [] and rule._converters == {}
    assert repr(rule) == "<Rule (unbound)>"
    assert (rule.strict_slashes, rule.merge_slashes, rule.subdomain) == (None, None, None)


def test_a_bound_rule_takes_the_settings_of_its_map() -> None:
    rule = Rule("/a//b")
    url_map = Map([rule], strict_slashes=False, merge_slashes=False, default_subdomain="www")
    assert (rule.strict_slashes, rule.merge_slashes, rule.subdomain) == (False, False, "www")
    assert rule._trace[-4:] == [(False, "a"), (False, "/"), (False, "/"), (False, "b")]
    assert url_map.find("www", "/a//b", "GET") == (rule, {})


def test_extensions_may_hang_attributes_on_a_rule() -> None:
    rule = Rule("/")
    with pytest.raises(AttributeError):
        rule.provide_automatic_options  # noqa: B018
    rule.provide_automatic_options = True
    rule.limits = ["1/s"]  # type: ignore[attr-defined]
    assert rule.provide_automatic_options is True
    assert rule.__dict__["limits"] is rule.limits  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("string", "options", "error", "message"),
    [
        ("a", {}, ValueError, "URL rule 'a' must start with a slash"),
        ("", {}, ValueError, "must start with a slash"),
        ("/", {"methods": "GET"}, TypeError, "'methods' should be a list of strings"),
        (
            "/",
            {"methods": ["POST"], "websocket": True},
            ValueError,
            "A WebSocket rule answers GET, HEAD and OPTIONS only",
        ),
        ("/<a", {}, ValueError, "malformed url rule: '/<a'"),
        ("/<no:a>", {}, LookupError, "URL rule '/<no:a>': the map has no converter 'no'"),
        ("/<a>/<a>", {}, ValueError, "variable name 'a' used twice in url rule '/<a>/<a>'"),
        ("/<a>", {"subdomain": "<a>"}, ValueError, "variable name 'a' used twice"),
        ("/", {"subdomain": "a/b"}, ValueError, "has a slash: it would never match"),
        ("/<int(nonsense=1):a>", {}, TypeError, "nonsense"),
        ("/<int:a>", {"defaults": {"a": "x"}}, ValueError, "invalid literal"),
        ("/<any(b):a>", {"defaults": {"a": "x"}}, ValueError, "'x' is not one of 'b'"),
    ],
)
def test_bad_rules(string: str, options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Map([Rule(string, **options)])


def test_a_rule_belongs_to_one_map() -> None:
    rule, _url_map = bound()
    with pytest.raises(
        RuntimeError,
        match=r"url rule <Rule '/a/<b>' -> None> already bound to map Map\(",
    ):
        Map([rule])
    again = Map([rule.empty()])
    assert again.find("", "/a/1", "GET") == (rule, {"b": 1})


def test_settings_may_change_until_a_rule_is_bound() -> None:
    rule = Rule("/old", endpoint="e")
    rule.redirect_to = "new"
    url_map = Map([rule])
    assert told(url_map.bind("host"), "/old") == "308 http://host/new"
    rule.redirect_to = None
    assert told(url_map.bind("host"), "/old") == "e"


def test_empty() -> None:
    class Tagged(Rule):
        def __init__(self, string: str, tag: str, **options: Any) -> None:
            super().__init__(string, **options)
            self.tag = tag

        def get_empty_kwargs(self) -> dict[str, Any]:
            return {**super().get_empty_kwargs(), "tag": self.tag}

    rule = Tagged("/x", tag="t", endpoint="e", methods=["GET"], defaults={"a": 1}, strict_slashes=False)
    _url_map = Map([rule])
    copy = rule.empty()
    assert isinstance(copy, Tagged) and copy.tag == "t"
    assert copy.map is None
    assert (copy.endpoint, copy.methods, copy.defaults, copy.strict_slashes) == (
        "e",
        {"GET", "HEAD"},
        {"a": 1},
        False,
    )
    assert copy.defaults is not rule.defaults and copy.methods is not rule.methods


def test_representation_and_equality() -> None:
    rule, url_map = bound("/a/<int:b>", endpoint="e", methods=["POST"])
    assert repr(rule) == "<Rule '/a/<b>' (POST) -> e>"
    assert repr(url_map) == "Map([<Rule '/a/<b>' (POST) -> e>])"
    same, _map = bound("/a/<b>", endpoint="other")
    different, _map2 = bound("/a/<c>", endpoint="e")
    on_subdomain, _map3 = bound("/a/<int:b>", subdomain="s")
    assert rule == same
    assert rule != different and rule != on_subdomain and rule != "/a/<b>"
    assert repr(on_subdomain) == "<Rule 's|/a/<b>' -> None>"
    with pytest.raises(TypeError, match="unhashable"):
        hash(rule)


def test_refresh_reads_the_rule_again() -> None:
    rule, url_map = bound("/a/<int:b>", endpoint="e")
    urls = url_map.bind("host")
    assert urls.build("e", {"b": 1}) == "/a/1"
    rule.rule = "/z/<b>"
    rule.refresh()
    assert urls.build("e", {"b": "x"}) == "/z/x"
    assert str(rule._trace) == "[(False, '|'), (False, '/'), (False, 'z'), (False, '/'), (True, 'b')]"


def test_a_rule_outlives_its_map() -> None:
    rule = next(Map([Rule("/a/<b>", endpoint="e", subdomain="s")]).iter_rules())
    assert rule.map is None
    assert repr(rule) == "<Rule 's|/a/<b>' -> e>"
    assert rule.arguments == {"b"}


def test_a_subclass_may_make_converters_itself() -> None:
    class Shout(BaseConverter):
        def to_python(self, value: str) -> str:
            return f"{value.upper()}{self.suffix}"

        suffix = ""

    class Own(Rule):
        def get_converter(self, variable_name: str, *args: Any) -> BaseConverter:
            converter = Shout(self.map)
            converter.suffix = variable_name
            return converter

    url_map = Map([Own("/<int:a>/<int:b>", endpoint="own"), Rule("/r/<int:a>", endpoint="plain")])
    assert url_map.bind("host").match("/x/y") == ("own", {"a": "Xa", "b": "Yb"})
    assert url_map.bind("host").match("/r/1") == ("plain", {"a": 1})


def test_each_variable_has_its_own_converter_where_it_is_not_built_in() -> None:
    made: list[BaseConverter] = []

    class Counted(BaseConverter):
        def __init__(self, map: Any) -> None:
            super().__init__(map)
            made.append(self)

    url_map = Map([Rule("/<c:a>/<c:b>"), Rule("/x/<c:a>")], converters={"c": Counted})
    assert len(made) == 3
    # What it is given as the map is one to its face, and does not keep the map alive.
    assert isinstance(made[0].map, Map)
    assert made[0].map.converters is url_map.converters


class Marked(WerkzeugRule):
    """A rule of Werkzeug's with something of its own."""

    mark = "class"


def test_werkzeugs_rules_are_converted() -> None:
    theirs = Marked(
        "/x/<int:id>",
        endpoint="e",
        methods=["PUT"],
        defaults={"a": 1},
        subdomain="s",
        strict_slashes=False,
        merge_slashes=False,
        websocket=False,
        alias=False,
        host="h",
    )
    theirs.provide_automatic_options = False  # type: ignore[attr-defined]
    url_map = Map([theirs])
    (rule,) = url_map.iter_rules()
    assert type(rule) is Rule
    for name in (
        "rule",
        "endpoint",
        "methods",
        "defaults",
        "subdomain",
        "strict_slashes",
        "merge_slashes",
        "host",
    ):
        assert getattr(rule, name) == getattr(theirs, name)
    assert rule.provide_automatic_options is False
    assert url_map.find("s", "/x/1", "PUT") == (rule, {"id": 1, "a": 1})
    assert theirs.map is url_map
    with pytest.raises(RuntimeError, match=r"url rule <Marked .* already bound to map Map"):
        url_map.add(theirs)


def test_werkzeugs_bound_rules_are_not() -> None:
    theirs = WerkzeugRule("/x")
    WerkzeugMap([theirs])
    with pytest.raises(RuntimeError, match="already bound to map"):
        Map([theirs])
    with pytest.raises(RuntimeError, match="already bound to map"):
        Map([Submount("/y", [theirs]), theirs])
