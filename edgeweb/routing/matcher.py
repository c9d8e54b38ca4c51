"""Finding the rule of a path: a dictionary of the static paths, and a tree of segments for all.

The matcher decides nothing about HTTP. It never raises for a path that does not match: what it found out is
returned, and the caller makes a response or an exception of it.

The tree is walked depth first with an explicit stack, each node at most once: static children, then dynamic
ones by weight, so that the first rule found is the one Werkzeug finds. Nothing is locked while matching:
nodes only change by assignment of complete new values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from werkzeug.routing.converters import ValidationError
from werkzeug.routing.exceptions import NoMatch, RequestPath

from .rule import Rule
from .segment import Segment
from .syntax import merge_slashes

#: From how many dynamic children on a node has an index of them while rules are added.
_CROWDED = 8

_NO_CHILDREN: dict[str, Node] = {}
_NO_PATHS: dict[str, Node] = {}


class Node:
    """A place in the tree, reached from its parent by a static text."""

    __slots__ = ("dynamic", "rules", "static")

    def __init__(self) -> None:
        # Shared until there is a first child; never changed in place before that.
        self.static = _NO_CHILDREN
        self.dynamic: Sequence[DynamicNode] = ()
        self.rules: tuple[Rule, ...] = ()


class DynamicNode(Node):
    """A place reached by what a dynamic segment takes."""

    __slots__ = ("segment",)

    def __init__(self, segment: Segment) -> None:
        super().__init__()
        self.segment = segment


class Matcher:
    """The rules of one map in the order in which they are tried.

    Not thread-safe for writers: `add` and `update` are called under the map's lock. Readers need none.
    """

    def __init__(self, merge_slashes: bool) -> None:
        self.merge_slashes = merge_slashes
        self._root = Node()
        self._static: dict[str, dict[str, Node]] = {}
        self._unsorted: list[Node] = []
        self._crowded: dict[Node, dict[Segment, DynamicNode]] = {}

    def add(self, rule: Rule, parts: Sequence[str | Segment]) -> None:
        """Put a rule at the end of its parts: domain, then what stands between the slashes of its path."""
        parts = tuple(parts)
        node = self._root
        for part in parts:
            if isinstance(part, str):
                child = node.static.get(part)
                if child is None:
                    child = Node()
                    if node.static is _NO_CHILDREN:
                        node.static = {part: child}
                    else:
                        node.static[part] = child
            else:
                child = self._dynamic_child(node, part)
            node = child
        node.rules = (*node.rules, rule)
        self._add_static(node, parts)

    def _add_static(self, node: Node, parts: tuple[str | Segment, ...]) -> None:
        domain, *segments = parts
        texts = [text for text in segments if isinstance(text, str)]
        if isinstance(domain, str) and len(texts) == len(segments):
            path = "/".join(texts)
            # A request's path is looked up as it came: with "//" in front it has still to be brought into
            # form.
            if path[:1] == "/" and path[:2] != "//":
                self._static.setdefault(domain, {})[path] = node

    def _dynamic_child(self, node: Node, segment: Segment) -> DynamicNode:
        index = self._crowded.get(node)
        if index is not None:
            found = index.get(segment)
        else:
            found = next((child for child in node.dynamic if child.segment is segment), None)
        if found is None:
            found = DynamicNode(segment)
            if not node.dynamic:
                node.dynamic = [found]
            else:
                node.dynamic = [*node.dynamic, found]
                self._unsorted.append(node)
            if index is not None:
                index[segment] = found
            elif len(node.dynamic) == _CROWDED:
                self._crowded[node] = {child.segment: child for child in node.dynamic}
        return found

    def update(self) -> None:
        """Bring the dynamic children of changed nodes into order. Stable: equal weights stay as added."""
        unsorted, self._unsorted = dict.fromkeys(self._unsorted), []
        for node in unsorted:
            # A new list, since one being sorted looks empty to a thread that is matching.
            node.dynamic = sorted(node.dynamic, key=lambda child: child.segment.weight)

    def find(
        self, domain: str, path: str, method: str, websocket: bool = False
    ) -> tuple[Rule, dict[str, Any]] | NoMatch | RequestPath:
        """The rule and the converted values for a path, or why there are none.

        - `NoMatch`: nothing here; its `have_match_for` has the methods that would have matched, its
          `websocket_mismatch` tells that only a rule of the other kind did;
        - `RequestPath`: the path that would match, with a slash added or repeated slashes merged.
        """
        node = self._static.get(domain, _NO_PATHS).get(path)
        if node is not None:
            for rule in node.rules:
                methods = rule.methods
                if (methods is None or method in methods) and rule.websocket == websocket:
                    return rule, (dict(rule.defaults) if rule.defaults else {})
        if path and (path[0] != "/" or path[:2] == "//"):
            path = "/" + path.lstrip("/")

        passed_over: list[Rule] = []
        found = self._walk([domain, *path.split("/")], method, websocket, passed_over)
        if found is None and self.merge_slashes and "//" in path:
            path = merge_slashes(path)
            found = self._walk([domain, *path.split("/")], method, websocket, passed_over)
            if found is not None and found[0] is not None:
                return (
                    _no_match(passed_over, method) if found[0].merge_slashes is False else RequestPath(path)
                )
        if found is None:
            return _no_match(passed_over, method)
        rule_found, texts = found
        if rule_found is None:
            return RequestPath(path + "/")
        values: dict[str, Any] = {}
        try:
            for (name, converter), text in zip(rule_found._variables, texts, strict=False):
                values[name] = converter.to_python(text)
        except ValidationError:
            # Ends the search, as in Werkzeug, whose documentation says that the next rule is tried.
            return _no_match(passed_over, method)
        if rule_found.defaults:
            values.update(rule_found.defaults)
        return rule_found, values

    def _walk(
        self, parts: list[str], method: str, websocket: bool, passed_over: list[Rule]
    ) -> tuple[Rule | None, tuple[str, ...]] | None:
        """The first rule that takes all *parts*, and the texts of its variables.

        No rule in the pair: one would match with a slash added. Rules that fit but for method or kind are
        added to *passed_over*.
        """
        end = len(parts)
        node, index = self._root, 0
        texts: tuple[str, ...] = ()
        # The next dynamic child to try; before it, with -1, the static one.
        turn = -1
        pending: list[tuple[Node, int, tuple[str, ...], int]] = []
        while True:
            if index == end:
                for rule in node.rules:
                    methods = rule.methods
                    if (methods is None or method in methods) and rule.websocket == websocket:
                        return rule, texts
                    passed_over.append(rule)
                branch = node.static.get("")
                if branch is not None:
                    for rule in branch.rules:
                        methods = rule.methods
                        if (methods is None or method in methods) and rule.websocket == websocket:
                            return (None if rule.strict_slashes else rule), texts
            else:
                part = parts[index]
                if turn < 0:
                    turn = 0
                    child = node.static.get(part)
                    if child is not None:
                        if node.dynamic or not part:
                            pending.append((node, index, texts, 0))
                        node, index, turn = child, index + 1, -1
                        continue
                dynamic = node.dynamic
                for number in range(turn, len(dynamic)):
                    child = dynamic[number]
                    segment = child.segment
                    if segment.single and not segment.final:
                        test = segment.test or segment.fits
                        if not test(part):
                            continue
                        taken: tuple[str, ...] = (part,)
                        step = index + 1
                    else:
                        text = "/".join(parts[index:]) if segment.final else part
                        captured = segment.capture(text)
                        if captured is None:
                            continue
                        taken = captured
                        if not segment.final:
                            step = index + 1
                        else:
                            step = end - 1 if segment.suffixed and text[-1:] == "/" else end
                    if number + 1 < len(dynamic) or not part:
                        pending.append((node, index, texts, number + 1))
                    node, index, texts, turn = child, step, texts + taken, -1
                    break
                else:
                    # A rule without the slash that the path ends with, where that is allowed.
                    if not part and index == end - 1:
                        for rule in node.rules:
                            if rule.strict_slashes:
                                continue
                            methods = rule.methods
                            if (methods is None or method in methods) and rule.websocket == websocket:
                                return rule, texts
                            passed_over.append(rule)
                if turn < 0:
                    continue
            if not pending:
                return None
            node, index, texts, turn = pending.pop()


def _no_match(passed_over: list[Rule], method: str) -> NoMatch:
    have_match_for: set[str] = set()
    websocket_mismatch = False
    for rule in passed_over:
        if rule.methods is not None and method not in rule.methods:
            have_match_for.update(rule.methods)
        else:
            websocket_mismatch = True
    return NoMatch(have_match_for, websocket_mismatch)
