"""Errors and explanations of debug mode: what is wrong, and what to do instead.

Flask's suite (test_basic.py, test_templating.py) looks for parts of these texts: "no file contents were
transmitted", "This was submitted: ...", "canonical URL ...", "trying loader of ...", "Error: the template
could not be found", "looked up from an endpoint that belongs to the blueprint ...", and its address.
"""

from __future__ import annotations

import typing as t

from .globals import request_ctx

if t.TYPE_CHECKING:
    from jinja2.loaders import BaseLoader
    from werkzeug.wrappers import Request

    #: What a loader finds: the source, its file name, and whether it is still up to date.
    _Found = tuple[str, str | None, t.Callable[[], bool] | None]


class UnexpectedUnicodeError(AssertionError, UnicodeError):
    """Bytes and text were mixed up."""


class DebugFilesKeyError(KeyError, AssertionError):
    """`request.files` has no such key, because the form was sent without file contents."""

    def __init__(self, request: Request, key: str) -> None:
        submitted = request.form.getlist(key)
        self.msg = (
            f"request.files has no {key!r}: the form was sent as {request.mimetype!r}, so that no file"
            ' contents were transmitted. Add enctype="multipart/form-data" to the form.'
        )
        if submitted:
            self.msg += "\n\nThe form has only names of files. This was submitted: "
            self.msg += ", ".join(map(repr, submitted))

    def __str__(self) -> str:
        # KeyError shows the representation, all on one line.
        return self.msg


class FormDataRoutingRedirect(AssertionError):
    """A redirect on which browsers lose the form data. Raised in debug mode in place of the redirect."""

    def __init__(self, request: t.Any) -> None:
        canonical = request.routing_exception.new_url
        slash = canonical.partition("?")[0] == f"{request.base_url}/"
        super().__init__(
            f"The request to '{request.url}' is redirected to the canonical URL '{canonical}'"
            f"{', which ends with a slash' if slash else ''}. Browsers lose the form's data on the way."
            " Use the canonical URL, or redirects with 307 or 308.\n\nOnly debug mode raises this error."
        )


def attach_enctype_error_multidict(request: Request) -> None:
    """Make `request.files[key]` raise `DebugFilesKeyError` where the form has `key` as a plain field."""
    plain_class: t.Any = type(request.files)

    class Files(plain_class):  # type: ignore[misc]
        def __getitem__(self, key: str) -> t.Any:
            try:
                return super().__getitem__(key)
            except KeyError as error:
                if key not in request.form:
                    raise
                raise DebugFilesKeyError(request, key).with_traceback(error.__traceback__) from None

    Files.__name__ = plain_class.__name__
    Files.__module__ = plain_class.__module__
    request.files.__class__ = Files


def _dump_loader_info(loader: BaseLoader) -> t.Iterator[str]:
    cls = type(loader)
    yield f"class: {cls.__module__}.{cls.__name__}"
    for name in sorted(vars(loader)):
        value = getattr(loader, name)
        if name.startswith("_"):
            continue
        if isinstance(value, (str, int, float)):
            yield f"{name}: {value!r}"
        elif isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
            yield f"{name}:"
            for item in value:
                yield f"  - {item}"


def explain_template_loading_attempts(
    app: t.Any, template: str, attempts: t.Sequence[tuple[BaseLoader, t.Any, _Found | None]]
) -> None:
    """Log where a template was searched for, with `EXPLAIN_TEMPLATE_LOADING`.

    An attempt is a loader, the application or blueprint that it belongs to, and what it found or None.
    """
    lines = [f"Locating template {template!r}:"]
    matches = 0
    for number, (loader, owner, found) in enumerate(attempts, start=1):
        if owner is app:
            origin = f"application {owner.import_name!r}"
        elif hasattr(owner, "import_name"):
            origin = f"blueprint {owner.name!r} ({owner.import_name})"
        else:
            origin = repr(owner)
        lines.append(f"{number:5}: trying loader of {origin}")
        lines.extend(f"       {line}" for line in _dump_loader_info(loader))
        if found is None:
            lines.append("       -> no match")
        else:
            matches += 1
            lines.append(f"       -> found ({found[1] or '<string>'!r})")

    if matches == 0:
        lines.append("Error: the template could not be found.")
    elif matches > 1:
        lines.append(f"Warning: {matches} loaders have this template. The first one is used.")

    blueprint = request_ctx.request.blueprint if request_ctx else None
    if blueprint is not None and matches != 1:
        lines += [
            f"  The template was looked up from an endpoint that belongs to the blueprint {blueprint!r}.",
            "  Is it in the folder of that blueprint, or of the application?",
            "  See https://flask.palletsprojects.com/blueprints/#templates",
        ]
    app.logger.info("\n".join(lines))
