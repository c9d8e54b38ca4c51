from __future__ import annotations

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing.map import Map as WerkzeugMap
from werkzeug.routing.rules import Rule as WerkzeugRule

from edgeweb.routing import BuildError, Map, MapAdapter, RequestRedirect, Rule, ValidationError
from edgeweb.routing.converters import BaseConverter

from .telling import told

ROUTERS: list[Any] = [(Map, Rule), (WerkzeugMap, WerkzeugRule)]


class Refusing(BaseConverter):
    def to_url(self, value: Any) -> str:
        if value == "no":
            raise ValidationError
        return super().to_url(value)


RULES: list[tuple[str, dict[str, Any]]] = [
    ("/", {"endpoint": "index"}),
    ("/user/<int:id>", {"endpoint": "user"}),
    ("/find/<q>/<path:where>", {"endpoint": "find"}),
    ("/é ü/<x>", {"endpoint": "quoted"}),
    ("/100%/<x>/%s", {"endpoint": "percent"}),
    ("/!$&'()*+,;=:@~/<x>", {"endpoint": "safe"}),
    ("/all/", {"endpoint": "all", "defaults": {"page": 1}}),
    ("/all/<int:page>", {"endpoint": "all"}),
    ("/both/<a>", {"endpoint": "by method", "methods": ["GET"]}),
    ("/post/<a>", {"endpoint": "by method", "methods": ["POST"]}),
    ("/more/<a>/<b>", {"endpoint": "arguments"}),
    ("/less/<a>", {"endpoint": "arguments"}),
    ("/alias/<a>", {"endpoint": "aliased", "alias": True}),
    ("/real/<a>", {"endpoint": "aliased"}),
    ("/chat", {"endpoint": "socket", "websocket": True}),
    ("/x", {"endpoint": "subdomain", "subdomain": "api"}),
    ("/y/<a>", {"endpoint": "dynamic subdomain", "subdomain": "<lang>"}),
    ("/cdn/<f>", {"endpoint": "built only", "build_only": True}),
    ("/fixed/<int:n>/<a>", {"endpoint": "fixed", "defaults": {"n": 7}}),
    ("/r/<refusing:a>", {"endpoint": "refusing"}),
    ("/s/<a>", {"endpoint": "refusing"}),
    ("/any/<any(a, b):a>", {"endpoint": "any"}),
    ("/digits/<int(fixed_digits=3):n>", {"endpoint": "digits"}),
]

BUILDS: list[tuple[str, dict[Any, Any], dict[str, Any], str]] = [
    ("index", {}, {}, "/"),
    ("index", {"a": 1, "b": "x y", "c": None}, {}, "/?a=1&b=x+y"),
    ("index", {"a": ["1", "2"], "ü": "&="}, {}, "/?a=1&a=2&%C3%BC=%26%3D"),
    ("index", {"a": 1}, {"append_unknown": False}, "/"),
    ("index", {}, {"force_external": True}, "http://host/"),
    ("index", {}, {"force_external": True, "url_scheme": "https"}, "https://host/"),
    ("index", {}, {"force_external": True, "url_scheme": ""}, "//host/"),
    ("user", {"id": 42}, {}, "/user/42"),
    ("user", {"id": "42"}, {}, "/user/42"),
    ("find", {"q": "a/b?é", "where": "x/y z"}, {}, "/find/a/b%3F%C3%A9/x/y%20z"),
    ("quoted", {"x": "a+b&c"}, {}, "/%C3%A9%20%C3%BC/a+b&c"),
    ("percent", {"x": "%d"}, {}, "/100%25/%25d/%25s"),
    ("safe", {"x": "!$&'()*+,;=:@~"}, {}, "/!$&'()*+,;=:@~/!$&'()*+,;=:@~"),
    ("all", {}, {}, "/all/"),
    ("all", {"page": 1}, {}, "/all/"),
    ("all", {"page": 2}, {}, "/all/2"),
    ("by method", {"a": 1}, {}, "/both/1"),
    ("by method", {"a": 1}, {"method": "POST"}, "/post/1"),
    ("arguments", {"a": 1}, {}, "/less/1"),
    ("arguments", {"a": 1, "b": 2}, {}, "/more/1/2"),
    ("aliased", {"a": 1}, {}, "/real/1"),
    ("socket", {}, {}, "ws://host/chat"),
    ("socket", {}, {"url_scheme": "https"}, "wss://host/chat"),
    ("subdomain", {}, {}, "http://api.host/x"),
    ("dynamic subdomain", {"a": 1, "lang": "en"}, {}, "http://en.host/y/1"),
    ("built only", {"f": "a.js"}, {}, "/cdn/a.js"),
    ("fixed", {"a": "x"}, {}, "/fixed/7/x"),
    ("fixed", {"a": "x", "n": 7}, {}, "/fixed/7/x"),
    ("refusing", {"a": "yes"}, {}, "/r/yes"),
    ("refusing", {"a": "no"}, {}, "/s/no"),
    ("digits", {"n": 7}, {}, "/digits/007"),
    ("user", MultiDict([("id", "1"), ("q", "2"), ("q", "3")]), {}, "/user/1?q=2&q=3"),
]


