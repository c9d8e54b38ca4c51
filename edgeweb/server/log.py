"""The server's own log. `logging`, with a megabyte of memory, is imported for the first line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging


class _LazyLogger:
    """The logger `edgeweb.server`, looked up when it is used."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name in ("debug", "info") and "logging" not in sys.modules:
            return _drop  # without the module, no handler can be set for these levels
        import logging

        found = logging.getLogger("edgeweb.server")
        if not found.handlers and not found.hasHandlers():
            found.addHandler(make_handler())
        method: Callable[..., None] = getattr(found, name)
        return method


def _drop(message: str, *args: object) -> None:
    pass


logger = _LazyLogger()


def make_handler() -> logging.Handler:
    """Return a handler for stderr: in the journal's format if stderr leads there, else with the time."""
    import logging

    handler = logging.StreamHandler(sys.stderr)
    if leads_to_journal():
        handler.setFormatter(_JournalFormatter())  # type: ignore[arg-type]
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    return handler


def leads_to_journal(descriptor: int = 2) -> bool:
    """Return whether a descriptor leads to the journal. Source: systemd.exec(5), `JOURNAL_STREAM`."""
    try:
        stat = os.fstat(descriptor)
    except OSError:
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{stat.st_dev}:{stat.st_ino}"


class _JournalFormatter:
    """`<3>name: message`: the journal takes the level from the number of each line, and adds the time."""

    def format(self, record: logging.LogRecord) -> str:
        import logging

        level = next((priority for at, priority in _PRIORITIES if record.levelno >= at), 7)
        text = logging.Formatter("%(name)s: %(message)s").format(record)
        return "\n".join(f"<{level}>{line}" for line in text.splitlines())


# Lowest level of logging, and the priority in syslog(3) from there on.
_PRIORITIES = ((50, 2), (40, 3), (30, 4), (20, 6))
