"""Everything that Jinja2 bakes into code, changed one at a time: the code of before must not be used."""

from __future__ import annotations

import functools
import importlib.metadata
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
import pytest
from jinja2 import ext, nodes, sandbox
from jinja2.compiler import CodeGenerator
from jinja2.runtime import ChainableUndefined, StrictUndefined

from edgeweb import Flask
from edgeweb.templating import fingerprint
from edgeweb.templating.cache import cache_path
from edgeweb.templating.environment import Environment
from edgeweb.templating.fingerprint import differences, is_jinjas_own, stamp_of

from .program import Program, build, render

TEMPLATE = (
    "{{ value }}{{ 'Con<st'|upper }}{% if value is string %}!{% endif %}\n# for\n<b>{{ value|own }}</b>\n"
)


class Marker(ext.Extension):
    """Puts a word before each template."""

    word = "one "

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return self.word + source


class OtherWord(ext.Extension):
    """Named as `Marker` is, in another version of the program."""

    identifier = Marker.identifier
    word = "two "

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return self.word + source


OtherWord.__module__, OtherWord.__qualname__ = Marker.__module__, Marker.__qualname__


class Second(ext.Extension):
    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return "second " + source


class Quiet(jinja2.Undefined):
    def __str__(self) -> str:
        return "quiet"


def loud() -> type[jinja2.Undefined]:
    class Quiet(jinja2.Undefined):
        def __str__(self) -> str:
            return "LOUD"

    Quiet.__qualname__ = "Quiet"
    return Quiet


class Generator(CodeGenerator):
    def visit_TemplateData(self, node: nodes.TemplateData, frame: Any) -> None:
        self.write(repr(node.data.upper()))


class OtherEnvironment(Environment):
    code_generator_class = Generator


class Sandbox(sandbox.SandboxedEnvironment, Environment):
    pass


def own(value: Any) -> str:
    return f"({value})"


@jinja2.pass_environment
def own_with_environment(environment: Any, value: Any) -> str:
    return f"[{value}]"


@jinja2.pass_context
def own_with_context(context: Any, value: Any) -> str:
    return f"<{value}>"


def finalize(value: Any) -> Any:
    return "" if value is None else value


def other_finalize() -> Callable[[Any], Any]:
    def finalize(value: Any) -> Any:
        return "nothing" if value is None else value

    finalize.__qualname__ = "finalize"
    return finalize


def prefixed(prefix: str) -> Callable[[Any], Any]:
    def add(value: Any) -> Any:
        return f"{prefix}{value}"

    return add


@pytest.fixture
def base(program: Program) -> Callable[..., Flask]:
    """The application as the cache is built for it; options and a change make it another one."""
    program.write("page.html", TEMPLATE)

    def make(change: Callable[[Flask], Any] | None = None, /, **options: Any) -> Flask:
        app = program.app(options=options, TEMPLATE_CACHE_MODE="sealed")
        if change is not None:
            change(app)
        app.jinja_env.filters.setdefault("own", own)
        return app

    return make


def fresh(app: Flask, **values: Any) -> str:
    """What Jinja2 itself makes of the template in this environment, without any cache."""
    source, filename, _ = app.jinja_env.loader.get_source(app.jinja_env, "page.html")  # type: ignore[union-attr]
    with app.test_request_context():
        code = app.jinja_env.compile(source, "page.html", filename)
        globals = app.jinja_env.make_globals(None)
        context = dict(values)
        app.update_template_context(context)
        return app.jinja_env.template_class.from_code(app.jinja_env, code, globals).render(context)


