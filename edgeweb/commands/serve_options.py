"""The command line of `edgeweb serve`: one table, of which the help is made, too.

Not argparse: that brings gettext, shutil and two compression libraries into a process that runs for months.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from edgeweb.server.origin import is_origin

if TYPE_CHECKING:
    from typing import Any, TypedDict

    class Options(TypedDict, total=False):
        """What the command line names; nothing else has a key.

        `server` are keys of that table of a profile.
        """

        app: str
        profile: str
        server: dict[str, Any]
        help: bool


#: Raspberry Pi OS gives a board this name. A program in a container there has another host name. Nothing
#: outside of the local network can have a name below .local.
BOARD_HOSTS = ("raspberrypi.local",)

_MAX_BODY_BYTES = 1_073_741_824
_MAX_THREADS = 64
_MAX_PORT = 65_535
_UNITS = {"": 1, "B": 1, "KIB": 1024, "MIB": 1024**2, "GIB": 1024**3}


class UsageError(Exception):
    """A fault of the command line; the text names it."""


def read_size(text: str) -> int:
    """Return the bytes of a size, as profiles write it. Raises `ValueError`.

    >>> read_size("65536"), read_size("16 MiB"), read_size("64KiB")
    (65536, 16777216, 65536)
    """
    digits = text.rstrip("BKMGIbkmgi ")
    unit = _UNITS.get(text[len(digits) :].strip().upper())
    if unit is None or not (digits.isdecimal() and digits.isascii() and len(digits) <= 10):
        raise ValueError("needs a size such as 65536, 64KiB or 16MiB")
    size = int(digits) * unit
    if not 1 <= size <= _MAX_BODY_BYTES:
        raise ValueError("needs a size from 1 B to 1 GiB")
    return size


def _number(least: int, most: int) -> Callable[[str], object]:
    def read(text: str) -> int:
        if not (text.isdecimal() and text.isascii() and len(text) <= 9 and least <= int(text) <= most):
            raise ValueError(f"needs a number from {least} to {most}")
        return int(text)

    return read


def _one_of(*choices: str) -> Callable[[str], object]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"needs one of {', '.join(choices)}")
        return text

    return read


def _origin(text: str) -> str:
    if not is_origin(text):
        raise ValueError("needs an origin such as https://panel.example, in lower case and without a path")
    return text


def _host_name(text: str) -> str:
    from edgeweb.server.host import split_host

    parts = split_host(text)
    if parts is None or parts[1]:
        raise ValueError("needs a name such as board.example, without a port")
    return parts[0]


class _Option:
    """One option: the key of the profile's table `server` that it stands for, and its part of the help."""

    __slots__ = ("help", "key", "metavar", "read", "repeats")

    def __init__(
        self, key: str, metavar: str, read: Callable[[str], object], help: str, repeats: bool = False
    ) -> None:
        self.key = key
        self.metavar = metavar
        self.read = read
        self.help = help
        self.repeats = repeats


#: Option to what it sets. The help has them in this order.
OPTIONS = {
    "--host": _Option(
        "host",
        "ADDRESS",
        str,
        "listen here, :: for every address (default: the profile's, 127.0.0.1)",
        repeats=True,
    ),
    "--port": _Option(
        "port", "NUMBER", _number(0, _MAX_PORT), "listen on this port; 0 takes a free one (default: 8080)"
    ),
    "--threads": _Option(
        "threads",
        "NUMBER",
        _number(1, _MAX_THREADS),
        "run this many views at the same time, because views that wait for something else keep one each"
        " (default: 4)",
    ),
    "--body-size": _Option(
        "body_bytes",
        "SIZE",
        read_size,
        "take bodies up to this size, such as 16MiB, because every body waits in memory until it is complete"
        " (default: MAX_CONTENT_LENGTH of the program, else 4MiB, the memory for all bodies)",
    ),
    "--upload-folder": _Option(
        "upload_folder",
        "PATH",
        str,
        "keep bodies above 128KiB here until they are complete, because all bodies share 4MiB of memory",
    ),
    "--host-name": _Option(
        "hosts",
        "NAME",
        _host_name,
        "answer to this name as well, because a page of another site could reach the board under a name of"
        " its own (default: the machine's names and addresses, and raspberrypi.local)",
        repeats=True,
    ),
    "--allow-origin": _Option(
        "allow_origins",
        "ORIGIN",
        _origin,
        "take changes from pages of this origin, such as https://panel.example, because a browser sends them"
        " for any page (default: where the program permits it by CORS)",
        repeats=True,
    ),
    "--behind-proxy": _Option(
        "behind_proxy",
        "ADDRESS",
        str,
        "believe X-Forwarded-For, -Host, -Port, -Proto and -Prefix of the proxy at this address, such as"
        " 127.0.0.1, because every client can send them",
    ),
    "--tls-certificate": _Option(
        "tls.certificate",
        "FILE",
        str,
        "speak TLS with this certificate, a file of PEM with its chain, because everything passes in clear"
        " without; own: by an authority that the device makes",
    ),
    "--tls-key": _Option("tls.key", "FILE", str, "the key of that certificate, a file of PEM"),
    "--tls-port": _Option(
        "tls.port",
        "NUMBER",
        _number(0, _MAX_PORT),
        "listen on this port with TLS; the number of --port: nothing is served without (default: 8443)",
    ),
    "--tls-http": _Option(
        "tls.http",
        "redirect|serve",
        _one_of("redirect", "serve"),
        "have --port lead to the one with TLS, or serve without it as well, for programs that cannot check"
        " the certificate (default: redirect)",
    ),
}

