"""Run commands in tests."""

from __future__ import annotations

import typing as t

from click.testing import CliRunner

from .info import ScriptInfo

if t.TYPE_CHECKING:
    from click.testing import Result


class FlaskCliRunner(CliRunner):
    """A runner of commands that keeps their output: `app.test_cli_runner().invoke(args=["hello"])`.

    `kwargs` are those of `click.testing.CliRunner`.
    """

    def __init__(self, app: t.Any, **kwargs: t.Any) -> None:
        self.app = app
        super().__init__(**kwargs)

    def invoke(  # type: ignore[override]
        self, cli: t.Any = None, args: t.Any = None, **kwargs: t.Any
    ) -> Result:
        """Run a command, unless given of `app.cli`, as `CliRunner.invoke` does.

        `obj`, unless given, is a `ScriptInfo` that loads the runner's application.
        """
        if cli is None:
            cli = self.app.cli
        kwargs.setdefault("obj", ScriptInfo(create_app=lambda: self.app))
        return super().invoke(cli, args, **kwargs)
