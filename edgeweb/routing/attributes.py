"""A rule's attributes as a dictionary, `vars(rule)`: they are slots, which have none of their own."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

#: Werkzeug's attributes of a rule, in its order, without what it keeps for matching and building.
NAMES = (
    *("rule", "is_leaf", "is_branch", "map", "strict_slashes", "merge_slashes", "subdomain", "host"),
    *("defaults", "build_only", "alias", "websocket", "methods", "endpoint", "redirect_to", "arguments"),
    *("_converters", "_trace"),
)

#: And one that applications set on some rules.
_ALL = (*NAMES, "provide_automatic_options")


class RuleAttributes(dict[str, Any]):
    """What a rule has at this moment. Writing an item sets the attribute.

    >>> from edgeweb.routing import Rule
    >>> attributes = vars(Rule("/lamps", endpoint="lamps"))
    >>> attributes["rule"], attributes["endpoint"]
    ('/lamps', 'lamps')
    """

    def __init__(self, rule: object, added: dict[str, Any]) -> None:
        # A rule that is being copied has none yet.
        present = [name for name in _ALL if hasattr(rule, name)]
        super().__init__({name: getattr(rule, name) for name in present}, **added)
        self._rule = rule

    def __setitem__(self, name: str, value: object) -> None:
        setattr(self._rule, name, value)
        super().__setitem__(name, value)

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name)
        delattr(self._rule, name)

    # Those of a dictionary do not call the two above.
    clear = MutableMapping.clear
    pop = MutableMapping.pop
    popitem = MutableMapping.popitem
    setdefault = MutableMapping.setdefault
    update = MutableMapping.update
