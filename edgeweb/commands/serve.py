"""`edgeweb serve`: this device's application, or any other one, behind the guarded server."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from edgeweb.server import refusals, runner, streams, systemd
from edgeweb.server.addresses import AddressError
from edgeweb.server.limits import Limits, Policy
from edgeweb.server.origin import is_loopback

from .addresses import describe, from_network
from .application import AppError, load_app
from .serve_options import BOARD_HOSTS, UsageError, make_help, make_usage, parse

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from edgeweb.app import Flask
    from edgeweb.device.config.profile import Profile
    from edgeweb.server.tls import Tls

    from .serve_options import Options


#: In place of a file: the certificate by the device's own authority.
OWN = "own"

# For one step of the start: a board with one core and a cold memory card takes its time.
_START_SECONDS = 60


def main(argv: Sequence[str]) -> int:
    """Serve until SIGTERM or Ctrl-C.

    Returns 0 after a clean end, 1 for a fault in what was named, 2 for a wrong command line, 78 where a newer
    edgeweb has written the state.
    """
    try:
        options = parse(argv)
        if options.get("help"):
            print(make_help(), end="")
            return 0
        streams.never_wait()
        _report("starting the application")
        profile = _profile_to_serve(options)
        invitation: list[str] = []
        if profile is None or "app" in options:
            app = _other_app(options["app"])
        else:
            app = _device_app(profile, invitation.append)
        settings = _server_settings(profile, options, app)
        given = options.get("server", {})
        tls = _tls(profile, options, app)
        runner.serve(
            app,
            hosts=profile["server.host"] if profile else given.get("host", ["127.0.0.1"]),
            port=profile["server.port"] if profile else given.get("port", 8080),
            limits=settings.limits,
            policy=settings.policy,
            ready=lambda addresses: _announce(addresses, invitation, settings.policy, tls),
            reload=lambda: _read_again(options, app, profile),
            close=_close_devices,
            tls=tls,
        )
    except UsageError as error:
        print(f"{make_usage()}\nedgeweb serve: {error}", file=sys.stderr)
        return 2
    except (AppError, AddressError) as error:
        print(f"edgeweb serve: {error}", file=sys.stderr)
        return error.status if isinstance(error, AppError) else 1
    return 0


def _profile_to_serve(options: Options) -> Profile | None:
    """Return the profile; None for another application without a profile."""
    if "app" in options and "profile" not in options:
        return None
    from edgeweb.device.config.errors import ProfileError
    from edgeweb.device.config.profile import load

    overrides = {f"server.{key}": value for key, value in options.get("server", {}).items()}
    try:
        return load(options.get("profile", "generic-linux"), overrides)
    except ProfileError as error:
        raise AppError(str(error)) from error


def _server_settings(profile: Profile | None, options: Options, app: WSGIApplication) -> runner.Reloaded:
    """Return limits and policy. Raises `UsageError` for options that do not fit each other."""
    if profile is None:
        limits, policy = _program_settings(options.get("server", {}), app)
    else:
        server = profile["server"]
        limits = Limits(**{name: server[name] for name in Limits.names()})
        policy = Policy(has_profile=True, **{name: server[name] for name in Policy.names()})
    policy.asks_program = "app" in options
    return runner.Reloaded(limits, policy)


def _tls(profile: Profile | None, options: Options, app: WSGIApplication) -> Tls | None:
    """Return what is served with TLS, if anything. Raises `AppError`, and `UsageError` for half of it."""
    given = options.get("server", {})
    found = {
        name: profile[f"server.tls.{name}"] if profile else given.get(f"tls.{name}", default)
        for name, default in (("certificate", ""), ("key", ""), ("port", 8443), ("http", "redirect"))
    }
    if found["certificate"] == OWN and not found["key"] and "app" not in options:
        files = _own_certificate(cast("Flask", app))
    else:
        files = [_credential(found[name]) for name in ("certificate", "key")]
    if not all(files):
        if any(files) or "tls.port" in given or "tls.http" in given:
            raise UsageError("TLS needs both --tls-certificate and --tls-key")
        return None
    from edgeweb.server.tls import Certificate, Tls, TlsError

    try:
        return Tls(Certificate(*files), found["port"], redirects=found["http"] == "redirect")
    except TlsError as error:
        raise AppError(str(error)) from error


def _own_certificate(app: Flask) -> list[str]:
    """Return certificate and key by the device's own authority, made where one is missing or due."""
    from edgeweb.device.device import log
    from edgeweb.device.errors import DeviceError
    from edgeweb.device.http.current import device_of
    from edgeweb.device.storage.recovery import TLS
    from edgeweb.device.tls.authority import Authority
    from edgeweb.device.tls.renewal import Renewal

    device = device_of(app)
    if not device.store.folder:
        raise AppError(
            "the state is in memory, and an authority has to stay: name a folder for storage.state"
        )
    _report("looking at the certificate")
    authority = Authority(os.path.join(device.store.folder, TLS))
    try:
        authority.init()
    except (DeviceError, OSError) as error:
        raise AppError(f"no certificate of its own: {error}") from error
    Renewal(authority, device.timers.after, device.executor.submit, log).start()
    app.explains_tls = "/tls"
    return [authority.certificate, authority.key]


