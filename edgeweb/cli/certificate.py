"""`--cert` and `--key` of `edgeweb run`: files, a certificate made for the occasion, or an SSL context."""

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

    def convert(self, value: t.Any, param: click.Parameter | None, ctx: click.Context | None) -> t.Any:
        """The absolute file name, `"adhoc"`, or the context. Raises `click.BadParameter` for all else."""
        try:
            import ssl  # noqa: F401
        except ImportError:
            raise click.BadParameter(
                'Using "--cert" requires Python to be compiled with SSL support.', ctx, param
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
            # That there is no such file is what most people have to hear.
            raise

    @staticmethod
    def _adhoc(param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            import cryptography  # type: ignore[import-not-found, unused-ignore]  # noqa: F401
        except ImportError:
            raise click.BadParameter(
                "Using ad-hoc certificates requires the cryptography library.", ctx, param
            ) from None
        return "adhoc"


def validate_key(ctx: click.Context, param: click.Parameter, value: t.Any) -> t.Any:
    """The callback of `--key`: makes `cert` the pair of files. A file needs a key, the others have none.

    `--cert` has to be eager, so that it is there whatever the order on the command line.
    """
    cert = ctx.params.get("cert")
    if value is None:
        if cert and cert != "adhoc" and not _is_ssl_context(cert):
            raise click.BadParameter('Required when using "--cert".', ctx, param)
        return value

    if cert == "adhoc":
        raise click.BadParameter('When "--cert" is "adhoc", "--key" is not used.', ctx, param)
    if _is_ssl_context(cert):
        raise click.BadParameter('When "--cert" is an SSLContext object, "--key" is not used.', ctx, param)
    if not cert:
        raise click.BadParameter('"--cert" must also be specified.', ctx, param)
    ctx.params["cert"] = cert, value
    return value
