"""The template cache of a running application: which templates come from it, and which are compiled.

Three modes, by `TEMPLATE_CACHE_MODE`:

- `"sealed"`: the cache counts as right and complete. Template folders are not read. A template that it does
  not have is compiled with a warning; if the cache was built with `--strict`, it is an error.
- `"auto"`: a template is taken from the cache while its source has the same size and time, or else the same
  content. A template that had to be compiled is added, if this process may write the cache.
- `"dev"`: there is no cache; sources are read and reloaded as in Flask.

The default is `"dev"` while templates reload (debug mode), `"sealed"` if no template folder exists, else
`"auto"`. `TEMPLATE_CACHE` is the file, absolute or in the application's `root_path`; None means no cache.
"""

from __future__ import annotations

import marshal
import os
import sys
import threading
import typing as t
from importlib.util import cache_from_source
from types import CodeType

from jinja2.environment import Environment, Template
from jinja2.exceptions import TemplateNotFound

from .cachefile import CacheFile, Damaged, Entry, key_of
from .fingerprint import VersionUnknown, autoescaped, differences, stamp_of
from .origin import Origin, Source, origins
from .trust import Untrusted

if t.TYPE_CHECKING:
    from jinja2.loaders import BaseLoader

    from .additions import Additions
    from .application import Application, Owner

MODES = ("sealed", "auto", "dev")
SUFFIX = ".templates"
_REBUILD = "Run edgeweb build where the application is installed."
_MAX_WARNINGS = 100
Globals = t.MutableMapping[str, t.Any]


class NotInCache(RuntimeError):
    """A sealed cache that was built with `--strict` does not have a template."""


def cache_path(app: Application) -> str | None:
    """Return the path of an application's cache, whether it exists or not; None for no cache.

    By default, without `TEMPLATE_CACHE`, it lies with Python's compiled code, one for each interpreter.

    >>> cache_path(Flask("greenhouse.web"))  # doctest: +SKIP
    '/srv/greenhouse/__pycache__/web.cpython-311.templates'
    """
    path: str | None = app.config.get("TEMPLATE_CACHE", "")
    if path is None:
        return None
    if path:
        return os.path.join(str(app.root_path), path)
    last = app.name.rpartition(".")[2]
    name = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in last)
    try:
        compiled = cache_from_source(os.path.join(app.root_path, f"{name}.py"), optimization="")
    except NotImplementedError:  # an interpreter that keeps no compiled code
        return None
    return compiled.removesuffix(".pyc") + SUFFIX


