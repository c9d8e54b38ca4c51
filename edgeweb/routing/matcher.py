"""Finding the rule of a path: a dictionary of the static paths, and a tree of segments for all.

The matcher knows no HTTP, and does not raise for a path without a rule: it returns the reason, of which the
adapter makes an exception.

A tree is walked depth first with an explicit stack, and each of its nodes at most once: first the static
child, then the dynamic ones by weight, so that the first rule found is the one that Werkzeug finds. Matching
takes no lock: what a reader sees of a node is replaced as a whole, never changed in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from werkzeug.routing.converters import NumberConverter, ValidationError
from werkzeug.routing.exceptions import NoMatch, RequestPath

from .node import DynamicNode, Node, Siblings
from .rule import Rule, Values
from .segment import Segment
from .syntax import merge_slashes

_NO_PARENTS: dict[str, Node] = {}
_NO_CHILDREN: Iterator[DynamicNode] = iter(())
#: No rule, of whatever method or connection. Shared, since nothing is added to a reason that was returned.
_NOTHING = NoMatch(set(), False)

#: What makes numbers of texts; see `_converted`.
_NUMBERS = {int, float, NumberConverter.to_python}


class Matcher:
    """The rules of one map: a tree for each domain, whose root is the slash that paths begin with.

    Not thread-safe for writers: the map calls `add` and `update` under its lock. Readers need none.
    """

    def __init__(self, merge_slashes: bool) -> None:
        self.merge_slashes = merge_slashes
        #: Domain, path and rules of the static ones, which are always tried first.
        self.static: dict[str, dict[str, tuple[Rule, ...]]] = {}
        # Domain and static path of the places that have a dynamic child: most dynamic paths end just there.
        self._parents: dict[str, dict[str, Node]] = {}
        # Its children are the domains.
        self._root = Node()
        self._unsorted: list[Node] = []

    def add(self, rule: Rule, domain: str | Segment, path: Sequence[str | Segment]) -> None:
        """Add a rule with what stands between its slashes, with the empty text before the first of them."""
        if not isinstance(domain, str) and domain.final:
            # It would take the path as well, and leave nothing for the rule's own: Werkzeug never matches
            # such a rule.
            return
        parent = node = self._child(self._root, domain)
        for part in path[1:]:
            parent, node = node, self._child(node, part)
        node.rules = (*node.rules, rule)
        if isinstance(domain, str):
            self._add_to_tables(domain, rule, path, parent, node)

    def _add_to_tables(
        self, domain: str, rule: Rule, path: Sequence[str | Segment], parent: Node, node: Node
    ) -> None:
        texts = [part for part in path if isinstance(part, str)]
        dynamic = len(path) - len(texts)
        # A request's path is looked up as it came: with two slashes in front it is not found but cleaned.
        if dynamic == 0 and (texts[:2] != ["", ""] or len(texts) == 2):
            key = "/".join(texts)
            # The rule's own string, where it is the same, need not be in memory twice.
            self.static.setdefault(domain, {})[rule.rule if rule.rule == key else key] = node.rules
        elif dynamic == 1 and not isinstance(path[-1], str) and texts[:2] != ["", ""]:
            self._parents.setdefault(domain, {})["/".join(texts)] = parent

    def _child(self, node: Node, part: str | Segment) -> Node:
        if isinstance(part, str):
            return node.static_child(part)
        child, is_unsorted = node.dynamic_child(part)
        if is_unsorted:
            self._unsorted.append(node)
        return child

    def update(self) -> None:
        """Bring the dynamic children of changed nodes into order."""
        unsorted, self._unsorted = dict.fromkeys(self._unsorted), []
        for node in unsorted:
            node.sort()

    def search(
        self, domain: str, path: str, method: str, websocket: bool
    ) -> tuple[Rule, Values] | NoMatch | RequestPath:
        """Return the rule and the converted values for a path, or the reason why there are none.

        - `NoMatch`: no rule; its `have_match_for` has the methods that would have matched, its
          `websocket_mismatch` is true if only a rule of the other kind would have;
        - `RequestPath`: the path that would match, with a slash added or repeated slashes merged.
        """
        above, _, last = path.rpartition("/")
        parent = self._parents.get(domain, _NO_PARENTS).get(above)
        # A shortcut with the same result as the tree: all parts are static texts but the last.
        if parent is not None and last and last not in parent.static:
            children = parent.dynamic
            for child in children.fitting(last) if type(children) is Siblings else children:
                test = child.segment.test
                texts: tuple[str, ...] | None
                if test is None:
                    texts = child.segment.take(last)
                else:
                    texts = (last,) if test(last) else None
                if texts is not None:
                    for rule in child.rules:
                        methods = rule.methods
                        if (methods is None or method in methods) and rule.websocket is websocket:
                            values = _converted(rule, texts)
                            if values is not None:
                                return rule, values
                            break  # no later rule is tried; the tree finds the reason
                    break

        if path and (path[0] != "/" or path[1:2] == "/"):
            path = "/" + path.lstrip("/")
        passed_over: list[Rule] = []
        found = self._walk(domain, path, method, websocket, passed_over)
        if found is None and self.merge_slashes and "//" in path:
            path = merge_slashes(path)
            found = self._walk(domain, path, method, websocket, passed_over)
            if found is not None and found[0] is not None:
                if found[0].merge_slashes is False:
                    return _no_match(passed_over, method)
                return RequestPath(path)
        if found is None:
            return _no_match(passed_over, method) if passed_over else _NOTHING
        fitting, texts = found
        if fitting is None:
            return RequestPath(path + "/")
        values = _converted(fitting, texts)
        return (fitting, values) if values is not None else _no_match(passed_over, method)

    def _walk(
        self, domain: str, path: str, method: str, websocket: bool, passed_over: list[Rule]
    ) -> tuple[Rule | None, tuple[str, ...]] | None:
        """Return the first rule that fits, and the texts of its variables; `None` if there is none.

        `None` in place of the rule: one would fit with a slash added. Rules that fit except for the method or
        the kind of connection are added to *passed_over*.
        """
        parts = path.split("/")
        start = self._root.static.get(domain)
        if start is not None:
            found = _descend(start, parts, (), method, websocket, passed_over)
            if found is not None:
                return found
        for child in self._root.dynamic:
            texts = child.segment.take(domain)
            if texts is not None:
                found = _descend(child, parts, texts, method, websocket, passed_over)
                if found is not None:
                    return found
        return None


def _descend(
    node: Node,
    parts: list[str],
    texts: tuple[str, ...],
    method: str,
    websocket: bool,
    passed_over: list[Rule],
) -> tuple[Rule | None, tuple[str, ...]] | None:
    """Do what `Matcher._walk` does, in one domain's tree; *texts* are those of the domain's variables."""
    index, end = 1, len(parts)
    # Where to go on at a dead end: the dynamic children not yet tried.
    pending: list[tuple[Node, int, tuple[str, ...], Iterator[DynamicNode]]] = []
    while True:
        while index < end:
            part = parts[index]
            child = node.static.get(part)
            if child is None:
                break
            if node.dynamic or not part:
                pending.append((node, index, texts, _children(node, part)))
            node = child
            index += 1

        if index < end:
            others = _children(node, parts[index]) if node.dynamic else _NO_CHILDREN
        else:
            rule = _first(node.rules, method, websocket, passed_over)
            if rule is not None:
                return rule, texts
            branch = node.static.get("")
            if branch is not None:
                rule = _first(branch.rules, method, websocket, [])
                if rule is not None:
                    return (None if rule.strict_slashes else rule), texts
            if not pending:
                return None
            node, index, texts, others = pending.pop()

        while True:
            step = _take_step(others, parts, index) if node.dynamic else None
            if step is not None:
                break
            if index == end - 1 and not parts[index]:
                # The path ends with a slash, and there is no rule with one that fits.
                loose = [rule for rule in node.rules if not rule.strict_slashes]
                rule = _first(loose, method, websocket, passed_over)
                if rule is not None:
                    return rule, texts
            if not pending:
                return None
            node, index, texts, others = pending.pop()

        child, taken, behind = step
        if len(node.dynamic) > 1 or not parts[index]:
            pending.append((node, index, texts, others))
        node, index, texts = child, behind, texts + taken


def _children(node: Node, part: str) -> Iterator[DynamicNode]:
    """Return the dynamic children to try for a part."""
    children = node.dynamic
    return children.fitting(part) if type(children) is Siblings else iter(children)


def _first(rules: Iterable[Rule], method: str, websocket: bool, passed_over: list[Rule]) -> Rule | None:
    """Return the first rule for a method and kind of connection; add those before it to *passed_over*."""
    for rule in rules:
        methods = rule.methods
        if (methods is None or method in methods) and rule.websocket is websocket:
            return rule
        passed_over.append(rule)
    return None


def _take_step(
    children: Iterator[DynamicNode], parts: list[str], index: int
) -> tuple[DynamicNode, tuple[str, ...], int] | None:
    """Return the next child whose segment takes the part at *index*, the texts, and the index behind them."""
    part = parts[index]
    rest = ""
    for child in children:
        segment = child.segment
        text, behind = part, index + 1
        if segment.final:
            text = rest = rest or "/".join(parts[index:])
            # Leave the slash at the end: a rule that ends with one has an empty part behind.
            behind = len(parts) - (segment.suffixed and rest[-1:] == "/")
        test = segment.test
        if test is None:
            taken = segment.take(text)
            if taken is not None:
                return child, taken, behind
        elif test(text):
            return child, (text,), behind
    return None


def _converted(rule: Rule, texts: tuple[str, ...]) -> Values | None:
    """Return the values of a rule's variables and its defaults, or `None` where a converter refuses its text.

    `None` ends the search, as in Werkzeug. (By its documentation the next rule would be tried.)
    """
    values: Values = {}
    number = 0
    try:
        for name, _, convert in rule.bound_variables:
            text = texts[number]
            number += 1
            values[name] = text if convert is None else convert(text)
    except ValueError as error:
        # Numbers of too many digits: `int` in its converter's place raises this, and so does the converter
        # before Werkzeug 3.1.9.
        if isinstance(error, ValidationError) or getattr(convert, "__func__", convert) in _NUMBERS:
            return None
        raise
    if rule.defaults:
        values.update(rule.defaults)
    return values


def _no_match(passed_over: list[Rule], method: str) -> NoMatch:
    have_match_for: set[str] = set()
    websocket_mismatch = False
    for rule in passed_over:
        if rule.methods is not None and method not in rule.methods:
            have_match_for.update(rule.methods)
        else:
            websocket_mismatch = True
    return NoMatch(have_match_for, websocket_mismatch)