def adapters(**bind: Any) -> list[Any]:
    """The same rules bound by both routers."""
    return [
        map_class(
            [rule_class(string, **options) for string, options in RULES], converters={"refusing": Refusing}
        ).bind(**{"server_name": "host", **bind})
        for map_class, rule_class in ROUTERS
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("endpoint", "values", "options", "expected"), BUILDS)
def test_build(endpoint: str, values: dict[Any, Any], options: dict[str, Any], expected: str) -> None:
    for urls in adapters():
        assert urls.build(endpoint, values, **options) == expected, type(urls)


@pytest.mark.parametrize(
    ("endpoint", "values", "options", "message"),
    [
        ("none", {}, {}, "Could not build url for endpoint 'none'. Did you mean 'index' instead?"),
        ("user", {}, {}, "Could not build url for endpoint 'user'. Did you forget to specify values ['id']?"),
        ("user", {"id": None}, {}, "Did you forget to specify values ['id']?"),
        ("by method", {"a": 1}, {"method": "PUT"}, "('PUT') with values ['a']. Did you mean to use methods"),
        ("fixed", {"a": 1, "n": 8}, {}, "Could not build url for endpoint 'fixed' with values ['a', 'n']."),
    ],
)
def test_build_error(endpoint: str, values: dict[str, Any], options: dict[str, Any], message: str) -> None:
    for urls in adapters():
        with pytest.raises(BuildError) as caught:
            urls.build(endpoint, values, **options)
        assert message in str(caught.value)
        assert caught.value.endpoint == endpoint and caught.value.adapter is urls


@pytest.mark.parametrize(
    ("endpoint", "values", "error"),
    [("user", {"id": "x"}, ValueError), ("any", {"a": "z"}, ValueError), ("index", {1: 2}, TypeError)],
)
def test_build_passes_on_what_converters_raise(
    endpoint: str, values: dict[Any, Any], error: type[Exception]
) -> None:
    for urls in adapters():
        with pytest.raises(error):
            urls.build(endpoint, values)


@pytest.mark.parametrize(
    ("bind", "endpoint", "options", "expected"),
    [
        ({"script_name": "/app"}, "index", {}, "/app/"),
        ({"script_name": "/app/"}, "index", {"force_external": True}, "http://host/app/"),
        ({"subdomain": "www"}, "index", {}, "http://host/"),
        ({"subdomain": "api"}, "subdomain", {}, "/x"),
        ({"url_scheme": "https"}, "subdomain", {}, "https://api.host/x"),
        ({"url_scheme": "wss"}, "index", {"force_external": True}, "https://host/"),
        ({"url_scheme": ""}, "subdomain", {}, "//api.host/x"),
        ({"server_name": "HOST:8080"}, "subdomain", {}, "http://api.host:8080/x"),
        ({"server_name": "bücher.example"}, "subdomain", {}, "http://api.xn--bcher-kva.example/x"),
    ],
)
def test_build_where_it_is_bound(
    bind: dict[str, Any], endpoint: str, options: dict[str, Any], expected: str
) -> None:
    for urls in adapters(**bind):
        assert urls.build(endpoint, {}, **options) == expected


def test_build_prefers_the_own_host() -> None:
    for map_class, rule_class in ROUTERS:
        url_map = map_class(
            [
                rule_class("/a", endpoint="e", host="one"),
                rule_class("/b", endpoint="e", host="two"),
                rule_class("/c", endpoint="f", host="<name>.three"),
            ],
            host_matching=True,
        )
        assert url_map.bind("two").build("e") == "/b"
        assert url_map.bind("three").build("e") == "http://one/a"
        assert url_map.bind("x.three").build("f", {"name": "x"}) == "/c"
        assert url_map.bind("x.three").build("f", {"name": "y"}) == "http://y.three/c"


def test_sorted_queries() -> None:
    for map_class, rule_class in ROUTERS:
        url_map = map_class([rule_class("/", endpoint="e")], sort_parameters=True)
        assert url_map.bind("host").build("e", {"b": 1, "a": 2}) == "/?a=2&b=1"
        url_map.sort_key = lambda item: -int(item[1])
        assert url_map.bind("host").build("e", {"b": 1, "a": 2, "c": 0}) == "/?a=2&b=1&c=0"
        assert url_map.bind("host").build("e", {"b": 3, "a": 2}) == "/?b=3&a=2"


