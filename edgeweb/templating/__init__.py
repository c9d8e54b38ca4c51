"""Rendering templates. Jinja2 is imported for the first template."""

from __future__ import annotations

import typing as t

from ..globals import current_app

# Flask's private names: programs wrap the first two, and take the third out of `template_context_processors`.
from .render import _render as _render
from .render import _stream as _stream
from .render import default_context as _default_template_ctx_processor  # noqa: F401
from .render import from_string

if t.TYPE_CHECKING:
    from jinja2.environment import Template

    from .environment import DispatchingJinjaLoader as DispatchingJinjaLoader
    from .environment import Environment as Environment


# The functions are here, not in `render`: a program that replaces `_render` or `_stream` of this module, as
# Flask-Testing does, replaces what they call.


def render_template(template_name_or_list: str | Template | list[str | Template], **context: object) -> str:
    """Render a template of the template folder; of a list, the first one that exists.

    >>> render_template("lamp.html", lamp=lamp)  # doctest: +SKIP

    Raises `jinja2.TemplateNotFound` if none exists.
    """
    app = current_app._get_current_object()
    return _render(app, app.jinja_env.get_or_select_template(template_name_or_list), context)


def render_template_string(source: str, **context: object) -> str:
    """Render a template given as text. Never pass text that a user wrote: a template can run code."""
    app = current_app._get_current_object()
    return _render(app, from_string(app, source), context)


def stream_template(
    template_name_or_list: str | Template | list[str | Template], **context: object
) -> t.Iterator[str]:
    """Render a template piece by piece, as a streaming answer, for pages too large to hold in memory."""
    app = current_app._get_current_object()
    return _stream(app, app.jinja_env.get_or_select_template(template_name_or_list), context)


def stream_template_string(source: str, **context: object) -> t.Iterator[str]:
    """Do what `stream_template` does, for a template given as text."""
    app = current_app._get_current_object()
    return _stream(app, from_string(app, source), context)


def __getattr__(name: str) -> object:
    if name in ("DispatchingJinjaLoader", "Environment"):
        from . import environment

        return getattr(environment, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
