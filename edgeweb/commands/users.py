"""`edgeweb users`: users and tokens of this device, also beside a running server.

The way back in for an owner who has lost the password: a person who can write the state already controls the
device.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from edgeweb.device.access import passwords
from edgeweb.device.access.actor import COMMAND_LINE
from edgeweb.device.access.roles import ROLES, SCOPES
from edgeweb.device.access.user import User
from edgeweb.device.config.checks import NAME, NAME_RULE
from edgeweb.device.config.errors import ProfileError
from edgeweb.device.config.profile import load
from edgeweb.device.device import Device
from edgeweb.device.errors import DeviceError

Run = Callable[[Device, argparse.Namespace], None]


class Refused(Exception):
    """A command cannot be carried out; the text is the reason."""


def main(argv: Sequence[str]) -> int:
    """Run `edgeweb users ...`. Return 0, or 1 after a line on stderr with the fault."""
    options = make_parser().parse_args(argv)
    try:
        device = Device(load(options.profile), threaded=False)
        device.store.open()
        if not device.store.persistent:
            raise Refused(f"the state cannot be written: {device.store.reason}")
        try:
            options.run(device, options)
        finally:
            device.close()
    except (Refused, DeviceError, ProfileError) as error:
        print(f"edgeweb users: {error}", file=sys.stderr)
        return 1
    return 0


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="edgeweb users", description=__doc__)
    parser.add_argument("--profile", default="generic-linux", help="the board's profile, for storage.state")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Run, text: str, *arguments: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        for argument in arguments:
            added.add_argument(argument)
        added.set_defaults(run=run)
        return added

    command("list", _list, "print every user and token")
    added = command("add", _add, "add a user; the password is asked for, or one line of stdin", "name")
    added.add_argument("--role", choices=ROLES, default="admin")
    command("password", _password, "set a password; it is asked for, or one line of stdin", "name")
    added = command("role", _role, "give a user another role", "name")
    added.add_argument("role", choices=ROLES)
    command("remove", _remove, "remove a user, with all tokens", "name")
    command(
        "one-factor", _one_factor, "take a user's second factor away: the password alone signs in", "name"
    )
    added = command("token", _token, "make a token for a user's program, and print it", "name")
    added.add_argument("--role", choices=ROLES, default="operator", help="the most that it may do")
    added.add_argument("--note", default="command line", help="what it is for")
    added.add_argument(
        "--scope", choices=SCOPES, action="append", default=[], help="what it may do besides; can be repeated"
    )
    added.add_argument("--days", type=int, help="the days after which it ends; without: never")
    added.add_argument(
        "--token-file", help="a file with a token of another device, so that one Prometheus can read both"
    )
    added = command("revoke", _revoke, "end a token")
    added.add_argument("id", type=int)
    return parser


def _list(device: Device, options: argparse.Namespace) -> None:
    for user in device.accounts.users().values():
        print(f"{user.name}  {user.role}{'  second factor' if user.has_factor else ''}")
        for token in device.accounts.tokens():
            if token.user == user.name:
                print(f"    token {token.id}  {token.role}  {token.note}")


def _add(device: Device, options: argparse.Namespace) -> None:
    if not NAME.fullmatch(options.name):
        raise Refused(f"the name has to be {NAME_RULE}")
    device.accounts.add(COMMAND_LINE, options.name, _read_password(options.name), options.role)


def _password(device: Device, options: argparse.Namespace) -> None:
    _user(device, options.name)
    device.accounts.set_password(COMMAND_LINE, options.name, _read_password(options.name))


def _role(device: Device, options: argparse.Namespace) -> None:
    device.accounts.set_role(COMMAND_LINE, options.name, options.role)


def _remove(device: Device, options: argparse.Namespace) -> None:
    device.accounts.remove(COMMAND_LINE, options.name)


def _one_factor(device: Device, options: argparse.Namespace) -> None:
    _user(device, options.name)
    if not device.second_factors.remove(COMMAND_LINE, options.name):
        raise Refused(f"{options.name} has no second factor")


def _token(device: Device, options: argparse.Namespace) -> None:
    user = _user(device, options.name)
    scopes = tuple(dict.fromkeys(options.scope))
    known = _read_token(options.token_file) if options.token_file else ""
    _, text = device.accounts.add_token(
        COMMAND_LINE, user, options.role, options.note, scopes, options.days, known
    )
    print(text)


def _read_token(file: str) -> str:
    try:
        with open(file, encoding="utf-8", errors="replace") as opened:
            token = opened.readline(200).strip()
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}") from None
    if not token:
        raise Refused(f"{file}: expected a token in the first line")
    return token


def _revoke(device: Device, options: argparse.Namespace) -> None:
    device.accounts.revoke(COMMAND_LINE, options.id)


def _user(device: Device, name: str) -> User:
    user = device.accounts.users().get(name)
    if user is None:
        raise Refused(f'there is no user named "{name}"')
    return user


def _read_password(name: str) -> str:
    """Read a password from the keyboard, unseen and twice, else one line of stdin.

    Never from the command line, which every process can read. Raises `Refused` for a bad one.
    """
    if os.isatty(0):
        from getpass import getpass

        password = getpass("Password: ")
        if getpass("Once more: ") != password:
            raise Refused("the two passwords differ")
    else:
        password = sys.stdin.readline().rstrip("\n")
    if fault := passwords.fault_of(password, name):
        raise Refused(f"choose {fault}")
    return password