OPTIONS: dict[str, dict[str, Any]] = {
    "delimiters of blocks": {"block_start_string": "<%", "block_end_string": "%>"},
    "delimiters of variables": {"variable_start_string": "${", "variable_end_string": "}"},
    "delimiters of comments": {"comment_start_string": "<b", "comment_end_string": "b>"},
    "line statements": {"line_statement_prefix": "%%"},
    "line comments": {"line_comment_prefix": "#"},
    "trim_blocks": {"trim_blocks": True},
    "lstrip_blocks": {"lstrip_blocks": True},
    "newline_sequence": {"newline_sequence": "\r\n"},
    "keep_trailing_newline": {"keep_trailing_newline": True},
    "optimized": {"optimized": False},
    "async": {"enable_async": True},
    "finalize": {"finalize": finalize},
    "undefined": {"undefined": StrictUndefined},
    "an extension": {"extensions": [Marker]},
    "an extension of Jinja2's": {"extensions": ["jinja2.ext.do"]},
}
CHANGES: dict[str, Callable[[Flask], Any]] = {
    "autoescape for every template": lambda app: app.jinja_env.__setattr__("autoescape", False),
    "autoescape by a function": lambda app: app.jinja_env.__setattr__("autoescape", lambda name: False),
    "autoescape by the application": lambda app: app.__setattr__(
        "select_jinja_autoescape", lambda name: False
    ),
    "a filter passes the environment": lambda app: app.add_template_filter(own_with_environment, "own"),
    "a filter passes the context": lambda app: app.add_template_filter(own_with_context, "own"),
    "a filter of Jinja2's replaced": lambda app: app.add_template_filter(own, "upper"),
    "a filter of Jinja2's under another name": lambda app: app.add_template_filter(
        app.jinja_env.filters["lower"], "upper"
    ),
    "a filter more": lambda app: app.add_template_filter(own, "another"),
    "a filter less": lambda app: app.jinja_env.filters.pop("title"),
    "a test of Jinja2's replaced": lambda app: app.add_template_test(lambda value: False, "string"),
    "a test passes the environment": lambda app: app.add_template_test(
        jinja2.pass_environment(lambda environment, value: False), "string"
    ),
    "a test more": lambda app: app.add_template_test(callable, "another"),
    "a policy": lambda app: app.jinja_env.policies.update({"truncate.leeway": 0}),
    "i18n trimmed": lambda app: app.jinja_env.policies.update({"ext.i18n.trimmed": True}),
    "the JSON options": lambda app: app.jinja_env.policies.update({"json.dumps_kwargs": {"indent": 1}}),
    "the JSON function": lambda app: app.jinja_env.policies.update({"json.dumps_function": repr}),
    "newstyle gettext": lambda app: app.jinja_env.extend(newstyle_gettext=True),
    "the environment's class": lambda app: app.__setattr__("jinja_environment", OtherEnvironment),
    "a sandbox": lambda app: app.__setattr__("jinja_environment", Sandbox),
    "the code generator": lambda app: app.jinja_env.__setattr__("code_generator_class", Generator),
    "a setting of an extension": lambda app: app.jinja_env.extend(marker_word="x"),
    "sandboxed by hand": lambda app: app.jinja_env.__setattr__("sandboxed", True),
}


def test_without_a_change_the_cache_is_used(base: Callable[..., Flask], compiled: list[str]) -> None:
    build(base())
    app = base()
    assert render(app, "page.html", value="<i>") == fresh(app, value="<i>")
    assert compiled == []


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_of_the_environment(base: Callable[..., Flask], compiled: list[str], name: str) -> None:
    build(base())
    build_with = base(**OPTIONS[name])
    del compiled[:]
    assert render(build_with, "page.html", value="<i>") == fresh(build_with, value="<i>")
    assert compiled == ["page.html"]
    # And the other way round: built with the option, run without it.
    build(base(**OPTIONS[name]))
    assert render(base(), "page.html", value="<i>") == fresh(base(), value="<i>")
    assert compiled == ["page.html"] * 2


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_the_environment(base: Callable[..., Flask], compiled: list[str], name: str) -> None:
    build(base())
    changed = base(CHANGES[name])
    assert render(changed, "page.html", value="<i>") == fresh(changed, value="<i>")
    assert compiled == ["page.html"]


def test_autoescape_that_is_turned_on_later_escapes(base: Callable[..., Flask], compiled: list[str]) -> None:
    """The trap of caches that only know the name and the source of a template."""
    off = base(lambda app: app.__setattr__("select_jinja_autoescape", lambda name: False))
    assert "<i>" in render(off, "page.html", value="<i>")
    build(off)
    assert "<i>" not in render(base(), "page.html", value="<i>")


def test_autoescape_turned_on_in_a_running_process(program: Program) -> None:
    for name in ("one.html", "two.html"):
        program.write(name, "{{ value }}")
    app = program.app(options={"autoescape": False})
    build(app)
    assert render(app, "one.html", value="<i>") == "<i>"
    app.jinja_env.autoescape = True
    assert render(app, "two.html", value="<i>") == "&lt;i&gt;"


