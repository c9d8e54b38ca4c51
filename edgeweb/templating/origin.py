"""The loaders of application and blueprints as the cache knows them, and the sources that they find."""

from __future__ import annotations

import os
import posixpath
import stat
import time
import typing as t
from importlib.util import source_hash

from jinja2.environment import Environment
from jinja2.exceptions import TemplateNotFound
from jinja2.loaders import BaseLoader, ChoiceLoader, FileSystemLoader, split_template_path

from .cachefile import Entry, key_of

if t.TYPE_CHECKING:
    from .application import Application, Owner

#: A file that was changed within this time (nanoseconds) can change again and keep its size and time: FAT
#: stores times in steps of two seconds.
FRESH_NS = 2_000_000_000


class Source:
    """The source of a template as it is now."""

    __slots__ = ("_data", "_text", "filename", "key", "mtime_ns", "size", "unchanged")

    def __init__(self, key: str | None, filename: str | None, size: int, mtime_ns: int = 0) -> None:
        #: None for a name that no cache has: "a//b.html" finds the file "a/b.html", but is not its name.
        self.key = key
        self.filename = filename
        #: In bytes.
        self.size = size
        #: When the file was changed, in nanoseconds; 0 for no file.
        self.mtime_ns = mtime_ns
        #: Returns later whether the template is still up to date.
        self.unchanged: t.Callable[[], bool] | None = None
        self._data: bytes | None = None
        self._text: t.Callable[[bytes], str]

    @classmethod
    def of_file(cls, key: str | None, filename: str, encoding: str, status: os.stat_result) -> Source:
        """Return the source in a file, which is read when its content is used."""
        source = cls(key, filename, status.st_size, status.st_mtime_ns)
        source.unchanged = _Unchanged(filename, status)
        source._text = lambda data: data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        return source

    @classmethod
    def of_text(cls, key: str, filename: str | None, text: str) -> Source:
        """Return the source that a loader has returned as text."""
        data = text.encode("utf-8", "surrogatepass")
        source = cls(key, filename, len(data))
        source._data = data
        source._text = lambda _: text
        return source

    def data(self) -> bytes:
        """Return the bytes of the source."""
        if self._data is None:
            assert self.filename is not None
            with open(self.filename, "rb") as file:
                self._data = file.read()
        return self._data

    def text(self) -> str:
        """Return the source as Jinja2's loaders do. Raises `UnicodeDecodeError`."""
        return self._text(self.data())

    def matches(self, entry: Entry) -> bool:
        """Return whether an entry was compiled from this source: same size and time, or else same content."""
        if self.size != entry.size:
            return False
        if self.mtime_ns and self.mtime_ns == entry.mtime_ns:
            return True
        return source_hash(self.data()) == entry.source_hash

    def entry(self, autoescape: bool, code: bytes | memoryview) -> Entry:
        """Return the entry for code that was compiled from this source."""
        data = self.data()
        return Entry(
            autoescape, len(data), self.mtime_ns if self.is_settled() else 0, source_hash(data), code
        )

    def is_settled(self) -> bool:
        """Return whether a change from now on would change the time of the file."""
        return 0 < self.mtime_ns < time.time_ns() - FRESH_NS


class _Unchanged:
    """The freshness check of a template that reloads: a file still has the same size and time."""

    __slots__ = ("_filename", "_mtime_ns", "_size")

    def __init__(self, filename: str, status: os.stat_result) -> None:
        self._filename = filename
        self._size, self._mtime_ns = status.st_size, status.st_mtime_ns

    def __call__(self) -> bool:
        try:
            status = os.stat(self._filename)
        except OSError:
            return False
        return (status.st_size, status.st_mtime_ns) == (self._size, self._mtime_ns)


class Origin(t.NamedTuple):
    """A loader, as a cache knows it."""

    #: Its owner and where it searches, independent of where the program is installed:
    #: `"app|utf-8 ./templates"`, `"blueprint admin.users|jinja2.loaders.DictLoader"`.
    key: str
    loader: BaseLoader
    #: Folder and encoding, in the order of the search; None for a loader that does not search folders.
    folders: tuple[tuple[str, str], ...] | None

    def source(self, environment: Environment, name: str) -> Source | None:
        """Return the source of a template, if this loader has it."""
        if self.folders is None:
            return self._asked_for(environment, name)
        try:
            pieces = split_template_path(name)
        except TemplateNotFound:
            return None
        straight = "/".join(pieces) == name
        for index, (folder, encoding) in enumerate(self.folders):
            filename = os.path.normpath(posixpath.join(folder, *pieces))
            try:
                status = os.stat(filename)
            except (OSError, ValueError):  # ValueError: a name with a null byte
                continue
            if stat.S_ISREG(status.st_mode):
                key = key_of(self.key, index, name) if straight else None
                return Source.of_file(key, filename, encoding, status)
        return None

    def _asked_for(self, environment: Environment, name: str) -> Source | None:
        try:
            text, filename, unchanged = self.loader.get_source(environment, name)
        except TemplateNotFound:
            return None
        source = Source.of_text(key_of(self.key, 0, name), filename, text)
        source.unchanged = unchanged
        return source


def origins(app: Application, owners: t.Iterable[tuple[Owner, BaseLoader]]) -> t.Iterator[Origin]:
    """Yield the origin for each pair of an owner, application or blueprint, and its loader."""
    # A blueprint knows its own name only; nested or registered twice it goes by its name in the application.
    names = {id(blueprint): name for name, blueprint in reversed([*app.blueprints.items()])}
    for owner, loader in owners:
        name = "app" if owner is app else f"blueprint {names.get(id(owner), owner.name)}"
        folders = _folders(loader)
        if folders is None:
            place = f"{type(loader).__module__}.{type(loader).__qualname__}"
        else:
            place = "|".join(
                f"{encoding} {_relative(folder, owner.root_path)}" for folder, encoding in folders
            )
        yield Origin(f"{name}|{place}", loader, folders)


def _folders(loader: BaseLoader) -> tuple[tuple[str, str], ...] | None:
    # The exact classes: a subclass may find its templates in any way it likes.
    if type(loader) is FileSystemLoader:
        return tuple((folder, loader.encoding) for folder in loader.searchpath)
    if type(loader) is ChoiceLoader:
        parts = [_folders(part) for part in loader.loaders]
        if None not in parts:
            return tuple(folder for part in parts for folder in part or ())
    return None


def _relative(folder: str, root: str) -> str:
    """Return a folder relative to the program, which can then be moved; one outside of it unchanged."""
    # By name only, without reading the disk: the configured names are compared.
    folder, root = os.path.normpath(folder), os.path.normpath(root)
    if folder == root:
        return "."
    return f".{folder[len(root) :]}" if folder.startswith(root + os.sep) else folder
