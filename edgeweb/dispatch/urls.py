"""Building URLs from endpoints and values, and the adapters that build and match them."""

from __future__ import annotations

import typing as t

from werkzeug.routing.exceptions import BuildError

from ..globals import _cv_app, _cv_request
from ..routing import Map, MapAdapter
from ..wrappers import Request, split_blueprint_path

if t.TYPE_CHECKING:
    from .application import Application


def url_for(
    app: Application,
    endpoint: str,
    anchor: str | None,
    method: str | None,
    scheme: str | None,
    external: bool | None,
    values: dict[str, object],
) -> str:
    """Build a URL; see `Flask.url_for`."""
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
                "Outside of a request, URLs need the configuration of 'SERVER_NAME', and if the defaults are"
                " wrong that of 'APPLICATION_ROOT' and 'PREFERRED_URL_SCHEME'."
            )
        if external is None:
            external = True
    if scheme is not None and not external:
        raise ValueError("'_scheme' is for external URLs. Set '_external' to True or leave it out.")
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


def inject_url_defaults(app: Application, endpoint: str, values: dict[str, object]) -> None:
    """Run the `url_defaults` functions of the application, then of the blueprints from the outermost on."""
    functions = app.url_default_functions
    if not functions:
        return
    names: tuple[str | None, ...] = (None,)
    if "." in endpoint:
        names = (None, *reversed(split_blueprint_path(endpoint.rpartition(".")[0])))
    for name in names:
        for function in functions.get(name, ()):
            function(endpoint, values)


def handle_build_error(app: Application, error: BuildError, endpoint: str, values: dict[str, object]) -> str:
    """Call the `url_build_error_handlers` in order; raise the last error where none returns a URL."""
    for handler in app.url_build_error_handlers:
        try:
            url: str | None = handler(error, endpoint, values)
        except BuildError as e:
            error = e
        else:
            if url is not None:
                return url
    raise error


def adapter_without_request(app: Application) -> MapAdapter | None:
    """Return the adapter that builds URLs outside of a request; `None` while `SERVER_NAME` is not set."""
    server_name = app.config["SERVER_NAME"]
    if server_name is None:
        return None
    url_map: Map = app.url_map
    return url_map.bind(
        server_name,
        script_name=app.config["APPLICATION_ROOT"],
        url_scheme=app.config["PREFERRED_URL_SCHEME"],
    )


def names_to_bind(app: Application, request: Request) -> dict[str, str | None]:
    """Return the server name and subdomain that a request's adapter is bound with.

    Raises `werkzeug.exceptions.SecurityError` for a malformed host, or one that is not trusted.
    """
    url_map: Map = app.url_map
    trusted_hosts = app.config["TRUSTED_HOSTS"]
    if trusted_hosts is not None:
        request.trusted_hosts = trusted_hosts
    request.host  # noqa: B018 - raises for a bad host
    app.fast_path.add_host(request.environ_at_start.get("HTTP_HOST"))
    if url_map.host_matching:
        return {"server_name": None, "subdomain": None}
    # Where rules of subdomains are not to be matched, every host counts as the default one.
    subdomain = None if app.subdomain_matching else url_map.default_subdomain or ""
    return {"server_name": app.config["SERVER_NAME"], "subdomain": subdomain}
