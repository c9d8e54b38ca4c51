"""Making a template cache where an application is built, and checking whether one is up to date."""

from __future__ import annotations

import fnmatch
import marshal
import os
import time
import typing as t
from importlib.util import source_hash

from jinja2.environment import Environment
from jinja2.exceptions import TemplateSyntaxError

from .cache import TemplateCache
from .cachefile import CacheFile, Entry, key_of
from .compiling import compile_template
from .fingerprint import autoescaped, differences, stamp_of
from .origin import Origin, Source
from .writing import make_folder, write

if t.TYPE_CHECKING:
    from .application import Application


class Fault(Exception):
    """A template cannot be compiled. The text begins with file and line, as an editor wants it."""


class NotBuildable(Exception):
    """The application loads its templates in a way that a cache cannot replace."""


class NotText(Exception):
    """A file in a template folder is no template: its bytes are not text in the folder's encoding."""


class Found(t.NamedTuple):
    """A template: a file, or what a loader has under a name."""

    key: str
    name: str
    source: Source

    @property
    def label(self) -> str:
        return label(self.key)


class Result(t.NamedTuple):
    """The result for one template."""

    label: str
    #: Bytes of source and of code, and seconds that compiling took.
    size: int = 0
    code_size: int = 0
    seconds: float = 0.0
    #: Why it cannot be compiled, with file and line. Then no cache is written.
    fault: str = ""
    #: Why it is left out, where that is no fault.
    note: str = ""


class Builder:
    """The templates of an application, and the cache at a path.

    >>> builder = Builder(app, "/srv/greenhouse/templates.cache")  # doctest: +SKIP
    >>> faults = [result.fault for result in builder.compile() if result.fault]  # doctest: +SKIP
    >>> size = builder.write(strict=False)  # doctest: +SKIP

    `exclude` are patterns of names, as for a shell, of files in template folders that are no templates.
    """

    def __init__(self, app: Application, path: str, exclude: t.Sequence[str] = ()) -> None:
        self.path = path
        self._exclude = exclude
        self._environment: Environment = app.jinja_env
        loader = self._environment.loader
        cache = getattr(loader, "cache", None)
        if not isinstance(cache, TemplateCache):
            raise NotBuildable(
                f"the application loads its templates by a {type(loader).__name__} of its own"
                " (create_global_jinja_loader), which no template cache knows about."
            )
        self.stamp = stamp_of(self._environment)
        self.unlisted: list[str] = []
        self._complete: list[str] = []
        self._found = [found for origin in cache.origins() for found in self._find(origin)]
        self._entries: dict[str, Entry] = {}

    def __len__(self) -> int:
        return len(self._found)

    def compile(self) -> t.Iterator[Result]:
        """Compile one template after the other.

        Raises before the first one what `writing.write` raises where no cache can be written.
        """
        make_folder(self.path)
        for found in self._found:
            before = time.perf_counter()
            try:
                entry = self._compiled(found)
            except Fault as fault:
                yield Result(found.label, fault=str(fault))
            except NotText as note:
                yield Result(found.label, note=str(note))
            else:
                self._entries[found.key] = entry
                seconds = time.perf_counter() - before
                yield Result(found.label, entry.size, len(entry.code), seconds)

    def write(self, strict: bool) -> int:
        """Write what was compiled. Return the size of the file in bytes. Raises as `writing.write` does."""
        return write(self.path, self.stamp, self._complete, self._entries, strict)

    def changes(self, file: CacheFile, strict: bool) -> t.Iterator[str]:
        """Yield the reasons why a cache is not up to date for this application; none if it is."""
        yield from differences(file.stamp, self.stamp)
        if file.strict != strict:
            yield f"it was built {'with' if file.strict else 'without'} --strict"
        for key in self._complete:
            if key not in file.origins:
                yield f"the templates of {key} were not built"
        for name, state, _ in self.states(file):
            if state != "ready":
                yield f"{name} {'has' if state == 'changed' else 'is'} {state}"

    def states(self, file: CacheFile | None) -> t.Iterator[tuple[str, str, Entry | None]]:
        """Yield each template with its state in a cache: ready, changed, missing; then the gone ones."""
        for found in self._found:
            entry = file.find(found.key) if file else None
            if entry is not None:
                yield found.label, "ready" if self._fits(found, entry) else "changed", entry
            elif _is_text(found.source):
                yield found.label, "missing", None
        known = {found.key for found in self._found}
        for key, entry in sorted(file.all()) if file else ():
            if key not in known:
                yield label(key), "gone", entry

    def _fits(self, found: Found, entry: Entry) -> bool:
        data = found.source.data()
        return (
            entry.source_hash == source_hash(data)
            and entry.size == len(data)
            and entry.autoescape == autoescaped(self._environment, found.name)
        )

    def _find(self, origin: Origin) -> t.Iterator[Found]:
        """Yield every template of a loader, also one that another loader's of the same name hides."""
        if origin.folders is not None:
            self._complete.append(origin.key)
            for index, folder in enumerate(origin.folders):
                # Each folder alone, because a template in the first one hides the others of its name.
                single = origin._replace(folders=(folder,))
                for name in _names(folder[0]):
                    yield from self._found_in(single, name, key_of(origin.key, index, name))
            return
        try:
            names = origin.loader.list_templates()
        except TypeError:  # documented by Jinja2 for a loader that cannot
            self.unlisted.append(f"{origin.key.replace('|', ': ')} cannot list its templates")
            return
        for name in sorted(names):
            yield from self._found_in(origin, name, key_of(origin.key, 0, name))

    def _found_in(self, origin: Origin, name: str, key: str) -> t.Iterator[Found]:
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in self._exclude):
            return
        source = origin.source(self._environment, name)
        if source is not None:
            yield Found(key, name, source)

    def _compiled(self, found: Found) -> Entry:
        source = found.source
        try:
            text = source.text()
        except UnicodeDecodeError as error:
            raise NotText(f"{source.filename or found.label}: not a template: {error}") from None
        except OSError as error:
            raise Fault(f"{source.filename}: {error.strerror}") from error
        try:
            code = compile_template(self._environment, text, found.name, source.filename)
        except TemplateSyntaxError as error:
            place = error.filename or source.filename or found.label
            raise Fault(f"{place}:{error.lineno}: {error.message}") from error
        except Exception as error:  # an extension of the application's can raise anything
            raise Fault(f"{source.filename or found.label}: {type(error).__name__}: {error}") from error
        return source.entry(autoescaped(self._environment, found.name), marshal.dumps(code))


def label(key: str) -> str:
    """Return a key of the cache for people: the owner of the template, and its name.

    >>> label("blueprint dashboard|utf-8 ./templates\x000\x00overview.html")
    'dashboard: overview.html'
    """
    origin, _, name = key.split("\0", 2)
    return f"{origin.partition('|')[0].removeprefix('blueprint ')}: {name}"


def _is_text(source: Source) -> bool:
    try:
        source.text()
    except UnicodeDecodeError:
        return False
    return True


def _names(folder: str) -> t.Iterator[str]:
    """Yield the names by which files below a folder can be loaded. Links are followed."""
    for path, folders, files in os.walk(folder, followlinks=True):
        real = os.path.join(os.path.realpath(path), "")
        # A link to a folder above would never end.
        folders[:] = sorted(
            name
            for name in folders
            if not real.startswith(os.path.join(os.path.realpath(os.path.join(path, name)), ""))
        )
        for name in sorted(files):
            yield os.path.relpath(os.path.join(path, name), folder).replace(os.sep, "/")
