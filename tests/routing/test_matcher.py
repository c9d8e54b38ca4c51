"""Which rule a path belongs to: a table of cases, each of them checked on Werkzeug's router too."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.routing.map import Map as WerkzeugMap
from werkzeug.routing.rules import Rule as WerkzeugRule

from edgeweb.routing import Map, NoMatch, RequestPath, Rule

from .drawing import CONVERTERS, UUID
from .telling import current_werkzeug, told

#: Settings of the map, rules (string and keyword arguments; the endpoint is the string), and what requests
#: get. A request is ``[METHOD] path [ws] [@subdomain]``.
Case = tuple[dict[str, Any], list[Any], dict[str, str]]


def rules(*strings: str | tuple[str, dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    return [(rule, {}) if isinstance(rule, str) else rule for rule in strings]


GROUPS: dict[str, Case] = {
    "static paths": (
        {},
        rules("/", "/about", "/about/team", "/é/日本", "/a%20b", "/with space", "/>odd|:"),
        {
            "/": "/",
            "/about": "/about",
            "/about/team": "/about/team",
            "/é/日本": "/é/日本",
            "/a%20b": "/a%20b",
            "/with space": "/with space",
            "/>odd|:": "/>odd|:",
            "about": "/about",
            "": "308 http://host/",
            "/About": "404",
            "/about/": "404",
            "/about/team/x": "404",
            "/abou": "404",
            "/about\n": "404",
            "/nothing": "404",
        },
    ),
    "slashes at the end": (
        {},
        rules(
            "/branch/", "/leaf", "/both", "/both/", "/deep/<int:id>/", ("/loose", {"strict_slashes": False})
        ),
        {
            "/branch/": "/branch/",
            "/branch": "308 http://host/branch/",
            "/leaf": "/leaf",
            "/leaf/": "404",
            "/both": "/both",
            "/both/": "/both/",
            "/deep/1/": "/deep/<int:id>/ {'id': 1}",
            "/deep/1": "308 http://host/deep/1/",
            "/deep/x": "404",
            "/loose": "/loose",
            "/loose/": "/loose",
            "/loose//": "308 http://host/loose/",
        },
    ),
    "a missing slash before a variable": (
        {},
        rules("/a/<x>", "/a/b/", "/a/c/d", "/<optional:x>", "/o/<optional:x>/"),
        {
            "/a/b": "308 http://host/a/b/",
            "/a/c": "/a/<x> {'x': 'c'}",
            "/a/d": "/a/<x> {'x': 'd'}",
            "": "404",
            "/": "/<optional:x> {'x': ''}",
            "/o/": "308 http://host/o//",
        },
    ),
    "a slash too many, where the rule with it does not fit": (
        {},
        rules(
            *(("/a", {"strict_slashes": False}), ("/a/", {"methods": ["POST"]})),
            *(("/o", {"strict_slashes": False}), ("/o/<optional:x>", {"methods": ["POST"]})),
            *(("/v/<x>", {"strict_slashes": False}), ("/v/<x>/", {"methods": ["POST"]})),
        ),
        {
            "/a/": "/a",
            "POST /a/": "/a/",
            "/o/": "/o",
            "POST /o/": "/o/<optional:x> {'x': ''}",
            "/v/1/": "/v/<x> {'x': '1'}",
        },
    ),
    "slashes at the end do not count": (
        {"strict_slashes": False},
        rules("/branch/", "/leaf", "/x/<name>", ("/strict/", {"strict_slashes": True})),
        {
            "/branch": "/branch/",
            "/branch/": "/branch/",
            "/leaf/": "/leaf",
            "/x/a/": "/x/<name> {'name': 'a'}",
            "/strict": "308 http://host/strict/",
        },
    ),
    "repeated slashes": (
        {},
        rules(
            *("/a/b", "/a/<int:x>/c/", "/p/<path:rest>", "/keeps//two", "/<x>/<y>"),
            *(("/raw//x", {"merge_slashes": False}), ("/plain/x/z", {"merge_slashes": False})),
            *(("//lead", {"merge_slashes": False}), ("//<int:n>", {"merge_slashes": False})),
        ),
        {
            "//a//b": "308 http://host/a/b",
            "/a///b": "308 http://host/a/b",
            "//a/b": "/a/b",
            "/a//1//c/": "308 http://host/a/1/c/",
            "/a//1//c": "308 http://host/a/1/c/",
            "/p/x//y": "/p/<path:rest> {'rest': 'x//y'}",
            "/p//x": "308 http://host/p/x",
            "/keeps/two": "/keeps//two",
            "/keeps//two": "308 http://host/keeps/two",
            "/raw//x": "/raw//x",
            "/raw/x": "/<x>/<y> {'x': 'raw', 'y': 'x'}",
            "/raw///x": "308 http://host/raw/x",
            "/plain//x/z": "404",
            "/plain/x//z": "404",
            # Slashes in front of a path are taken off before anything else, so that these rules never match.
            "//lead": "404",
            "//7": "404",
        },
    ),
    "repeated slashes stay": (
        {"merge_slashes": False},
        rules("/a/b", "/c//d", "/e/<x>//f"),
        {"/a//b": "404", "//a/b": "/a/b", "/c//d": "/c//d", "/c/d": "404", "/e/1//f": "/e/<x>//f {'x': '1'}"},
    ),
    "methods": (
        {},
        rules(
            ("/x", {"methods": ["GET"]}),
            ("/x", {"methods": ["post"], "endpoint": "create"}),
            ("/y/<int:id>", {"methods": ["PUT", "DELETE"]}),
            ("/y/1", {"methods": ["GET"]}),
            "/all",
        ),
        {
            "/x": "/x",
            "HEAD /x": "/x",
            "POST /x": "create",
            "PUT /x": "405 GET HEAD POST",
            "/y/1": "/y/1",
            "PUT /y/1": "/y/<int:id> {'id': 1}",
            "POST /y/1": "405 DELETE GET HEAD PUT",
            "/y/2": "405 DELETE PUT",
            "PUT /y/x": "404",
            "PATCH /all": "/all",
        },
    ),
    "what comes first": (
        {},
        rules(
            "/<path:all>",
            "/<name>",
            "/<int:id>",
            "/<float:f>",
            "/static",
            "/<name>.json",
            "/v<int:n>",
            "/<a>-<b>",
        ),
        {
            "/static": "/static",
            "/12": "/<int:id> {'id': 12}",
            "/1.5": "/<float:f> {'f': 1.5}",
            "/x": "/<name> {'name': 'x'}",
            "/x.json": "/<name>.json {'name': 'x'}",
            "/v2": "/v<int:n> {'n': 2}",
            "/vx": "/<name> {'name': 'vx'}",
            "/a-b": "/<a>-<b> {'a': 'a', 'b': 'b'}",
            "/a-b.json": "/<name>.json {'name': 'a-b'}",
            "/x/y": "/<path:all> {'all': 'x/y'}",
            "/x/": "/<path:all> {'all': 'x/'}",
            "/": "404",
        },
    ),
    "as added, where weights are equal": (
        {},
        rules("/<a>", "/<b>", "/x/<upper:c>", "/x/<d>", "/y/<list:e>/1", "/y/<f>/1"),
        {"/q": "/<a> {'a': 'q'}", "/x/AB": "/x/<upper:c> {'c': 'AB'}", "/x/ab": "/x/<d> {'d': 'ab'}"},
    ),
    "going back": (
        {},
        rules("/a/b/c", "/a/<x>/d", "/<y>/b/e", "/<path:p>/f", "/<int:n>/<name>/g", "/<q>/<r>/<s>"),
        {
            "/a/b/c": "/a/b/c",
            "/a/b/d": "/a/<x>/d {'x': 'b'}",
            "/a/b/e": "/<y>/b/e {'y': 'a'}",
            "/a/b/f": "/<path:p>/f {'p': 'a/b'}",
            "/a/b/c/f": "/<path:p>/f {'p': 'a/b/c'}",
            "/1/x/g": "/<int:n>/<name>/g {'n': 1, 'name': 'x'}",
            "/1/x/h": "/<q>/<r>/<s> {'q': '1', 'r': 'x', 's': 'h'}",
        },
    ),
    "going back for the method": (
        {},
        rules(
            ("/a/<x>", {"methods": ["GET"]}),
            ("/<y>/b", {"methods": ["POST"]}),
            ("/<path:z>", {"methods": ["DELETE"]}),
        ),
        {
            "/a/b": "/a/<x> {'x': 'b'}",
            "POST /a/b": "/<y>/b {'y': 'a'}",
            "DELETE /a/b": "/<path:z> {'z': 'a/b'}",
            "PUT /a/b": "405 DELETE GET HEAD POST",
        },
    ),
    "integers": (
        {},
        rules(
            *(
                "/i/<int:n>",
                "/s/<int(signed=True):n>",
                "/f/<int(fixed_digits=3):n>",
                "/r/<int(min=2, max=4):n>",
            ),
            # The first one refuses what the second one would take, which ends the search.
            *("/same/<int(min=2):n>", "/same/<int:m>"),
        ),
        {
            "/i/0": "/i/<int:n> {'n': 0}",
            "/i/007": "/i/<int:n> {'n': 7}",
            "/i/٣": "/i/<int:n> {'n': 3}",
            "/i/²": "404",
            "/i/-1": "404",
            "/i/1.0": "404",
            "/i/1_000": "404",
            "/i/ 1": "404",
            "/i/1\n": "404",
            "/i/" + "9" * 5000: "404",
            "/s/-5": "/s/<int(signed=True):n> {'n': -5}",
            "/s/5": "/s/<int(signed=True):n> {'n': 5}",
            "/s/--5": "404",
            "/s/-": "404",
            "/f/012": "/f/<int(fixed_digits=3):n> {'n': 12}",
            "/f/12": "404",
            "/same/2": "/same/<int(min=2):n> {'n': 2}",
            "/same/1": "404",
            "/r/2": "/r/<int(min=2, max=4):n> {'n': 2}",
            "/r/5": "404",
            "/r/" + "9" * 5000: "404",
        },
    ),
    "floats": (
        {},
        rules("/f/<float:x>", "/s/<float(signed=True):x>", "/r/<float(min=0.5, max=1.5):x>"),
        {
            "/f/1.5": "/f/<float:x> {'x': 1.5}",
            "/f/00.10": "/f/<float:x> {'x': 0.1}",
            "/f/1": "404",
            "/f/.5": "404",
            "/f/1.": "404",
            "/f/1.2.3": "404",
            "/f/1e5": "404",
            "/f/nan": "404",
            "/s/-0.5": "/s/<float(signed=True):x> {'x': -0.5}",
            "/s/-.5": "404",
            "/r/1.0": "/r/<float(min=0.5, max=1.5):x> {'x': 1.0}",
            "/r/2.0": "404",
        },
    ),
    "strings": (
        {},
        rules(
            "/2/<string(length=2):s>", "/3/<string(minlength=3):s>", "/m/<string(minlength=1, maxlength=2):s>"
        ),
        {
            "/2/ab": "/2/<string(length=2):s> {'s': 'ab'}",
            "/2/日本": "/2/<string(length=2):s> {'s': '日本'}",
            "/2/a": "404",
            "/2/abc": "404",
            "/3/abcd": "/3/<string(minlength=3):s> {'s': 'abcd'}",
            "/3/ab": "404",
            "/m/a": "/m/<string(minlength=1, maxlength=2):s> {'s': 'a'}",
            "/m/abc": "404",
            "/m/": "404",
            "/m/\n": "/m/<string(minlength=1, maxlength=2):s> {'s': '\\n'}",
        },
    ),
    "any and uuid": (
        {},
        rules("/a/<any(about, help, 'x,y', \"a b\"):page>", "/u/<uuid:id>"),
        {
            "/a/about": "/a/<any(about, help, 'x,y', \"a b\"):page> {'page': 'about'}",
            "/a/x,y": "/a/<any(about, help, 'x,y', \"a b\"):page> {'page': 'x,y'}",
            "/a/a b": "/a/<any(about, help, 'x,y', \"a b\"):page> {'page': 'a b'}",
            "/a/x": "404",
            "/a/abouthelp": "404",
            f"/u/{UUID}": f"/u/<uuid:id> {{'id': UUID('{UUID}')}}",
            f"/u/{UUID.upper()}": f"/u/<uuid:id> {{'id': UUID('{UUID}')}}",
            f"/u/{UUID[:-1]}": "404",
            f"/u/{UUID[:-1]}g": "404",
            f"/u/{UUID.replace('-', '_')}": "404",
            f"/u/{UUID}-": "404",
        },
    ),
    "paths": (
        {},
        rules(
            "/<path:p>", "/<path:p>/edit", "/dir/<path:p>/", "/two/<path:a>/to/<path:b>", "/p/<path:p>.<ext>"
        ),
        {
            "/x": "/<path:p> {'p': 'x'}",
            "/x/y/z": "/<path:p> {'p': 'x/y/z'}",
            "/x/edit": "/<path:p>/edit {'p': 'x'}",
            "/x/y/edit": "/<path:p>/edit {'p': 'x/y'}",
            "/edit": "/<path:p> {'p': 'edit'}",
            "/dir/a/b/": "/dir/<path:p>/ {'p': 'a/b'}",
            "/dir/a/b": "308 http://host/dir/a/b/",
            "/two/a/b/to/c/d": "/two/<path:a>/to/<path:b> {'a': 'a/b', 'b': 'c/d'}",
            "/two/a/to/b/to/c": "/two/<path:a>/to/<path:b> {'a': 'a', 'b': 'b/to/c'}",
            "/p/a/b.tar.gz": "/p/<path:p>.<ext> {'p': 'a/b', 'ext': 'tar.gz'}",
            "/a\nb": "404",
            "/\nb": "/<path:p> {'p': '\\nb'}",
        },
    ),
    "several variables in a segment": (
        {},
        rules("/<a>-<int:b>.json", "/<int:x>x<int:y>", "/r/<a>..<b>", "/t/<a>-<b>-<int:c>", "/n/<int:a><b>"),
        {
            "/x-1.json": "/<a>-<int:b>.json {'a': 'x', 'b': 1}",
            "/x-y-12.json": "/<a>-<int:b>.json {'a': 'x-y', 'b': 12}",
            "/x-y.json": "404",
            "/-1.json": "404",
            "/3x4": "/<int:x>x<int:y> {'x': 3, 'y': 4}",
            "/3xx4": "404",
            "/r/a...b": "/r/<a>..<b> {'a': 'a.', 'b': 'b'}",
            "/t/a-b-c-1": "/t/<a>-<b>-<int:c> {'a': 'a-b', 'b': 'c', 'c': 1}",
            "/n/12a": "/n/<int:a><b> {'a': 12, 'b': 'a'}",
            "/n/12": "/n/<int:a><b> {'a': 1, 'b': '2'}",
            "/n/1": "404",
        },
    ),
    "converters of one's own": (
        {},
        rules(
            *(
                "/u/<upper:x>",
                "/p/<pair:x>/end",
                "/o/<optional:x>",
                "/e/<even:n>",
                "/e/<m>",
                "/l/<list:names>",
            ),
            *(
                "/a/<alternatives:x>",
                "/2/<two:n>",
                "/all/<everything:x>",
                "/i/<isolated:x>",
                "/m/<upper:x>-<upper:y>",
            ),
        ),
        {
            "/u/AB": "/u/<upper:x> {'x': 'AB'}",
            "/u/Ab": "404",
            "/p/a/b/end": "/p/<pair:x>/end {'x': 'a/b'}",
            "/p/a/end": "404",
            "/o/": "/o/<optional:x> {'x': ''}",
            "/o": "404",
            "/e/2": "/e/<even:n> {'n': 2}",
            # A converter that refuses its text ends the search; Werkzeug's documentation says otherwise.
            "/e/3": "404",
            "/e/x": "/e/<m> {'m': 'x'}",
            "/l/a+b": "/l/<list:names> {'names': ['a', 'b']}",
            "/a/ab1": "/a/<alternatives:x> {'x': 'ab1'}",
            "/2/12": "/2/<two:n> {'n': 12}",
            "/2/123": "404",
            "/all/": "/all/<everything:x> {'x': ''}",
            "/all/a//b/": "/all/<everything:x> {'x': 'a//b/'}",
            "/i/a": "/i/<isolated:x> {'x': 'a'}",
            "/m/A-BC": "/m/<upper:x>-<upper:y> {'x': 'A', 'y': 'BC'}",
        },
    ),
    "defaults": (
        {},
        rules(
            ("/all/", {"endpoint": "all", "defaults": {"page": 1}}),
            ("/all/page/<int:page>", {"endpoint": "all"}),
            ("/fixed", {"defaults": {"kind": "x"}}),
            ("/o/<int:a>", {"defaults": {"b": 2}, "endpoint": "o"}),
            ("/o/<int:a>/<int:b>", {"endpoint": "o"}),
        ),
        {
            "/all/": "all {'page': 1}",
            "/all/page/2": "all {'page': 2}",
            "/all/page/1": "308 http://host/all/",
            "/fixed": "/fixed {'kind': 'x'}",
            "/o/1/2": "308 http://host/o/1",
            "/o/1/3": "o {'a': 1, 'b': 3}",
        },
    ),
    "defaults without redirects": (
        {"redirect_defaults": False},
        rules(
            ("/all/", {"endpoint": "all", "defaults": {"page": 1}}),
            ("/all/page/<int:page>", {"endpoint": "all"}),
            ("/old", {"endpoint": "all", "alias": True, "defaults": {"page": 1}}),
        ),
        {"/all/page/1": "all {'page': 1}", "/old": "all {'page': 1}"},
    ),
    "aliases and redirects": (
        {},
        rules(
            ("/user/<int:id>", {"endpoint": "user"}),
            ("/u/<int:id>", {"endpoint": "user", "alias": True}),
            ("/old/<slug>", {"redirect_to": "new/<slug>"}),
            ("/root/<int:id>", {"redirect_to": "/r/<id>?n=<id>"}),
            ("/called/<int:id>", {"redirect_to": lambda adapter, id: f"{adapter.server_name}/{id + 1}"}),
            ("/away", {"redirect_to": "https://elsewhere/"}),
        ),
        {
            "/u/4": "308 http://host/user/4",
            "/old/a b": "308 http://host/new/a%20b",
            "/root/7": "308 http://host/r/7?n=7",
            "/called/7": "308 http://host/host/8",
            "/away": "308 https://elsewhere/",
        },
    ),
    "websockets": (
        {},
        rules(
            ("/chat", {"websocket": True}),
            ("/both", {"websocket": True, "endpoint": "socket"}),
            ("/both", {"endpoint": "page", "methods": ["GET"]}),
            "/page",
        ),
        {
            "/chat ws": "/chat",
            "/chat": "websocket mismatch",
            "/page ws": "websocket mismatch",
            "/both": "page",
            "/both ws": "socket",
            "POST /both": "405 GET HEAD",
        },
    ),
    "subdomains": (
        {"default_subdomain": "www"},
        rules(
            "/home",
            ("/x", {"subdomain": "", "endpoint": "bare"}),
            ("/x", {"subdomain": "api", "endpoint": "api"}),
            ("/x", {"subdomain": "<user>", "endpoint": "user"}),
            ("/x", {"subdomain": "<int:n>.<zone>", "endpoint": "zone"}),
        ),
        {
            "/home": "/home",
            "/home @": "404",
            "/home @api": "404",
            "/x @": "bare",
            "/x @api": "api",
            "/x @bob": "user {'user': 'bob'}",
            "/x @5.eu": "zone {'n': 5, 'zone': 'eu'}",
            "/x @a.b": "user {'user': 'a.b'}",
            "/x": "user {'user': 'www'}",
        },
    ),
    "only built": (
        {},
        rules(("/cdn/<path:p>", {"build_only": True}), "/<name>"),
        {"/cdn/x": "404", "/cdn": "/<name> {'name': 'cdn'}"},
    ),
}
ROWS = [
    pytest.param(settings, drawn, request_, expected, id=f"{group}: {request_[:40]!r}")
    for group, (settings, drawn, requests) in GROUPS.items()
    for request_, expected in requests.items()
]


def check(
    router: tuple[Any, Any], settings: dict[str, Any], drawn: list[Any], request_: str, expected: str
) -> None:
    map_class, rule_class = router
    method, space, path = request_.partition(" /")
    method, path = (method, f"/{path}") if space and method.isupper() else ("GET", request_)
    path, at, subdomain = path.partition(" @")
    websocket = path.endswith(" ws")
    path = path.removesuffix(" ws")
    url_map = map_class(converters=CONVERTERS, **settings)
    for string, options in drawn:
        url_map.add(rule_class(string, **{"endpoint": string, **options}))
    scheme = "ws" if websocket else "http"
    adapter = url_map.bind("host", subdomain=subdomain if at else None, url_scheme=scheme)
    answer = told(adapter, path, method)
    assert answer.replace(f"http://{adapter.subdomain}.host", "http://host") == expected


@pytest.mark.parametrize(("settings", "drawn", "request_", "expected"), ROWS)
def test_case(settings: dict[str, Any], drawn: list[Any], request_: str, expected: str) -> None:
    check((Map, Rule), settings, drawn, request_, expected)


@current_werkzeug
@pytest.mark.parametrize(("settings", "drawn", "request_", "expected"), ROWS)
def test_the_case_is_right(settings: dict[str, Any], drawn: list[Any], request_: str, expected: str) -> None:
    check((WerkzeugMap, WerkzeugRule), settings, drawn, request_, expected)


HOSTS = [
    ("example.com", "/", "bare"),
    ("www.example.com", "/", "www"),
    ("bob.example.com", "/", "user {'name': 'bob'}"),
    ("bob.example.com:5000", "/", "404"),
    ("localhost:5000", "/", "local"),
    ("elsewhere", "/", "404"),
    ("bob.example.com", "", "308 http://bob.example.com/"),
]


@pytest.mark.parametrize(("host", "path", "expected"), HOSTS)
def test_host(host: str, path: str, expected: str) -> None:
    for map_class, rule_class in ((Map, Rule), (WerkzeugMap, WerkzeugRule)):
        url_map: Any = map_class(host_matching=True)
        for pattern, endpoint in {
            "example.com": "bare",
            "www.example.com": "www",
            "<name>.example.com": "user",
            "localhost:5000": "local",
        }.items():
            url_map.add(rule_class("/", endpoint=endpoint, host=pattern))
        assert told(url_map.bind(host), path) == expected


def test_a_rule_that_is_added_later_takes_its_place() -> None:
    url_map = Map([Rule("/<name>", endpoint="name")])
    assert told(url_map.bind("host"), "/1") == "name {'name': '1'}"
    url_map.add(Rule("/<int:id>", endpoint="number"))
    assert told(url_map.bind("host"), "/1") == "number {'id': 1}"
    url_map.add(Rule("/1", endpoint="one"))
    assert told(url_map.bind("host"), "/1") == "one"


def test_methods_of_a_rule_are_looked_at_when_a_request_comes() -> None:
    rule = Rule("/x", endpoint="x", methods=["GET"])
    url_map = Map([rule, Rule("/y/<int:id>", endpoint="y", methods=["GET"])])
    assert rule.methods is not None
    rule.methods.add("PATCH")
    assert told(url_map.bind("host"), "/x", "PATCH") == "x"
    rule.methods.discard("GET")
    assert told(url_map.bind("host"), "/x", "GET") == "405 HEAD PATCH"


def test_find_returns_what_it_found_out() -> None:
    url_map = Map(
        [
            Rule("/a/", endpoint="a", methods=["POST"]),
            Rule("/b/<int:id>", endpoint="b"),
            Rule("/s", endpoint="s", websocket=True),
        ]
    )
    found = url_map.find("", "/b/4", "GET")
    assert isinstance(found, tuple)
    assert found[0].endpoint == "b" and found[1] == {"id": 4}

    missing = url_map.find("", "/c", "GET")
    assert isinstance(missing, NoMatch)
    assert (missing.have_match_for, missing.websocket_mismatch) == (set(), False)
    refused = url_map.find("", "/a/", "GET")
    assert isinstance(refused, NoMatch)
    assert (refused.have_match_for, refused.websocket_mismatch) == ({"POST"}, False)
    mismatch = url_map.find("", "/s", "GET")
    assert isinstance(mismatch, NoMatch)
    assert (mismatch.have_match_for, mismatch.websocket_mismatch) == (set(), True)
    slash = url_map.find("", "/a", "POST")
    assert isinstance(slash, RequestPath) and slash.path_info == "/a/"
    merged = url_map.find("", "/b//4", "GET")
    assert isinstance(merged, RequestPath) and merged.path_info == "/b/4"


def test_a_converters_own_error_is_not_swallowed() -> None:
    from edgeweb.routing import BaseConverter

    class Broken(BaseConverter):
        def to_python(self, value: str) -> int:
            return int(value)

    url_map = Map([Rule("/<broken:x>", endpoint="x")], converters={"broken": Broken})
    with pytest.raises(ValueError, match="invalid literal"):
        url_map.bind("host").match("/x")
