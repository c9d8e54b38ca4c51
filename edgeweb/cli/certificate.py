"""`--cert` and `--key` of `edgeweb run`: files, a certificate made for this run, or an SSL context."""

from __future__ import annotations

import typing as t

import click


def _is_ssl_context(value: object) -> bool:
    try:
        import ssl
    except ImportError:
        return False
    return isinstance(value, ssl.SSLContext)


class CertParamType(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """A file name, `adhoc`, or the import name of an `ssl.SSLContext`."""

    name = "path"

    def __init__(self) -> None:
        self.path_type = click.Path(exists=True, dir_okay=False, resolve_path=True)

    def convert(self, value: t.Any, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """Return the absolute file name, `"adhoc"` or the context. Raises `click.BadParameter` otherwise."""
        try:
            import ssl  # noqa: F401
        except ImportError:
            raise click.BadParameter(
                "HTTPS needs the ssl module, which this Python was built without.", ctx, param
            ) from None
        try:
            return self.path_type(value, param, ctx)
        except click.BadParameter:
            text = click.STRING(value, param, ctx).lower()
            if text == "adhoc":
                return self._adhoc(param, ctx)
            from werkzeug.utils import import_string

            context = import_string(text, silent=True)
            if _is_ssl_context(context):
                return context
            # The error of the file name, which is what most people meant.
            raise

    @staticmethod
    def _adhoc(param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            import cryptography  # type: ignore[import-not-found, unused-ignore]  # noqa: F401
        except ImportError:
            raise click.BadParameter(
                "'adhoc' needs the package cryptography: pip install cryptography", ctx, param
            ) from None
        return "adhoc"


def validate_key(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Make `cert` the pair of certificate and key: the callback of `--key`.

    A certificate file needs a key; "adhoc" and an SSL context bring their own. `--cert` is eager, so that its
    value is known here in any order of the options.
    """
    cert = ctx.params.get("cert")
    has_key = cert == "adhoc" or _is_ssl_context(cert)
    problem = None
    if value is None:
        if cert and not has_key:
            problem = "A certificate file needs its key. Pass it with --key."
    elif has_key:
        problem = "--cert brings its own key here. Leave out --key."
    elif not cert:
        problem = "A key needs its certificate. Pass it with --cert."
    else:
        ctx.params["cert"] = cert, value
    if problem is not None:
        raise click.BadParameter(problem, ctx, param)
    return value