@pytest.mark.parametrize(
    ("built", "run"),
    [
        ({"extensions": [Marker]}, {"extensions": [OtherWord]}),
        ({"extensions": [Marker, Second]}, {"extensions": [Second, Marker]}),
        ({"finalize": finalize}, {"finalize": other_finalize()}),
        ({"finalize": prefixed("a")}, {"finalize": prefixed("b")}),
        ({"finalize": functools.partial(max, 1)}, {"finalize": functools.partial(max, 2)}),
        ({"undefined": Quiet}, {"undefined": loud()}),
        ({"undefined": StrictUndefined}, {"undefined": ChainableUndefined}),
    ],
    ids=["code", "order", "finalize", "closure", "partial", "undefined", "Jinja2's undefined"],
)
def test_the_same_name_and_other_code(
    program: Program, compiled: list[str], built: dict[str, Any], run: dict[str, Any]
) -> None:
    program.write("page.html", "{{ 1 }}{{ value }}")
    build(program.app(options=built, TEMPLATE_CACHE_MODE="sealed"))
    again = program.app(options=built, TEMPLATE_CACHE_MODE="sealed")
    assert render(again, "page.html", value=3) == fresh(again, value=3)
    assert compiled == []
    other = program.app(options=run, TEMPLATE_CACHE_MODE="sealed")
    assert render(other, "page.html", value=3) == fresh(other, value=3)
    assert compiled == ["page.html"]


class Patched(Environment):
    def preprocess(self, source: str, name: str | None = None, filename: str | None = None) -> str:
        return f"patched {source}"


def other_environment(generator: type[CodeGenerator]) -> type[Environment]:
    class Own(Environment):
        code_generator_class = generator

    return Own


class Lower(CodeGenerator):
    def visit_TemplateData(self, node: nodes.TemplateData, frame: Any) -> None:
        self.write(repr(node.data.lower()))


Lower.__module__, Lower.__qualname__ = Generator.__module__, Generator.__qualname__


@pytest.mark.parametrize(
    ("built", "run"),
    [
        (Environment, Patched),
        (Environment, other_environment(Generator)),
        (other_environment(Generator), other_environment(Lower)),
        (Environment, Sandbox),
    ],
    ids=["another class", "its generator", "the generator's code", "a sandbox"],
)
def test_another_class_of_environments(
    base: Callable[..., Flask], compiled: list[str], built: type[Environment], run: type[Environment]
) -> None:
    before, now = (base(lambda app, cls=cls: setattr(app, "jinja_environment", cls)) for cls in (built, run))
    build(before)
    assert render(before, "page.html", value="<i>") == fresh(before, value="<i>")
    assert compiled == []
    assert render(now, "page.html", value="<i>") == fresh(now, value="<i>")
    assert compiled == ["page.html"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sandboxed", False),
        ("intercepted_binops", frozenset("+")),
        ("intercepted_unops", frozenset("-")),
        ("code_generator_class", Generator),
    ],
)
def test_a_class_of_jinjas_that_a_program_has_changed(
    base: Callable[..., Flask], compiled: list[str], monkeypatch: pytest.MonkeyPatch, name: str, value: Any
) -> None:
    def app() -> Flask:
        return base(lambda app: setattr(app, "jinja_environment", Sandbox))

    build(app())
    monkeypatch.setattr(sandbox.SandboxedEnvironment, name, value)
    now = app()
    assert render(now, "page.html", value="<i>") == fresh(now, value="<i>")
    assert compiled == ["page.html"]


def test_a_filter_with_other_code_is_run(program: Program, compiled: list[str]) -> None:
    """What a filter does is no part of the stamp: it is run when rendering, on constants, too."""
    program.write("page.html", "{{ 'constant'|own }} {{ 'constant' is odd_one }} {{ 'x'|tojson }}")

    def app(result: str) -> Flask:
        app = program.app(TEMPLATE_CACHE_MODE="sealed")
        app.json.dumps = lambda value, **options: f'"{result}"'  # type: ignore[method-assign]
        app.add_template_filter(lambda value: f"{value} {result}", "own")
        app.add_template_test(lambda value: result == "new", "odd_one")
        return app

    old = app("old")
    build(old)
    assert render(old, "page.html") == 'constant old False "old"'
    assert render(app("new"), "page.html") == 'constant new True "new"'
    assert compiled == []


def test_jinjas_own_are_told_from_those_that_look_like_them() -> None:
    filters = jinja2.defaults.DEFAULT_FILTERS
    assert (
        is_jinjas_own(filters["upper"])
        and is_jinjas_own(filters["length"])
        and is_jinjas_own(filters["first"])
    )
    assert all(is_jinjas_own(test) for test in jinja2.defaults.DEFAULT_TESTS.values())
    assert [name for name, function in filters.items() if not is_jinjas_own(function)] == ["tojson"]

    @functools.wraps(filters["upper"])
    def upper(value: str) -> str:
        return value

    assert not any(
        map(is_jinjas_own, (upper, own, hash, str, print, lambda value: value, functools.partial(len)))
    )


