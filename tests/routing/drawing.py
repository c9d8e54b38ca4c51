"""Random maps and requests, drawn by hypothesis, for edgeweb's router and for Werkzeug's."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from werkzeug.routing.converters import BaseConverter, FloatConverter, IntegerConverter, ValidationError


class Upper(BaseConverter):
    regex = "[A-Z]+"


class Pair(BaseConverter):
    """Matches slashes, and so takes the rest of the path."""

    regex = "[^/]+/[^/]+"
    weight = 150


class Optional(BaseConverter):
    """May be empty, so that it competes with trailing slashes."""

    regex = "[a-z]*"


class Alternatives(BaseConverter):
    """Has an order of preference, and a group of its own."""

    regex = "(a|ab)(?P<tail>1)?"
    weight = 90


class Even(IntegerConverter):
    """Refuses what its expression lets through."""

    def to_python(self, value: str) -> int:
        number: int = super().to_python(value)
        if number % 2:
            raise ValidationError
        return number


class Strict(BaseConverter):
    """Refuses when building too."""

    weight = 60

    def to_python(self, value: str) -> str:
        if value.startswith("a"):
            raise ValidationError
        return value.upper()

    def to_url(self, value: Any) -> str:
        if value == "a":
            raise ValidationError
        return super().to_url(value)


class Everything(BaseConverter):
    regex = ".*?"
    part_isolating = False
    weight = 300


class TwoDigits(IntegerConverter):
    regex = r"\d\d"


class Listed(BaseConverter):
    def to_python(self, value: str) -> list[str]:
        return value.split("+")

    def to_url(self, value: Any) -> str:
        return "+".join(BaseConverter.to_url(self, item) for item in value)


class Isolated(BaseConverter):
    """The path converter's expression on one segment."""

    regex = "[^/].*?"
    part_isolating = True


class Coarse(FloatConverter):
    weight = 0


CONVERTERS: dict[str, type[BaseConverter]] = {
    "upper": Upper,
    "pair": Pair,
    "optional": Optional,
    "alternatives": Alternatives,
    "even": Even,
    "strict": Strict,
    "everything": Everything,
    "two": TwoDigits,
    "list": Listed,
    "isolated": Isolated,
    "coarse": Coarse,
}

UUID = "12345678-1234-5678-1234-56781234567a"

#: Texts of segments and of variables: few, so that rules and paths meet, and some that only one kind of
#: character makes special.
TEXTS = [
    *"a b ab abc A AB 1 12 007 -1 --1 1.5 -2.25 1. .5 1.2.3".split(),
    *"a-1 a-1.json 1-2 a.json b-b-b a1 ab1 + a+b %2F % ?q #f &=; > | ~ : .. .".split(),
    *"json edit en de foo,bar".split(),
    *["é", "ß", "日本", "٣", "٣.٤", "²", "\uff11", "x y", "a\nb", "\n", "a\n", "\ta", "\x00"],
    *[UUID, UUID.upper(), UUID[:-1]],
]
VARIABLES = [
    *"<{}> <string:{}> <default:{}> <int:{}> <float:{}> <path:{}> <uuid:{}>".split(),
    *"<string(length=2):{}> <string(minlength=2):{}> <string(maxlength=2):{}>".split(),
    "<string(minlength=0):{}>",
    "<string(minlength=1, maxlength=3):{}>",
    "<string(minlength=3, maxlength=1):{}>",
    *"<int(signed=True):{}> <int(fixed_digits=2):{}> <int(3):{}> <float(signed=True):{}>".split(),
    "<int(min=2, max=12):{}>",
    "<float(min=1, max=2):{}>",
    "<any(a, b, ab):{}>",
    "<any(ab, a):{}>",
    "<any('foo,bar', \"a/b\", '1.5'):{}>",
    *"<any(en,de):{}> <any():{}>".split(),
    *[f"<{name}:{{}}>" for name in CONVERTERS],
]
NAMES = ["a", "b", "c", "page", "lang"]
METHODS = ["GET", "POST", "PUT", "HEAD", "OPTIONS"]
ENDPOINTS = ["one", "two", "three", "four"]
SUBDOMAINS = ["", "www", "<lang>", "<int:page>", "<a>.api", "<any(en, de):lang>", "api-<b>"]
HOSTS = [
    "",
    "example.com",
    "www.example.com",
    "<lang>.example.com",
    "localhost:5000",
    "<any(en, de):lang>.com",
]


