"""With a cache as without one: what Flask's documentation says of templates."""

from __future__ import annotations

import logging
import os
import threading
import traceback
from collections.abc import Iterator
from typing import Any

import jinja2
import pytest

from edgeweb import Flask, before_render_template, render_template, template_rendered

from .program import Program, build, render


@pytest.fixture(params=["sealed", "auto"])
def ready(program: Program, compiled: list[str], request: pytest.FixtureRequest) -> Iterator[Any]:
    """`ready(templates)`: an application that has them all in its cache. In the end none was compiled."""

    def make(templates: dict[str, str], **options: Any) -> Flask:
        for name, text in templates.items():
            program.write(name, text)
        build(program.app(options=options))
        return program.app(options=options, TEMPLATE_CACHE_MODE=request.param)

    yield make
    assert compiled == []


def test_select_template(ready: Any) -> None:
    app = ready({"two.html": "two"})
    assert render(app, ["one.html", "two.html"]) == "two"
    with pytest.raises(jinja2.TemplatesNotFound):
        render(app, ["one.html", "three.html"])


def test_signals(ready: Any) -> None:
    app = ready({"page.html": "{% include 'part.html' %}", "part.html": "{{ value }}"})
    heard: list[Any] = []

    def hear(sender: Flask, template: jinja2.Template, context: dict[str, Any], **rest: Any) -> None:
        heard.append((sender, template.name, os.path.basename(str(template.filename)), context["value"]))

    with before_render_template.connected_to(hear, app), template_rendered.connected_to(hear, app):
        assert render(app, "page.html", value=1) == "1"
    assert heard == [(app, "page.html", "page.html", 1)] * 2


def test_includes_and_imports_with_context(ready: Any) -> None:
    app = ready(
        {
            "page.html": "{% from 'macros.html' import with_it with context %}{% import 'macros.html' as m %}"
            "{{ with_it() }} {{ m.without() }} {% include ['no.html', 'part.html'] %}"
            "{% include 'no.html' ignore missing %}{% include 'part.html' without context %}",
            "macros.html": "{% macro with_it() %}{{ value }}{% endmacro %}"
            "{% macro without() %}{{ value }}-{{ request.path }}{% endmacro %}",
            "part.html": "[{{ value }}]",
        }
    )
    assert render(app, "page.html", value=1) == "1 -/ [1][]"


def test_get_template_attribute(ready: Any) -> None:
    from edgeweb import get_template_attribute

    app = ready({"macros.html": "{% macro hello(name) %}Hello {{ name }}{% endmacro %}"})
    with app.app_context():
        assert get_template_attribute("macros.html", "hello")("you") == "Hello you"


def test_translations(ready: Any) -> None:
    app = ready(
        {"page.html": "{% trans n=2 %}one{% pluralize %}{{ n }} things{% endtrans %} {{ _('x') }}"},
        extensions=["jinja2.ext.i18n"],
    )
    app.jinja_env.install_gettext_callables(lambda text: f"t:{text}", lambda one, more, n: f"n:{more}")  # type: ignore[attr-defined]
    assert render(app, "page.html") == "n:2 things t:x"


def test_a_traceback_names_file_and_line(ready: Any, program: Program) -> None:
    app = ready({"page.html": "one\n{% include 'part.html' %}", "part.html": "\n\n{{ 1 / value }}"})
    with pytest.raises(ZeroDivisionError) as caught:
        render(app, "page.html", value=0)
    frames = [(frame.filename, frame.lineno, frame.line) for frame in traceback.extract_tb(caught.tb)]
    folder = program.folder / "templates"
    assert (str(folder / "page.html"), 2, "{% include 'part.html' %}") in frames
    assert frames[-1] == (str(folder / "part.html"), 3, "{{ 1 / value }}")


def test_a_syntax_error_names_file_and_line(program: Program) -> None:
    program.write("page.html", "one\n{% if %}")
    with pytest.raises(jinja2.TemplateSyntaxError) as caught:
        render(program.app(), "page.html")
    assert (caught.value.filename, caught.value.lineno) == (
        str(program.folder / "templates" / "page.html"),
        2,
    )
    assert caught.traceback[-1].path == program.folder / "templates" / "page.html"


def test_explained_loading_looks_at_every_source(program: Program, caplog: pytest.LogCaptureFixture) -> None:
    for folder in ("templates", "shop/templates"):
        program.write("page.html", folder, folder)
    build(program.app(("shop",)))
    app = program.app(("shop",), EXPLAIN_TEMPLATE_LOADING=True, TEMPLATE_CACHE_MODE="sealed")
    with caplog.at_level(logging.INFO):
        assert render(app, "page.html") == "templates"
    (record,) = caplog.records
    assert "Locating template 'page.html'" in record.getMessage()
    assert "2 loaders have this template" in record.getMessage()


def test_an_overlay_of_the_environment(ready: Any) -> None:
    """It has the same loader and other settings."""
    app = ready({"page.html": "{{ value }}", "block.html": "{% if 1 %}\nx{% endif %}"})
    same = app.jinja_env.overlay()
    assert same.get_template("page.html").render(value="<") == "&lt;"


def test_an_overlay_with_other_settings(program: Program) -> None:
    program.write("page.html", "{% if 1 %}\n{{ value }}{% endif %}")
    build(program.app())
    app = program.app(TEMPLATE_CACHE_MODE="sealed")
    assert app.jinja_env.overlay(trim_blocks=True).get_template("page.html").render(value="<") == "&lt;"
    assert app.jinja_env.overlay(autoescape=False).get_template("page.html").render(value="<") == "\n<"
    assert render(app, "page.html", value="<") == "\n&lt;"


def test_streams(ready: Any) -> None:
    from edgeweb import stream_template

    app = ready({"page.html": "{% for x in value %}{{ x }},{% endfor %}"})
    with app.test_request_context():
        assert "".join(stream_template("page.html", value=range(3))) == "0,1,2,"


def test_threads_that_all_load_at_once(program: Program) -> None:
    names = [f"{number}.html" for number in range(20)]
    for name in names:
        program.write(name, f"{{{{ value }}}} of {name}")
    build(program.app(), exclude=["1*.html"])
    app = program.app()
    gate = threading.Barrier(8)
    wrong: list[str] = []

    def work() -> None:
        gate.wait()
        for name in names:
            with app.app_context():
                if render_template(name, value=1) != f"1 of {name}":
                    wrong.append(name)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert wrong == []
