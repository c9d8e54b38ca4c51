"""The places of a matcher's tree, and how the fitting ones among many siblings are found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import TYPE_CHECKING

from .segment import Segment

if TYPE_CHECKING:
    from .rule import Rule

#: From how many dynamic children on a node has an index of them.
CROWDED = 8

_NO_CHILDREN: dict[str, Node] = {}
_NO_DYNAMIC_CHILDREN: list[DynamicNode] = []


class Node:
    """A node of a tree, reached from its parent by a static text."""

    __slots__ = ("dynamic", "rules", "static")

    def __init__(self) -> None:
        # All nodes without children share these two; they are replaced for the first child.
        self.static = _NO_CHILDREN
        #: In the order in which they are tried; `Siblings` if there are many.
        self.dynamic = _NO_DYNAMIC_CHILDREN
        self.rules: tuple[Rule, ...] = ()

    def static_child(self, text: str) -> Node:
        """Return the child for a text, made if there is none."""
        child = self.static.get(text)
        if child is None:
            child = Node()
            if self.static is _NO_CHILDREN:
                self.static = {text: child}
            else:
                self.static[text] = child
        return child

    def dynamic_child(self, segment: Segment) -> tuple[DynamicNode, bool]:
        """Return the child for a segment, made if there is none, and whether `sort` has to be called.

        Until then readers see a new child behind the others.
        """
        siblings = self.dynamic
        for child in siblings.alike(segment) if type(siblings) is Siblings else siblings:
            if child.segment is segment:
                return child, False
        child = DynamicNode(segment)
        if not siblings:
            self.dynamic = [child]
            return child, False
        if len(siblings) + 1 < CROWDED:
            siblings.append(child)
        elif type(siblings) is Siblings:
            siblings.enter(child)
        else:
            self.dynamic = Siblings.of([*siblings, child])
        return child, True

    def sort(self) -> None:
        """Bring the dynamic children into order. Stable: equal weights stay as added."""
        # A new list: one that is being sorted looks empty to a thread that is matching.
        siblings = self.dynamic
        children = sorted(siblings, key=_weight)
        self.dynamic = siblings.reordered(children) if type(siblings) is Siblings else children


class DynamicNode(Node):
    """A node reached by what a dynamic segment takes."""

    __slots__ = ("order", "segment")

    def __init__(self, segment: Segment) -> None:
        super().__init__()
        self.segment = segment
        #: The position among many siblings.
        self.order = 0


#: The texts at both ends of a segment, joined, to the child or the children that have them.
Group = dict[str, DynamicNode | list[DynamicNode]]


class Siblings(list[DynamicNode]):
    """Many dynamic children, with an index of the texts that their segments begin and end with.

    A thousand rules like ``/report-17-<name>`` are a thousand children of one node. There is a group for each
    pair of lengths of these texts. A path is looked up once in each group, and only the children found there
    are tried.
    """

    __slots__ = ("groups", "shapes")

    groups: dict[tuple[int, int], Group]
    # The same as a tuple, for readers: a dict must not grow while another thread iterates over it.
    shapes: tuple[tuple[int, int, Group], ...]

    @classmethod
    def of(cls, children: list[DynamicNode]) -> Siblings:
        """Return the children of a list, with an index."""
        siblings = cls()
        siblings.groups, siblings.shapes = {}, ()
        for child in children:
            siblings.enter(child)
        return siblings

    def reordered(self, children: list[DynamicNode]) -> Siblings:
        """Return the same children in another order, with the same index."""
        siblings = type(self)(children)
        siblings.groups, siblings.shapes = self.groups, self.shapes
        for number, child in enumerate(children):
            child.order = number
        return siblings

    def enter(self, child: DynamicNode) -> None:
        """Add a child behind the others."""
        child.order = len(self)
        head, tail = child.segment.ends()
        lengths = len(head), len(tail)
        group = self.groups.get(lengths)
        if group is None:
            group = self.groups[lengths] = {}
            self.shapes = (*self.shapes, (*lengths, group))
        key = head + tail if tail else head
        others = group.get(key)
        if others is None:
            group[key] = child
        elif isinstance(others, DynamicNode):
            group[key] = [others, child]
        else:
            others.append(child)
        self.append(child)

    def alike(self, segment: Segment) -> Iterable[DynamicNode]:
        """Return the children whose segments have the same texts at their ends."""
        head, tail = segment.ends()
        found = self.groups.get((len(head), len(tail)), {}).get(head + tail, ())
        return (found,) if isinstance(found, DynamicNode) else found

    def fitting(self, part: str) -> Iterator[DynamicNode]:
        """Return the children to try for a path that goes on with this part, in their order."""
        found: list[DynamicNode] = []
        length = len(part)
        for head, tail, group in self.shapes:
            child = group.get(part[:head] + part[length - tail :] if tail else part[:head])
            if child is not None:
                if isinstance(child, DynamicNode):
                    found.append(child)
                else:
                    found += child
        if len(found) > 1:
            found.sort(key=_order)
        return iter(found)


_order = attrgetter("order")


def _weight(child: DynamicNode) -> tuple[object, ...]:
    return child.segment.weight()
