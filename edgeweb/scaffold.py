"""The common part of applications and blueprints: files, and registering views, hooks and handlers."""

from __future__ import annotations

import os
import typing as t
from collections import defaultdict
from functools import update_wrapper

from werkzeug.exceptions import HTTPException, default_exceptions

from .dispatch import static_files
from .globals import _cv_app, current_app
from .helpers import get_root_path

if t.TYPE_CHECKING:
    from click import Group
    from jinja2.loaders import BaseLoader

    from . import typing as ft
    from .wrappers import Response

F = t.TypeVar("F", bound=t.Callable[..., t.Any])
T_after_request = t.TypeVar("T_after_request", bound="ft.AnyAfterRequestCallable")
T_before_request = t.TypeVar("T_before_request", bound="ft.BeforeRequestCallable")
T_error_handler = t.TypeVar("T_error_handler", bound="ft.ErrorHandlerCallable")
T_teardown = t.TypeVar("T_teardown", bound="ft.TeardownCallable")
T_context_processor = t.TypeVar("T_context_processor", bound="ft.TemplateContextProcessorCallable")
T_url_defaults = t.TypeVar("T_url_defaults", bound="ft.URLDefaultCallable")
T_url_value_preprocessor = t.TypeVar("T_url_value_preprocessor", bound="ft.URLValuePreprocessorCallable")
T_route = t.TypeVar("T_route", bound="ft.RouteCallable")


def setupmethod(f: F) -> F:
    """Decorate a method that may be called during setup only."""

    def guarded(self: Scaffold, *args: t.Any, **kwargs: t.Any) -> t.Any:
        self._check_setup_finished(f.__name__)
        return f(self, *args, **kwargs)

    return t.cast(F, update_wrapper(guarded, f))


def named(add: t.Callable[..., None], name: str | None) -> t.Callable[[F], F]:
    """Return a decorator that passes a function and a name to a method."""

    def decorator(f: F) -> F:
        add(f, name=name)
        return f

    return decorator


def _endpoint_from_view_func(view_func: ft.RouteCallable | None) -> str:
    """Return the default endpoint: the function's name."""
    assert view_func is not None, "A rule without an endpoint needs a view function."
    return view_func.__name__


def _nested_handlers() -> dict[int | None, dict[type[Exception], ft.ErrorHandlerCallable]]:
    return defaultdict(dict)


