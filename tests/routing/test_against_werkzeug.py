"""The router against Werkzeug's own: the same random maps and requests in both, and every answer compared.

`EDGEWEB_ROUTING_EXAMPLES` sets the number of maps for a long run; each is asked 12 times.
"""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing.exceptions import BuildError, RequestRedirect
from werkzeug.routing.map import Map as WerkzeugMap
from werkzeug.routing.rules import Rule as WerkzeugRule

from edgeweb.routing import Map, Rule

from .drawing import (
    DrawnBuild,
    DrawnMap,
    DrawnRequest,
    builds,
    crowded_maps,
    crowded_requests,
    maps,
    requests,
)
from .telling import current_werkzeug

EXAMPLES = int(os.environ.get("EDGEWEB_ROUTING_EXAMPLES", "300"))


def made(drawn: DrawnMap) -> tuple[Any, Any] | None:
    """Both maps, or `None` if both routers refuse the rules."""
    try:
        theirs = drawn.make(WerkzeugMap, WerkzeugRule)
    except Exception as refused:
        # A variable used twice is a SyntaxError of Werkzeug's generated code; here a ValueError says so.
        with pytest.raises((type(refused), ValueError)):
            drawn.make(Map, Rule)
        return None
    return drawn.make(Map, Rule), theirs


def described(rule: Any) -> tuple[Any, ...]:
    """What tells one rule of a drawn map from another."""
    names = "rule endpoint methods defaults subdomain host alias websocket strict_slashes merge_slashes"
    return tuple(getattr(rule, name) for name in [*names.split(), "redirect_to", "arguments", "_trace"])


def answer(map_: Any, request: DrawnRequest) -> tuple[Any, ...]:
    """What a router says to a request, in words that both have."""
    adapter = map_.bind(**request.bind)
    try:
        rule, values = adapter.match(
            request.path,
            request.method,
            return_rule=True,
            query_args=request.query_args,
            websocket=request.websocket,
        )
    except RequestRedirect as redirect:
        return "redirect", redirect.code, redirect.new_url
    except MethodNotAllowed as error:
        return "method not allowed", sorted(error.valid_methods or ())
    except HTTPException as error:
        return "refused", type(error).__name__
    except (re.error, BuildError, AssertionError, ValueError, KeyError, TypeError, AttributeError) as error:
        # A converter's broken expression, an alias without target, a default that does not fit, ...
        return "raised", type(error).__name__
    return "match", described(rule), dict(values), list(values)


def built(map_: Any, build: DrawnBuild) -> tuple[Any, ...]:
    adapter = map_.bind(**build.bind)
    try:
        return "url", adapter.build(build.endpoint, build.values, **build.options)
    except BuildError as error:
        suggested = error.suggested and described(error.suggested)
        return "no URL", str(error), suggested
    except (ValueError, TypeError, AttributeError) as error:
        return "raised", type(error).__name__


@current_werkzeug
@pytest.mark.slow
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(st.data())
def test_match_and_build(data: st.DataObject) -> None:
    drawn = data.draw(maps())
    both = made(drawn)
    if both is None:
        return
    ours, theirs = both
    assert [described(rule) for rule in ours.iter_rules()] == [
        described(rule) for rule in theirs.iter_rules()
    ]
    for _ in range(8):
        request = data.draw(requests(drawn))
        assert answer(ours, request) == answer(theirs, request), request
    for _ in range(4):
        build = data.draw(builds(drawn))
        assert built(ours, build) == built(theirs, build), build


@current_werkzeug
@pytest.mark.slow
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(st.data())
def test_many_siblings_with_text_and_variables(data: st.DataObject) -> None:
    """They are looked up by the texts at their ends, and still tried in Werkzeug's order."""
    drawn = data.draw(crowded_maps())
    both = made(drawn)
    if both is None:
        return
    for _ in range(12):
        request = data.draw(crowded_requests())
        assert answer(both[0], request) == answer(both[1], request), request


@pytest.mark.slow
@settings(max_examples=max(EXAMPLES // 100, 3), deadline=None)
@given(st.data())
def test_more_patterns_than_re_remembers(data: st.DataObject) -> None:
    """`re` remembers 512 patterns; past that Werkzeug compiles them again for each request, and we do not."""
    # Each a pattern of its own, many of which match the same paths.
    shapes = ["/<int:a>-{}", "/<a>{}<int:b>", "/<path:p>/{}", "/{}/<upper:a>", "/<string(length={}):a>/<b>"]
    numbers = data.draw(st.lists(st.integers(1, 10_000), min_size=520, max_size=560, unique=True))
    drawn = DrawnMap(
        {},
        [
            {"string": shapes[number % len(shapes)].format(number), "endpoint": str(number)}
            for number in numbers
        ],
    )
    both = made(drawn)
    assert both is not None
    for _ in range(8):
        number = data.draw(st.sampled_from(numbers))
        path = data.draw(
            st.sampled_from(["/7-{}", "/x{}12", "/x/y/{}", "/{}/AB", "/{}/ab", "/" + "z" * 12 + "/a"])
        )
        request = DrawnRequest({"server_name": "host"}, path.format(number), "GET", None)
        assert answer(both[0], request) == answer(both[1], request), request
