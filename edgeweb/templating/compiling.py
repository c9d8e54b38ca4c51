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
    """The code of a template, for this environment.

    As Jinja2 compiles it, but for one thing: it would run filters and tests on constants, `{{
    "logo.png"|asset }}`, and keep the result. What the application's own ones give depends on more than the
    template (a file, the time, a variable of the machine that compiles), so these run each time the template
    is rendered.

    Raises `jinja2.TemplateSyntaxError`.
    """
    # Made anew each time, from what the environment's settings are now.
    overlay = environment.overlay()
    overlay.filters = {key: _deferred(function) for key, function in environment.filters.items()}
    overlay.tests = {key: _deferred(function) for key, function in environment.tests.items()}
    return overlay.compile(source, name, filename)


def _deferred(function: t.Any) -> t.Callable[..., object]:
    if is_jinjas_own(function):
        return t.cast("t.Callable[..., object]", function)

    def run_when_rendered(*args: object, **kwargs: object) -> t.NoReturn:
        raise Impossible

    # How it is called is part of the code.
    for mark in ("jinja_pass_arg", "jinja_async_variant"):
        if hasattr(function, mark):
            setattr(run_when_rendered, mark, getattr(function, mark))
    return run_when_rendered