def test_names_that_are_not_escaped_as_the_others(program: Program, compiled: list[str]) -> None:
    """The rule is asked for each name: one that treats another template differently changes just that."""
    for name in ("page.html", "mail.txt", "other.txt"):
        program.write(name, "{{ value }}")
    build(program.app())
    app = program.app(options={"autoescape": lambda name: name in ("page.html", "other.txt")})
    pages = [render(app, name, value="<") for name in ("page.html", "mail.txt", "other.txt")]
    assert (pages, compiled) == (["&lt;", "<", "&lt;"], ["other.txt"])


@pytest.mark.parametrize(
    "setting", [{"word": "two "}, {"priority": 1}, {"tags": {"more"}}], ids=["own", "priority", "tags"]
)
def test_a_setting_of_an_extension(program: Program, compiled: list[str], setting: dict[str, Any]) -> None:
    program.write("page.html", "{{ value }}")

    def app() -> Flask:
        return program.app(options={"extensions": [Marker, Second]}, TEMPLATE_CACHE_MODE="sealed")

    build(app())
    now = app()
    stamp_of(now.jinja_env)
    vars(now.jinja_env.extensions[Marker.identifier]).update(setting)
    assert render(now, "page.html", value=1) == fresh(now, value=1)
    assert compiled == ["page.html"]


@pytest.mark.parametrize("package", ["jinja2", "markupsafe"])
def test_another_version_of_a_package(
    base: Callable[..., Flask], compiled: list[str], monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    build(base())
    monkeypatch.setitem(fingerprint._versions, package, "3.1.6.post1")
    render(base(), "page.html", value=1)
    assert compiled == ["page.html"]


def test_another_python(
    base: Callable[..., Flask], compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    build(base())
    monkeypatch.setattr(fingerprint, "MAGIC_NUMBER", b"\xff\x0d\r\n")
    render(base(), "page.html", value=1)
    assert compiled == ["page.html"]


def test_another_interpreter_has_another_file(base: Callable[..., Flask]) -> None:
    path = cache_path(base())
    assert path is not None and sys.implementation.cache_tag in path


def test_a_version_that_nobody_knows(
    base: Callable[..., Flask], compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then nothing is taken from a cache, and rendering works."""
    build(base())
    monkeypatch.setattr(fingerprint, "_versions", {})
    monkeypatch.setattr(fingerprint, "_installed_beside", lambda folder, package: "")

    def unknown(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", unknown)
    app = base()
    assert render(app, "page.html", value=1) == fresh(app, value=1)
    assert compiled == ["page.html"]


@pytest.mark.slow
def test_the_stamp_is_the_same_in_every_process(base: Callable[..., Flask]) -> None:
    """Sets and dicts have another order, and functions another address."""
    code = """
        from tests.templating.test_fingerprint import *
        app = Flask("x")
        app.jinja_options = {"extensions": [Marker, "jinja2.ext.i18n"], "undefined": Quiet}
        app.jinja_options["finalize"] = prefixed("a")
        app.add_template_filter(own_with_context)
        app.jinja_env.policies["a set"] = {"b", "a", "c"}
        app.jinja_env.extend(settings={"names": frozenset("xyz"), "none": None})
        print(stamp_of(app.jinja_env))
    """
    outputs = {
        subprocess.check_output(
            [sys.executable, "-c", textwrap.dedent(code)],
            cwd=Path(__file__).parent.parent.parent,
            env={"PYTHONHASHSEED": str(seed), "PATH": ""},
            text=True,
        )
        for seed in range(3)
    }
    assert len(outputs) == 1


def test_the_stamp_is_read_once(base: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch) -> None:
    environment = base().jinja_env
    stamp = stamp_of(environment)
    read = []
    monkeypatch.setattr(fingerprint, "_lines", lambda environment: read.append(1) or iter(["new"]))
    assert stamp_of(environment) == stamp and read == []
    environment.filters["another"] = own
    assert stamp_of(environment) == "new" and read == [1]
    assert stamp_of(environment.overlay(trim_blocks=True)) == "new" and read == [1, 1]
    environment.policies["json.dumps_kwargs"] = {}
    stamp_of(environment)
    environment.policies["json.dumps_kwargs"]["indent"] = 1  # in place
    stamp_of(environment)
    assert read == [1, 1, 1, 1]


def test_differences_are_told_in_words(base: Callable[..., Flask]) -> None:
    before, now = stamp_of(base().jinja_env), stamp_of(base(trim_blocks=True).jinja_env)
    assert differences(before, now) == ["trim_blocks: False became True"]
    assert differences(now, now) == []
    other = stamp_of(base(lambda app: app.jinja_env.filters.pop("title")).jinja_env)
    assert differences(before, other) == [
        "filter title: jinja2.filters.do_title passes nothing became nothing"
    ]
