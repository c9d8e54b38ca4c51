"""Which rule a path belongs to: a table of cases, each of them checked on Werkzeug's router too."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.routing.map import Map as WerkzeugMap
from werkzeug.routing.rules import Rule as WerkzeugRule

from edgeweb.routing import Map, NoMatch, RequestPath, Rule

from .drawing import CONVERTERS
from .matcher_cases import GROUPS
from .telling import current_werkzeug, told

ROWS = [
    pytest.param(settings, drawn, request_, expected, id=f"{group}: {request_[:40]!r}")
    for group, (settings, drawn, requests) in GROUPS.items()
    for request_, expected in requests.items()
]


def check(
    router: tuple[Any, Any], settings: dict[str, Any], drawn: list[Any], request_: str, expected: str
) -> None:
    map_class, rule_class = router
    method, space, path = request_.partition(" /")
    method, path = (method, f"/{path}") if space and method.isupper() else ("GET", request_)
    path, at, subdomain = path.partition(" @")
    websocket = path.endswith(" ws")
    path = path.removesuffix(" ws")
    url_map = map_class(converters=CONVERTERS, **settings)
    for string, options in drawn:
        url_map.add(rule_class(string, **{"endpoint": string, **options}))
    scheme = "ws" if websocket else "http"
    adapter = url_map.bind("host", subdomain=subdomain if at else None, url_scheme=scheme)
    answer = told(adapter, path, method)
    assert answer.replace(f"http://{adapter.subdomain}.host", "http://host") == expected


@pytest.mark.parametrize(("settings", "drawn", "request_", "expected"), ROWS)
def test_case(settings: dict[str, Any], drawn: list[Any], request_: str, expected: str) -> None:
    check((Map, Rule), settings, drawn, request_, expected)


@current_werkzeug
@pytest.mark.parametrize(("settings", "drawn", "request_", "expected"), ROWS)
def test_the_case_is_right(settings: dict[str, Any], drawn: list[Any], request_: str, expected: str) -> None:
    check((WerkzeugMap, WerkzeugRule), settings, drawn, request_, expected)


HOSTS = [
    ("example.com", "/", "bare"),
    ("www.example.com", "/", "www"),
    ("bob.example.com", "/", "user {'name': 'bob'}"),
    ("bob.example.com:5000", "/", "404"),
    ("localhost:5000", "/", "local"),
    ("elsewhere", "/", "404"),
    ("bob.example.com", "", "308 http://bob.example.com/"),
]


@pytest.mark.parametrize(("host", "path", "expected"), HOSTS)
def test_host(host: str, path: str, expected: str) -> None:
    for map_class, rule_class in ((Map, Rule), (WerkzeugMap, WerkzeugRule)):
        url_map: Any = map_class(host_matching=True)
        for pattern, endpoint in {
            "example.com": "bare",
            "www.example.com": "www",
            "<name>.example.com": "user",
            "localhost:5000": "local",
        }.items():
            url_map.add(rule_class("/", endpoint=endpoint, host=pattern))
        assert told(url_map.bind(host), path) == expected


def test_a_rule_that_is_added_later_takes_its_place() -> None:
    url_map = Map([Rule("/<name>", endpoint="name")])
    assert told(url_map.bind("host"), "/1") == "name {'name': '1'}"
    url_map.add(Rule("/<int:id>", endpoint="number"))
    assert told(url_map.bind("host"), "/1") == "number {'id': 1}"
    url_map.add(Rule("/1", endpoint="one"))
    assert told(url_map.bind("host"), "/1") == "one"


def test_methods_of_a_rule_are_looked_at_when_a_request_comes() -> None:
    rule = Rule("/x", endpoint="x", methods=["GET"])
    url_map = Map([rule, Rule("/y/<int:id>", endpoint="y", methods=["GET"])])
    assert rule.methods is not None
    rule.methods.add("PATCH")
    assert told(url_map.bind("host"), "/x", "PATCH") == "x"
    rule.methods.discard("GET")
    assert told(url_map.bind("host"), "/x", "GET") == "405 HEAD PATCH"


def test_find_returns_what_it_found_out() -> None:
    url_map = Map(
        [
            Rule("/a/", endpoint="a", methods=["POST"]),
            Rule("/b/<int:id>", endpoint="b"),
            Rule("/s", endpoint="s", websocket=True),
        ]
    )
    found = url_map.find("", "/b/4", "GET")
    assert isinstance(found, tuple)
    assert found[0].endpoint == "b" and found[1] == {"id": 4}

    missing = url_map.find("", "/c", "GET")
    assert isinstance(missing, NoMatch)
    assert (missing.have_match_for, missing.websocket_mismatch) == (set(), False)
    refused = url_map.find("", "/a/", "GET")
    assert isinstance(refused, NoMatch)
    assert (refused.have_match_for, refused.websocket_mismatch) == ({"POST"}, False)
    mismatch = url_map.find("", "/s", "GET")
    assert isinstance(mismatch, NoMatch)
    assert (mismatch.have_match_for, mismatch.websocket_mismatch) == (set(), True)
    slash = url_map.find("", "/a", "POST")
    assert isinstance(slash, RequestPath) and slash.path_info == "/a/"
    merged = url_map.find("", "/b//4", "GET")
    assert isinstance(merged, RequestPath) and merged.path_info == "/b/4"


def test_a_converters_own_error_is_not_swallowed() -> None:
    from edgeweb.routing import BaseConverter

    class Broken(BaseConverter):
        def to_python(self, value: str) -> int:
            return int(value)

    url_map = Map([Rule("/<broken:x>", endpoint="x")], converters={"broken": Broken})
    with pytest.raises(ValueError, match="invalid literal"):
        url_map.bind("host").match("/x")
