"""What comes from the cache is byte for byte what Jinja2 makes of the template by itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import jinja2
import pytest
from jinja2 import nodes, parser, sandbox

from edgeweb import Flask
from edgeweb.templating.environment import Environment

from .corpus import TEMPLATES, values
from .program import Program, build

EXTENSIONS = ["jinja2.ext.do", "jinja2.ext.loopcontrols", "jinja2.ext.i18n"]


class Sandbox(sandbox.SandboxedEnvironment, Environment):
    intercepted_binops = frozenset(["+", "**"])
    intercepted_unops = frozenset(["-"])


@dataclasses.dataclass
class Variant:
    options: dict[str, Any] = dataclasses.field(default_factory=dict)
    environment: type[Environment] = Environment
    newstyle: bool = False


VARIANTS = {
    "as it comes": Variant(),
    "everything escaped": Variant({"autoescape": True}),
    "nothing escaped": Variant({"autoescape": False}),
    "trimmed": Variant({"trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": True}),
    "Windows lines": Variant({"newline_sequence": "\r\n"}),
    "not optimized": Variant({"optimized": False}),
    "async": Variant({"enable_async": True}),
    "finalized": Variant({"finalize": lambda value: "-" if value is None else value}),
    "sandboxed": Variant(environment=Sandbox),
    "strict": Variant({"undefined": jinja2.StrictUndefined}),
    "debugging": Variant({"undefined": jinja2.DebugUndefined}),
    "chained": Variant({"undefined": jinja2.ChainableUndefined}),
    "translated": Variant(newstyle=True),
}


def make(program: Program, variant: Variant) -> Flask:
    app = program.app(options={"extensions": EXTENSIONS, **variant.options}, TEMPLATE_CACHE_MODE="sealed")
    app.jinja_environment = variant.environment
    environment: Any = app.jinja_env
    environment.filters["own"] = jinja2.pass_eval_context(
        lambda context, value: f"{value}{context.autoescape}"
    )
    environment.tests["own_test"] = lambda value: value == "x"
    environment.install_gettext_callables(
        lambda text: text.replace("Hello", "<Hallo>"),
        lambda one, many, number: one if number == 1 else many.replace("of them", "<davon>"),
        newstyle=variant.newstyle,
        pgettext=lambda context, text: f"{context}:{text}",
        npgettext=lambda context, one, many, number: f"{context}:{many}",
    )
    return app


def outcome(template: jinja2.Template) -> str | tuple[str, str]:
    """What a template puts out, or the error that it ends with."""
    try:
        return template.render(values())
    except Exception as error:
        return type(error).__name__, str(error)


@pytest.fixture
def corpus(program: Program) -> Program:
    for name, text in TEMPLATES.items():
        program.write(name, text)
    return program


@pytest.mark.parametrize("name", VARIANTS)
def test_every_template_of_the_corpus(corpus: Program, compiled: list[str], name: str) -> None:
    build(make(corpus, VARIANTS[name]))
    ours, theirs = (make(corpus, VARIANTS[name]).jinja_env for _ in range(2))
    theirs.loader = jinja2.FileSystemLoader(str(corpus.folder / "templates"))
    outcomes = {template: outcome(ours.get_template(template)) for template in TEMPLATES}
    assert outcomes == {template: outcome(theirs.get_template(template)) for template in TEMPLATES}
    assert compiled == []
    if name == "as it comes":
        # The corpus is of no use where it only compares errors.
        assert [template for template, result in outcomes.items() if not isinstance(result, str)] == [
            "layout.html"
        ]


def all_nodes(node: nodes.Node) -> Iterator[type]:
    yield type(node)
    for child in node.iter_child_nodes():
        yield from all_nodes(child)


def concrete(base: type[nodes.Node]) -> set[type]:
    found = set() if base.abstract or base.__module__ != "jinja2.nodes" else {base}
    return found.union(*map(concrete, base.__subclasses__()))


def test_the_corpus_uses_everything(corpus: Program) -> None:
    environment = make(corpus, Variant()).jinja_env
    text = "\n".join(TEMPLATES.values())
    tags = {tag for extension in environment.extensions.values() for tag in extension.tags}
    for word in {*parser._statement_keywords, *tags}:
        assert f"{{% {word}" in text, word
    used = {found for source in TEMPLATES.values() for found in all_nodes(environment.parse(source))}
    # Only the compiler and other extensions make these.
    internal = """ContextReference DerivedContextReference EnvironmentAttribute EvalContextModifier
        ExtensionAttribute ImportedName InternalName MarkSafe MarkSafeIfAutoescape OverlayScope Scope"""
    assert {node.__name__ for node in concrete(nodes.Node) - used} <= set(internal.split())
