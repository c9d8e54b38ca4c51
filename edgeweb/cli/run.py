"""`edgeweb run`: the development server."""

from __future__ import annotations

import typing as t

import click

from ..helpers import get_debug_flag
from .banner import show_server_banner
from .certificate import CertParamType, validate_key
from .info import ScriptInfo, pass_script_info
from .options import debug_option

if t.TYPE_CHECKING:
    from ssl import SSLContext

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class SeparatedPathType(click.Path):
    """Several paths in one value, separated as in `PATH`: by `:`, on Windows by `;`."""

    def convert(self, value: t.Any, param: click.Parameter | None, ctx: click.Context | None) -> t.Any:
        """Return the list of paths, each converted as `click.Path` does."""
        convert = super().convert
        return [convert(item, param, ctx) for item in self.split_envvar_value(value)]


def _failing(error: Exception) -> WSGIApplication:
    """Return an application that raises the error of loading the real one, so that the debugger shows it."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> t.Iterable[bytes]:
        raise error from None

    return app


def _load(info: ScriptInfo) -> WSGIApplication:
    """Return the application. After a reload, when the server runs already, a broken one does not end it."""
    from werkzeug.serving import is_running_from_reloader

    try:
        return t.cast("WSGIApplication", info.load_app())
    except Exception as error:
        if not is_running_from_reloader():
            raise error from None
        import traceback

        traceback.print_exc()
        return _failing(error)


_SEPARATOR = SeparatedPathType.envvar_list_splitter or ":"

# The names of the parameters are also those of the environment variables: port is set by FLASK_RUN_PORT.
_OPTIONS: list[click.Parameter] = [
    debug_option,
    click.Option(["--host", "-h"], default="127.0.0.1", show_default=True, help="Address to listen on."),
    click.Option(["--port", "-p"], default=5000, show_default=True, help="Port to listen on."),
    click.Option(
        ["--cert"],
        type=CertParamType(),
        # Before --key, which reads it.
        is_eager=True,
        help="Serve HTTPS with this certificate: a file, 'adhoc', or the import name of an SSLContext.",
    ),
    click.Option(
        ["--key"],
        type=click.Path(exists=True, dir_okay=False, resolve_path=True),
        callback=validate_key,
        expose_value=False,
        help="Private key of the certificate file.",
    ),
    click.Option(
        ["--reload/--no-reload"],
        default=None,
        help="Restart when the program changes. Default: with --debug.",
    ),
    click.Option(
        ["--debugger/--no-debugger"], default=None, help="Show errors in the browser. Default: with --debug."
    ),
    click.Option(
        ["--with-threads/--without-threads"],
        default=True,
        help="Answer requests side by side, or one by one.",
    ),
    click.Option(
        ["--extra-files"],
        type=SeparatedPathType(),
        help=f"More files that cause a restart when they change, separated by '{_SEPARATOR}'.",
    ),
    click.Option(
        ["--exclude-patterns"],
        type=SeparatedPathType(),
        help=f"Patterns (fnmatch) of files that cause none, separated by '{_SEPARATOR}'.",
    ),
]


@click.command("run", params=_OPTIONS, short_help="Serve while you develop.")
@pass_script_info
def run_command(
    info: ScriptInfo,
    /,
    host: str,
    port: int,
    cert: t.Literal["adhoc"] | tuple[str, str | None] | SSLContext | None,
    reload: bool | None,
    debugger: bool | None,
    with_threads: bool,
    **watched: t.Any,
) -> None:
    """Serve the application on this computer while you develop it.

    With '--debug' the server restarts when the program changes and shows errors in the browser. It is neither
    safe nor fast enough for other users: on a device, run 'edgeweb serve'.
    """
    from werkzeug import serving

    app = _load(info)
    debug = get_debug_flag()
    show_server_banner(debug, info.app_import_path)
    serving.run_simple(
        host,
        port,
        app,
        ssl_context=cert,
        threaded=with_threads,
        use_debugger=debug if debugger is None else debugger,
        use_reloader=debug if reload is None else reload,
        **watched,
    )
