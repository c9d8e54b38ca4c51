"""What the router costs: memory a rule, garbage, expressions, and work as the number of rules grows."""

from __future__ import annotations

import gc
import re
import sys
import tracemalloc
import weakref
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from edgeweb.routing import BaseConverter, Map, Rule

SHAPES: dict[str, Callable[[int], str]] = {
    "static": "/api/v1/resource{}/list".format,
    "one variable": "/api/v1/resource{}/<int:id>".format,
    "three variables": "/api/resource{}/<int:id>/<name>/<path:rest>".format,
    "text at the end": "/api/<int:id>-{}".format,
    "text in front": "/api/report-{}-<name>".format,
    "text at both ends": "/api/day{0}-<int:id>-{0}.csv".format,
    "text between": "/api/day{}-<int:id>-<name>.csv".format,
    "text in front of a path": "/api/files{}-<path:rest>".format,
    "text, then more": "/api/day{}-<int:id>/<name>".format,
}


def made(shape: Callable[[int], str], count: int) -> Map:
    # As applications have them: two methods each, endpoints of their own.
    return Map([Rule(shape(n), endpoint=f"endpoint{n}", methods=["GET", "PUT"]) for n in range(count)])


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_memory_of_a_rule(shape: str) -> None:
    count = 10_000
    made(SHAPES[shape], 10).update()
    gc.collect()
    tracemalloc.start()
    try:
        url_map = made(SHAPES[shape], count)
        url_map.update()
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Strings, sets of methods and endpoints included.
    assert size / count <= 1536


def work(call: Callable[[], object]) -> int:
    """How many instructions of the interpreter a call takes."""
    # Python 3.12 reports a function's instructions from the second tracing on.
    _traced(call)
    return _traced(call)


def _traced(call: Callable[[], object]) -> int:
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        if event == "opcode":
            count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_work_of_a_match_does_not_grow_with_the_rules(shape: str) -> None:
    path = SHAPES[shape](7).replace("<int:id>", "42").replace("<name>", "bob").replace("<path:rest>", "a/b/c")
    few, many = made(SHAPES[shape], 10), made(SHAPES[shape], 10_000)
    for url_map in (few, many):
        assert isinstance(url_map.find("", path, "GET"), tuple)
    of_few, of_many = [work(lambda m=url_map: m.find("", path, "GET")) for url_map in (few, many)]
    # A look-up for each length that the numbers have: 1 here, 1 to 4 there.
    assert 0 < of_many <= of_few * (1.1 if "text" not in shape else 1.5)


def test_built_in_converters_compile_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> Any:
        pytest.fail(f"compiled {args}")

    url_map = Map(
        [
            Rule("/s/<a>/<string(length=2):b>", endpoint="s"),
            Rule("/i/<int(signed=True):a>/<float:b>", endpoint="i"),
            Rule("/u/<uuid:a>", endpoint="u"),
            Rule("/y/<any(a, b):a>", endpoint="y"),
            Rule("/p/<path:a>/end/", endpoint="p"),
            Rule("/m/<a>-<int:b>.json", endpoint="m", subdomain="<c>.x"),
            Rule("/m/v<float:a>", endpoint="v"),
        ]
    )
    monkeypatch.setattr(re, "compile", refuse)
    # By `re.compile` and all the others of the module.
    monkeypatch.setattr(re, "_compile", refuse)
    for path, subdomain in {
        "/s/x/ab": "",
        "/i/-1/2.5": "",
        "/u/12345678-1234-5678-1234-56781234567a": "",
        "/y/b": "",
        "/p/a/b/end/": "",
        "/m/x-1.json": "a.x",
        "/m/v1.5": "",
    }.items():
        found = url_map.find(subdomain, path, "GET")
        assert isinstance(found, tuple), path
        assert url_map.bind("host").build(found[0].endpoint, found[1])


def test_an_own_expression_is_compiled_once_and_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Own(BaseConverter):
        regex = "[a-c]+"

    compiled: list[str] = []
    original = re.compile
    monkeypatch.setattr(
        re, "compile", lambda source, *flags: compiled.append(source) or original(source, *flags)
    )
    url_map = Map(
        [Rule(f"/{n}/<own:x>/{m}", endpoint=(n, m)) for n in range(20) for m in range(2)],
        converters={"own": Own},
    )
    assert url_map.find("", "/3/abc", "GET") and not isinstance(url_map.find("", "/3/x/1", "GET"), tuple)
    for n in range(20):
        assert isinstance(url_map.find("", f"/{n}/abc/1", "GET"), tuple)
    assert compiled == [r"(?P<__edgeweb_0>[a-c]+)\Z"]


