"""Templates given as text: compiled once, and kept as long as they are used and there is room."""

from __future__ import annotations

import sys
import threading
from types import CodeType

from jinja2.environment import Environment, Template

from .compiling import compile_template
from .fingerprint import KEPT_STRINGS, VersionUnknown, autoescaped, stamp_of

#: What the code and the texts of an application may take, in bytes.
MAX_BYTES = 256 * 1024
_Key = tuple[str, bool, str]


def from_string(environment: Environment, source: str) -> Template:
    """As `environment.from_string`, without compiling a text again that was compiled a short time ago.

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
    """The code of templates by their text; the one that was not used for the longest time goes first.

    Texts may come from users, directly or put together, so there can be any number of them: the room is
    bounded in bytes, and a text that would take more than a quarter of it is not kept.
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
        """The code of a template; raises `jinja2.TemplateSyntaxError`."""
        try:
            # Whatever the code depends on is part of the key: what was not escaped then must be escaped now.
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
    """Bytes that code takes: itself, its instructions, tables and constants; names are mostly shared."""
    size = sys.getsizeof(value)
    if isinstance(value, CodeType):
        size += sum(
            map(sys.getsizeof, (value.co_code, value.co_linetable, value.co_exceptiontable, value.co_names))
        )
        size += sys.getsizeof(value.co_consts) + sum(map(_size, value.co_consts))
    elif isinstance(value, (tuple, frozenset)):
        size += sum(map(_size, value))
    return size
