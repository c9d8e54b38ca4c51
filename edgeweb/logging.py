"""The application's logger, and where it writes: to the server's error stream while a request is served.

The standard library's `logging` takes a megabyte, so it is imported for the first logger or handler.
"""

from __future__ import annotations

import sys
import typing as t

from werkzeug.local import LocalProxy

from .globals import _cv_request

if t.TYPE_CHECKING:
    import logging


def _wsgi_errors_stream() -> t.TextIO:
    ctx = _cv_request.get(None)
    if ctx is not None:
        return ctx.request.environ["wsgi.errors"]  # type: ignore[no-any-return]
    return sys.stderr


#: `wsgi.errors` of the current request, else `sys.stderr`; looked up at every write, so that a stream which
#: was replaced meanwhile is found. For `logging.config` it is `ext://edgeweb.logging.wsgi_errors_stream`.
wsgi_errors_stream: t.TextIO = LocalProxy(_wsgi_errors_stream)  # type: ignore[assignment]

#: Added to the application's logger when nothing else handles what it logs. To take it away:
#: `app.logger.removeHandler(default_handler)`. Made on first use.
default_handler: logging.StreamHandler[t.TextIO]


def has_level_handler(logger: logging.Logger) -> bool:
    """Whether a handler, of this logger or above, takes messages of the logger's effective level."""
    level = logger.getEffectiveLevel()
    current: logging.Logger | None = logger
    while current is not None:
        if any(handler.level <= level for handler in current.handlers):
            return True
        current = current.parent if current.propagate else None
    return False


def create_logger(app: t.Any) -> logging.Logger:
    """The logger with the application's name.

    In debug mode it logs from DEBUG on, unless a level was set, and it gets `default_handler` where nobody
    has configured logging. Source: Flask documentation, "Logging".
    """
    import logging

    logger = logging.getLogger(app.name)
    if app.debug and not logger.level:
        logger.setLevel(logging.DEBUG)
    if not has_level_handler(logger):
        logger.addHandler(_default_handler())
    return logger


def _default_handler() -> logging.StreamHandler[t.TextIO]:
    namespace = globals()
    if "default_handler" not in namespace:
        import logging

        handler = logging.StreamHandler(wsgi_errors_stream)
        handler.setFormatter(logging.Formatter("[%(asctime)s] %(levelname)s in %(module)s: %(message)s"))
        # Of two threads that come here one wins, so that there is one handler to be removed.
        namespace.setdefault("default_handler", handler)
    return namespace["default_handler"]  # type: ignore[no-any-return]


def __getattr__(name: str) -> t.Any:
    if name == "default_handler":
        return _default_handler()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
