"""Compiling templates so that the result can be kept. Imported when something has to be compiled."""

from __future__ import annotations

import typing as t
from types import CodeType

from jinja2.environment import Environment
from jinja2.nodes import Impossible

from .fingerprint import is_jinjas_own


def compile_template(
    environment: Environment, source: str, name: str | None, filename: str | None
) -> CodeType:
    """Return the code of a template, for this environment.

    Jinja2 runs filters and tests on constants when it compiles, `{{ "logo.png"|asset }}`, and keeps the
    result. The result of an application's own filters depends on more than the template (a file, the time, a
    variable of the machine that compiles), so here they run each time the template is rendered.

    Raises `jinja2.TemplateSyntaxError`.
    """
    # A new overlay each time: the environment's settings may have changed.
    overlay = environment.overlay()
    overlay.filters = {key: _deferred(function) for key, function in environment.filters.items()}
    overlay.tests = {key: _deferred(function) for key, function in environment.tests.items()}
    return overlay.compile(source, name, filename)


def _deferred(function: t.Any) -> t.Callable[..., object]:
    if is_jinjas_own(function):
        return t.cast("t.Callable[..., object]", function)

    def run_when_rendered(*args: object, **kwargs: object) -> t.NoReturn:
        raise Impossible

    # The compiled code depends on how the function is called.
    for mark in ("jinja_pass_arg", "jinja_async_variant"):
        if hasattr(function, mark):
            setattr(run_when_rendered, mark, getattr(function, mark))
    return run_when_rendered