@dataclass
class DrawnMap:
    """Keyword arguments of a map and of each of its rules (the string under ``string``)."""

    settings: dict[str, Any]
    rules: list[dict[str, Any]]

    def make(self, map_class: Callable[..., Any], rule_class: Callable[..., Any]) -> Any:
        made = map_class(converters=CONVERTERS, **self.settings)
        for rule in self.rules:
            made.add(rule_class(**rule))
        return made


@dataclass
class DrawnRequest:
    bind: dict[str, Any]
    path: str
    method: str
    websocket: bool | None
    query_args: Any = None


@dataclass
class DrawnBuild:
    bind: dict[str, Any]
    endpoint: str
    values: dict[str, Any]
    options: dict[str, Any] = field(default_factory=dict)


@st.composite
def segments(draw: st.DrawFn, names: list[str], kinds: list[str]) -> str:
    """A text, a variable, or both mixed. Each name is used once in a rule: *names* gets shorter."""
    shape = draw(st.sampled_from(["text", "text", "variable", "variable", "mixed"]))
    pieces = []
    for part in {
        "text": "t",
        "variable": "v",
        "mixed": draw(st.sampled_from(["tv", "vt", "vtv", "tvt", "vv", "vtvtv"])),
    }[shape]:
        if part == "v" and names:
            pieces.append(draw(st.sampled_from(kinds)).format(names.pop()))
        else:
            pieces.append(draw(st.sampled_from(["-", ".", "a", "1", ".json", *TEXTS[:12]])).replace("<", ""))
    return "".join(pieces)


@st.composite
def rule_strings(draw: st.DrawFn, kinds: list[str]) -> str:
    names = list(draw(st.permutations(NAMES)))
    string = ""
    for _ in range(draw(st.integers(0, 4))):
        string += draw(st.sampled_from(["/"] * 12 + ["//", "///"]))
        string += draw(segments(names, kinds))
    return string + draw(st.sampled_from(["", "", "/", "/", "//"] if string else ["/"]))


DEFAULTS = st.dictionaries(
    st.sampled_from(NAMES), st.sampled_from([1, 2, 12, "12", "2"]), min_size=1, max_size=2
)


@st.composite
def relatives(
    draw: st.DrawFn, rules: list[dict[str, Any]], texts: st.SearchStrategy[str], kinds: list[str]
) -> str:
    """A rule string: a new one, or one that meets one of the *rules* before it on its way."""
    if not rules or draw(st.booleans()):
        return draw(texts)
    string: str = draw(st.sampled_from(rules))["string"]
    change = draw(st.integers(0, 4))
    if change == 0:
        return string
    if change == 1:
        return string[:-1] if string.endswith("/") and string != "/" else f"{string}/"
    if change == 2:
        # A text where the other has a variable.
        return fill(string, TEXTS[:6], draw(st.integers(0, 5)))
    if change == 3:
        return string.rstrip("/") + "/" + draw(st.sampled_from(TEXTS[:6]))
    names = [name for name in NAMES if f"{name}>" not in string]
    return string.rstrip("/") + "/" + (draw(st.sampled_from(kinds)).format(names[0]) if names else "")


@st.composite
def maps(draw: st.DrawFn, max_rules: int = 12) -> DrawnMap:
    settings: dict[str, Any] = {}
    for name in ("strict_slashes", "merge_slashes", "redirect_defaults", "sort_parameters"):
        if draw(st.integers(0, 3)) == 0:
            settings[name] = draw(st.booleans())
    host_matching = settings["host_matching"] = draw(st.integers(0, 5)) == 0
    if draw(st.integers(0, 7)) == 0:
        settings["default_subdomain"] = "www"
    # A few kinds of variables in each map, so that its rules compete.
    kinds = draw(st.lists(st.sampled_from(VARIABLES), min_size=1, max_size=4))
    texts = rule_strings(kinds)
    rules: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(1, max_rules))):
        rule: dict[str, Any] = {"endpoint": draw(st.sampled_from(ENDPOINTS))}
        rule["string"] = draw(relatives(rules, texts, kinds))
        options = draw(st.sets(st.integers(0, 15), max_size=3))
        if 0 in options or 1 in options:
            rule["methods"] = draw(st.lists(st.sampled_from(METHODS), min_size=1, max_size=3))
        if 2 in options or 3 in options:
            rule["defaults"] = draw(DEFAULTS)
        if 4 in options:
            rule["strict_slashes"] = draw(st.booleans())
        if 5 in options:
            rule["merge_slashes"] = draw(st.booleans())
        if 6 in options or host_matching:
            rule["host" if host_matching else "subdomain"] = draw(
                st.sampled_from(HOSTS if host_matching else SUBDOMAINS)
            )
        if 7 in options:
            rule["build_only"] = True
        if 8 in options:
            rule["alias"] = True
        if 9 in options and not set(rule.get("methods", ())) - {"GET", "HEAD", "OPTIONS"}:
            rule["websocket"] = True
        if 10 in options:
            rule["redirect_to"] = draw(
                st.sampled_from(["there", "/there/<a>", "there?x=<b>&<c>", "x<>y", redirect_target])
            )
        rules.append(rule)
    return DrawnMap(settings, rules)


