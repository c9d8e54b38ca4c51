"""Functions for views: responses, URLs, files, flashed messages; and the folder of a program."""

from __future__ import annotations

import os
import sys
import typing as t
from functools import update_wrapper
from types import FunctionType

from werkzeug.exceptions import abort as _werkzeug_abort
from werkzeug.utils import redirect as _werkzeug_redirect

from .ctx import Reentry
from .globals import _cv_app, _cv_request, current_app, request_ctx, session
from .signals import message_flashed

if t.TYPE_CHECKING:
    from datetime import datetime
    from importlib.machinery import ModuleSpec

    from werkzeug.wrappers.response import Response as WerkzeugResponse

    from .wrappers import Response

_OFF = frozenset({"0", "false", "no"})


def get_debug_flag() -> bool:
    """Return whether `FLASK_DEBUG` turns debug mode on: set, and not `0`, `false` or `no`."""
    value = os.environ.get("FLASK_DEBUG")
    return bool(value and value.lower() not in _OFF)


def get_load_dotenv(default: bool = True) -> bool:
    """Return whether to read `.env` files. `FLASK_SKIP_DOTENV` forbids it, unless `0`, `false` or `no`."""
    value = os.environ.get("FLASK_SKIP_DOTENV")
    return default if not value else value.lower() in _OFF


@t.overload
def stream_with_context(generator_or_function: t.Iterator[t.AnyStr]) -> t.Iterator[t.AnyStr]: ...


@t.overload
def stream_with_context(
    generator_or_function: t.Callable[..., t.Iterator[t.AnyStr]],
) -> t.Callable[[t.Iterator[t.AnyStr]], t.Iterator[t.AnyStr]]: ...


def stream_with_context(generator_or_function: t.Any) -> t.Any:
    """Keep the request's context for a generator that runs after the view has returned.

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

        def decorator(*args: object, **kwargs: object) -> object:
            return stream_with_context(generator_or_function(*args, **kwargs))

        return update_wrapper(decorator, generator_or_function)

    def stream() -> t.Iterator[object]:
        ctx = _cv_request.get(None)
        if ctx is None:
            raise RuntimeError("'stream_with_context' works during a request only, such as in a view.")
        contexts = Reentry(ctx, _cv_app.get())
        # The caller below takes this value, so that the view's contexts are captured now. They are pushed
        # when the stream is read, which may be in another thread or task.
        yield None
        with contexts:
            try:
                for chunk in generator:
                    yield chunk
                    contexts.bring_up()  # another thread may read on
            finally:
                contexts.bring_up()
                if hasattr(generator, "close"):
                    generator.close()

    stream_in_context = stream()
    next(stream_in_context)
    return stream_in_context


def make_response(*args: t.Any) -> Response:
    """Return a response made from what a view may return, for example to set headers on it.

    >>> make_response("hello", 201).status_code  # doctest: +SKIP
    201
    """
    if not args:
        return current_app.response_class()
    return current_app.make_response(args[0] if len(args) == 1 else args)


def url_for(
    endpoint: str,
    *,
    _anchor: str | None = None,
    _method: str | None = None,
    _scheme: str | None = None,
    _external: bool | None = None,
    **values: t.Any,
) -> str:
    """Return the URL of an endpoint; see `Flask.url_for`.

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
    """Return a response that sends the browser to another URL, made by the current application if any."""
    ctx = _cv_app.get(None)
    if ctx is not None:
        response: WerkzeugResponse = ctx.app.redirect(location, code=code)
        return response
    return _werkzeug_redirect(location, code=code, Response=Response)


def abort(code: int | WerkzeugResponse, *args: t.Any, **kwargs: t.Any) -> t.NoReturn:
    """End the request with an HTTP error: `abort(404)`, `abort(409, description="busy")`, `abort(response)`.

    Raises the `werkzeug.exceptions.HTTPException` of the code, `LookupError` for an unknown one.
    """
    ctx = _cv_app.get(None)
    if ctx is not None:
        ctx.app.aborter(code, *args, **kwargs)
    _werkzeug_abort(code, *args, **kwargs)


def get_template_attribute(template_name: str, attribute: str) -> t.Any:
    """Return a macro or variable that a template exports, to use it from Python.

    >>> hello = get_template_attribute("_cider.html", "hello")  # doctest: +SKIP
    """
    return getattr(current_app.jinja_env.get_template(template_name).module, attribute)


def flash(message: str, category: str = "message") -> None:
    """Leave a message in the session for the next page, which shows it with `get_flashed_messages()`."""
    # A new list: the session does not notice what is appended to one.
    session["_flashes"] = [*session.get("_flashes", ()), (category, message)]
    if message_flashed.receivers:
        app = current_app._get_current_object()
        message_flashed.send(app, _async_wrapper=app.ensure_sync, message=message, category=category)


