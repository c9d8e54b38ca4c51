from __future__ import annotations

import threading
from typing import Any

import pytest
from werkzeug.exceptions import BadHost, SecurityError
from werkzeug.routing.map import Map as WerkzeugMap
from werkzeug.routing.rules import Rule as WerkzeugRule
from werkzeug.test import EnvironBuilder, create_environ

from edgeweb.routing import BaseConverter, IntegerConverter, Map, Rule

from .telling import told


def test_rules_by_endpoint() -> None:
    url_map = Map(
        [
            Rule("/a/<int:x>", endpoint="a"),
            Rule("/b", endpoint="b"),
            Rule("/a/<int:x>/<int:y>", endpoint="a"),
            Rule("/a/", endpoint="a", alias=True),
        ]
    )
    assert [rule.rule for rule in url_map.iter_rules()] == ["/a/<int:x>/<int:y>", "/a/<int:x>", "/a/", "/b"]
    assert [rule.rule for rule in url_map.iter_rules("a")] == ["/a/<int:x>/<int:y>", "/a/<int:x>", "/a/"]
    assert url_map._rules == list(url_map.iter_rules())
    assert list(url_map._rules_by_endpoint) == ["a", "b"]
    assert url_map.is_endpoint_expecting("a", "x", "y")
    assert not url_map.is_endpoint_expecting("b", "x")
    for ask in (url_map.iter_rules, url_map.is_endpoint_expecting):
        with pytest.raises(KeyError):
            ask("none")


def test_converters() -> None:
    class Own(BaseConverter):
        pass

    url_map = Map(converters={"own": Own, "int": Own})
    assert url_map.converters["own"] is url_map.converters["int"] is Own
    assert Map.default_converters["int"] is IntegerConverter and "own" not in Map.default_converters
    with pytest.raises(TypeError):
        Map.default_converters["own"] = Own  # type: ignore[index]
    # Another class under the name of one that is in use already.
    other = Map([Rule("/i/<int:x>", endpoint="number")])
    other.converters["int"] = Own
    other.add(Rule("/o/<int:x>", endpoint="own"))
    assert told(other.bind("host"), "/o/x") == "own {'x': 'x'}"
    assert told(other.bind("host"), "/i/1") == "number {'x': 1}"


def test_merge_slashes_may_be_set_later() -> None:
    url_map = Map([Rule("/a/b", endpoint="e")])
    assert url_map.merge_slashes is True
    url_map.merge_slashes = False
    assert told(url_map.bind("host"), "/a//b") == "404"


def test_subclasses_make_their_lock() -> None:
    class Own(Map):
        # RLock is a function of the module in some versions of Python, and would become a method.
        lock_class = staticmethod(threading.RLock)

    url_map = Own([Rule("/")])
    assert isinstance(url_map._remap_lock, type(threading.RLock()))
    assert repr(url_map) == "Own([<Rule '/' -> None>])"


def test_a_failed_rule_leaves_the_map_as_it_was() -> None:
    url_map = Map([Rule("/a", endpoint="a")])
    with pytest.raises(LookupError):
        url_map.add(Rule("/b/<none:x>", endpoint="b"))
    assert [rule.endpoint for rule in url_map.iter_rules()] == ["a"]
    assert told(url_map.bind("host"), "/b/x") == "404"


def test_bind() -> None:
    urls = Map(default_subdomain="www").bind("Example.COM:80")
    assert (urls.server_name, urls.subdomain, urls.script_name) == ("example.com:80", "www", "/")
    assert (urls.path_info, urls.url_scheme, urls.default_method, urls.websocket) == (
        "/",
        "http",
        "GET",
        False,
    )
    with pytest.raises(RuntimeError, match="matches whole hosts"):
        Map(host_matching=True).bind("host", subdomain="x")


@pytest.mark.parametrize(
    "host",
    [
        *(
            "",
            "localhost",
            "a.b.",
            "a" * 63,
            "a..b",
            ".a",
            "a" * 64,
            "b" * 64 + ".c",
            "bücher.de",
            "ü" * 64,
            "\u3002",
        ),
        *("xn--bcher-kva", "[::1]", "a_b", "0.0.0.0", "a.b." + "c" * 63, "..", "."),
    ],
)
def test_bind_to_odd_hosts(host: str) -> None:
    try:
        expected = WerkzeugMap().bind(host).server_name
    except BadHost:
        with pytest.raises(BadHost):
            Map().bind(host)
    else:
        assert Map().bind(host).server_name == expected