#: A broken expression is an error where it is tried: with Werkzeug at each path that comes by, here,
#: among many siblings, only at one with the texts around it.
SOUND_VARIABLES = [kind for kind in VARIABLES if kind != "<string(minlength=3, maxlength=1):{}>"]
#: Texts at the ends of segments: empty, and such that one begins with another, or the end of one is the
#: beginning of the next.
ENDS = ["", "", "a", "ab", "aba", "b", "ba", "1", "-", "1-", ".json", "a.json", "é"]


@st.composite
def crowded_maps(draw: st.DrawFn) -> DrawnMap:
    """Many rules that have text and variables in one segment, all under one parent."""
    kinds = draw(st.lists(st.sampled_from(SOUND_VARIABLES), min_size=1, max_size=3))
    rules: list[dict[str, Any]] = []
    for number in range(draw(st.integers(6, 40))):
        names = list(NAMES)
        string = draw(st.sampled_from(["/d/"] * 6 + ["/", "/<a>/"]))
        if "<a>" in string:
            names.remove("a")
        ends = st.sampled_from(ENDS)
        string += draw(ends) + draw(st.sampled_from(kinds)).format(names.pop()) + draw(ends)
        # Its expression names a group, which twice in one segment is an error as well.
        seconds = [kind for kind in kinds if "alternatives" not in kind]
        if seconds and draw(st.integers(0, 3)) == 0:
            string += draw(st.sampled_from(seconds)).format(names.pop()) + draw(ends)
        string += draw(st.sampled_from([""] * 5 + ["/", "/a", "/a/"]))
        rule: dict[str, Any] = {"string": string, "endpoint": f"rule{number}"}
        if draw(st.integers(0, 5)) == 0:
            rule["methods"] = draw(st.lists(st.sampled_from(METHODS), min_size=1, max_size=2))
        if draw(st.integers(0, 9)) == 0:
            rule["strict_slashes"] = False
        rules.append(rule)
    if draw(st.booleans()):
        rules.append({"string": f"/d/{draw(st.sampled_from(TEXTS[:8]))}", "endpoint": "static"})
    return DrawnMap({"strict_slashes": draw(st.booleans())}, rules)


@st.composite
def crowded_requests(draw: st.DrawFn) -> DrawnRequest:
    pieces = st.lists(st.sampled_from([*ENDS, "a", "12", "1.5", "en", "A", UUID]), min_size=1, max_size=4)
    path = draw(st.sampled_from(["/d/"] * 4 + ["/", "/x/"])) + "".join(draw(pieces))
    path += draw(st.sampled_from(["", "", "/", "/a", "/a/", "/b"]))
    return DrawnRequest({"server_name": "host"}, path, draw(st.sampled_from(["GET", "GET", "POST"])), None)


def redirect_target(adapter: Any, **values: Any) -> str:
    return f"to/{adapter.server_name}/{sorted(values)}"


#: Texts that the converters take, by name; for the others any text.
FITTING = {
    "int": ["1", "12", "007", "٣", "-1"],
    "two": ["12", "03"],
    "even": ["2", "12", "3"],
    "float": ["1.5", "12.25", "-1.5", "٣.٤"],
    "coarse": ["1.5"],
    "uuid": [UUID, UUID.upper()],
    "any": ["a", "ab", "en", "foo,bar", "1.5"],
    "upper": ["A", "AB"],
    "pair": ["a/b", "x/1"],
    "path": ["a", "a/b", "a/b/edit", "1//2"],
    "everything": ["", "a/b", "a"],
    "optional": ["", "ab"],
    "alternatives": ["a", "ab", "a1", "ab1"],
}


