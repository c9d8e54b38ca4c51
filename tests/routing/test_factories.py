from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import werkzeug.routing.rules as werkzeug_rules

import edgeweb.routing
from edgeweb.routing import EndpointPrefix, Map, Rule, RuleFactory, RuleTemplate, Subdomain, Submount


def listed(url_map: Map) -> list[tuple[str, Any, str | None]]:
    return [(rule.rule, rule.endpoint, rule.subdomain) for rule in url_map.iter_rules()]


@pytest.mark.parametrize("factories", [edgeweb.routing, werkzeug_rules], ids=["ours", "werkzeug's"])
@pytest.mark.parametrize("rules", [edgeweb.routing, werkzeug_rules], ids=["our rules", "werkzeug's rules"])
def test_nested(factories: Any, rules: Any) -> None:
    url_map = Map(
        [
            rules.Rule("/", endpoint="index"),
            factories.Submount(
                "/blog/",
                [
                    rules.Rule("/", endpoint="blog"),
                    factories.EndpointPrefix(
                        "blog.",
                        [
                            rules.Rule("/<slug>", endpoint="show", methods=["GET"]),
                            factories.Subdomain("<lang>", [rules.Rule("/in", endpoint="in")]),
                        ],
                    ),
                ],
            ),
        ]
    )
    assert listed(url_map) == [
        ("/", "index", ""),
        ("/blog/", "blog", ""),
        ("/blog/<slug>", "blog.show", ""),
        ("/blog/in", "blog.in", "<lang>"),
    ]
    assert all(type(rule) is Rule for rule in url_map.iter_rules())
    urls = url_map.bind("host", subdomain="en")
    assert urls.match("/blog/in") == ("blog.in", {"lang": "en"})
    assert urls.build("blog.show", {"slug": "x"}) == "http://host/blog/x"


@pytest.mark.parametrize("factories", [edgeweb.routing, werkzeug_rules], ids=["ours", "werkzeug's"])
def test_template(factories: Any) -> None:
    resource = factories.RuleTemplate(
        [
            factories.Rule("/$name/", endpoint="$name.list", subdomain="${name}s"),
            factories.Rule("/$name/<int:id>", endpoint="$name.show", defaults={"kind": "a $name", "n": 1}),
            factories.Rule("/static", endpoint=42),
        ]
    )
    url_map = Map([resource(name="user"), resource({"name": "page"})])
    assert listed(url_map) == [
        ("/user/", "user.list", "users"),
        ("/user/<int:id>", "user.show", ""),
        ("/static", 42, ""),
        ("/static", 42, ""),
        ("/page/", "page.list", "pages"),
        ("/page/<int:id>", "page.show", ""),
    ]
    assert url_map.bind("host").match("/page/3") == ("page.show", {"id": 3, "kind": "a page", "n": 1})


def test_a_template_without_its_value() -> None:
    with pytest.raises(KeyError, match="name"):
        Map([RuleTemplate([Rule("/$name")])()])


def test_a_factory_of_ones_own() -> None:
    class Versions(RuleFactory):
        def get_rules(self, map: Any) -> Iterator[Rule]:
            for version in (1, 2):
                yield from Submount(f"/v{version}", [Rule("/x", endpoint=f"x{version}")]).get_rules(map)

    assert listed(Map([Versions()])) == [("/v1/x", "x1", ""), ("/v2/x", "x2", "")]
    with pytest.raises(NotImplementedError):
        Map([RuleFactory()])


def test_settings_that_a_copy_does_not_carry_over() -> None:
    """As in Werkzeug: `empty`, and so every factory, leaves these two to the map."""
    for rules in (edgeweb.routing, werkzeug_rules):
        (copy,) = rules.Submount("/a", [rules.Rule("/b", websocket=True, merge_slashes=False)]).get_rules(
            None
        )
        assert (copy.websocket, copy.merge_slashes) == (False, None)


def test_factories_leave_their_rules_alone() -> None:
    rule = Rule("/x", endpoint="e")
    Map([Subdomain("s", [EndpointPrefix("p.", [Submount("/m", [rule])])])])
    assert (rule.rule, rule.endpoint, rule.subdomain, rule.map) == ("/x", "e", None, None)