ENVIRONMENTS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"path": "/a b/é", "query_string": "x=é"}, {}),
    ({"base_url": "https://Example.COM/app", "method": "POST"}, {}),
    ({"base_url": "http://www.example.com:5000/"}, {"server_name": "example.com:5000"}),
    ({"base_url": "http://staging.dev.example.com/"}, {"server_name": "Example.com"}),
    ({"base_url": "http://www.example.com/"}, {"server_name": "example.com:80"}),
    ({"base_url": "https://www.example.com/"}, {"server_name": "example.com:443"}),
    ({"base_url": "https://www.example.com:443/"}, {"server_name": "example.com"}),
    ({"base_url": "http://www.example.com/"}, {"server_name": "example.com:443"}),
    ({"base_url": "http://www.example.com/"}, {"subdomain": "given"}),
    ({"base_url": "http://192.168.0.1/"}, {"server_name": "example.com"}),
    ({"base_url": "http://example.com/"}, {"server_name": "www.example.com"}),
    ({"headers": {"Connection": "keep-alive, Upgrade", "Upgrade": "WebSocket"}}, {}),
    ({"headers": {"Connection": "upgrade"}}, {}),
    ({"headers": {"Connection": "close", "Upgrade": "websocket"}}, {}),
    ({"base_url": "https://x/", "headers": {"Connection": "Upgrade", "Upgrade": "websocket"}}, {}),
]


@pytest.mark.parametrize(("request_", "options"), ENVIRONMENTS)
@pytest.mark.parametrize("host_matching", [False, True])
def test_bind_to_environ(request_: dict[str, Any], options: dict[str, Any], host_matching: bool) -> None:
    environ = EnvironBuilder(**request_).get_environ()
    if host_matching:
        options = {name: value for name, value in options.items() if name != "subdomain"}
    adapters = []
    for map_class in (Map, WerkzeugMap):
        with pytest.MonkeyPatch.context() as patch:
            warned: list[str] = []
            patch.setattr("warnings.warn", lambda text, stacklevel, warned=warned: warned.append(text))
            urls = map_class(host_matching=host_matching).bind_to_environ(environ, **options)
            settings = {name: value for name, value in vars(urls).items() if name != "map"}
            adapters.append((settings, warned))
    assert adapters[0] == adapters[1]


def test_a_host_that_is_not_the_servers_is_told_and_matches_nothing() -> None:
    url_map = Map([Rule("/", endpoint="e")])
    environ = create_environ("/", "http://10.0.0.1/")
    with pytest.warns(UserWarning, match="Current server name '10.0.0.1' doesn't match configured") as caught:
        urls = url_map.bind_to_environ(environ, server_name="example.com")
    assert caught[0].filename == __file__
    assert urls.subdomain == "<invalid>"
    assert told(urls) == "404"


def test_bind_to_environ_takes_requests_and_checks_hosts() -> None:
    class Request:
        environ = create_environ("/x", "http://host/")

    url_map = Map([Rule("/x", endpoint="e")])
    assert told(url_map.bind_to_environ(Request())) == "e"
    with pytest.raises(AssertionError, match="is not a WSGI environment"):
        url_map.bind_to_environ(None)
    for host in ("a b", "a/b", "a" * 70 + ".de", "\xfc..de"):
        environ = create_environ("/x", "http://host/")
        environ["HTTP_HOST"] = host
        try:
            expected = WerkzeugMap([WerkzeugRule("/x", endpoint="e")]).bind_to_environ(environ).server_name
        except (SecurityError, BadHost) as error:
            with pytest.raises(type(error)):
                url_map.bind_to_environ(environ)
        else:
            assert url_map.bind_to_environ(environ).server_name == expected


def test_rules_are_added_while_others_match() -> None:
    """Readers take no lock: a path that has a rule is found at any time, whatever is being added."""
    url_map = Map([Rule(f"/<int:n>/{number}", endpoint=number) for number in range(20)])
    stop = threading.Event()
    failures: list[Any] = []

    def read() -> None:
        while not stop.is_set():
            for number in range(20):
                found = url_map.find("", f"/7/{number}", "GET")
                if not isinstance(found, tuple) or found[0].endpoint != number:
                    failures.append((number, found))

    def add(thread: int) -> None:
        for number in range(200):
            # Heavier than the rules above, so that their own stay first.
            url_map.add(
                Rule(f"/<string(minlength={number + 1}):a>/<path:b>/{thread}", endpoint=(thread, number))
            )

    readers = [threading.Thread(target=read) for _ in range(2)]
    writers = [threading.Thread(target=add, args=(thread,)) for thread in range(3)]
    for thread in [*readers, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in readers:
        thread.join()
    assert not failures
    assert len(url_map._rules) == 620
    for thread_ in range(3):
        assert told(url_map.bind("host"), f"/{'x' * 200}/y/{thread_}").startswith(f"({thread_}, ")


def test_a_converter_may_ask_its_map_while_it_is_made() -> None:
    class Asking(BaseConverter):
        def __init__(self, map: Any) -> None:
            super().__init__(map)
            self.rules = [rule.rule for rule in map.iter_rules()]

    url_map = Map([Rule("/a"), Rule("/<asking:x>", endpoint="x")], converters={"asking": Asking})
    (rule,) = url_map.iter_rules("x")
    converter = rule._converters["x"]
    assert isinstance(converter, Asking) and converter.rules == ["/a"]