def fill(rule: str, texts: list[str], fitting: int) -> str:
    """A path for a rule: each variable replaced by the next text, or by one that fits its converter."""
    path, rest, number = "", rule, fitting
    while True:
        before, opening, behind = rest.partition("<")
        path += before
        if not opening:
            return path
        variable, _, rest = behind.partition(">")
        choice = FITTING.get(variable.partition(":")[0].partition("(")[0], texts) if fitting else texts
        path += choice[number % len(choice)]
        number += 1


@st.composite
def binds(draw: st.DrawFn, drawn: DrawnMap) -> dict[str, Any]:
    bind: dict[str, Any] = {"server_name": "example.com"}
    if draw(st.integers(0, 4)) == 0:
        bind["url_scheme"] = draw(st.sampled_from(["https", "ws", "wss", ""]))
    if draw(st.integers(0, 5)) == 0:
        bind["script_name"] = draw(st.sampled_from(["/app", "/app/", "/a/é"]))
    if drawn.settings.get("host_matching"):
        bind["server_name"] = draw(
            st.sampled_from(["example.com", "en.example.com", "localhost:5000", "de.com", "x"])
        )
    elif draw(st.booleans()):
        bind["subdomain"] = draw(st.sampled_from(["", "www", "en", "12", "x.api", "api-7", "none"]))
    return bind


@st.composite
def requests(draw: st.DrawFn, drawn: DrawnMap) -> DrawnRequest:
    texts = draw(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=4))
    rule = draw(st.sampled_from(drawn.rules))
    fitting = draw(st.integers(0, 5))
    path = fill(rule["string"], texts, fitting)
    bind = draw(binds(drawn))
    if "subdomain" in rule and draw(st.booleans()):
        bind["subdomain"] = fill(rule["subdomain"], ["a", "en"], fitting)
    for change in draw(st.lists(st.integers(0, 9), max_size=2)):
        if change == 0:
            path = path + "/"
        elif change == 1:
            path = path.removesuffix("/")
        elif change == 2:
            path = path.replace("/", "//", draw(st.integers(1, 3)))
        elif change == 3:
            path += "/" + draw(st.sampled_from(TEXTS))
        elif change == 4:
            at = draw(st.integers(0, len(path)))
            path = path[:at] + draw(st.sampled_from(["/", "\n", "a", "1", "-", ".", "é", "²"])) + path[at:]
        elif change == 5:
            at = draw(st.integers(0, len(path)))
            path = path[:at] + path[at + 1 :]
        elif change == 6:
            path = "/" + "/".join(draw(st.lists(st.sampled_from(TEXTS), max_size=5)))
        elif change == 7:
            path = draw(st.text(st.sampled_from("/ab1-.\n é"), max_size=8))
    return DrawnRequest(
        bind,
        path,
        draw(st.sampled_from([*METHODS, "GET", "GET", "post", "--"])),
        draw(st.sampled_from([None, None, None, False, True])),
        draw(st.sampled_from([None, None, "x=1&y=é", {"x": "1", "y": ["a b", "c"]}])),
    )


VALUES = st.one_of(
    st.sampled_from(TEXTS),
    st.sampled_from([1, 2, 12, -3, 1.5, None, True, ["a", "b"], ("1", "2"), uuid.UUID(UUID), "a/b/c", b"x"]),
)


@st.composite
def builds(draw: st.DrawFn, drawn: DrawnMap) -> DrawnBuild:
    values = draw(st.dictionaries(st.sampled_from([*NAMES, "q", "é"]), VALUES, max_size=5))
    rule = draw(st.sampled_from(drawn.rules))
    if draw(st.booleans()):
        # What this rule asks for.
        for name in NAMES:
            if f"{name}>" in rule["string"]:
                values[name] = draw(st.sampled_from(["a", "12", 12, "en", 1.5, "é/x"]))
        values.update(rule.get("defaults", {}))
    options: dict[str, Any] = {}
    if draw(st.integers(0, 3)) == 0:
        options["method"] = draw(st.sampled_from(METHODS))
    if draw(st.integers(0, 3)) == 0:
        options["force_external"] = True
    if draw(st.integers(0, 3)) == 0:
        options["append_unknown"] = False
    if draw(st.integers(0, 5)) == 0:
        options["url_scheme"] = draw(st.sampled_from(["https", "ws", ""]))
    return DrawnBuild(
        draw(binds(drawn)),
        draw(st.sampled_from([rule["endpoint"], rule["endpoint"], *ENDPOINTS, "none"])),
        values,
        options,
    )
