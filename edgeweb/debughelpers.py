"""Errors and explanations for debug mode: what went wrong, and what to do instead."""

from __future__ import annotations

import typing as t

from .globals import request_ctx

if t.TYPE_CHECKING:
    from jinja2.loaders import BaseLoader
    from werkzeug.wrappers import Request

    #: What a loader finds: the source, its file name, and whether it is still up to date.
    _Found = tuple[str, str | None, t.Callable[[], bool] | None]


class UnexpectedUnicodeError(AssertionError, UnicodeError):
    """Raised where bytes and text were mixed up."""


class DebugFilesKeyError(KeyError, AssertionError):
    """Raised by `request.files` in debug mode when the form was sent in a way that cannot hold files."""

    def __init__(self, request: Request, key: str) -> None:
        submitted = request.form.getlist(key)
        message = (
            f"You tried to access the file {key!r} in the request.files dictionary but it does not exist."
            f" The mimetype for the request is {request.mimetype!r} instead of 'multipart/form-data' which"
            " means that no file contents were transmitted. To fix this error you should provide"
            ' enctype="multipart/form-data" in your form.'
        )
        if submitted:
            names = ", ".join(repr(name) for name in submitted)
            message += f"\n\nThe browser instead transmitted some file names. This was submitted: {names}"
        self.msg = message

    def __str__(self) -> str:
        # KeyError would show the representation, on one line.
        return self.msg


class FormDataRoutingRedirect(AssertionError):
    """Raised in debug mode instead of a redirect on which browsers would lose the form data."""

    def __init__(self, request: t.Any) -> None:
        canonical = request.routing_exception.new_url
        message = (
            f"A request was sent to '{request.url}', but routing issued a redirect to the canonical URL"
            f" '{canonical}'."
        )
        if canonical.partition("?")[0] == f"{request.base_url}/":
            message += (
                " The URL was defined with a trailing slash. Flask will redirect to the URL with a trailing"
                " slash if it was accessed without one."
            )
        super().__init__(
            f"{message} Send requests to the canonical URL, or use 307 or 308 for routing redirects."
            " Otherwise, browsers will drop form data.\n\nThis exception is only raised in debug mode."
        )


def attach_enctype_error_multidict(request: Request) -> None:
    """Makes `request.files[key]` raise `DebugFilesKeyError` where the form has `key` as a plain field."""
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
    for key, value in sorted(loader.__dict__.items()):
        if key.startswith("_"):
            continue
        if isinstance(value, (tuple, list)):
            if all(isinstance(item, str) for item in value):
                yield f"{key}:"
                yield from (f"  - {item}" for item in value)
        elif isinstance(value, (str, int, float, bool)):
            yield f"{key}: {value!r}"


def explain_template_loading_attempts(
    app: t.Any, template: str, attempts: t.Sequence[tuple[BaseLoader, t.Any, _Found | None]]
) -> None:
    """Logs where a template was looked for, with `EXPLAIN_TEMPLATE_LOADING`.

    An attempt is a loader, the application or blueprint that it belongs to, and what it found, or None.
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
        lines.append("Warning: multiple loaders returned a match for the template.")

    blueprint = request_ctx.request.blueprint if request_ctx else None
    if blueprint is not None and matches != 1:
        lines += [
            f"  The template was looked up from an endpoint that belongs to the blueprint {blueprint!r}.",
            "  Maybe you did not place a template in the right folder?",
            "  See https://flask.palletsprojects.com/blueprints/#templates",
        ]
    app.logger.info("\n".join(lines))
