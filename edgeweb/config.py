"""The configuration of an application: a dict that is filled from files, objects and the environment."""

from __future__ import annotations

import errno
import os
import typing as t
from datetime import timedelta

T = t.TypeVar("T")

if t.TYPE_CHECKING:

    class Configured(t.Protocol):
        """An object whose attributes may stand in its configuration."""

        @property
        def config(self) -> t.MutableMapping[str, t.Any]: ...


# What an application begins with. Source: Flask documentation, "Configuration Handling".
DEFAULTS: dict[str, object] = {
    "DEBUG": None,
    "TESTING": False,
    "PROPAGATE_EXCEPTIONS": None,
    "SECRET_KEY": None,
    "SECRET_KEY_FALLBACKS": None,
    "PERMANENT_SESSION_LIFETIME": timedelta(days=31),
    "USE_X_SENDFILE": False,
    "TRUSTED_HOSTS": None,
    "SERVER_NAME": None,
    "APPLICATION_ROOT": "/",
    "SESSION_COOKIE_NAME": "session",
    "SESSION_COOKIE_DOMAIN": None,
    "SESSION_COOKIE_PATH": None,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SECURE": False,
    "SESSION_COOKIE_PARTITIONED": False,
    "SESSION_COOKIE_SAMESITE": None,
    "SESSION_REFRESH_EACH_REQUEST": True,
    # Bytes. The server has limits of its own, which hold before the application sees a request.
    "MAX_CONTENT_LENGTH": None,
    "MAX_FORM_MEMORY_SIZE": 500_000,
    "MAX_FORM_PARTS": 1_000,
    "SEND_FILE_MAX_AGE_DEFAULT": None,
    "TRAP_BAD_REQUEST_ERRORS": None,
    "TRAP_HTTP_EXCEPTIONS": False,
    "EXPLAIN_TEMPLATE_LOADING": False,
    "PREFERRED_URL_SCHEME": "http",
    "TEMPLATES_AUTO_RELOAD": None,
    "MAX_COOKIE_SIZE": 4093,
    "PROVIDE_AUTOMATIC_OPTIONS": True,
}

# Numbers of the errors that mean "there is no such file". Flask accepts one more for a Python file.
_NONE: frozenset[int] = frozenset()
_MISSING = frozenset({errno.ENOENT, errno.EISDIR})
_MISSING_MODULE = _MISSING | {errno.ENOTDIR}


def _loads(text: str) -> object:
    import json

    return json.loads(text)


def _import(name: str) -> object:
    from werkzeug.utils import import_string

    return import_string(name)


def _parse(text: str, loads: t.Callable[[str], object]) -> object:
    try:
        return loads(text)
    except Exception:  # of any class, because `loads` may be any function
        return text


class ConfigAttribute(t.Generic[T]):
    """An attribute of the application whose value stands in its config.

    `get_converter`, where given, is applied on reading.

    >>> class App:
    ...     secret_key = ConfigAttribute("SECRET_KEY")
    ...     config = {"SECRET_KEY": "x"}
    >>> App().secret_key
    'x'
    """

    def __init__(self, name: str, get_converter: t.Callable[[t.Any], T] | None = None) -> None:
        self.__name__ = name
        self.get_converter = get_converter

    @t.overload
    def __get__(self, obj: None, owner: None) -> t.Self: ...

    @t.overload
    def __get__(self, obj: Configured, owner: type[object]) -> T: ...

    def __get__(self, obj: Configured | None, owner: type[object] | None = None) -> T | t.Self:
        if obj is None:
            return self
        stored = obj.config[self.__name__]
        return stored if self.get_converter is None else self.get_converter(stored)

    def __set__(self, obj: Configured, value: object) -> None:
        obj.config[self.__name__] = value


