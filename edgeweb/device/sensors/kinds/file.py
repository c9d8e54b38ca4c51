"""A number in a file: what another program writes down, or a driver without a kind of its own.

    [sensors.rain]
    kind = "file"
    path = "/run/weather/rain"
    unit = "mm"

The first word of the file has to be a number; what follows, such as a unit, is left out.
"""

from __future__ import annotations

from ..kernel_files import read_number
from . import BaseInput, Option, Options

OPTIONS = (Option("path", "string", 4096, "", "The file, from the root of the file system.", needed=True),)


class Input(BaseInput):
    """A file whose first word is a number."""

    __slots__ = ("_path",)

    def __init__(self, options: Options, root: str = "/") -> None:
        super().__init__(options, root)
        self._path: str = options["path"]

    def read(self) -> float:
        return read_number(self._path)


def check(options: Options) -> dict[str, str]:
    """Return the keys with a fault, and what is expected."""
    path: str = options["path"]
    return {} if not path or path.startswith("/") else {"path": "a path that begins with a slash"}
