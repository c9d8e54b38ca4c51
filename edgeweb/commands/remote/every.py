"""`edgeweb remote all`: the same to each device of the list, with a table of what became of it."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from edgeweb.client import Client

from .devices import Device, Refused
from .fleet import ask_all, worst
from .manage import chosen
from .output import table


def run(options: argparse.Namespace) -> int:
    """Do it to all devices, and print a table. Return the exit code. Raises `Refused`."""
    results = ask_all(chosen([]), _EACH[options.each](options), options.timeout, options.patience)
    rows = [(result.device.name, result.error or result.answer) for result in results]
    print(table(("device", "result"), rows))
    failed = sum(bool(result.error) for result in results)
    print(f"\n{len(results) - failed} of {len(results)} devices")
    return worst(results)


def _backup(options: argparse.Namespace) -> Callable[[Device, Client], str]:
    folder = Path(options.folder)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"{folder}: {error.strerror}") from None
    moment = time.strftime("%Y-%m-%dT%H%M%SZ", time.gmtime())

    def backup(device: Device, client: Client) -> str:
        # Taken first: a file is only made of a backup that has arrived.
        content = json.dumps(client.backup(), indent=2, ensure_ascii=False).encode()
        file = folder / f"{device.name}-{moment}.json"
        # O_EXCL: a backup does not take the place of another one, and no link leads elsewhere
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(descriptor)
        return str(file)

    return backup


def _restart(options: argparse.Namespace) -> Callable[[Device, Client], str]:
    def restart(device: Device, client: Client) -> str:
        client.restart_service(options.unit)
        return f"{options.unit} restarts"

    return restart


_EACH = {"backup": _backup, "restart": _restart}
