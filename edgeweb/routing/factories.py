"""Rule factories: many rules from few, each derived from others by a prefix, a subdomain or a template."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from .rule import Rule, RuleFactory

if TYPE_CHECKING:
    from .rule import RuleMap


class Subdomain(RuleFactory):
    """Rules on a subdomain, which may have variables.

    >>> url_map = Map([Subdomain("<string(length=2):lang>", [Rule("/about", endpoint="about")])])
    >>> url_map.bind("example.com", subdomain="en").match("/about")
    ('about', {'lang': 'en'})
    """

    def __init__(self, subdomain: str, rules: Iterable[RuleFactory]) -> None:
        self.subdomain = subdomain
        self.rules = rules

    def get_rules(self, map: RuleMap) -> Iterator[Rule]:
        for factory in self.rules:
            for original in factory.get_rules(map):
                rule = original.empty()
                rule.subdomain = self.subdomain
                yield rule


class Submount(RuleFactory):
    """Rules with a path in front: ``Submount("/blog", [Rule("/<slug>", ...)])`` makes ``/blog/<slug>``."""

    def __init__(self, path: str, rules: Iterable[RuleFactory]) -> None:
        self.path = path.rstrip("/")
        self.rules = rules

    def get_rules(self, map: RuleMap) -> Iterator[Rule]:
        for factory in self.rules:
            for original in factory.get_rules(map):
                rule = original.empty()
                rule.rule = self.path + rule.rule
                yield rule


class EndpointPrefix(RuleFactory):
    """Rules with a text in front of their endpoints, which must be strings."""

    def __init__(self, prefix: str, rules: Iterable[RuleFactory]) -> None:
        self.prefix = prefix
        self.rules = rules

    def get_rules(self, map: RuleMap) -> Iterator[Rule]:
        for factory in self.rules:
            for original in factory.get_rules(map):
                rule = original.empty()
                rule.endpoint = self.prefix + rule.endpoint
                yield rule


class RuleTemplate:
    """Rules with ``$placeholders`` in string, endpoint, subdomain and defaults; calling it fills them in.

    >>> resource = RuleTemplate([
    ...     Rule("/$name/", endpoint="$name.list"),
    ...     Rule("/$name/<int:id>", endpoint="$name.show"),
    ... ])
    >>> Map([resource(name="user"), resource(name="page")]).bind("example.com").build("page.show", {"id": 1})
    '/page/1'

    A missing placeholder raises `KeyError` when the rules are added.
    """

    def __init__(self, rules: Iterable[RuleFactory]) -> None:
        self.rules = list(rules)

    def __call__(self, *args: Any, **kwargs: Any) -> RuleTemplateFactory:
        return RuleTemplateFactory(self.rules, dict(*args, **kwargs))


class RuleTemplateFactory(RuleFactory):
    """The rules of a `RuleTemplate`, filled in from *context*."""

    def __init__(self, rules: Iterable[RuleFactory], context: dict[str, object]) -> None:
        self.rules = rules
        self.context = context

    def get_rules(self, map: RuleMap) -> Iterator[Rule]:
        from string import Template

        def fill(value: Any) -> Any:
            return Template(value).substitute(self.context) if isinstance(value, str) else value

        for factory in self.rules:
            for rule in factory.get_rules(map):
                # The other settings of a rule are not carried over, as in Werkzeug.
                yield Rule(
                    fill(rule.rule),
                    {name: fill(value) for name, value in rule.defaults.items()} if rule.defaults else None,
                    fill(rule.subdomain),
                    rule.methods,
                    rule.build_only,
                    fill(rule.endpoint),
                    rule.strict_slashes,
                )
