"""Building: every template, each with its fault where it has one; and telling whether a cache still fits."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from jinja2 import DictLoader, FileSystemLoader, FunctionLoader
from jinja2.ext import Extension

from edgeweb import Flask
from edgeweb.templating.build import Builder, NotBuildable, Result
from edgeweb.templating.cache import cache_path
from edgeweb.templating.cachefile import CacheFile
from edgeweb.templating.trust import Untrusted

from .program import LONG_AGO_NS, Program, build


def builder(app: Flask, exclude: tuple[str, ...] = ()) -> Builder:
    path = cache_path(app)
    assert path is not None
    return Builder(app, path, exclude)


def results(app: Flask, exclude: tuple[str, ...] = ()) -> dict[str, Result]:
    return {result.label: result for result in builder(app, exclude).compile()}


def changes(app: Flask, strict: bool = False, exclude: tuple[str, ...] = ()) -> list[str]:
    made = builder(app, exclude)
    return list(made.changes(CacheFile(made.path), strict))


def test_every_template_of_application_and_blueprints(program: Program) -> None:
    for name in ("page.html", "deep/er/page.html", "Größe.txt"):
        program.write(name, name)
    program.write("page.html", "hidden by the application's", "shop/templates")
    found = results(program.app(("shop",)))
    assert list(found) == ["app: Größe.txt", "app: page.html", "app: deep/er/page.html", "shop: page.html"]
    page = found["app: page.html"]
    assert (page.size, page.fault, page.note) == (9, "", "")
    assert page.code_size > 100 and page.seconds > 0


def test_nested_and_renamed_blueprints_have_their_full_name(program: Program) -> None:
    from edgeweb import Blueprint

    app = program.app()
    outer = Blueprint("outer", "program", root_path=str(program.folder))
    inner = Blueprint("inner", "program", root_path=str(program.folder / "shop"), template_folder="templates")
    outer.register_blueprint(inner)
    app.register_blueprint(outer, name="renamed")
    program.write("page.html", "x", "shop/templates")
    assert list(results(app)) == ["renamed.inner: page.html"]


def test_hidden_templates_of_the_same_loader(program: Program) -> None:
    program.write("page.html", "first", "theme")
    program.write("page.html", "second")
    app = program.app()
    app.jinja_loader = FileSystemLoader([str(program.folder / "theme"), str(program.folder / "templates")])
    build(app)
    keys = sorted(key for key, _ in CacheFile(str(cache_path(app))).all())
    assert keys == [f"app|utf-8 ./theme|utf-8 ./templates\0{index}\0page.html" for index in (0, 1)]


def test_links_are_followed_once(program: Program) -> None:
    program.write("a/page.html", "x")
    program.write("page.html", "x", "elsewhere")
    templates = program.folder / "templates"
    (templates / "loop").symlink_to(templates)
    (templates / "a" / "up").symlink_to("..")
    (templates / "b").symlink_to(program.folder / "elsewhere")
    (templates / "link.html").symlink_to("a/page.html")
    (templates / "broken.html").symlink_to("nowhere")
    os.mkfifo(templates / "pipe")
    assert list(results(program.app())) == ["app: link.html", "app: a/page.html", "app: b/page.html"]


def test_every_fault_with_file_and_line(program: Program) -> None:
    folder = program.folder / "templates"
    program.write("good.html", "fine")
    program.write("syntax.html", "one\ntwo\n{% if %}")
    program.write("filter.html", "one\n{{ 1|nope }}")
    program.write("unclosed.html", "{% block x %}")
    app = program.app()
    faults = {label: result.fault for label, result in results(app).items() if result.fault}
    assert faults == {
        "app: filter.html": f"{folder}/filter.html:2: No filter named 'nope'.",
        "app: syntax.html": f"{folder}/syntax.html:3: Expected an expression, got 'end of statement block'",
        "app: unclosed.html": f"{folder}/unclosed.html:1: Unexpected end of template. Jinja was looking for"
        " the following tags: 'endblock'. The innermost block that needs to be closed is 'block'.",
    }
    assert not Path(str(cache_path(app))).exists()


def test_an_extension_that_fails_is_a_fault(program: Program) -> None:
    class Failing(Extension):
        def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
            raise RuntimeError("no such asset")

    program.write("page.html", "x")
    (result,) = results(program.app(options={"extensions": [Failing]})).values()
    assert result.fault == f"{program.folder}/templates/page.html: RuntimeError: no such asset"


def test_a_picture_is_no_template(program: Program) -> None:
    program.write("page.html", "x")
    program.write("logo.png", b"\x89PNG\r\n\x1a\n\xff\xfe")
    found = results(program.app())
    assert found["app: logo.png"].note.startswith(f"{program.folder}/templates/logo.png: not a template: ")
    build(program.app())
    assert changes(program.app()) == []


def test_what_is_excluded(program: Program) -> None:
    for name in ("page.html", "mail/one.txt", "mail/two.html", "script.js"):
        program.write(name, "{% if %}" if name == "script.js" else "x")
    assert list(results(program.app(), ("*.js", "mail/*.txt"))) == ["app: page.html", "app: mail/two.html"]


def test_loaders_that_are_asked(program: Program) -> None:
    app = program.app()
    app.jinja_loader = DictLoader({"page.html": "{{ 1 }}", "fault.html": "\n{% if %}"})
    found = results(app)
    assert list(found) == ["app: fault.html", "app: page.html"]
    assert (
        found["app: fault.html"].fault
        == "app: fault.html:2: Expected an expression, got 'end of statement block'"
    )


def test_a_loader_that_cannot_list(program: Program) -> None:
    app = program.app()
    app.jinja_loader = FunctionLoader(lambda name: "x")
    made = builder(app)
    assert len(made) == 0
    assert made.unlisted == ["app: jinja2.loaders.FunctionLoader cannot list its templates"]


def test_an_application_with_a_loader_of_its_own(program: Program) -> None:
    app = program.app(options={"loader": DictLoader({})})
    with pytest.raises(NotBuildable, match="DictLoader of its own"):
        builder(app)


def test_nothing_is_compiled_for_a_place_that_is_not_trusted(program: Program) -> None:
    program.write("page.html", "x")
    program.folder.chmod(0o777)
    with pytest.raises(Untrusted):
        results(program.app())


def test_two_builds_of_the_same_are_the_same(program: Program) -> None:
    for number in range(10):
        program.write(f"{number}.html", f"{{% for x in y %}}{{{{ x|upper }}}}{number}{{% endfor %}}")
    assert build(program.app()).read_bytes() == build(program.app()).read_bytes()


@pytest.fixture
def built(program: Program) -> Program:
    for name in ("one.html", "two.html"):
        program.write(name, f"{{{{ {name!r} }}}}")
    program.write("three.html", "x", "shop/templates")
    build(program.app(("shop",)))
    return program


def test_a_cache_that_fits(built: Program) -> None:
    assert changes(built.app(("shop",))) == []
    # Another time alone is no change, where it matters what the templates are.
    built.write("one.html", "{{ 'one.html' }}", mtime_ns=LONG_AGO_NS + 1)
    assert changes(built.app(("shop",))) == []


def test_each_reason_why_a_cache_does_not_fit(built: Program) -> None:
    app = built.app(("shop",))
    assert changes(app, strict=True) == ["it was built without --strict"]
    assert changes(built.app(("shop",), options={"trim_blocks": True})) == ["trim_blocks: False became True"]
    assert changes(built.app()) == ["shop: three.html is gone"]
    assert changes(app, exclude=("one*",)) == ["app: one.html is gone"]
    built.write("three.html", "y", "shop/templates")
    built.write("four.html", "x")
    (built.folder / "templates" / "one.html").unlink()
    assert sorted(changes(app)) == [
        "app: four.html is missing",
        "app: one.html is gone",
        "shop: three.html has changed",
    ]


def test_autoescape_for_one_name_is_a_change(built: Program) -> None:
    app = built.app(("shop",), options={"autoescape": lambda name: name != "two.html"})
    assert changes(app) == ["app: two.html has changed"]


def test_a_blueprint_that_was_not_built(built: Program) -> None:
    built.write("new.html", "x", "blog/templates")
    assert changes(built.app(("shop", "blog"))) == [
        "the templates of blueprint blog|utf-8 ./templates were not built",
        "blog: new.html is missing",
    ]


def test_what_was_made_on_the_fly_does_not_fit(program: Program) -> None:
    from .program import render

    program.write("page.html", "x")
    render(program.app(), "page.html")
    found: list[Any] = changes(program.app())
    assert found == ["the templates of app|utf-8 ./templates were not built"]
