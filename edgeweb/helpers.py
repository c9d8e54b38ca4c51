"""What view functions call: answers, URLs, files, flashed messages."""

from __future__ import annotations

import os
import sys
import typing as t
from contextlib import nullcontext
from functools import update_wrapper
from types import FunctionType

from werkzeug.exceptions import abort as _werkzeug_abort

from .globals import _cv_app, _cv_request, current_app, request_ctx, session
from .signals import message_flashed

if t.TYPE_CHECKING:
    from datetime import datetime

    from werkzeug.wrappers.response import Response as WerkzeugResponse

    from .wrappers import Response

_OFF = frozenset({"0", "false", "no"})


def get_debug_flag() -> bool:
    """Whether `FLASK_DEBUG` asks for debug mode; unset, `0`, `false` and `no` do not."""
    value = os.environ.get("FLASK_DEBUG")
    return bool(value and value.lower() not in _OFF)


def get_load_dotenv(default: bool = True) -> bool:
    """Whether to read `.env` files; `FLASK_SKIP_DOTENV` forbids it unless it is `0`, `false` or `no`."""
    value = os.environ.get("FLASK_SKIP_DOTENV")
    return default if not value else value.lower() in _OFF


@t.overload
def stream_with_context(generator_or_function: t.Iterator[t.AnyStr]) -> t.Iterator[t.AnyStr]: ...


@t.overload
def stream_with_context(
    generator_or_function: t.Callable[..., t.Iterator[t.AnyStr]],
) -> t.Callable[[t.Iterator[t.AnyStr]], t.Iterator[t.AnyStr]]: ...


def stream_with_context(generator_or_function: t.Any) -> t.Any:
    """Keeps the request's context for a generator that runs after the view has returned.

    >>> @app.get("/log")  # doctest: +SKIP
    ... def log():
    ...     def lines():
    ...         yield request.args["unit"]
    ...     return stream_with_context(lines())

    Also usable as a decorator on the generator function. Raises `RuntimeError` outside a request.
    """
    try:
        generator = iter(generator_or_function)
    except TypeError:

        def decorator(*args: t.Any, **kwargs: t.Any) -> t.Any:
            return stream_with_context(generator_or_function(*args, **kwargs))

        return update_wrapper(decorator, generator_or_function)

    def stream() -> t.Iterator[t.Any]:
        ctx = _cv_request.get(None)
        if ctx is None:
            raise RuntimeError(
                "'stream_with_context' can only be used when a request context is active, such as in a view"
                " function."
            )
        app_ctx = _cv_app.get()
        # The first value is nobody's: taking it runs this far, so that the contexts of the view are known.
        # They are pushed when the stream is read, which may be in another thread or task.
        yield None
        with nullcontext() if app_ctx is ctx else app_ctx, ctx:
            try:
                yield from generator
            finally:
                if hasattr(generator, "close"):
                    generator.close()

    stream_in_context = stream()
    next(stream_in_context)
    return stream_in_context


def make_response(*args: t.Any) -> Response:
    """A response from what a view may return, to set headers on it.

    >>> make_response("hello", 201).status_code  # doctest: +SKIP
    201
    """
    if not args:
        return t.cast("Response", current_app.response_class())
    return t.cast("Response", current_app.make_response(args[0] if len(args) == 1 else args))


def url_for(
    endpoint: str,
    *,
    _anchor: str | None = None,
    _method: str | None = None,
    _scheme: str | None = None,
    _external: bool | None = None,
    **values: t.Any,
) -> str:
    """The URL of an endpoint; see `Flask.url_for`.

    >>> url_for("lamp", number=3)  # doctest: +SKIP
    '/lamps/3'

    Raises `werkzeug.routing.BuildError` where no rule fits the values.
    """
    url: str = current_app.url_for(
        endpoint, _anchor=_anchor, _method=_method, _scheme=_scheme, _external=_external, **values
    )
    return url


def redirect(
    location: str, code: int = 302, Response: type[WerkzeugResponse] | None = None
) -> WerkzeugResponse:
    """An answer that sends the browser to another URL, by `current_app.redirect` where there is one."""
    ctx = _cv_app.get(None)
    if ctx is not None:
        return t.cast("WerkzeugResponse", ctx.app.redirect(location, code=code))
    from werkzeug.utils import redirect as werkzeug_redirect

    return werkzeug_redirect(location, code=code, Response=Response)


