"""Commands that run with an application: `@app.cli.command()`, and groups of them."""

from __future__ import annotations

import typing as t
from functools import update_wrapper

import click

from ..globals import current_app
from .info import ScriptInfo

if t.TYPE_CHECKING:
    P = t.ParamSpec("P")
    R = t.TypeVar("R")


def with_appcontext(f: t.Callable[P, R]) -> t.Callable[P, R]:
    """Make the application current while a command's function runs.

    For a plain `click.command()`; commands of `app.cli` and `blueprint.cli` have it already.
    """

    @click.pass_context
    def run(ctx: click.Context, /, *args: P.args, **kwargs: P.kwargs) -> R:
        # Left at the end of the command's context. A command may be called inside another one.
        if not current_app:
            ctx.with_resource(ctx.ensure_object(ScriptInfo).load_app().app_context())
        return ctx.invoke(f, *args, **kwargs)

    return update_wrapper(run, f)


class AppGroup(click.Group):
    """A click group whose commands run with an application: what `app.cli` and `blueprint.cli` are.

    >>> group = AppGroup("user")
    >>> @group.command("create")
    ... @click.argument("name")
    ... def create(name): ...
    >>> list(group.commands)
    ['create']
    """

    def command(  # type: ignore[override]
        self, *args: t.Any, **kwargs: t.Any
    ) -> t.Callable[[t.Callable[..., object]], click.Command]:
        """Do what `click.Group.command` does, with `with_appcontext`, unless that is passed as False."""
        wrap = kwargs.pop("with_appcontext", True)
        make_command = super().command(*args, **kwargs)

        def decorator(f: t.Callable[..., object]) -> click.Command:
            command: click.Command = make_command(with_appcontext(f) if wrap else f)
            return command

        return decorator

    def group(  # type: ignore[override]
        self, *args: t.Any, **kwargs: t.Any
    ) -> t.Callable[[t.Callable[..., object]], click.Group]:
        """Do what `click.Group.group` does, with this class for the group inside."""
        kwargs.setdefault("cls", AppGroup)
        decorator: t.Callable[[t.Callable[..., object]], click.Group] = super().group(*args, **kwargs)
        return decorator
