"""The application's logger. While a request is served it writes to the server's error stream.

The standard library's `logging` takes a megabyte, so it is imported with the first logger or handler.
"""

from __future__ import annotations

import sys
import typing as t

from werkzeug.local import LocalProxy

from .globals import _cv_request

if t.TYPE_CHECKING:
    import logging

    class Application(t.Protocol):
        """What a logger needs of its application."""

        debug: bool

        @property
        def name(self) -> str: ...


def _wsgi_errors_stream() -> t.TextIO:
    ctx = _cv_request.get(None)
    if ctx is not None:
        stream: t.TextIO = ctx.request.environ["wsgi.errors"]
        return stream
    return sys.stderr


#: `wsgi.errors` of the current request, else `sys.stderr`. Each write looks it up, because either may be
#: replaced. For `logging.config` it is `ext://edgeweb.logging.wsgi_errors_stream`.
wsgi_errors_stream: t.TextIO = LocalProxy(_wsgi_errors_stream)  # type: ignore[assignment]

#: Added to an application's logger that has no handler. `app.logger.removeHandler(default_handler)` removes
#: it. Made on first use.
default_handler: logging.StreamHandler[t.TextIO]


def has_level_handler(logger: logging.Logger) -> bool:
    """Return whether a handler of this logger, or of one above, takes messages of its effective level."""
    level = logger.getEffectiveLevel()
    asked: logging.Logger | None = logger
    while asked is not None:
        if any(handler.level <= level for handler in asked.handlers):
            return True
        asked = asked.parent if asked.propagate else None
    return False


def create_logger(app: Application) -> logging.Logger:
    """Return the logger with the application's name.

    In debug mode its level becomes DEBUG, unless one is set. It gets `default_handler` if logging is not
    configured. Source: Flask documentation, "Logging".
    """
    from logging import DEBUG, NOTSET, getLogger

    logger = getLogger(app.name)
    if logger.level == NOTSET and app.debug:
        logger.setLevel(DEBUG)
    if not has_level_handler(logger):
        logger.addHandler(_default_handler())
    return logger


def _default_handler() -> logging.StreamHandler[t.TextIO]:
    namespace = globals()
    if "default_handler" not in namespace:
        import logging

        handler = logging.StreamHandler(wsgi_errors_stream)
        handler.setFormatter(logging.Formatter("[%(asctime)s] %(levelname)s in %(module)s: %(message)s"))
        # setdefault: two threads that come here get the same handler.
        namespace.setdefault("default_handler", handler)
    return namespace["default_handler"]  # type: ignore[no-any-return]


def __getattr__(name: str) -> object:
    if name == "default_handler":
        return _default_handler()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
