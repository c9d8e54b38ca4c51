"""Home Assistant's own core, without its pages: run by an interpreter that has it (`EDGEWEB_HOME_ASSISTANT`).

    python home_assistant.py FOLDER PORT USER PASSWORD

It connects to the broker as its settings would have it. Each line of stdin is a JSON command, each line of
stdout the answer: `["states"]`, `["call", "switch", "turn_on", {"entity_id": ...}]`, `["devices"]`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from homeassistant import bootstrap, runner
from homeassistant.helpers import area_registry, device_registry, entity_registry

NOW = "2026-01-01T00:00:00+00:00"


def write_settings(folder: Path, port: int, user: str, password: str) -> None:
    """Write what the dialogue "add the integration MQTT" would have written."""
    entry = {
        "created_at": NOW,
        "modified_at": NOW,
        "data": {"broker": "127.0.0.1", "port": port, "username": user, "password": password},
        "disabled_by": None,
        "discovery_keys": {},
        "domain": "mqtt",
        "entry_id": "0123456789abcdef0123456789abcdef",
        "minor_version": 2,
        "options": {"discovery": True},
        "pref_disable_new_entities": False,
        "pref_disable_polling": False,
        "source": "user",
        "subentries": [],
        "title": "broker",
        "unique_id": None,
        "version": 1,
    }
    (folder / ".storage").mkdir(parents=True, exist_ok=True)
    entries = {"version": 1, "minor_version": 5, "key": "core.config_entries", "data": {"entries": [entry]}}
    file = folder / ".storage" / "core.config_entries"
    if not file.exists():
        file.write_text(json.dumps(entries))
    (folder / "configuration.yaml").write_text("logger:\n  default: warning\n")


async def main() -> None:
    folder = Path(sys.argv[1])
    write_settings(folder, int(sys.argv[2]), sys.argv[3], sys.argv[4])
    settings = runner.RuntimeConfig(config_dir=str(folder), skip_pip=True, recovery_mode=False)
    hass = await bootstrap.async_setup_hass(settings)
    assert hass is not None
    await hass.async_start()
    print(json.dumps("started"), flush=True)
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        what, *rest = json.loads(line)
        answer: object = None
        if what == "states":
            answer = {
                state.entity_id: {"state": state.state, **{k: str(v) for k, v in state.attributes.items()}}
                for state in hass.states.async_all()
            }
        elif what == "call":
            domain, service, data = rest
            await hass.services.async_call(domain, service, data, blocking=True)
        elif what == "devices":
            areas = area_registry.async_get(hass)
            answer = [
                {
                    "name": device.name,
                    "model": device.model,
                    "area": areas.async_get_area(device.area_id).name if device.area_id else None,
                }
                for device in device_registry.async_get(hass).devices.values()
            ]
        elif what == "entities":
            answer = [entity.entity_id for entity in entity_registry.async_get(hass).entities.values()]
        print(json.dumps(answer), flush=True)
    await hass.async_stop()


asyncio.run(main())
