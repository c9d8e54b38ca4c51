"""`edgeweb remote switch`, `pulse` and `level`: one output of one device, by `greenhouse/lamp`."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from edgeweb.client import Channel, Client

from .devices import Refused
from .get import WHAT, ask_one
from .manage import chosen
from .output import table


def switch(options: argparse.Namespace) -> int:
    """Switch an output. Raises `Refused`."""
    if options.state == "toggle":
        return _act(options, lambda client, name: client.toggle(name, wait=True))
    return _act(options, lambda client, name: client.switch(name, options.state == "on", wait=True))


def pulse(options: argparse.Namespace) -> int:
    """Switch an output on for a time; it is answered when it has begun. Raises `Refused`."""
    return _act(options, lambda client, name: client.pulse(name, options.ms))


def level(options: argparse.Namespace) -> int:
    """Bring a PWM output to a level. Raises `Refused`."""
    return _act(options, lambda client, name: client.level(name, options.value))


def _act(options: argparse.Namespace, act: Callable[[Client, str], Channel]) -> int:
    device, found, name = options.channel.partition("/")
    if not found or not name:
        raise Refused(f"{options.channel!r} names no channel of a device: expected such as greenhouse/lamp")
    (row,) = chosen([device])
    answer, code = ask_one(row, lambda client: act(client, name), options)
    if answer is not None:
        what = WHAT["channels"]
        print(table(("device", *what.head), [(device, *row) for row in what.rows([answer])]))
    return code
