"""Flask: the application object. Its methods that serve a request are in `dispatch.methods`."""

from __future__ import annotations

import os
import sys
import typing as t
from _weakref import ref
from datetime import timedelta

from werkzeug.datastructures.structures import ImmutableDict
from werkzeug.exceptions import Aborter, HTTPException
from werkzeug.utils import redirect as werkzeug_redirect
from werkzeug.wrappers.response import Response as WerkzeugResponse

from .config import DEFAULTS, Config, ConfigAttribute
from .ctx import AppContext, RequestContext, _AppCtxGlobals
from .dispatch import exceptions, phases, urls
from .dispatch.fast_path import FastPath
from .dispatch.methods import DispatchMethods
from .dispatch.overrides import OVERRIDABLE, Watch
from .globals import g
from .helpers import find_package, get_debug_flag, get_load_dotenv
from .json.provider import DefaultJSONProvider, JSONProvider
from .logging import create_logger
from .routing import Map, MapAdapter, Rule
from .scaffold import Scaffold, _endpoint_from_view_func, named, setupmethod
from .sessions import SecureCookieSessionInterface, SessionInterface
from .templating import render
from .wrappers import Request, Response

if t.TYPE_CHECKING:
    from logging import Logger

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from . import typing as ft
    from .blueprints import Blueprint
    from .dispatch.application import BuildErrorHandler, ExcInfo
    from .templating.environment import DispatchingJinjaLoader, Environment
    from .testing import FlaskClient, FlaskCliRunner

T_shell_context_processor = t.TypeVar("T_shell_context_processor", bound="ft.ShellContextProcessorCallable")
T_teardown = t.TypeVar("T_teardown", bound="ft.TeardownCallable")
T_template_filter = t.TypeVar("T_template_filter", bound="ft.TemplateFilterCallable")
T_template_test = t.TypeVar("T_template_test", bound="ft.TemplateTestCallable")
T_template_global = t.TypeVar("T_template_global", bound="ft.TemplateGlobalCallable")

# What decides whether requests take the fast path: setting one of these on an application is noticed.
_DECIDES_FAST_PATH = frozenset((*OVERRIDABLE, "_got_first_request", "json"))
_AUTOESCAPED = (".html", ".htm", ".xml", ".xhtml", ".svg")


def _timedelta(value: timedelta | int | None) -> timedelta | None:
    return value if value is None or isinstance(value, timedelta) else timedelta(seconds=value)


class _JinjaEnvironmentClass:
    """`Flask.jinja_environment`: the import of Jinja2 is put off until the first access."""

    def __get__(self, app: object, owner: type) -> type[Environment]:
        from .templating.environment import Environment

        return Environment