def test_deep_paths_need_no_recursion() -> None:
    deep = "/" + "/".join(["x"] * 5000)
    url_map = Map(
        [Rule(deep, endpoint="static"), Rule("/" + "<int:a>/" * 1 + "/".join(["y"] * 5000), endpoint="y")]
    )
    limit = sys.getrecursionlimit()
    frame, depth = sys._getframe(), 0
    while frame:
        frame, depth = frame.f_back, depth + 1  # type: ignore[assignment]
    sys.setrecursionlimit(depth + 60)
    try:
        assert url_map.bind("host").match(deep) == ("static", {})
        assert isinstance(url_map.find("", "/1" + "/y" * 5000, "GET"), tuple)
        assert not isinstance(url_map.find("", "/1" + "/y" * 50_000, "GET"), tuple)
        assert not isinstance(url_map.find("", "/x" * 4999 + "/y", "GET"), tuple)
    finally:
        sys.setrecursionlimit(limit)


def test_each_place_is_visited_once() -> None:
    """Alternatives do not multiply: a tree of nested wildcards has no more places than its rules parts."""
    depth = 16
    rules = [
        "/" + "/".join("<int:v{}>" if bits >> n & 1 else "<v{}>" for n in range(depth)) for bits in range(64)
    ]
    url_map = Map(
        [
            Rule("/".join([part.format(n) for n, part in enumerate(rule.split("/"))]) + "/end", endpoint=rule)
            for rule in rules
        ]
    )
    path = "/1" * depth + "/none"
    assert work(lambda: url_map.find("", path, "GET")) < 64 * depth * 400


@pytest.fixture
def no_collector() -> Any:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


REQUESTS = ["/", "/a/7", "/p/x/y/z", "/m/a-1.json", "/own/abc", "/none", "/a/x", "/branch", "/a//7", "/d/1"]


@pytest.mark.slow
@pytest.mark.usefixtures("no_collector")
def test_no_cyclic_garbage() -> None:
    class Own(BaseConverter):
        regex = "[a-c]+"

    url_map = Map(
        [
            Rule("/", endpoint="index"),
            Rule("/a/<int:x>", endpoint="a", methods=["GET"]),
            Rule("/p/<path:x>/z", endpoint="p"),
            Rule("/m/<a>-<int:b>.json", endpoint="m"),
            Rule("/own/<own:x>", endpoint="own"),
            Rule("/branch/", endpoint="branch"),
            Rule("/d/", endpoint="d", defaults={"page": 1}),
            Rule("/d/<int:page>", endpoint="d"),
        ],
        converters={"own": Own},
    )
    urls = url_map.bind("host")
    for path in REQUESTS:
        url_map.find("", path, "GET")
    gc.collect()
    for _ in range(100):
        for path in REQUESTS:
            url_map.find("", path, "GET")
            url_map.find("", path, "POST")
            urls.test(path)
        urls.match("/a/7")
        urls.build("a", {"x": 1, "q": "y"})
        url_map.bind("host").match("/p/x/z")
    assert gc.collect() == 0


@pytest.mark.slow
@pytest.mark.usefixtures("no_collector")
def test_a_map_is_freed_without_the_collector() -> None:
    class Own(BaseConverter):
        regex = "[a-c]+"

        def __init__(self, map: Any) -> None:
            super().__init__(map)

    url_map = Map(
        [
            Rule("/a/<int:x>", endpoint="a"),
            Rule("/<own:x>-<own:y>/<own:z>", endpoint="b", subdomain="<any(s):s>"),
        ],
        converters={"own": Own},
    )
    urls = url_map.bind("host")
    urls.match("/a/1")
    urls.build("b", {"x": "a", "y": "b", "z": "c", "s": "s"})
    assert url_map.find("s", "/a-b/c", "GET") and isinstance(url_map.find("s", "/a-b/c", "GET"), tuple)
    rules = list(url_map.iter_rules())
    traces = [weakref.ref(url_map), *map(weakref.ref, rules)]
    del url_map, urls, rules
    assert [trace() for trace in traces] == [None, None, None]
