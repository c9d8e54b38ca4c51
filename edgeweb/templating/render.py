"""What is behind `render_template`: the values that a template gets, and the signals around rendering."""

from __future__ import annotations

import typing as t

from ..globals import _cv_app, _cv_request, request
from ..helpers import stream_with_context
from ..signals import before_render_template, template_rendered

if t.TYPE_CHECKING:
    from jinja2.environment import Template

    from .application import Application


def default_context() -> dict[str, object]:
    """Return `g` and `request` for templates, as far as they exist; `session` is a global of templates."""
    app_ctx = _cv_app.get(None)
    ctx = _cv_request.get(None)
    values: dict[str, object] = {}
    if app_ctx is not None:
        values["g"] = app_ctx.g
    if ctx is not None:
        values["request"] = ctx.request
    return values


def update_context(app: Application, context: dict[str, object]) -> None:
    """Add what the context processors return to a template's values. The values that the view passed win."""
    names: t.Iterable[str | None] = (None,)
    ctx = _cv_request.get(None)
    if ctx is not None:
        names = (None, *reversed(ctx.request.blueprints))
    passed = context.copy()
    for name in names:
        for processor in app.template_context_processors.get(name, ()):
            context.update(app.ensure_sync(processor)())
    context.update(passed)


def _render(app: Application, template: Template, context: dict[str, object]) -> str:
    app.update_template_context(context)
    if before_render_template.receivers:
        before_render_template.send(app, _async_wrapper=app.ensure_sync, template=template, context=context)
    text = template.render(context)
    if template_rendered.receivers:
        template_rendered.send(app, _async_wrapper=app.ensure_sync, template=template, context=context)
    return text


def from_string(app: Application, source: str) -> Template:
    """Return the template of a text."""
    from . import strings

    return strings.from_string(app.jinja_env, source)


def _stream(app: Application, template: Template, context: dict[str, object]) -> t.Iterator[str]:
    app.update_template_context(context)
    if before_render_template.receivers:
        before_render_template.send(app, _async_wrapper=app.ensure_sync, template=template, context=context)

    def generate() -> t.Iterator[str]:
        yield from template.generate(context)
        if template_rendered.receivers:
            template_rendered.send(app, _async_wrapper=app.ensure_sync, template=template, context=context)

    return stream_with_context(generate()) if request else generate()