def abort(code: int | WerkzeugResponse, *args: t.Any, **kwargs: t.Any) -> t.NoReturn:
    """Ends the request with an HTTP error: `abort(404)`, `abort(409, description="busy")`, `abort(response)`.

    Raises the `werkzeug.exceptions.HTTPException` of the code, `LookupError` for an unknown one.
    """
    ctx = _cv_app.get(None)
    if ctx is not None:
        ctx.app.aborter(code, *args, **kwargs)
    _werkzeug_abort(code, *args, **kwargs)


def get_template_attribute(template_name: str, attribute: str) -> t.Any:
    """A macro or variable that a template exports, to use it from Python.

    >>> hello = get_template_attribute("_cider.html", "hello")  # doctest: +SKIP
    """
    return getattr(current_app.jinja_env.get_template(template_name).module, attribute)


def flash(message: str, category: str = "message") -> None:
    """Leaves a message in the session for the next page, which shows it by `get_flashed_messages()`."""
    # Assigned, not only appended to: the session does not see what happens inside a list.
    flashes = session.get("_flashes", [])
    flashes.append((category, message))
    session["_flashes"] = flashes
    if message_flashed.receivers:
        app = current_app._get_current_object()
        message_flashed.send(app, _async_wrapper=app.ensure_sync, message=message, category=category)


def get_flashed_messages(
    with_categories: bool = False, category_filter: t.Iterable[str] = ()
) -> list[str] | list[tuple[str, str]]:
    """Takes the flashed messages out of the session; asking again in the same request gives the same ones.

    `with_categories` gives (category, message) pairs; `category_filter` limits to some categories.
    """
    flashes = request_ctx.flashes
    if flashes is None:
        flashes = session.pop("_flashes") if "_flashes" in session else []
        request_ctx.flashes = flashes
    if category_filter:
        flashes = [item for item in flashes if item[0] in category_filter]
    return flashes if with_categories else [message for _, message in flashes]


def _prepare_send_file_kwargs(**kwargs: t.Any) -> dict[str, t.Any]:
    ctx = _cv_request.get()
    if kwargs.get("max_age") is None:
        kwargs["max_age"] = ctx.app.get_send_file_max_age
    kwargs.update(
        environ=ctx.request.environ,
        use_x_sendfile=ctx.app.config["USE_X_SENDFILE"],
        response_class=ctx.app.response_class,
        _root_path=ctx.app.root_path,
    )
    return kwargs


def send_file(
    path_or_file: os.PathLike[t.AnyStr] | str | t.IO[bytes],
    mimetype: str | None = None,
    as_attachment: bool = False,
    download_name: str | None = None,
    conditional: bool = True,
    etag: bool | str = True,
    last_modified: datetime | int | float | None = None,
    max_age: int | t.Callable[[str | None], int | None] | None = None,
) -> Response:
    """Answers with a file of the program's own choice, with ranges and conditional answers.

    Never pass a path that a client named: `send_from_directory` is for those. A relative path is relative to
    the application's root path. Source: Flask documentation, `send_file`.
    """
    from werkzeug.utils import send_file as werkzeug_send_file

    return werkzeug_send_file(  # type: ignore[return-value]
        **_prepare_send_file_kwargs(
            path_or_file=path_or_file,
            mimetype=mimetype,
            as_attachment=as_attachment,
            download_name=download_name,
            conditional=conditional,
            etag=etag,
            last_modified=last_modified,
            max_age=max_age,
        )
    )


def send_from_directory(
    directory: os.PathLike[str] | str, path: os.PathLike[str] | str, **kwargs: t.Any
) -> Response:
    """Answers with a file below a folder, 404 for anything that is not one or lies outside.

    `kwargs` are those of `send_file`.
    """
    from werkzeug.utils import send_from_directory as werkzeug_send_from_directory

    return werkzeug_send_from_directory(  # type: ignore[return-value]
        directory, path, **_prepare_send_file_kwargs(**kwargs)
    )


