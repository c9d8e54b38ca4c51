"""Rendering templates. Jinja2 is imported for the first template."""

from __future__ import annotations

import typing as t

# Flask's private names: programs wrap the first two, and take the third out of `template_context_processors`.
from .render import _render as _render
from .render import _stream as _stream
from .render import default_context as _default_template_ctx_processor  # noqa: F401
from .render import render_template as render_template
from .render import render_template_string as render_template_string
from .render import stream_template as stream_template
from .render import stream_template_string as stream_template_string

if t.TYPE_CHECKING:
    from .environment import DispatchingJinjaLoader as DispatchingJinjaLoader
    from .environment import Environment as Environment


def __getattr__(name: str) -> object:
    if name in ("DispatchingJinjaLoader", "Environment"):
        from . import environment

        return getattr(environment, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