def _credential(name: str) -> str:
    """Return a file's path: that of a systemd credential for a name without a slash (systemd.exec(5))."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    return os.path.join(folder, name) if name and folder and "/" not in name else name


def _program_settings(given: Mapping[str, Any], app: WSGIApplication) -> tuple[Limits, Policy]:
    """Return what holds without a profile: the options, else what the program sets, else the defaults."""
    limits = Limits(**{name: given[name] for name in Limits.names() if name in given})
    policy = Policy(**{name: given[name] for name in Policy.names() if name in given})
    policy.hosts = (*BOARD_HOSTS, *policy.hosts)
    in_memory = limits.buffer_bytes // 2
    wanted = limits.body_bytes if "body_bytes" in given else _max_content_length(app) or in_memory
    _check_folder(limits.upload_folder)
    if wanted > in_memory and not limits.upload_folder:
        if "body_bytes" in given:
            raise UsageError(
                f"--body-size above {in_memory} bytes, the memory for all bodies, needs --upload-folder"
            )
        print(
            f"edgeweb: MAX_CONTENT_LENGTH is {wanted} bytes, but bodies above {in_memory} bytes, the memory"
            " for all of them, need --upload-folder",
            file=sys.stderr,
        )
        wanted = in_memory
    limits.body_bytes = wanted
    return limits, policy


def _max_content_length(app: WSGIApplication) -> int:
    """Return MAX_CONTENT_LENGTH of a program that has a configuration as Flask's; 0: it sets none."""
    config = getattr(app, "config", None)
    found = config.get("MAX_CONTENT_LENGTH") if isinstance(config, Mapping) else None
    return found if isinstance(found, int) and found > 0 else 0


def _check_folder(folder: str) -> None:
    if folder and not os.access(folder, os.W_OK | os.X_OK):
        raise AppError(f"the upload folder {folder} is no folder that this user can write to")


def _read_again(options: Options, app: WSGIApplication, running: Profile | None) -> runner.Reloaded:
    """Return what SIGHUP puts into force: of the profile as it is now, what may change while it is served."""
    try:
        found = _profile_to_serve(options)
        settings = _server_settings(found, options, app)
    except AppError as error:
        raise runner.ReloadError(str(error)) from error
    if found is None or running is None:
        pass  # another application, without a profile
    elif "app" not in options:
        from edgeweb.device import reload

        settings.waiting = reload(cast("Flask", app), found)
    else:
        fixed = ("server.host", "server.port", "server.backlog", "server.behind_proxy", "server.prefix")
        settings.waiting = [key for key in fixed if found[key] != running[key]]
    return settings


def _device_app(profile: Profile, invite: Callable[[str], None]) -> Flask:
    from edgeweb.device import create_app, start
    from edgeweb.device.http.current import device_of
    from edgeweb.device.storage.migrations import Newer
    from edgeweb.device.storage.owner import StateInUse
    from edgeweb.device.storage.reset import Resetting
    from edgeweb.device.storage.store import EXIT_NEWER

    from .warm import warm_device

    app = create_app(profile=profile)
    try:
        start(app, invite, _report)
        refusals.OBSERVERS[:] = [device_of(app).people.note_refusal]
    except (StateInUse, Resetting) as error:
        raise AppError(str(error)) from error
    except Newer as error:
        raise AppError(str(error), EXIT_NEWER) from error
    _report("warming up")
    warm_device(app)
    return app


def _close_devices() -> None:
    """Switch outputs to their safe states, as exit functions do, also those of a program with a device."""
    if module := sys.modules.get("edgeweb.device.device"):
        module.close_all()


def _other_app(target: str) -> WSGIApplication:
    from .warm import warm

    app = load_app(target)
    _report("warming up")
    warm(app)
    return app


def _report(status: str) -> None:
    """Report a step of the start: to a terminal, and to systemd, which would take a slow one for a hang."""
    if sys.stderr.isatty():
        print(f"edgeweb: {status} ...", file=sys.stderr, flush=True)
    systemd.notify(f"STATUS={status}", f"EXTEND_TIMEOUT_USEC={_START_SECONDS * 1_000_000}")


#: Before the line with the addresses, where others than this machine can connect and no proxy is named.
IN_CLEAR = (
    "edgeweb: there is no TLS: passwords and tokens go through the network in clear text. Name a certificate"
    " by {}, put a proxy with TLS in front and name it by {}, or use a network that you trust."
)
#: The same, where only one of two ports has TLS.
ALSO_IN_CLEAR = (
    "edgeweb: one port has no TLS, and serves as well: what passes there goes through the network in clear"
    " text. Have it lead to the other one by {}."
)


def _announce(addresses: list[str], invitation: Sequence[str], policy: Policy, tls: Tls | None) -> None:
    """Print where to open the application, then how to get in: in one write, so that a reader has both."""
    where = f"on {describe(addresses)}" if addresses else "as soon as its address is there"
    lines = [f"edgeweb serves {where}", *(f"edgeweb: {text}" for text in invitation)]
    hosts = [url.partition("://")[2].rpartition(":")[0] for url in addresses if "://" in url]
    # An address that is still to come is one of a network.
    in_clear = not policy.behind_proxy and (tls is None or not tls.redirects)
    if in_clear and not (addresses and all(map(is_loopback, hosts))):
        text, *keys = (
            (IN_CLEAR, "tls.certificate", "behind_proxy") if tls is None else (ALSO_IN_CLEAR, "tls.http")
        )
        lines.insert(0, text.format(*map(policy.describe, keys)))
    text = "".join(f"{line}\n" for line in lines)
    if invitation:
        from . import console

        console.write(from_network(addresses), invitation)
    if sys.stderr.isatty():
        from .terminal import code_of

        text += code_of(from_network(addresses), sys.stderr.encoding)
    sys.stderr.write(text)
    sys.stderr.flush()
