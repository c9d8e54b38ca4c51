"""What the tests of backups share: a device with one of everything, and its file, changed and restored."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from edgeweb import Flask
from edgeweb.device import backup
from edgeweb.device.backup import checksum
from edgeweb.device.device import Device

from .people import PASSWORD, SOMEBODY, add_user, device_of, token_of

DAILY = {"channel": "lamp", "action": "on", "kind": "daily", "at": "07:00"}


def fill(app: Flask) -> dict[str, Any]:
    """Gives the device one of everything; returns its backup."""
    device = device_of(app)
    device.open()
    vera = add_user(app, "vera", "viewer")
    app.config["VERAS_TOKEN"] = token_of(app, vera)
    device.settings.change(SOMEBODY, {"dashboard.title": 'Green "],[" house', "history.length": 9})
    device.schedules.put(SOMEBODY, "morning", DAILY)
    device.store.write(
        lambda execute: execute("INSERT INTO channels (name, on_count) VALUES ('door', 17)") and None
    )
    found = json.loads(backup.export(device))
    assert isinstance(found, dict)
    return found


def changed(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The file with other fields or tables, and a checksum that fits."""
    other = deepcopy(document)
    for key, value in changes.items():
        (other["content"] if key in backup.TABLES else other)[key] = value
    other["checksum"] = checksum(other)
    return other


def tables(device: Device) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of the tables, without the day of a token's last use: that is noted by any use."""
    found = {table: device.store.read(f"SELECT * FROM {table} ORDER BY 1") for table in backup.TABLES}
    found["tokens"] = [row[:7] + row[8:] for row in found["tokens"]]
    return found


def without_use(content: dict[str, Any]) -> dict[str, Any]:
    """The tables of a file without the day of a token's last use, which the request for the file notes."""
    return {**content, "tokens": [row[:7] + row[8:] for row in content["tokens"]]}


def restore(app: Flask, document: Any, password: str = PASSWORD) -> Any:
    return app.test_client().post("/api/v1/restore", json={"password": password, "backup": document})