def is_coroutine_function(f: t.Callable[..., t.Any]) -> bool:
    """Whether calling `f` gives a coroutine; as `inspect.iscoroutinefunction`, whose module costs 0.9 MB."""
    while type(f) is not FunctionType:
        # Through bound methods and functools.partial objects.
        inner = getattr(f, "__func__", None) or getattr(f, "func", None)
        if inner is None or not callable(inner):
            return False
        f = inner
    # 0x80 is CO_COROUTINE (Python documentation, "Code Objects Bit Flags"); the mark is that of
    # `inspect.markcoroutinefunction`.
    return bool(f.__code__.co_flags & 0x80) or hasattr(f, "_is_coroutine_mark")


# --- where an import name lies on the disk ------------------------------------------------------------------


def get_root_path(import_name: str) -> str:
    """The folder of a module or package, absolute; the working directory where there is no file.

    Raises `RuntimeError` for a namespace package or an import hook that keeps its files elsewhere: such a
    program has to name `root_path` itself.

    >>> get_root_path("__main__")  # doctest: +SKIP
    '/srv/greenhouse'
    """
    module = sys.modules.get(import_name)
    if module is not None and getattr(module, "__file__", None) is not None:
        return os.path.dirname(os.path.abspath(_file_of(module)))

    import importlib.util

    try:
        spec = importlib.util.find_spec(import_name)
        if spec is None:
            return os.getcwd()
    except (ImportError, ValueError):
        return os.getcwd()
    loader = spec.loader
    if loader is None:
        return _from_imported(import_name)
    if hasattr(loader, "get_filename"):
        return os.path.dirname(os.path.abspath(str(loader.get_filename(import_name))))
    return _from_imported(import_name)


def _file_of(module: object) -> str:
    return str(module.__file__)  # type: ignore[attr-defined]


def _from_imported(import_name: str) -> str:
    __import__(import_name)
    module = sys.modules[import_name]
    if getattr(module, "__file__", None) is None:
        raise RuntimeError(
            f"No root path can be found for the provided module {import_name!r}. This can happen because the"
            " module came from an import hook that does not provide file name information or because it's a"
            " namespace package. In this case the root path needs to be explicitly provided."
        )
    return os.path.dirname(os.path.abspath(_file_of(module)))


def _package_path(import_name: str) -> str:
    """The folder that contains the top-level package of a name."""
    import importlib.util

    root_name = import_name.partition(".")[0]
    try:
        root_spec = importlib.util.find_spec(root_name)
        if root_spec is None:
            raise ValueError("not found")
    except (ImportError, ValueError):
        # __main__, or a name that is no module: such a program runs where it stands
        return os.getcwd()

    if root_spec.submodule_search_locations:
        if root_spec.origin is None or root_spec.origin == "namespace":
            # A namespace package has several folders: take the one that this name is really in.
            package_spec = importlib.util.find_spec(import_name)
            if package_spec is not None and package_spec.submodule_search_locations:
                locations = [os.path.realpath(path) for path in package_spec.submodule_search_locations]
            elif package_spec is not None and package_spec.origin is not None:
                locations = [os.path.realpath(os.path.dirname(package_spec.origin))]
            else:
                locations = []
            for folder in root_spec.submodule_search_locations:
                real = os.path.realpath(folder)
                if any(path == real or path.startswith(real + os.sep) for path in locations):
                    return os.path.dirname(folder)
            return os.path.dirname(next(iter(root_spec.submodule_search_locations)))
        return os.path.dirname(os.path.dirname(root_spec.origin))
    return os.path.dirname(str(root_spec.origin))


def find_package(import_name: str) -> tuple[str | None, str]:
    """The installation prefix of a package (None where it is not installed) and the folder that contains it.

    An installed program keeps its instance files under `prefix/var`, one that runs from its sources beside
    itself.

    >>> find_package("edgeweb")  # doctest: +SKIP
    (None, '/home/pi/edgeweb')
    """
    package_path = _package_path(import_name)
    prefix = os.path.abspath(sys.prefix)
    if package_path == prefix or package_path.startswith(prefix + os.sep):
        return sys.prefix, package_path

    site_parent, site_folder = os.path.split(package_path)
    if site_folder.lower() == "site-packages":
        parent, folder = os.path.split(site_parent)
        if folder.lower() == "lib":  # Windows: prefix/Lib/site-packages
            return parent, package_path
        if os.path.basename(parent).lower() == "lib":  # prefix/lib/pythonX.Y/site-packages
            return os.path.dirname(parent), package_path
        return site_parent, package_path
    return None, package_path
