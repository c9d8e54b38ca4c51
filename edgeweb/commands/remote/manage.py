"""`edgeweb remote add`, `list` and `remove`: nothing is connected."""

from __future__ import annotations

import argparse
import json
import os
import re

from .devices import MAX_DEVICES, NAME, Device, Refused, file_of_list, load, save
from .output import table


def add(options: argparse.Namespace) -> int:
    """Add a device, or change the one with this name. Raises `Refused`."""
    if not re.fullmatch(NAME, options.name):
        raise Refused("a name has 1 to 64 letters, digits, - and _, and begins with a letter or a digit")
    files = (os.path.abspath(file) if file else "" for file in (options.token_file, options.ca_file))
    device = Device(options.name, options.url, *files)
    url = device.client(options.timeout).url  # so that a wrong address or file is refused now
    devices = load()
    if len(devices) >= MAX_DEVICES and options.name not in devices:
        raise Refused(f"the list has {MAX_DEVICES} devices, which is the most that it may have")
    devices[options.name] = device._replace(url=url)
    save(devices)
    print(f"{options.name} is in {file_of_list()}. To ask it: edgeweb remote get status {options.name}")
    return 0


def show(options: argparse.Namespace) -> int:
    """Print the list. Of a token only its file is shown. Raises `Refused`."""
    devices = load()
    if options.json:
        print(json.dumps([device._asdict() for device in devices.values()], indent=2))
    elif devices:
        print(table(("device", "address", "token"), [row[:3] for row in devices.values()]))
    else:
        print("No devices yet. To add one: edgeweb remote add NAME URL --token-file FILE")
    return 0


def remove(options: argparse.Namespace) -> int:
    """Take a device off the list. Raises `Refused` where it is not there."""
    devices = load()
    if options.name not in devices:
        raise unknown(options.name, devices)
    del devices[options.name]
    save(devices)
    return 0


def chosen(names: list[str]) -> list[Device]:
    """Return the devices of these names, each once; all of the list without any. Raises `Refused`."""
    devices = load()
    for name in names:
        if name not in devices:
            raise unknown(name, devices)
    if not devices:
        raise Refused("no devices yet. To add one: edgeweb remote add NAME URL --token-file FILE")
    return [devices[name] for name in dict.fromkeys(names)] or list(devices.values())


def unknown(name: str, devices: dict[str, Device]) -> Refused:
    """Return the error for a device that is not in the list, with the names that are."""
    known = ", ".join(list(devices)[:20])
    return Refused(f"there is no device {name!r} in the list; it has: {known or 'none'}")