@pytest.mark.parametrize(
    ("bind", "query", "expected"),
    [
        ({}, None, "308 http://host/branch/"),
        ({}, "a=1&b=%20", "308 http://host/branch/?a=1&b=%20"),
        ({}, {"a": "x y"}, "308 http://host/branch/?a=x+y"),
        ({"query_args": "bound=1"}, None, "308 http://host/branch/?bound=1"),
        ({"query_args": "bound=1"}, "own=1", "308 http://host/branch/?own=1"),
        ({"script_name": "/app", "subdomain": "www"}, None, "308 http://www.host/app/branch/"),
        ({"url_scheme": "https"}, None, "308 https://host/branch/"),
    ],
)
def test_redirects(bind: dict[str, Any], query: Any, expected: str) -> None:
    for map_class, rule_class in ROUTERS:
        url_map = map_class([rule_class("/branch/", endpoint="b", subdomain=bind.get("subdomain"))])
        assert told(url_map.bind("host", **bind), "/branch", query_args=query) == expected


def test_redirects_are_quoted() -> None:
    for map_class, rule_class in ROUTERS:
        urls = map_class([rule_class("/<x>/", endpoint="b")]).bind("host")
        assert told(urls, "/é?#%/") != told(urls, "/é?#%")
        assert told(urls, "/é?#%") == "308 http://host/%C3%A9%3F%23%25/"
        assert told(urls, "//evil.example") == "308 http://host/evil.example/"


def test_match_uses_what_was_bound() -> None:
    url_map = Map(
        [Rule("/x", endpoint="get", methods=["GET"]), Rule("/x", endpoint="post", methods=["POST"])]
    )
    urls = url_map.bind("host", default_method="POST", path_info="/x")
    assert urls.match() == ("post", {})
    assert urls.match(method="get") == ("get", {})
    rule, values = urls.match(return_rule=True)
    assert isinstance(rule, Rule) and rule.endpoint == "post" and values == {}
    with pytest.raises(NotFound):
        urls.match("/y")
    with pytest.raises(MethodNotAllowed) as caught:
        urls.match("/x", "PUT")
    assert sorted(caught.value.valid_methods or ()) == ["GET", "HEAD", "POST"]


def test_test_and_allowed_methods() -> None:
    for map_class, rule_class in ROUTERS:
        urls = map_class(
            [
                rule_class("/x", methods=["GET"]),
                rule_class("/x", methods=["PUT"]),
                rule_class("/branch/"),
                rule_class("/all"),
            ]
        ).bind("host")
        assert (
            urls.test("/x") and urls.test("/branch") and not urls.test("/x", "POST") and not urls.test("/y")
        )
        assert sorted(urls.allowed_methods("/x")) == ["GET", "HEAD", "PUT"]
        assert list(urls.allowed_methods("/all")) == list(urls.allowed_methods("/y")) == []


def test_dispatch() -> None:
    for map_class, rule_class in ROUTERS:
        urls = map_class([rule_class("/<name>", endpoint="e"), rule_class("/b/", endpoint="b")]).bind("host")
        assert urls.dispatch(lambda endpoint, values: (endpoint, values), "/x") == ("e", {"name": "x"})
        assert isinstance(urls.dispatch(lambda endpoint, values: None, "/b//"), RequestRedirect)
        with pytest.raises(NotFound):
            urls.dispatch(lambda endpoint, values: None, "/a/b")
        answer = urls.dispatch(lambda endpoint, values: None, "/a/b", catch_http_exceptions=True)
        assert isinstance(answer, NotFound)


def test_get_host() -> None:
    plain = Map().bind("host", subdomain="www")
    assert [plain.get_host(part) for part in (None, "", "api")] == ["www.host", "host", "api.host"]
    hosts = Map(host_matching=True).bind("host")
    assert [hosts.get_host(part) for part in (None, "other")] == ["host", "other"]


def test_default_redirects() -> None:
    for map_class, rule_class in ROUTERS:
        url_map = map_class(
            [
                rule_class("/all/", endpoint="all", defaults={"page": 1}),
                rule_class("/all/<int:page>", endpoint="all"),
            ]
        )
        urls = url_map.bind("host")
        first, second = url_map.iter_rules()
        assert urls.get_default_redirect(second, "GET", {"page": 1}, {"q": "x"}) == "http://host/all/?q=x"
        assert urls.get_default_redirect(second, "GET", {"page": 2}, {}) is None
        assert urls.get_default_redirect(first, "GET", {"page": 1}, {}) is None


def test_maps_may_have_adapters_of_their_own() -> None:
    class OwnAdapter(MapAdapter):
        def make_redirect_url(self, *args: Any, **kwargs: Any) -> str:
            return "own:" + super().make_redirect_url(*args, **kwargs)

    url_map = Map([Rule("/a/", endpoint="a")])
    urls = OwnAdapter(url_map, "host", "/", "", "http", "/a", "GET")
    assert told(urls) == "308 own:http://host/a/"