class Scaffold:
    """The base class of `Flask` and `Blueprint`."""

    name: str
    _static_folder: str | None = None
    _joined_static_folder: tuple[str | None, str] = None, ""
    _static_url_path: str | None = None
    _cli: Group | None = None

    def __init__(
        self,
        import_name: str,
        static_folder: str | os.PathLike[str] | None = None,
        static_url_path: str | None = None,
        template_folder: str | os.PathLike[str] | None = None,
        root_path: str | None = None,
    ) -> None:
        self.import_name = import_name
        self.static_folder = static_folder
        self.static_url_path = static_url_path
        self.template_folder = template_folder
        self.root_path: str = get_root_path(import_name) if root_path is None else root_path
        self.view_functions: dict[str, ft.RouteCallable] = {}
        self.error_handler_spec: ft.ErrorHandlerTable = defaultdict(_nested_handlers)
        self.before_request_funcs: ft.HookTable[ft.BeforeRequestCallable] = defaultdict(list)
        self.after_request_funcs: ft.HookTable[ft.AnyAfterRequestCallable] = defaultdict(list)
        self.teardown_request_funcs: ft.HookTable[ft.TeardownCallable] = defaultdict(list)
        self.template_context_processors: ft.HookTable[ft.TemplateContextProcessorCallable] = defaultdict(
            list
        )
        self.url_value_preprocessors: ft.HookTable[ft.URLValuePreprocessorCallable] = defaultdict(list)
        self.url_default_functions: ft.HookTable[ft.URLDefaultCallable] = defaultdict(list)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    def _check_setup_finished(self, f_name: str) -> None:
        raise NotImplementedError

    def _make_cli_group(self) -> Group:
        from .cli.app_group import AppGroup

        return t.cast("Group", AppGroup(name=self.name))

    @property
    def cli(self) -> Group:
        """The click group of this object's own commands. The first access imports click."""
        if self._cli is None:
            self._cli = self._make_cli_group()
        return self._cli

    @cli.setter
    def cli(self, group: Group) -> None:
        self._cli = group

    # --- files ------------------------------------------------------------------------------------------

    @property
    def static_folder(self) -> str | None:
        """The absolute folder of the static files, or `None`."""
        if self._static_folder is None:
            return None
        # Joined once, because each request for a static file reads it.
        root, joined = self._joined_static_folder
        if root != self.root_path:
            joined = os.path.join(self.root_path, self._static_folder)
            self._joined_static_folder = self.root_path, joined
        return joined

    @static_folder.setter
    def static_folder(self, value: str | os.PathLike[str] | None) -> None:
        self._static_folder = None if value is None else os.fspath(value).rstrip(r"\/")
        self._joined_static_folder = None, ""

    @property
    def has_static_folder(self) -> bool:
        """True if there is a folder of static files."""
        return self._static_folder is not None

    @property
    def static_url_path(self) -> str | None:
        """The URL below which the static files are served; by default the folder's name."""
        if self._static_url_path is not None:
            return self._static_url_path
        folder = self.static_folder
        return None if folder is None else f"/{os.path.basename(folder)}".rstrip("/")

    @static_url_path.setter
    def static_url_path(self, value: str | None) -> None:
        self._static_url_path = None if value is None else value.rstrip("/")

    def get_send_file_max_age(self, filename: str | None) -> int | None:
        """Return the seconds for which a browser may use a file without asking again; `None` for no time.

        Override it for single files. The default is `SEND_FILE_MAX_AGE_DEFAULT`, in seconds or a `timedelta`.
        """
        ctx = _cv_app.get(None)
        app = current_app if ctx is None else ctx.app  # the proxy raises the usual error
        value = app.config["SEND_FILE_MAX_AGE_DEFAULT"]
        if value is None:
            return None
        return value if isinstance(value, int) else int(value.total_seconds())

    def send_static_file(self, filename: str) -> Response:
        """Serve a static file: the view function. Raises `RuntimeError` without a static folder."""
        folder = self.static_folder
        if folder is None:
            raise RuntimeError("'static_folder' must be set to serve static_files.")
        return static_files.send(folder, filename, self.get_send_file_max_age(filename))

    @property
    def jinja_loader(self) -> BaseLoader | None:
        """The loader of this object's own templates, or `None` without a template folder. Assignable."""
        if "_jinja_loader" not in self.__dict__:
            loader: BaseLoader | None = None
            if self.template_folder is not None:
                from jinja2.loaders import FileSystemLoader

                loader = FileSystemLoader(os.path.join(self.root_path, self.template_folder))
            self.__dict__["_jinja_loader"] = loader
        return t.cast("BaseLoader | None", self.__dict__["_jinja_loader"])

    @jinja_loader.setter
    def jinja_loader(self, loader: BaseLoader | None) -> None:
        self.__dict__["_jinja_loader"] = loader

    def open_resource(self, resource: str, mode: str = "rb", encoding: str | None = None) -> t.IO[t.Any]:
        """Open a file that lies beside the code, for reading.

        >>> with app.open_resource("schema.sql", "rt") as file:  # doctest: +SKIP
        ...     connection.executescript(file.read())

        Raises `ValueError` for a mode that would write.
        """
        if mode not in {"r", "rt", "rb"}:
            raise ValueError("Resources can only be opened for reading.")
        path = os.path.join(self.root_path, resource)
        return open(path, mode) if mode == "rb" else open(path, mode, encoding=encoding)

    # --- routes -----------------------------------------------------------------------------------------

    def _method_route(
        self, method: str, rule: str, options: dict[str, t.Any]
    ) -> t.Callable[[T_route], T_route]:
        if "methods" not in options:
            return self.route(rule, methods=[method], **options)
        raise TypeError(f"'{method.lower()}' stands for one method. For others use 'route' with 'methods'.")

    @setupmethod
    def get(self, rule: str, **options: t.Any) -> t.Callable[[T_route], T_route]:
        """Do what `route` does, with `methods=["GET"]`."""
        return self._method_route("GET", rule, options)

    @setupmethod
    def post(self, rule: str, **options: t.Any) -> t.Callable[[T_route], T_route]:
        """Do what `route` does, with `methods=["POST"]`."""
        return self._method_route("POST", rule, options)

    @setupmethod
    def put(self, rule: str, **options: t.Any) -> t.Callable[[T_route], T_route]:
        """Do what `route` does, with `methods=["PUT"]`."""
        return self._method_route("PUT", rule, options)

    @setupmethod
    def delete(self, rule: str, **options: t.Any) -> t.Callable[[T_route], T_route]:
        """Do what `route` does, with `methods=["DELETE"]`."""
        return self._method_route("DELETE", rule, options)

    @setupmethod
    def patch(self, rule: str, **options: t.Any) -> t.Callable[[T_route], T_route]:
        """Do what `route` does, with `methods=["PATCH"]`."""
        return self._method_route("PATCH", rule, options)

    @setupmethod
    def route(self, rule: str, **options: t.Any) -> t.Callable[[T_route], T_route]:
        """Decorate a view function with the URL rule that it answers.

        >>> @app.route("/lamps/<int:number>", methods=["GET", "PUT"])  # doctest: +SKIP
        ... def lamp(number: int): ...

        `options` are those of `edgeweb.routing.Rule`, and `endpoint`, by default the function's name.
        """

        def decorator(f: T_route) -> T_route:
            endpoint = options.pop("endpoint", None)
            self.add_url_rule(rule, endpoint, f, **options)
            return f

        return decorator

    @setupmethod
    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: ft.RouteCallable | None = None,
        provide_automatic_options: bool | None = None,
        **options: t.Any,
    ) -> None:
        """Do what `route` does, without a decorator. The view function may follow later; see `endpoint`."""
        raise NotImplementedError

    @setupmethod
    def endpoint(self, endpoint: str) -> t.Callable[[F], F]:
        """Decorate the view function of an endpoint whose rule was added without one."""

        def decorator(f: F) -> F:
            self.view_functions[endpoint] = f
            return f

        return decorator

    # --- hooks ------------------------------------------------------------------------------------------

    @setupmethod
    def before_request(self, f: T_before_request) -> T_before_request:
        """Run a function before each request. What it returns, unless `None`, is the response."""
        self.before_request_funcs.setdefault(None, []).append(f)
        return f

    @setupmethod
    def after_request(self, f: T_after_request) -> T_after_request:
        """Run a function on each response, unless the request failed; it returns that response or another."""
        self.after_request_funcs.setdefault(None, []).append(f)
        return f

    @setupmethod
    def teardown_request(self, f: T_teardown) -> T_teardown:
        """Run a function when the request's context is popped, with the unhandled error or `None`."""
        self.teardown_request_funcs.setdefault(None, []).append(f)
        return f

    @setupmethod
    def context_processor(self, f: T_context_processor) -> T_context_processor:
        """Run a function before a template is rendered. Its dict is added to the template's values."""
        self.template_context_processors[None].append(f)
        return f

    @setupmethod
    def url_value_preprocessor(self, f: T_url_value_preprocessor) -> T_url_value_preprocessor:
        """Run a function on the endpoint and values of each matched URL, ahead of `before_request`."""
        self.url_value_preprocessors[None].append(f)
        return f

    @setupmethod
    def url_defaults(self, f: T_url_defaults) -> T_url_defaults:
        """Run a function on the endpoint and values of each URL that is built. It may change the values."""
        self.url_default_functions[None].append(f)
        return f

    # --- error handlers ---------------------------------------------------------------------------------

    @setupmethod
    def errorhandler(
        self, code_or_exception: type[Exception] | int
    ) -> t.Callable[[T_error_handler], T_error_handler]:
        """Decorate the function that answers an error code or an exception class.

        >>> @app.errorhandler(404)  # doctest: +SKIP
        ... def not_found(error):
        ...     return {"error": "no such thing"}, 404
        """

        def decorator(f: T_error_handler) -> T_error_handler:
            self.register_error_handler(code_or_exception, f)
            return f

        return decorator

    @setupmethod
    def register_error_handler(
        self, code_or_exception: type[Exception] | int, f: ft.ErrorHandlerCallable
    ) -> None:
        """Do what `errorhandler` does, without a decorator."""
        exc_class, code = self._get_exc_class_and_code(code_or_exception)
        self.error_handler_spec[None][code][exc_class] = f

    @staticmethod
    def _get_exc_class_and_code(
        exc_class_or_code: type[Exception] | int,
    ) -> tuple[type[Exception], int | None]:
        """Return the exception class of a handler, and its code if it is one of HTTP's.

        Flask's suite (test_user_error_handler.py) looks for "Use a subclass of HTTPException", "... is an
        instance, not a class." and "... is not a subclass of Exception."
        """
        given: t.Any = exc_class_or_code
        if isinstance(given, int):
            given = default_exceptions.get(given)
            if given is None:
                raise ValueError(
                    f"{exc_class_or_code} is no error code of HTTP. Use a subclass of HTTPException with it."
                )
        if isinstance(given, Exception):
            raise TypeError(f"{given!r} is an instance, not a class. A handler is for a class or a code.")
        if not issubclass(given, Exception):
            raise ValueError(
                f"'{given.__name__}' is not a subclass of Exception. A handler is for one of these."
            )
        return given, given.code if issubclass(given, HTTPException) else None
