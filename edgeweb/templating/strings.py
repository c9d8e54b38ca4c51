"""Templates given as text: compiled once, and kept while they are used and there is room."""

from __future__ import annotations

import sys
import threading
from types import CodeType

from jinja2.environment import Environment, Template

from .compiling import compile_template
from .fingerprint import KEPT_STRINGS, VersionUnknown, autoescaped, stamp_of

#: Maximum size of the code and the texts of an application, in bytes.
MAX_BYTES = 256 * 1024
_Key = tuple[str, bool, str]


def from_string(environment: Environment, source: str) -> Template:
    """Do what `environment.from_string` does, without compiling a text again that was used recently.

    Raises `jinja2.TemplateSyntaxError`.
    """
    if type(environment).from_string is not Environment.from_string or not isinstance(source, str):
        return environment.from_string(source)
    strings = vars(environment).get(KEPT_STRINGS)
    if strings is None or strings.environment is not environment:
        strings = CompiledStrings(environment)
        setattr(environment, KEPT_STRINGS, strings)
    return environment.template_class.from_code(
        environment, strings.code(source), environment.make_globals(None), None
    )


class CompiledStrings:
    """The code of templates by their text. The least recently used one is dropped first.

    Texts may contain what users wrote, so there can be any number of them: the size is bounded in bytes, and
    a text that would take more than a quarter of it is not kept.
    """

    def __init__(self, environment: Environment, max_bytes: int = MAX_BYTES) -> None:
        self.environment = environment
        self.max_bytes = max_bytes
        self.bytes = 0
        self._lock = threading.Lock()
        self._kept: dict[_Key, tuple[CodeType, int]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def code(self, source: str) -> CodeType:
        """Return the code of a template. Raises `jinja2.TemplateSyntaxError`."""
        try:
            # The key has all that the code depends on: code without escaping must not be used with it.
            key = (stamp_of(self.environment), autoescaped(self.environment, None), source)
        except VersionUnknown:
            return compile_template(self.environment, source, None, None)
        code = self._find(key)
        if code is None:
            code = compile_template(self.environment, source, None, None)
            self._keep(key, code)
        return code

    def _find(self, key: _Key) -> CodeType | None:
        with self._lock:
            kept = self._kept.pop(key, None)
            if kept is None:
                return None
            self._kept[key] = kept  # the youngest now
            return kept[0]

    def _keep(self, key: _Key, code: CodeType) -> None:
        size = sys.getsizeof(key[-1]) + _size(code)
        if size > self.max_bytes // 4:
            return
        with self._lock:
            if key in self._kept:
                return  # another thread was faster
            self._kept[key] = code, size
            self.bytes += size
            while self.bytes > self.max_bytes:
                _, freed = self._kept.pop(next(iter(self._kept)))
                self.bytes -= freed


def _size(value: object) -> int:
    """Return the bytes that code takes, without its names, which are mostly shared."""
    size = sys.getsizeof(value)
    if isinstance(value, CodeType):
        size += sum(
            map(sys.getsizeof, (value.co_code, value.co_linetable, value.co_exceptiontable, value.co_names))
        )
        size += sys.getsizeof(value.co_consts) + sum(map(_size, value.co_consts))
    elif isinstance(value, (tuple, frozenset)):
        size += sum(map(_size, value))
    return size