SWITCHES = {
    "--security-headers": (
        "security_headers",
        "add Referrer-Policy, X-Content-Type-Options and X-Frame-Options to answers without them, because a"
        " browser is careless by default; --no-security-headers leaves answers as they are",
    ),
}

_USAGE = "usage: edgeweb serve [APP] [--profile NAME|PATH] [OPTION ...]"
DESCRIPTION = "Serve this device's dashboard and control, or another WSGI application."

#: What the profile has no key for, and its part of the help.
ARGUMENTS = {
    "APP": '"module:app" or "module:create_app()"; without it, the device\'s own application',
    "--profile NAME|PATH": "the board's profile: limits, sensors, channels (default: generic-linux)",
}
NOTE = "Each option wins over the profile's key. Those with ... may be repeated."

_INDENT, _WIDTH = 23, 100


def make_help() -> str:
    """Return the text of `--help`."""
    rows = [
        (f"{name} {option.metavar}{' ...' if option.repeats else ''}", option.help)
        for name, option in OPTIONS.items()
    ]
    rows += [(f"{name}, --no-{name[2:]}", text) for name, (_, text) in SWITCHES.items()]
    arguments, options = (
        "".join(_entry(left, text) for left, text in table) for table in (ARGUMENTS.items(), rows)
    )
    return "\n\n".join([_USAGE, DESCRIPTION, arguments + "\n" + NOTE, options])


def make_usage() -> str:
    """Return the line that comes before a fault."""
    return _USAGE


def parse(argv: Sequence[str]) -> Options:
    """Return the options that are given, by name; `app` is the one argument.

    Raises `UsageError`.

    >>> parse(["app:app", "--port=80", "--no-security-headers"])
    {'app': 'app:app', 'server': {'port': 80, 'security_headers': False}}
    """
    texts: dict[str, object] = {}
    server: dict[str, Any] = {}
    rest = iter(argv)
    for argument in rest:
        name, equals, value = argument.partition("=")
        positive = name.replace("--no-", "--", 1)
        if argument in ("-h", "--help"):
            texts["help"] = True
        elif name in OPTIONS or name == "--profile":
            value = value if equals else next(rest, "")
            if not value:
                raise UsageError(f"{name} needs a value")
            if name == "--profile":
                texts["profile"] = value
            else:
                _set(server, name, value)
        elif positive in SWITCHES and not equals:
            server[SWITCHES[positive][0]] = name == positive
        elif argument.startswith("-"):
            raise UsageError(f"unknown option {argument}")
        elif "app" in texts:
            raise UsageError(f"one application at most, and {argument!r} is the second")
        else:
            texts["app"] = argument
    if server:
        texts["server"] = server
    return cast("Options", texts)


def _set(server: dict[str, Any], name: str, value: str) -> None:
    option = OPTIONS[name]
    try:
        found = option.read(value)
    except ValueError as error:
        raise UsageError(f"{name} {error}, not {value!r}") from error
    if option.repeats:
        server.setdefault(option.key, []).append(found)
    else:
        server[option.key] = found


def _entry(left: str, text: str) -> str:
    """Return an entry of the help: the option, and its text below it where it has no room beside it."""
    lines = [f"  {left}".ljust(_INDENT)]
    if len(lines[0]) > _INDENT:
        lines.append(" " * _INDENT)
    for word in text.split():
        if len(lines[-1]) + len(word) > _WIDTH:
            lines.append(" " * _INDENT)
        lines[-1] += word if len(lines[-1]) == _INDENT else f" {word}"
    return "\n".join(lines) + "\n"