class TemplateCache:
    """Loads the templates of one application, from its cache or from their sources.

    `owners` returns application and blueprints, each with its loader, in the order of the search.
    """

    def __init__(
        self, app: Application, owners: t.Callable[[], t.Iterable[tuple[Owner, BaseLoader]]]
    ) -> None:
        self.app = app
        self._owners = owners
        self._lock = threading.Lock()
        self._file: CacheFile | None = None
        self._opened = False
        self._additions: Additions | None = None
        self._sources_present: bool | None = None
        self._warnings: set[str] = set()

    def origins(self) -> t.Iterator[Origin]:
        """Yield the loaders as they are now. A program may replace them at any time."""
        return origins(self.app, self._owners())

    def mode(self, environment: Environment) -> str:
        """Return the mode of the moment. Raises `ValueError` for an unknown one in the configuration."""
        mode = self.app.config.get("TEMPLATE_CACHE_MODE")
        if mode is None:
            if environment.auto_reload:
                return "dev"
            if self._sources_present is None:
                self._sources_present = any(map(_is_present, self.origins()))
            return "auto" if self._sources_present else "sealed"
        if mode not in MODES:
            raise ValueError(
                f"TEMPLATE_CACHE_MODE is {mode!r}; it can be {', '.join(map(repr, MODES))} or None"
            )
        return str(mode)

    # --- loading --------------------------------------------------------------------------------------------

    def load(self, environment: Environment, mode: str, name: str, globals: Globals) -> Template:
        """Load a template in the mode `sealed` or `auto`.

        Raises `TemplateNotFound`, `NotInCache`, and `TemplateSyntaxError` for one that has to be compiled.
        """
        file = self._valid_file(environment, mode)
        complete = file.origins if file is not None and mode == "sealed" else frozenset()
        template = self._load(environment, mode, file, complete, name, globals)
        if template is None and complete:
            # No loader had it when the cache was sealed. One may have it now.
            template = self._load(environment, mode, file, frozenset(), name, globals)
        if template is None:
            raise TemplateNotFound(name)
        return template

    def _load(
        self,
        environment: Environment,
        mode: str,
        file: CacheFile | None,
        complete: frozenset[str],
        name: str,
        globals: Globals,
    ) -> Template | None:
        """Try one loader after the other. Of those in `complete` the cache has all templates."""
        for origin in self.origins():
            if file is not None and origin.key in complete:
                sealed = _sealed_entry(file, origin, name)
                if sealed is None:
                    continue
                filename, entry = sealed
                if entry.autoescape == autoescaped(environment, name):
                    code = _code(entry, filename)
                    if code is not None:
                        return environment.template_class.from_code(environment, code, globals, None)
            source = origin.source(environment, name)
            if source is not None:
                return self._from_source(environment, mode, file, source, name, globals)
        return None

    def _from_source(
        self,
        environment: Environment,
        mode: str,
        file: CacheFile | None,
        source: Source,
        name: str,
        globals: Globals,
    ) -> Template:
        """Return the template of a source, with its code from the cache if it was made from this source."""
        escaped = autoescaped(environment, name)
        code = self._kept_code(environment, mode, file, source, escaped)
        if code is None and mode == "auto" and self._was_replaced():
            code = self._kept_code(environment, mode, self._valid_file(environment, mode), source, escaped)
        if code is None:
            if mode == "sealed":
                self._note_missing(file, name)
            from .compiling import compile_template

            code = compile_template(environment, source.text(), name, source.filename)
            if mode == "auto":
                self._add(environment, source, escaped, marshal.dumps(code))
        return environment.template_class.from_code(environment, code, globals, source.unchanged)

    def _kept_code(
        self, environment: Environment, mode: str, file: CacheFile | None, source: Source, escaped: bool
    ) -> CodeType | None:
        entry = file.find(source.key) if file is not None and source.key is not None else None
        if entry is None or entry.autoescape != escaped or not source.matches(entry):
            return None
        code = _code(entry, source.filename)
        if code is not None and mode == "auto" and source.mtime_ns != entry.mtime_ns and source.is_settled():
            # The same content at another time. Keep the time, so that the source is not read again.
            self._add(environment, source, escaped, bytes(entry.code))
        return code

    def _note_missing(self, file: CacheFile | None, name: str) -> None:
        if file is None:
            return  # the reason was logged when the cache was opened
        message = f"The sealed template cache {file.path} does not have {name!r}"
        if file.strict:
            raise NotInCache(f"{message}. {_REBUILD}")
        self._warn_once(f"{message}, which is compiled now. {_REBUILD}")

    # --- the file -------------------------------------------------------------------------------------------

    def _valid_file(self, environment: Environment, mode: str) -> CacheFile | None:
        """Return the cache, if there is one whose code can run in this environment."""
        if not self._opened:
            self._open(mode)
        file = self._file
        if file is None:
            return None
        try:
            stamp = stamp_of(environment)
        except VersionUnknown as error:
            self._warn_once(f"The template cache is not used: {error}.")
            return None
        if file.stamp == stamp:
            return file
        if mode == "sealed":
            reasons = "; ".join(differences(file.stamp, stamp)[:3])
            self._warn_once(f"The template cache {file.path} is for another program ({reasons}). {_REBUILD}")
        return None

    def _open(self, mode: str) -> None:
        path = cache_path(self.app)
        with self._lock:
            file = None
            if path is not None:
                try:
                    file = CacheFile(path)
                except FileNotFoundError:
                    if mode == "sealed":
                        self._warn_once(
                            f"There is no template cache {path}: templates are compiled. {_REBUILD}"
                        )
                except (OSError, Damaged, Untrusted) as error:
                    self._warn_once(
                        f"The template cache {path} is not used: {error}. Templates are compiled."
                    )
            self._file, self._opened = file, True

    def _was_replaced(self) -> bool:
        """Return whether the open cache file was replaced by another, which the next look-up opens."""
        path = cache_path(self.app)
        try:
            status = None if path is None else os.stat(path)
        except OSError:
            status = None
        if status is None or (self._file is not None and self._file.is_still(status)):
            return False
        self._opened = False
        return True

    def _add(self, environment: Environment, source: Source, escaped: bool, code: bytes) -> None:
        """Add compiled code to the cache, if this process may write it."""
        path = cache_path(self.app)
        if (
            path is None
            or source.key is None
            or self.app.testing
            or sys.dont_write_bytecode
            or vars(self.app).get("_jinja_env") is not environment
        ):
            return
        import weakref

        from .additions import Additions

        with self._lock:
            if self._additions is None:
                self._additions = Additions(path)
                weakref.finalize(self, self._additions.flush)
        self._additions.add(stamp_of(environment), source.key, source.entry(escaped, code))

    def _warn_once(self, message: str) -> None:
        """Log a warning, unless it was logged before."""
        if message not in self._warnings and len(self._warnings) < _MAX_WARNINGS:
            self._warnings.add(message)
            self.app.logger.warning(message)


def _is_present(origin: Origin) -> bool:
    return origin.folders is None or any(os.path.isdir(folder) for folder, _ in origin.folders)


def _sealed_entry(file: CacheFile, origin: Origin, name: str) -> tuple[str, Entry] | None:
    for index, (folder, _) in enumerate(origin.folders or ()):
        entry = file.find(key_of(origin.key, index, name))
        if entry is not None:
            return os.path.normpath(os.path.join(folder, name)), entry
    return None


def _code(entry: Entry, filename: str | None) -> CodeType | None:
    """Return the code of an entry, with this file name for its tracebacks; None if it is damaged."""
    try:
        code = marshal.loads(entry.code)
    except (EOFError, TypeError, ValueError):
        return None
    if not isinstance(code, CodeType):
        return None
    return code if filename is None else _moved(code, filename)


def _moved(code: CodeType, filename: str) -> CodeType:
    if code.co_filename == filename:
        return code
    constants = tuple(
        _moved(part, filename) if isinstance(part, CodeType) else part for part in code.co_consts
    )
    return code.replace(co_filename=filename, co_consts=constants)
