"""The Jinja environment of an application, and the loader that searches application and blueprints."""

from __future__ import annotations

import typing as t

from jinja2.environment import Environment as JinjaEnvironment
from jinja2.environment import Template
from jinja2.exceptions import TemplateNotFound
from jinja2.loaders import BaseLoader
from jinja2.utils import internalcode

from ..globals import g, request, session
from ..helpers import get_flashed_messages
from .cache import TemplateCache

if t.TYPE_CHECKING:
    from .application import Application, Owner

Source = tuple[str, str | None, t.Callable[[], bool] | None]


class Environment(JinjaEnvironment):
    """Jinja's environment, with the application as its attribute `app`."""

    def __init__(self, app: Application, **options: t.Any) -> None:
        if "loader" not in options:
            options["loader"] = app.create_global_jinja_loader()
        super().__init__(**options)
        self.app = app


class DispatchingJinjaLoader(BaseLoader):
    """The loader that tries the application's loader, then each blueprint's in the order of registration.

    The first one that has the template wins, whichever blueprint serves the request.
    """

    def __init__(self, app: Application) -> None:
        self.app = app
        self.cache = TemplateCache(app, lambda: self._iter_loaders(""))

    @internalcode
    def load(
        self,
        environment: JinjaEnvironment,
        name: str,
        globals: t.MutableMapping[str, t.Any] | None = None,
    ) -> Template:
        """Load a template, from the application's template cache if possible (see `cache`)."""
        mode = self._cache_mode(environment)
        if mode == "dev":
            return super().load(environment, name, globals)
        return self.cache.load(environment, mode, name, {} if globals is None else globals)

    def _cache_mode(self, environment: JinjaEnvironment) -> str:
        # No cache for a subclass that finds templates in its own way, nor beside a bytecode cache of the
        # program's, nor for an explanation, which has to try every loader.
        cls = type(self)
        if (
            cls.get_source is not DispatchingJinjaLoader.get_source
            or cls._iter_loaders is not DispatchingJinjaLoader._iter_loaders
            or environment.bytecode_cache is not None
            or self.app.config["EXPLAIN_TEMPLATE_LOADING"]
        ):
            return "dev"
        return self.cache.mode(environment)

    def get_source(self, environment: JinjaEnvironment, template: str) -> Source:
        """Return a template's text, file name and freshness check. Raises `TemplateNotFound`.

        With `EXPLAIN_TEMPLATE_LOADING` it tries every loader and logs the result of each.
        """
        if self.app.config["EXPLAIN_TEMPLATE_LOADING"]:
            return self._get_source_explained(environment, template)
        for _, loader in self._iter_loaders(template):
            try:
                return loader.get_source(environment, template)
            except TemplateNotFound:
                continue
        raise TemplateNotFound(template)

    def _get_source_explained(self, environment: JinjaEnvironment, template: str) -> Source:
        attempts: list[tuple[BaseLoader, Owner, Source | None]] = []
        found: Source | None = None
        for owner, loader in self._iter_loaders(template):
            source: Source | None
            try:
                source = loader.get_source(environment, template)
            except TemplateNotFound:
                source = None
            if found is None:
                found = source
            attempts.append((loader, owner, source))

        from ..debughelpers import explain_template_loading_attempts

        explain_template_loading_attempts(self.app, template, attempts)
        if found is None:
            raise TemplateNotFound(template)
        return found

    def _iter_loaders(self, template: str) -> t.Iterator[tuple[Owner, BaseLoader]]:
        for owner in (self.app, *self.app.iter_blueprints()):
            loader = owner.jinja_loader
            if loader is not None:
                yield owner, loader

    def list_templates(self) -> list[str]:
        """Return the names of all templates of application and blueprints."""
        names: set[str] = set()
        for _, loader in self._iter_loaders(""):
            names.update(loader.list_templates())
        return list(names)


def create_environment(app: Application) -> Environment:
    """Return an application's Jinja environment, from its `jinja_options`, with Flask's globals."""
    options = dict(app.jinja_options)
    options.setdefault("autoescape", app.select_jinja_autoescape)
    if "auto_reload" not in options:
        reload = app.config["TEMPLATES_AUTO_RELOAD"]
        if reload is None:
            reload = app.debug or app.config.get("TEMPLATE_CACHE_MODE") == "dev"
        options["auto_reload"] = reload
    environment: Environment = app.jinja_environment(app, **options)
    environment.globals.update(
        url_for=app.url_for,
        get_flashed_messages=get_flashed_messages,
        config=app.config,
        # Templates get these from the processor. As globals, imported templates see them as well.
        request=request,
        session=session,
        g=g,
    )
    environment.policies["json.dumps_function"] = app.json.dumps
    return environment
