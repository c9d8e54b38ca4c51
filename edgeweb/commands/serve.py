"""`edgeweb serve`: this device's application, or any other one, behind the guarded server."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, cast

from edgeweb.server import refusals, runner, streams, systemd
from edgeweb.server.addresses import AddressError
from edgeweb.server.limits import Limits, Policy
from edgeweb.server.origin import is_loopback

from .addresses import describe

if TYPE_CHECKING:
    from typing import TypedDict

    from _typeshed.wsgi import WSGIApplication

    from edgeweb.app import Flask
    from edgeweb.device.config.profile import Profile

    class Options(TypedDict, total=False):
        """What the command line names; nothing else has a key."""

        app: str
        profile: str
        host: list[str]
        port: int
        help: bool


USAGE = """\
usage: edgeweb serve [APP] [--profile NAME|PATH] [--host ADDRESS ...] [--port NUMBER]

Serve this device's dashboard and control, or another WSGI application.

  APP                  "module:app" or "module:create_app()"; without it, the device's own application
  --profile NAME|PATH  the board's profile: limits, sensors, channels (default: generic-linux)
  --host ADDRESS       listen here, :: for every address; may be repeated (default: the profile's, 127.0.0.1)
  --port NUMBER        listen on this port; 0 takes a free one (default: the profile's, 8080)
"""


# For one step of the start: a board with one core and a cold memory card takes its time.
_START_SECONDS = 60


class UsageError(Exception):
    """A fault of the command line; the text names it."""


class AppError(Exception):
    """A profile or an application that cannot be served; the text has a line for each fault.

    `status` is the exit status of the process.
    """

    def __init__(self, text: str, status: int = 1) -> None:
        super().__init__(text)
        self.status = status


def main(argv: Sequence[str]) -> int:
    """Serve until SIGTERM or Ctrl-C.

    Returns 0 after a clean end, 1 for a fault in what was named, 2 for a wrong command line, 78 where a newer
    edgeweb has written the state.
    """
    try:
        options = parse(argv)
        if options.get("help"):
            print(USAGE, end="")
            return 0
        streams.never_wait()
        _report("starting the application")
        profile = _profile_to_serve(options)
        invitation: list[str] = []
        device: Flask | None = None
        if profile is None or "app" in options:
            app = _other_app(options["app"])
        else:
            app = device = _device_app(profile, invitation.append)
        settings = _server_settings(profile, options)
        runner.serve(
            app,
            hosts=profile["server.host"] if profile else options.get("host", ["127.0.0.1"]),
            port=profile["server.port"] if profile else options.get("port", 8080),
            limits=settings.limits,
            policy=settings.policy,
            ready=lambda addresses: _announce(addresses, invitation, settings.policy),
            reload=lambda: _read_again(options, app, profile),
            close=lambda: _close_device(device),
        )
    except UsageError as error:
        print(f"{USAGE.splitlines()[0]}\nedgeweb serve: {error}", file=sys.stderr)
        return 2
    except (AppError, AddressError) as error:
        print(f"edgeweb serve: {error}", file=sys.stderr)
        return error.status if isinstance(error, AppError) else 1
    return 0


def parse(argv: Sequence[str]) -> Options:
    """Return the options that are given, by name; `app` is the one argument.

    Not argparse: that brings gettext, shutil and two compression libraries into a process that runs for
    months. Raises `UsageError`.

    >>> parse(["app:app", "--port=80"])
    {'app': 'app:app', 'port': 80}
    """
    texts: dict[str, str] = {}
    hosts: list[str] = []
    flags: dict[str, bool] = {}
    rest = iter(argv)
    for argument in rest:
        name, equals, value = argument.removeprefix("--").partition("=")
        if argument in ("-h", "--help"):
            flags["help"] = True
        elif argument.startswith("--") and name in ("profile", "host", "port"):
            texts[name] = value if equals else next(rest, "")
            if not texts[name]:
                raise UsageError(f"--{name} needs a value")
            if name == "host":
                hosts.append(texts.pop(name))
        elif argument.startswith("-"):
            raise UsageError(f"unknown option {argument}")
        elif "app" in texts:
            raise UsageError(f"one application at most, and {argument!r} is the second")
        else:
            texts["app"] = argument
    options = cast("Options", texts | flags)
    if "port" in texts:
        port = texts["port"]
        if not port.isdecimal() or int(port) > 65535:
            raise UsageError(f"--port needs a number from 0 to 65535, not {port!r}")
        options["port"] = int(port)
    if hosts:
        options["host"] = hosts
    return options


def _profile_to_serve(options: Options) -> Profile | None:
    """Return the profile; None for another application without a profile."""
    if "app" in options and "profile" not in options:
        return None
    from edgeweb.device.config.errors import ProfileError
    from edgeweb.device.config.profile import load

    overrides = {f"server.{key}": options[key] for key in ("host", "port") if key in options}
    try:
        return load(options.get("profile", "generic-linux"), overrides)
    except ProfileError as error:
        raise AppError(str(error)) from error


def _server_settings(
    profile: Profile | None, options: Options, waiting: Sequence[str] = ()
) -> runner.Reloaded:
    if profile is None:
        return runner.Reloaded(Limits(), Policy())
    server = profile["server"]
    return runner.Reloaded(
        Limits(**{name: server[name] for name in Limits.names()}),
        Policy(**{name: server[name] for name in Policy.names()}),
        waiting,
    )


def _read_again(options: Options, app: WSGIApplication, running: Profile | None) -> runner.Reloaded:
    """Return what SIGHUP puts into force: of the profile as it is now, what may change while it is served."""
    try:
        found = _profile_to_serve(options)
    except AppError as error:
        raise runner.ReloadError(str(error)) from error
    waiting: Sequence[str] = ()
    if found is None or running is None:
        pass  # another application, without a profile
    elif "app" not in options:
        from edgeweb.device import reload

        waiting = reload(cast("Flask", app), found)
    else:
        fixed = ("server.host", "server.port", "server.backlog", "server.behind_proxy", "server.prefix")
        waiting = [key for key in fixed if found[key] != running[key]]
    return _server_settings(found, options, waiting)


def _device_app(profile: Profile, invite: Callable[[str], None]) -> Flask:
    from edgeweb.device import create_app, start
    from edgeweb.device.http.current import device_of
    from edgeweb.device.storage.owner import StateInUse
    from edgeweb.device.storage.store import EXIT_NEWER, Newer

    from .warm import warm_device

    app = create_app(profile=profile)
    try:
        start(app, invite)
        refusals.OBSERVERS[:] = [device_of(app).people.note_refusal]
    except StateInUse as error:
        raise AppError(str(error)) from error
    except Newer as error:
        raise AppError(str(error), EXIT_NEWER) from error
    _report("warming up")
    warm_device(app)
    return app


def _close_device(device: Flask | None) -> None:
    """Switch outputs to their safe states, as the device's exit function does; None: another application."""
    if device is not None:
        from edgeweb.device.http.current import device_of

        device_of(device).close()


def _other_app(target: str) -> WSGIApplication:
    from .warm import warm

    app = load_app(target)
    _report("warming up")
    warm(app)
    return app


def _report(status: str) -> None:
    """Report a step of the start to systemd, which would otherwise take a slow one for a hang."""
    systemd.notify(f"STATUS={status}", f"EXTEND_TIMEOUT_USEC={_START_SECONDS * 1_000_000}")


def load_app(target: str) -> WSGIApplication:
    """Return the application that `module:name` or `module:factory()` names.

    The current folder comes first in the search, as with `python -m`. An error inside the module is not
    caught: its traceback is what its author needs.

    Raises `AppError`: no such module, no such name, or not callable.
    """
    module_name, colon, expression = target.partition(":")
    name = expression.removesuffix("()")
    if not colon or not name.isidentifier():
        raise AppError(f'{target!r} names no application: write "module:app" or "module:create_app()"')
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        found = getattr(import_module(module_name), name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise
        raise AppError(f"there is no module {error.name!r} here or on the Python path") from error
    except AttributeError as error:
        if error.name != name:
            raise
        raise AppError(f"module {module_name!r} has no {name!r}") from error
    app: WSGIApplication = found() if expression.endswith("()") else found
    if not callable(app):
        raise AppError(f"{target!r} is a {type(app).__name__}, not a WSGI application")
    return app


#: Before the line with the addresses, where others than this machine can connect and no proxy is named.
IN_CLEAR = (
    "edgeweb: there is no TLS: passwords and tokens go through the network in clear text. Put a proxy with"
    " TLS in front and name it in server.behind_proxy of the profile, or use a network that you trust."
)


def _announce(addresses: list[str], invitation: Sequence[str], policy: Policy) -> None:
    """Print where to open the application, then how to get in: in one write, so that a reader has both."""
    where = f"on {describe(addresses)}" if addresses else "as soon as its address is there"
    lines = [f"edgeweb serves {where}", *(f"edgeweb: {text}" for text in invitation)]
    hosts = [url.removeprefix("http://").rpartition(":")[0] for url in addresses if url.startswith("http:")]
    # An address that is still to come is one of a network.
    if not policy.behind_proxy and not (addresses and all(map(is_loopback, hosts))):
        lines.insert(0, IN_CLEAR)
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    sys.stderr.flush()