class Config(dict[str, t.Any]):
    """A dict whose upper-case keys configure the application.

    `root_path` is the folder that relative file names are resolved against, `defaults` the first values.
    The methods `from_...` add to what is there, and return whether they loaded something.
    Source: Flask documentation, "Configuration Handling".

    >>> config = Config("/etc/greenhouse", {"DEBUG": False})
    >>> config.from_mapping(DEBUG=True, ignored="lower case")
    True
    >>> config
    <Config {'DEBUG': True}>
    """

    def __init__(
        self, root_path: str | os.PathLike[str], defaults: t.Mapping[str, object] | None = None
    ) -> None:
        super().__init__(defaults or {})
        self.root_path = root_path

    def from_envvar(self, variable_name: str, silent: bool = False) -> bool:
        """Run the Python file that an environment variable names, as `from_pyfile` does.

        Raises `RuntimeError` when the variable is not set, unless `silent`.
        """
        filename = os.environ.get(variable_name)
        if not filename and not silent:
            # "'NAME' is not set": Flask's suite, test_config.py.
            raise RuntimeError(
                f"The environment variable {variable_name!r} is not set. Set it to the path of a Python file"
                " with the configuration."
            )
        return self.from_pyfile(filename, silent=silent) if filename else False

    def from_prefixed_env(self, prefix: str = "FLASK", *, loads: t.Callable[[str], object] = _loads) -> bool:
        """Set `NAME` for each environment variable `PREFIX_NAME`.

        The value is parsed by `loads`, as JSON unless given, and stays text where that fails. Each `__` in a
        name leads into a dict, which is made where it is missing: `FLASK_MAIL__HOST=x` sets
        `config["MAIL"]["HOST"]`.

        Raises `TypeError` for a name that leads into a value that is not a dict.
        """
        start = f"{prefix}_"
        for variable, text in sorted(os.environ.items()):
            if variable.startswith(start):
                *sections, name = variable.removeprefix(start).split("__")
                target: dict[str, t.Any] = self
                for section in sections:
                    if section not in target:
                        target[section] = {}
                    target = target[section]
                target[name] = _parse(text, loads)
        return True

    def from_pyfile(self, filename: str | os.PathLike[str], silent: bool = False) -> bool:
        """Run a Python file and set its upper-case names. The file may have any suffix.

        With `silent` a missing file is no error. Raises `OSError` when the file cannot be read, and what the
        file raises.
        """
        from types import ModuleType

        module = ModuleType("config")
        module.__file__ = os.path.join(self.root_path, filename)

        def run(file: t.IO[bytes]) -> None:
            # Compiled from bytes, because the file may declare its encoding.
            exec(compile(file.read(), module.__file__ or "", "exec"), module.__dict__)
            self.from_object(module)

        return self._read(filename, "rb", run, _MISSING_MODULE if silent else _NONE)

    def from_object(self, obj: object | str) -> None:
        """Set the upper-case attributes of an object: a module, a class, or what an import name stands for.

        A class is not instantiated; pass an instance where properties have to be computed. Raises
        `ImportError` for a name that cannot be imported.
        """
        source = _import(obj) if isinstance(obj, str) else obj
        self._set((name, getattr(source, name)) for name in dir(source) if name.isupper())

    def from_file(
        self,
        filename: str | os.PathLike[str],
        load: t.Callable[[t.IO[t.Any]], t.Mapping[str, object]],
        silent: bool = False,
        text: bool = True,
    ) -> bool:
        """Set what `load` returns for an open file, which is opened for bytes with `text=False`.

        >>> import tomllib
        >>> Config("/etc").from_file("missing.toml", load=tomllib.load, text=False, silent=True)
        False

        With `silent` a missing file is no error. Raises `OSError` when the file cannot be read, and what
        `load` raises.
        """

        def take(file: t.IO[t.Any]) -> None:
            self.from_mapping(load(file))

        return self._read(filename, "r" if text else "rb", take, _MISSING if silent else _NONE)

    def from_mapping(self, mapping: t.Mapping[str, object] | None = None, **kwargs: object) -> bool:
        """Set the upper-case keys of a mapping, or of pairs, and of the keyword arguments."""
        self._set(dict(mapping or (), **kwargs).items())
        return True

    def get_namespace(
        self, namespace: str, lowercase: bool = True, trim_namespace: bool = True
    ) -> dict[str, t.Any]:
        """Return the options whose names begin with `namespace`, for use as keyword arguments.

        >>> Config("/", {"IMAGE_STORE_TYPE": "fs", "IMAGE_STORE_PATH": "/var"}).get_namespace("IMAGE_STORE_")
        {'type': 'fs', 'path': '/var'}
        """
        cut = len(namespace) if trim_namespace else 0
        chosen = {name[cut:]: value for name, value in self.items() if name.startswith(namespace)}
        return {name.lower(): value for name, value in chosen.items()} if lowercase else chosen

    def _set(self, options: t.Iterable[tuple[str, object]]) -> None:
        """Set the options that have an upper-case name."""
        self.update((name, value) for name, value in options if name.isupper())

    def _read(
        self,
        filename: str | os.PathLike[str],
        mode: str,
        read: t.Callable[[t.IO[t.Any]], None],
        accepted: frozenset[int],
    ) -> bool:
        """Open a file and pass it to `read`. Return False for an error whose number is accepted."""
        try:
            with open(os.path.join(self.root_path, filename), mode) as file:
                read(file)
        except OSError as error:
            if error.errno in accepted:
                return False
            # The whole text: Flask's suite, test_config.py.
            error.strerror = f"Unable to load configuration file ({error.strerror})"
            raise
        return True

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {dict.__repr__(self)}>"
