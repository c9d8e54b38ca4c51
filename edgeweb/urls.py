"""Building URLs: from an endpoint and values to a path, or to a whole URL outside a request."""

from __future__ import annotations

import typing as t

from werkzeug.routing.exceptions import BuildError

from .globals import _cv_app, _cv_request
from .wrappers import split_blueprint_path


def url_for(
    app: t.Any,
    endpoint: str,
    anchor: str | None,
    method: str | None,
    scheme: str | None,
    external: bool | None,
    values: dict[str, t.Any],
) -> str:
    """See `Flask.url_for`."""
    ctx = _cv_request.get(None)
    if ctx is not None:
        adapter = ctx.url_adapter
        if endpoint[:1] == ".":
            blueprint = ctx.request.blueprint
            endpoint = f"{blueprint}{endpoint}" if blueprint is not None else endpoint[1:]
        if external is None:
            external = scheme is not None
    else:
        app_ctx = _cv_app.get(None)
        adapter = app.create_url_adapter(None) if app_ctx is None else app_ctx.url_adapter
        if adapter is None:
            raise RuntimeError(
                "Unable to build URLs outside an active request without 'SERVER_NAME' configured. Also"
                " configure 'APPLICATION_ROOT' and 'PREFERRED_URL_SCHEME' as needed."
            )
        if external is None:
            external = True
    if scheme is not None and not external:
        raise ValueError("When specifying '_scheme', '_external' must be True.")
    app.inject_url_defaults(endpoint, values)
    try:
        url: str = adapter.build(endpoint, values, method=method, url_scheme=scheme, force_external=external)
    except BuildError as error:
        values.update(_anchor=anchor, _method=method, _scheme=scheme, _external=external)
        rebuilt: str = app.handle_url_build_error(error, endpoint, values)
        return rebuilt
    if anchor is not None:
        from urllib.parse import quote

        url = f"{url}#{quote(anchor, safe='%!#$&()*+,/:;=?@')}"
    return url


def inject_url_defaults(app: t.Any, endpoint: str, values: dict[str, t.Any]) -> None:
    """Runs the `url_defaults` functions of the application, then of the blueprints from the outermost on."""
    functions = app.url_default_functions
    if not functions:
        return
    names: tuple[str | None, ...] = (None,)
    if "." in endpoint:
        names = (None, *reversed(split_blueprint_path(endpoint.rpartition(".")[0])))
    for name in names:
        for function in functions.get(name, ()):
            function(endpoint, values)


def handle_build_error(app: t.Any, error: BuildError, endpoint: str, values: dict[str, t.Any]) -> str:
    """Asks the `url_build_error_handlers` in their order; raises the last error where none gives a URL."""
    for handler in app.url_build_error_handlers:
        try:
            url: str | None = handler(error, endpoint, values)
        except BuildError as e:
            error = e
        else:
            if url is not None:
                return url
    raise error
