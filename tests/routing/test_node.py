"""Many dynamic children of one place: found by the texts at their ends, in the order of the list."""

from __future__ import annotations

import random

import pytest

from edgeweb.routing import Map, Rule
from edgeweb.routing.node import CROWDED, Siblings

STRINGS = [
    *("/<x>", "/<int:x>", "/a<x>", "/ab<x>", "/abc<x>", "/<x>c", "/<x>bc", "/a<x>c", "/ab<x>bc", "/<path:x>"),
    *("/a<path:x>", "/<x>-<y>", "/a<x>-<y>c", "/<x>.json", "/<int:x>.json", "/a<int:x>.json"),
]
PARTS = ["", "a", "b", "ab", "abc", "c", "bc", "abbc", "a-c", "1.json", "a1.json", "abcabc", "é"]


def children_of(url_map: Map) -> list[object]:
    return url_map._matcher._root.static[""].dynamic  # type: ignore[return-value]


@pytest.mark.parametrize("seed", range(5))
def test_the_fitting_ones_come_in_order_sorted_or_not_yet(seed: int) -> None:
    strings = random.Random(seed).sample(STRINGS, len(STRINGS))
    url_map = Map()
    for number, string in enumerate(strings):
        url_map.add(Rule(string, endpoint=string))
        if number % 3 == seed % 3:
            url_map.update()
        siblings = children_of(url_map)
        assert isinstance(siblings, Siblings) == (number + 1 >= CROWDED)
        for part in PARTS if isinstance(siblings, Siblings) else ():
            # Before the next update a new one is the last, as it is for those who go through the list.
            tried = list(siblings.fitting(part))
            assert tried == [child for child in siblings if child in tried]
            assert {child for child in siblings if child.segment.take(part) is not None} <= set(tried)


def test_what_has_other_texts_is_not_tried() -> None:
    url_map = Map([Rule(f"/report-{number}-<name>", endpoint=number) for number in range(1000)])
    url_map.update()
    siblings = children_of(url_map)
    assert isinstance(siblings, Siblings)
    assert len(list(siblings.fitting("report-17-pump"))) == 1
    assert list(siblings.fitting("report-17")) == list(siblings.fitting("")) == []


def test_a_segment_has_one_child_however_many_rules_share_it() -> None:
    rules = [Rule(f"/{number}-<name>/{end}", endpoint=(number, end)) for number in range(20) for end in "ab"]
    url_map = Map(rules)
    assert len(children_of(url_map)) == 20