class Flask(DispatchMethods, Scaffold):
    """A WSGI application: the registry of views, hooks, templates and configuration.

    >>> app = Flask(__name__)
    >>> @app.get("/")
    ... def hello() -> str:
    ...     return "hello"
    >>> app.test_client().get("/").text
    'hello'

    Everything that the Flask documentation, "Application Object", describes has its name and meaning here.
    Methods that take part in serving a request may be overridden, or replaced on the instance.
    """

    request_class: type[Request] = Request
    response_class: type[Response] = Response
    aborter_class: type[Aborter] = Aborter
    app_ctx_globals_class: type[_AppCtxGlobals] = _AppCtxGlobals
    config_class: type[Config] = Config
    json_provider_class: type[JSONProvider] = DefaultJSONProvider
    url_rule_class: type[Rule] = Rule
    url_map_class: type[Map] = Map
    jinja_environment: t.Any = _JinjaEnvironmentClass()
    jinja_options: dict[str, t.Any] = {}
    session_interface: SessionInterface = SecureCookieSessionInterface()
    test_client_class: type[FlaskClient] | None = None
    test_cli_runner_class: type[FlaskCliRunner] | None = None

    testing = ConfigAttribute[bool]("TESTING")
    secret_key = ConfigAttribute[str | bytes | None]("SECRET_KEY")
    permanent_session_lifetime = ConfigAttribute[timedelta](
        "PERMANENT_SESSION_LIFETIME",
        get_converter=_timedelta,  # type: ignore[arg-type]
    )
    default_config: t.Mapping[str, object] = ImmutableDict(DEFAULTS)

    def __init__(
        self,
        import_name: str,
        static_url_path: str | None = None,
        static_folder: str | os.PathLike[str] | None = "static",
        static_host: str | None = None,
        host_matching: bool = False,
        subdomain_matching: bool = False,
        template_folder: str | os.PathLike[str] | None = "templates",
        instance_path: str | None = None,
        instance_relative_config: bool = False,
        root_path: str | None = None,
    ) -> None:
        super().__init__(import_name, static_folder, static_url_path, template_folder, root_path)
        if instance_path is not None and not os.path.isabs(instance_path):
            # "must be absolute": Flask's suite, test_instance_config.py.
            raise ValueError(f"instance_path must be absolute, and {instance_path!r} is not.")
        self.instance_path = self.auto_find_instance_path() if instance_path is None else instance_path
        self.config = self.make_config(instance_relative_config)
        self.json: JSONProvider = self.json_provider_class(self)
        self.aborter = self.make_aborter()
        self.url_map = self.url_map_class(host_matching=host_matching)
        self.subdomain_matching = subdomain_matching
        self.blueprints: dict[str, Blueprint] = {}
        self.url_build_error_handlers: list[BuildErrorHandler] = []
        self.shell_context_processors: list[ft.ShellContextProcessorCallable] = []
        self.teardown_appcontext_funcs: list[ft.TeardownCallable] = []
        self.extensions: dict[str, t.Any] = {}
        self.template_context_processors[None].append(render.default_context)
        self._got_first_request = False
        self.fast_path = FastPath(_WATCH)
        self._update_fast_path()
        if self.has_static_folder:
            assert bool(static_host) == host_matching, "static_host and host_matching need each other."
            # Weak reference: avoids the cycle app → rule → app.
            this = ref(self)

            def serve(**values: str) -> Response:
                app = this()
                assert app is not None
                return app.send_static_file(**values)

            self.add_url_rule(f"{self.static_url_path}/<path:filename>", "static", serve, host=static_host)
        # A request reads some twenty attributes. CPython 3.11 and 3.12 are four times slower at it after an
        # access to the instance's dict (as `name` does), unless it shares no keys with other instances.
        self.__dict__ = dict(self.__dict__)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> t.Iterable[bytes]:
        """Serve a request: the server calls this. A middleware wraps `wsgi_app`, not the application."""
        return self.wsgi_app(environ, start_response)

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if name in _DECIDES_FAST_PATH:
            self._update_fast_path()

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        if name in _DECIDES_FAST_PATH:
            self._update_fast_path()

    def _update_fast_path(self) -> None:
        # Not while the constructor runs.
        if "fast_path" in self.__dict__:
            self.fast_path.setup_finished = self._got_first_request
            self.fast_path.update(self)

    def _check_setup_finished(self, f_name: str) -> None:
        if self._got_first_request:
            # "setup method 'add_url_rule'": Flask's suite, test_basic.py.
            raise AssertionError(
                f"The setup method '{f_name}' came too late: the application has served a request already."
                " Register everything before the first one."
            )

    # --- identity, files, configuration -----------------------------------------------------------------

    @property
    def name(self) -> str:
        """The import name, or for a script the name of its file."""
        name: str | None = self.__dict__.get("name")
        if name is None:
            name = self.import_name
            if name == "__main__":
                file = getattr(sys.modules["__main__"], "__file__", None)
                if file is not None:
                    name = os.path.splitext(os.path.basename(file))[0]
            self.__dict__["name"] = name
        return name

    @name.setter
    def name(self, value: str) -> None:
        self.__dict__["name"] = value

    @property
    def logger(self) -> Logger:
        """The logger with the application's name. By default it writes to the server's error stream."""
        logger: Logger | None = self.__dict__.get("_logger")
        if logger is None:
            logger = self.__dict__["_logger"] = create_logger(self)
        return logger

    @logger.setter
    def logger(self, value: Logger) -> None:
        self.__dict__["_logger"] = value

    @property
    def debug(self) -> bool:
        """True in debug mode: unhandled errors are shown, templates reload. `config["DEBUG"]`."""
        debug: bool = self.config["DEBUG"]
        return debug

    @debug.setter
    def debug(self, value: bool) -> None:
        self.config["DEBUG"] = value
        environment = self.__dict__.get("_jinja_env")
        if environment is not None and self.config["TEMPLATES_AUTO_RELOAD"] is None:
            environment.auto_reload = value

    def make_aborter(self) -> Aborter:
        """Return the object that `edgeweb.abort` calls."""
        return self.aborter_class()

    def make_config(self, instance_relative: bool = False) -> Config:
        """Return the configuration. Its files lie beside the code, or in the instance folder."""
        defaults = dict(self.default_config)
        defaults["DEBUG"] = get_debug_flag()
        return self.config_class(self.instance_path if instance_relative else self.root_path, defaults)

    def auto_find_instance_path(self) -> str:
        """Return the folder for files of this installation: beside the sources, or in the prefix's `var`."""
        prefix, folder = find_package(self.import_name)
        parts = (folder, "instance") if prefix is None else (prefix, "var", f"{self.name}-instance")
        return os.path.join(*parts)

    def open_instance_resource(
        self, resource: str, mode: str = "rb", encoding: str | None = "utf-8"
    ) -> t.IO[t.Any]:
        """Open a file of the instance folder, for reading or writing."""
        path = os.path.join(self.instance_path, resource)
        return open(path, mode) if "b" in mode else open(path, mode, encoding=encoding)

    # --- routes and blueprints --------------------------------------------------------------------------

    @setupmethod
    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: ft.RouteCallable | None = None,
        provide_automatic_options: bool | None = None,
        **options: t.Any,
    ) -> None:
        """Add a URL rule; see `route`. Raises `AssertionError` for an endpoint with another function."""
        name = endpoint
        if name is None:
            name = _endpoint_from_view_func(view_func)
        # A view function may declare what is not given; class-based views do.
        methods = options.pop("methods", None)
        if methods is None:
            methods = getattr(view_func, "methods", ()) or {"GET"}
        if isinstance(methods, str):
            raise TypeError(f"methods is a list of strings, such as [{methods!r}], not one string.")
        allowed = set(getattr(view_func, "required_methods", ())).union(map(str.upper, methods))
        automatic = provide_automatic_options
        if automatic is None:
            automatic = getattr(view_func, "provide_automatic_options", None)
        if automatic is None:
            automatic = self.config["PROVIDE_AUTOMATIC_OPTIONS"] and "OPTIONS" not in allowed
        if automatic:
            allowed.add("OPTIONS")
        url_rule = self.url_rule_class(rule, endpoint=name, methods=allowed, **options)
        if not isinstance(self.url_map, Map) and isinstance(url_rule, Rule):
            # A map of Werkzeug's, which takes only rules of Werkzeug's.
            url_rule = url_rule.to_werkzeug()
        url_rule.provide_automatic_options = automatic
        self.url_map.add(url_rule)
        if view_func is not None:
            if self.view_functions.get(name, view_func) != view_func:
                raise AssertionError(f"Another function has the endpoint {name!r} already.")
            self.view_functions[name] = view_func

    @setupmethod
    def register_blueprint(self, blueprint: Blueprint, **options: t.Any) -> None:
        """Add everything of a blueprint. `options` override its prefix, subdomain, defaults and name."""
        blueprint.register(self, options)

    def iter_blueprints(self) -> t.ValuesView[Blueprint]:
        """Return the blueprints, in the order of their registration."""
        return self.blueprints.values()

    # --- templates --------------------------------------------------------------------------------------

    @property
    def jinja_env(self) -> Environment:
        """The Jinja environment, made on first access. After that `jinja_options` has no effect."""
        environment: Environment | None = self.__dict__.get("_jinja_env")
        if environment is None:
            environment = self.__dict__["_jinja_env"] = self.create_jinja_environment()
        return environment

    @jinja_env.setter
    def jinja_env(self, value: Environment) -> None:
        self.__dict__["_jinja_env"] = value

    def create_jinja_environment(self) -> Environment:
        """Return a Jinja environment with `jinja_options`, and with `url_for` and the like as globals."""
        from .templating.environment import create_environment

        return create_environment(self)

    def create_global_jinja_loader(self) -> DispatchingJinjaLoader:
        """Return the loader that searches the application and its blueprints."""
        from .templating.environment import DispatchingJinjaLoader

        return DispatchingJinjaLoader(self)

    def select_jinja_autoescape(self, filename: str | None) -> bool:
        """Return whether a template escapes values: by its file name, and always if it is made from text."""
        return filename is None or filename.endswith(_AUTOESCAPED)

    def update_template_context(self, context: dict[str, object]) -> None:
        """Add what the context processors return. The values that the view passed win."""
        render.update_context(self, context)

    @setupmethod
    def template_filter(self, name: str | None = None) -> t.Callable[[T_template_filter], T_template_filter]:
        """Decorate a template filter. Its name, unless given, is the function's."""
        return named(self.add_template_filter, name)

    @setupmethod
    def add_template_filter(self, f: ft.TemplateFilterCallable, name: str | None = None) -> None:
        """Do what `template_filter` does, without a decorator."""
        self.jinja_env.filters[name or f.__name__] = f

    @setupmethod
    def template_test(self, name: str | None = None) -> t.Callable[[T_template_test], T_template_test]:
        """Decorate a template test."""
        return named(self.add_template_test, name)

    @setupmethod
    def add_template_test(self, f: ft.TemplateTestCallable, name: str | None = None) -> None:
        """Do what `template_test` does, without a decorator."""
        self.jinja_env.tests[name or f.__name__] = f

    @setupmethod
    def template_global(self, name: str | None = None) -> t.Callable[[T_template_global], T_template_global]:
        """Decorate a function that templates may call."""
        return named(self.add_template_global, name)

    @setupmethod
    def add_template_global(self, f: ft.TemplateGlobalCallable, name: str | None = None) -> None:
        """Do what `template_global` does, without a decorator."""
        self.jinja_env.globals[name or f.__name__] = f

    # --- commands, tests, development server ------------------------------------------------------------

    @setupmethod
    def teardown_appcontext(self, f: T_teardown) -> T_teardown:
        """Run a function when the application's context is popped: after each request and each command."""
        self.teardown_appcontext_funcs.append(f)
        return f

    @setupmethod
    def shell_context_processor(self, f: T_shell_context_processor) -> T_shell_context_processor:
        """Decorate a function whose dict is added to the names of `edgeweb shell`."""
        self.shell_context_processors.append(f)
        return f

    def make_shell_context(self) -> dict[str, t.Any]:
        """Return the names that `edgeweb shell` starts with."""
        context: dict[str, t.Any] = {"app": self, "g": g}
        for processor in self.shell_context_processors:
            context.update(processor())
        return context

    def run(
        self,
        host: str | None = None,
        port: int | None = None,
        debug: bool | None = None,
        load_dotenv: bool = True,
        **options: t.Any,
    ) -> None:
        """Run the development server, by default on 127.0.0.1:5000. On a device, run `edgeweb serve`.

        With `debug=True` it restarts on changes and shows Werkzeug's debugger. `options` are those of
        `werkzeug.serving.run_simple`. Does nothing while a command imports the program.
        """
        from .cli import development, dotenv

        if development.is_loading_from_command(self):
            return
        if get_load_dotenv(load_dotenv):
            dotenv.load_dotenv()
            if debug is None and os.environ.get("FLASK_DEBUG") is not None:
                debug = get_debug_flag()
        if debug is not None:
            self.debug = bool(debug)
        try:
            development.run(self, host, port, options)
        finally:
            # In an interactive shell the user may register more after the server has stopped.
            self._got_first_request = False

    def test_client(self, use_cookies: bool = True, **kwargs: t.Any) -> FlaskClient:
        """Return a client that calls the application without a server; `kwargs` are for its class."""
        cls = self.test_client_class
        if cls is None:
            from .testing import FlaskClient

            cls = FlaskClient
        return cls(self, self.response_class, use_cookies=use_cookies, **kwargs)

    def test_cli_runner(self, **kwargs: t.Any) -> FlaskCliRunner:
        """Return a runner for the application's commands; `kwargs` are for its class."""
        cls = self.test_cli_runner_class
        if cls is None:
            from .testing import FlaskCliRunner

            cls = FlaskCliRunner
        return cls(self, **kwargs)

    # --- contexts ---------------------------------------------------------------------------------------

    def app_context(self) -> AppContext:
        """Return a context that makes this the current application, for example in a command."""
        return AppContext(self)

    def request_context(self, environ: WSGIEnvironment) -> RequestContext:
        """Return the context of a request."""
        if not self.fast_path.is_current(self):
            self.fast_path.update(self)
        return RequestContext(self, environ)

    def test_request_context(self, *args: t.Any, **kwargs: t.Any) -> RequestContext:
        """Return the context of a made-up request; see `werkzeug.test.EnvironBuilder` for the arguments."""
        from contextlib import closing

        from .testing import EnvironBuilder

        with closing(EnvironBuilder(self, *args, **kwargs)) as builder:
            return self.request_context(builder.get_environ())

    # --- what logs: records carry the name of this module -----------------------------------------------

    def finalize_request(
        self, rv: ft.ResponseReturnValue | HTTPException, from_error_handler: bool = False
    ) -> Response:
        """Return the response made of what the view returned, after the `after_request` functions."""
        return phases.finalize(self, rv, from_error_handler)

    def log_exception(self, exc_info: ExcInfo) -> None:
        """Log an unhandled exception."""
        exceptions.log_exception(self, exc_info)

    # --- URLs -------------------------------------------------------------------------------------------

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Return the adapter that matches a request and builds URLs relative to it.

        Without a request it is the adapter of `SERVER_NAME`, or `None` if that is not set.

        Raises `werkzeug.exceptions.SecurityError` (400) for an invalid host, or one that `TRUSTED_HOSTS` does
        not name.
        """
        if request is None:
            return urls.adapter_without_request(self)
        names = urls.names_to_bind(self, request)
        # In this module, by whose name programs filter the warning about an unknown host.
        return self.url_map.bind_to_environ(request.environ_at_start, **names)

    def redirect(self, location: str, code: int = 302) -> WerkzeugResponse:
        """Return a redirect of the application's own response class."""
        return werkzeug_redirect(location, code=code, Response=self.response_class)


# Right after the class, so that what a tool sets on `Flask` counts as overridden.
_WATCH = Watch(Flask)
