"""The types of `app` and `owner` in this package: what templates need of an application and its blueprints.

All of it is for type checkers: while a program runs this module is empty, and not imported.
"""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from logging import Logger

    from jinja2.environment import Environment
    from jinja2.loaders import BaseLoader

    from ..config import Config
    from ..json.provider import JSONProvider
    from ..typing import HookTable, TemplateContextProcessorCallable

    class Owner(t.Protocol):
        """An application or a blueprint, which may have templates."""

        root_path: str

        @property
        def jinja_loader(self) -> BaseLoader | None: ...
        @property
        def name(self) -> str: ...

    class Application(Owner, t.Protocol):
        """See `Flask` for what each of them is."""

        config: Config
        debug: bool
        jinja_environment: t.Any
        jinja_options: dict[str, t.Any]
        json: JSONProvider
        template_context_processors: HookTable[TemplateContextProcessorCallable]

        @property
        def blueprints(self) -> t.Mapping[str, Owner]: ...
        @property
        def jinja_env(self) -> Environment: ...
        @property
        def logger(self) -> Logger: ...
        @property
        def testing(self) -> bool: ...
        @property
        def url_for(self) -> t.Callable[..., str]: ...
        def create_global_jinja_loader(self) -> BaseLoader: ...
        def ensure_sync(self, func: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]: ...
        def iter_blueprints(self) -> t.Iterable[Owner]: ...
        def select_jinja_autoescape(self, filename: str | None) -> bool: ...
        def update_template_context(self, context: dict[str, object]) -> None: ...