def get_flashed_messages(
    with_categories: bool = False, category_filter: t.Iterable[str] = ()
) -> list[str] | list[tuple[str, str]]:
    """Take the flashed messages out of the session. A second call in the same request returns them again.

    `with_categories` gives (category, message) pairs; `category_filter` selects categories.
    """
    ctx = request_ctx._get_current_object()
    if ctx.flashes is None:
        # Not by pop's default, because a session that cannot be written has no pop.
        ctx.flashes = session.pop("_flashes") if "_flashes" in session else []
    chosen = [pair for pair in ctx.flashes if not category_filter or pair[0] in category_filter]
    return chosen if with_categories else [message for _, message in chosen]


def _prepare_send_file_kwargs(**kwargs: object) -> dict[str, t.Any]:
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
    """Return a response with a file, which may be answered in part (Range) or as not modified.

    Never pass a path that a client named: `send_from_directory` is for those. A relative path starts at the
    application's root path. Source: Flask documentation, `send_file`.
    """
    # Exactly the parameters: Werkzeug's have the same names.
    options = dict(locals())
    from werkzeug.utils import send_file as werkzeug_send_file

    return werkzeug_send_file(**_prepare_send_file_kwargs(**options))  # type: ignore[return-value]


def send_from_directory(
    directory: os.PathLike[str] | str, path: os.PathLike[str] | str, **kwargs: t.Any
) -> Response:
    """Return a response with a file below a folder. Raises `NotFound` (404) for anything else.

    `kwargs` are those of `send_file`.
    """
    from werkzeug.utils import send_from_directory as werkzeug_send_from_directory

    return werkzeug_send_from_directory(  # type: ignore[return-value]
        directory, path, **_prepare_send_file_kwargs(**kwargs)
    )


def is_coroutine_function(f: t.Callable[..., object]) -> bool:
    """Return what `inspect.iscoroutinefunction` does, without the 0.9 MB of `inspect`."""
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


def _find_spec(name: str) -> ModuleSpec | None:
    """Return the spec of a module; None for a name that stands for no module, such as `__main__`."""
    if name in sys.modules:
        # All that find_spec does then; the import of it would be for nothing else.
        return getattr(sys.modules[name], "__spec__", None)
    from importlib.util import find_spec

    try:
        return find_spec(name)
    except (ImportError, ValueError):
        return None


def get_root_path(import_name: str) -> str:
    """Return the absolute folder of a module or package; the working directory for an unknown name.

    Raises `RuntimeError` where neither the module nor its importer names a file.

    >>> get_root_path("__main__")  # doctest: +SKIP
    '/srv/greenhouse'
    """
    file: str | None = getattr(sys.modules.get(import_name), "__file__", None)
    if file is None:
        spec = _find_spec(import_name)
        if spec is None:
            return os.getcwd()
        get_filename = getattr(spec.loader, "get_filename", None)
        if get_filename is not None:
            file = get_filename(import_name)
        else:
            __import__(import_name)
            file = getattr(sys.modules[import_name], "__file__", None)
    if file is None:
        raise RuntimeError(
            f"The folder of {import_name!r} is unknown: it is a namespace package, or its importer names no"
            " file. Pass root_path to the constructor."
        )
    return os.path.dirname(os.path.abspath(file))


def _package_path(import_name: str) -> str:
    """Return the folder that contains the top-level package of a name."""
    spec = _find_spec(import_name.partition(".")[0])
    if spec is None:
        # A program that runs where it stands.
        return os.getcwd()
    folders = list(spec.submodule_search_locations or ())
    if not folders:
        return os.path.dirname(str(spec.origin))
    if spec.origin in (None, "namespace"):
        return os.path.dirname(_portion(folders, import_name))
    return os.path.dirname(os.path.dirname(str(spec.origin)))


def _portion(folders: list[str], import_name: str) -> str:
    """Return the folder of a namespace package that holds a module; the first, where none does."""
    spec = _find_spec(import_name)
    inside: list[str] = []
    if spec is not None:
        inside = list(spec.submodule_search_locations or ())
        if not inside and spec.origin is not None:
            inside = [os.path.dirname(spec.origin)]
    places = [os.path.join(os.path.realpath(path), "") for path in inside]
    for folder in folders:
        top = os.path.join(os.path.realpath(folder), "")
        if any(place.startswith(top) for place in places):
            return folder
    return folders[0]


def find_package(import_name: str) -> tuple[str | None, str]:
    """Return the installation prefix of a package, None if it is not installed, and the folder above it.

    An installed program keeps its instance files under `prefix/var`; a program that runs from its sources,
    beside them.

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
