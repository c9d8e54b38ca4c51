"""Compiling for later: the application's own functions are run when rendering, and only then."""

from __future__ import annotations

from typing import Any

import jinja2
import pytest
from jinja2.ext import Extension as JinjaExtension

from edgeweb import Flask
from edgeweb.templating.compiling import compile_template


class Calls:
    """A filter or a test that notes when it is run."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, value: Any) -> str:
        self.count += 1
        return f"{value}{self.count}"


def rendered(environment: jinja2.Environment, source: str, **values: Any) -> str:
    code = compile_template(environment, source, "page.html", "/folder/page.html")
    template = environment.template_class.from_code(environment, code, environment.make_globals(None))
    return template.render(**values)


def test_a_filter_of_the_applications_is_not_run_on_constants() -> None:
    environment = jinja2.Environment()
    own = environment.filters["own"] = Calls()
    code = compile_template(environment, "{{ 'x'|own }}{% if 'y'|own == 'y1' %}{% endif %}", "p", None)
    assert own.count == 0
    template = environment.template_class.from_code(environment, code, {})
    assert [template.render() for _ in range(2)] == ["x1", "x3"]
    # By itself Jinja2 runs it when it compiles, and never again.
    own.count = 0
    template = environment.from_string("{{ 'x'|own }}")
    assert [own.count, template.render(), template.render()] == [1, "x1", "x1"]


def test_a_test_of_the_applications_is_not_run_on_constants() -> None:
    environment = jinja2.Environment()
    own = environment.tests["own"] = Calls()
    code = compile_template(environment, "{{ 'x' is own }}", "p", None)
    assert own.count == 0
    assert environment.template_class.from_code(environment, code, {}).render() == "x1"


def test_jinjas_own_are_run_on_constants() -> None:
    environment = jinja2.Environment()
    code = compile_template(environment, "{{ 'x'|upper }}{{ [1, 2]|length }}{{ 'y' is string }}", "p", None)
    (root,) = (part for part in code.co_consts if getattr(part, "co_name", "") == "root")
    assert "X2True" in root.co_consts


@pytest.mark.parametrize(
    "decorator", [lambda f: f, jinja2.pass_context, jinja2.pass_eval_context, jinja2.pass_environment]
)
@pytest.mark.parametrize("is_async", [False, True])
def test_filters_and_tests_are_called_as_they_ask_to_be(decorator: Any, is_async: bool) -> None:
    environment = jinja2.Environment(enable_async=is_async)
    environment.filters["own"] = decorator(lambda *args: f"{len(args)}{args[-1]}")
    environment.tests["own"] = decorator(lambda *args: len(args))
    source = "{{ 'x'|own }}{{ value|own }}{{ 'x' is own }}{% filter own %}z{% endfilter %}"
    assert rendered(environment, source, value="v") == environment.from_string(source).render(value="v")


def test_coroutines_as_filters() -> None:
    async def own(value: str) -> str:
        return f"{value}!"

    environment = jinja2.Environment(enable_async=True)
    environment.filters["own"] = own
    assert rendered(environment, "{{ 'x'|own }}{{ value|own }}", value="v") == "x!v!"


def test_the_environment_stays_as_it_is() -> None:
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    environment.filters["own"] = Calls()
    before = dict(vars(environment)), dict(environment.filters), dict(environment.tests)
    compile_template(environment, "{{ 'x'|own }}", None, None)
    assert (vars(environment), environment.filters, environment.tests) == before


def test_what_was_set_a_moment_ago_counts() -> None:
    environment = jinja2.Environment()
    assert rendered(environment, "{{ '<' }}") == "<"
    environment.autoescape = True
    assert rendered(environment, "{{ '<' }}") == "&lt;"


def test_unknown_filters_are_an_error_as_ever() -> None:
    environment = jinja2.Environment()
    with pytest.raises(jinja2.TemplateAssertionError, match="No filter named 'nope'"):
        compile_template(environment, "{{ 1|nope }}", None, None)
    assert rendered(environment, "{% if 0 %}{{ 1|nope }}{% endif %}") == ""
    with pytest.raises(jinja2.TemplateRuntimeError, match="No filter named 'nope'"):
        rendered(environment, "{% if 1 %}{{ 1|nope }}{% endif %}")


def test_extensions_see_the_template() -> None:
    app = Flask("example")
    seen = []

    class Extension(JinjaExtension):
        def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
            seen.append((name, filename, self.environment.app))  # type: ignore[attr-defined]
            return source

    app.jinja_options = {"extensions": [Extension]}
    assert rendered(app.jinja_env, "x") == "x"
    assert seen == [("page.html", "/folder/page.html", app)]
