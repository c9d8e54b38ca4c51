"""The configuration of an application: a dict that can be filled from files, objects and the environment."""

from __future__ import annotations

import errno
import os
import typing as t
from datetime import timedelta

T = t.TypeVar("T")

# What an application begins with. Source: Flask documentation, "Configuration Handling".
DEFAULTS: dict[str, t.Any] = {
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


def _loads(text: str) -> t.Any:
    import json

    return json.loads(text)


class ConfigAttribute(t.Generic[T]):
    """An attribute of the application that lives in its config.

    `converter`, where given, is applied to the value on reading.

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
    def __get__(self, obj: t.Any, owner: type[t.Any]) -> T: ...

    def __get__(self, obj: t.Any | None, owner: type[t.Any] | None = None) -> T | t.Self:
        if obj is None:
            return self
        value = obj.config[self.__name__]
        if self.get_converter is not None:
            value = self.get_converter(value)
        return value  # type: ignore[no-any-return]

    def __set__(self, obj: t.Any, value: t.Any) -> None:
        obj.config[self.__name__] = value


class Config(dict[str, t.Any]):
    """A dict whose upper-case keys configure the application.

    `root_path` is the folder that relative file names are resolved against, `defaults` the first values.
    The `from_*` methods add to what is there and return whether something was loaded.
    Source: Flask documentation, "Configuration Handling".

    >>> config = Config("/etc/greenhouse", {"DEBUG": False})
    >>> config.from_mapping(DEBUG=True, ignored="lower case")
    True
    >>> config
    <Config {'DEBUG': True}>
    """

    def __init__(self, root_path: str | os.PathLike[str], defaults: dict[str, t.Any] | None = None) -> None:
        super().__init__(defaults or {})
        self.root_path = root_path

    def from_envvar(self, variable_name: str, silent: bool = False) -> bool:
        """Runs the Python file that an environment variable names, as `from_pyfile`.

        Raises `RuntimeError` when the variable is not set, unless `silent`.
        """
        file_name = os.environ.get(variable_name)
        if file_name:
            return self.from_pyfile(file_name, silent=silent)
        if silent:
            return False
        raise RuntimeError(
            f"The environment variable {variable_name!r} is not set and as such configuration could not be"
            " loaded. Set this variable and make it point to a configuration file"
        )

    def from_prefixed_env(self, prefix: str = "FLASK", *, loads: t.Callable[[str], t.Any] = _loads) -> bool:
        """Takes over every environment variable `PREFIX_NAME` as `NAME`.

        A value is parsed with `loads`, by default as JSON, and kept as text where that fails. `__` in a
        name goes down into a dict: `FLASK_MAIL__HOST=x` sets `config["MAIL"]["HOST"]`, making the dict
        where it is missing.

        Raises `TypeError` when a name goes down into a value that is no dict.
        """
        start = f"{prefix}_"
        for variable in sorted(os.environ):
            if not variable.startswith(start):
                continue
            text = os.environ[variable]
            try:
                value = loads(text)
            except Exception:  # any loads function may be given, and text that it does not take is plain text
                value = text
            *path, last = variable.removeprefix(start).split("__")
            place: dict[str, t.Any] = self
            for name in path:
                if name not in place:
                    place[name] = {}
                place = place[name]
            place[last] = value
        return True

    def from_pyfile(self, filename: str | os.PathLike[str], silent: bool = False) -> bool:
        """Runs a Python file, and takes its upper-case names. The file's suffix does not matter.

        `silent` makes a missing file no error. Raises `OSError` when it cannot be read, and whatever it
        raises.
        """
        from types import ModuleType

        filename = os.path.join(self.root_path, filename)
        module = ModuleType("config")
        module.__file__ = filename
        try:
            with open(filename, mode="rb") as file:
                # Bytes, so that the file's own coding line counts.
                exec(compile(file.read(), filename, "exec"), module.__dict__)
        except OSError as error:
            if silent and error.errno in (errno.ENOENT, errno.EISDIR, errno.ENOTDIR):
                return False
            error.strerror = f"Unable to load configuration file ({error.strerror})"
            raise
        self.from_object(module)
        return True

    def from_object(self, obj: object | str) -> None:
        """Takes the upper-case attributes of an object: a module, a class, or the import name of one.

        A class is not instantiated, so its properties have to be computed by the caller:
        `from_object(Config())`. Raises `ImportError` for a name that cannot be imported.
        """
        if isinstance(obj, str):
            from werkzeug.utils import import_string

            obj = import_string(obj)
        for key in dir(obj):
            if key.isupper():
                self[key] = getattr(obj, key)

    def from_file(
        self,
        filename: str | os.PathLike[str],
        load: t.Callable[[t.IO[t.Any]], t.Mapping[str, t.Any]],
        silent: bool = False,
        text: bool = True,
    ) -> bool:
        """Loads a file with a function that reads an open file; `text=False` opens it for bytes.

        >>> import tomllib
        >>> Config("/etc").from_file("missing.toml", load=tomllib.load, text=False, silent=True)
        False

        `silent` makes a missing file no error. Raises `OSError` when it cannot be read, and what `load`
        raises.
        """
        filename = os.path.join(self.root_path, filename)
        try:
            with open(filename, "r" if text else "rb") as file:
                values = load(file)
        except OSError as error:
            if silent and error.errno in (errno.ENOENT, errno.EISDIR):
                return False
            error.strerror = f"Unable to load configuration file ({error.strerror})"
            raise
        return self.from_mapping(values)

    def from_mapping(self, mapping: t.Mapping[str, t.Any] | None = None, **kwargs: t.Any) -> bool:
        """Takes the upper-case keys of a mapping and of the keyword arguments, like `update`."""
        values: dict[str, t.Any] = {}
        if mapping is not None:
            values.update(mapping)
        values.update(kwargs)
        for key, value in values.items():
            if key.isupper():
                self[key] = value
        return True

    def get_namespace(
        self, namespace: str, lowercase: bool = True, trim_namespace: bool = True
    ) -> dict[str, t.Any]:
        """The options whose names begin with `namespace`, ready to be passed on as keyword arguments.

        >>> Config("/", {"IMAGE_STORE_TYPE": "fs", "IMAGE_STORE_PATH": "/var"}).get_namespace("IMAGE_STORE_")
        {'type': 'fs', 'path': '/var'}
        """
        options = {}
        for key, value in self.items():
            if key.startswith(namespace):
                name = key[len(namespace) :] if trim_namespace else key
                options[name.lower() if lowercase else name] = value
        return options

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {dict.__repr__(self)}>"
