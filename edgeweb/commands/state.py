"""`edgeweb state`: backup, restore and reset of what people have entered on this device, and a look at it.

A running server notices restored users and tokens by itself; restart it for settings and schedules.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Sequence

from edgeweb.device import backup
from edgeweb.device.access.actor import COMMAND_LINE
from edgeweb.device.config.errors import ProfileError
from edgeweb.device.config.profile import load
from edgeweb.device.device import Device, state_folder
from edgeweb.device.errors import DeviceError
from edgeweb.device.storage import reset
from edgeweb.device.storage.inspect import inspect
from edgeweb.device.storage.owner import StateInUse, StateOwner

from .users import Refused


def main(argv: Sequence[str]) -> int:
    """Run `edgeweb state ...`. Return 0, or 1 after a line on stderr for each fault."""
    options = make_parser().parse_args(argv)
    try:
        code: int = options.run(options)
    except backup.BackupError as error:
        for path, detail in error.errors:
            print(f"edgeweb state: {options.file}: /{'/'.join(path)}: {detail}", file=sys.stderr)
        return 1
    except (Refused, ProfileError, DeviceError) as error:
        print(f"edgeweb state: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"edgeweb state: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    return code


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="edgeweb state", description=__doc__)
    parser.add_argument("--profile", default="generic-linux", help="the board's profile, for storage.state")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    added = commands.add_parser("backup", help="write a backup; keep it like a password")
    added.add_argument("file", nargs="?", default="-", help="a file that is not there yet; - is stdout")
    added.set_defaults(run=_backup)

    added = commands.add_parser("restore", help="put a backup in place of the state of this device")
    added.add_argument("file", help="the backup; - is stdin")
    added.set_defaults(run=_restore)

    added = commands.add_parser(
        "reset",
        help="remove all of it: the device is as new, and its next start has a set-up code",
    )
    added.add_argument("--yes", action="store_true", help="do not ask")
    added.set_defaults(run=_reset)

    added = commands.add_parser("check", help="check the database and its last good backup")
    added.set_defaults(run=_check)
    return parser


def _open(options: argparse.Namespace) -> Device:
    device = Device(load(options.profile), threaded=False)
    device.open()
    if not device.store.persistent:
        raise Refused(f"the state cannot be written: {device.store.reason}")
    return device


def _backup(options: argparse.Namespace) -> int:
    device = _open(options)
    try:
        content = backup.export(device)
    finally:
        device.close()
    if options.file == "-":
        sys.stdout.write(content.decode())
        return 0
    # O_EXCL: a backup does not take the place of another one, and no link leads elsewhere
    descriptor = os.open(options.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    return 0


def _restore(options: argparse.Namespace) -> int:
    if options.file == "-":
        content = sys.stdin.buffer.read(backup.MAX_BYTES + 1)
    else:
        with open(options.file, "rb") as file:
            content = file.read(backup.MAX_BYTES + 1)
    device = _open(options)
    try:
        numbers = backup.restore(device, COMMAND_LINE, content)
    finally:
        device.close()
    print(
        "restored: " + ", ".join(f"{number} {table.replace('_', ' ')}" for table, number in numbers.items())
    )
    return 0


def _reset(options: argparse.Namespace) -> int:
    folder = state_folder(load(options.profile))
    if not folder:
        raise Refused("the profile keeps the state in memory: start the server again, and it is gone")
    if not os.path.isdir(folder):
        raise Refused(f"there is no state in {folder}")
    if not options.yes:
        name = socket.gethostname()
        print(
            "Users, tokens, settings, things, schedules, history, audit log and certificates in"
            f" {folder} will be gone."
        )
        print(f"Enter the name of this device ({name}) to remove them: ", end="", flush=True)
        if sys.stdin.readline().strip() != name:
            raise Refused("nothing was changed")
    owner = StateOwner(folder)
    try:
        owner.take()
    except StateInUse as error:
        raise Refused(f"{error.args[0].partition(':')[0]}: stop that server first") from error
    try:
        reset.begin(folder)
        reset.finish(folder)
    finally:
        owner.release()
    print("reset: the next start of the server shows a new set-up code")
    return 0


def _check(options: argparse.Namespace) -> int:
    folder = state_folder(load(options.profile))
    if not folder:
        print("the profile keeps the state in memory")
        return 0
    healthy = True
    for name, words, fine in inspect(folder):
        print(f"{os.path.join(folder, name)}: {words}")
        healthy = healthy and fine
    return 0 if healthy else 1
