"""The client itself: a method for each thing that a program asks of a device."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from .answers import (
    Backup,
    Channel,
    Metrics,
    MetricsHistory,
    Ready,
    Restored,
    Schedule,
    ScheduleDefinition,
    Schedules,
    Sensor,
    SensorHistory,
    Service,
    Settings,
    Status,
    WhoAmI,
)
from .errors import BadAnswer, ClientError, Refused
from .events import SILENCE, Event, events
from .transport import Transport, path_of

#: Seconds.
TIMEOUT = 10.0
#: Bytes of an answer at most; a backup has 4 MiB at most.
MAX_BYTES = 8 * 1024 * 1024
#: Seconds before another attempt at least, also for `Retry-After: 0`.
LEAST_PAUSE = 0.1


class Client:
    """One device, asked by a program. May be shared by threads; nothing is connected between two calls.

    `url` is that of the device, with the prefix below which a proxy serves it where there is one. `timeout`
    is in seconds. `patience` is how many seconds in all a call may wait and ask again where the device
    refuses it with `Retry-After`; with 0 it raises at once. `ca_file` is the certificate of the authority
    that vouches for the device, for https; without it the system's authorities count. `sleep` is for tests.

    Every method raises `ClientError`: `Refused` for what the device does not do, `Unreachable`, `BadAnswer`
    and `Redirected`; and `ValueError` for a name that cannot stand in an address.

    >>> client.who_am_i()["user"]["role"]
    'admin'

    Source: the device's own /api/v1/openapi.json.
    """

    def __init__(
        self,
        url: str,
        token: str = "",
        *,
        timeout: float = TIMEOUT,
        patience: float = 0.0,
        ca_file: str = "",
        max_bytes: int = MAX_BYTES,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._transport = Transport(url, token, timeout, ca_file, max_bytes)
        self._patience = patience
        self._sleep = sleep

    def __repr__(self) -> str:
        return f"Client({self.url!r})"  # without the token: this goes into logs

    @property
    def url(self) -> str:
        """Return the address of the device, without a final slash."""
        return self._transport.url

    # -- channels --------------------------------------------------------------------------------------

    def channels(self) -> list[Channel]:
        """Return all channels, in the order of the profile.

        >>> [channel["id"] for channel in client.channels()]
        ['lamp', 'fan']
        """
        return cast("list[Channel]", self._list("channels", "channels"))

    def channel(self, name: str) -> Channel:
        """Return one channel.

        >>> client.channel("lamp")["mode"]
        'output'
        """
        return cast(Channel, self._get("channels", name))

    def switch(self, name: str, on: bool, *, wait: bool = False) -> Channel:
        """Switch an output on or off. With `wait` it is answered when the channel has finished.

        >>> client.switch("lamp", True)["state"]
        True
        """
        return cast(Channel, self._act("PUT", name, "state", {"on": on}, wait))

    def toggle(self, name: str, *, wait: bool = False) -> Channel:
        """Switch an output to the other state.

        >>> client.toggle("lamp")["state"]
        False
        """
        return cast(Channel, self._act("POST", name, "toggle", None, wait))

    def pulse(self, name: str, ms: int | None = None, *, wait: bool = False) -> Channel:
        """Switch an output on and, after `ms` milliseconds, off again; without `ms` the profile's `pulse`.

        >>> client.pulse("lamp", ms=50, wait=True)["state"]
        False
        """
        return cast(Channel, self._act("POST", name, "pulse", None if ms is None else {"ms": ms}, wait))

    def level(self, name: str, value: float, *, wait: bool = False) -> Channel:
        """Bring a PWM output to a value from 0 to 1.

        >>> client.level("fan", 0.4, wait=True)["value"]
        0.4
        """
        return cast(Channel, self._act("PUT", name, "value", {"value": value}, wait))

    # -- sensors and figures ---------------------------------------------------------------------------

    def sensors(self) -> list[Sensor]:
        """Return all sensors.

        >>> [sensor["id"] for sensor in client.sensors()]
        ['soil']
        """
        return cast("list[Sensor]", self._list("sensors", "sensors"))

    def sensor(self, name: str) -> Sensor:
        """Return one sensor.

        >>> client.sensor("soil")["unit"]
        '%'
        """
        return cast(Sensor, self._get("sensors", name))

    def sensor_history(
        self, name: str, *, begin: str = "", end: str = "", step: str = "1 h"
    ) -> SensorHistory:
        """Return the kept hours of a sensor, joined to steps. The moments are ISO 8601; default: a week.

        >>> client.sensor_history("soil", step="1 d")["step_seconds"]
        86400
        """
        query = {"from": begin, "to": end, "step": step, "format": "json"}
        answer = self._get("sensors", name, "history", query={key: row for key, row in query.items() if row})
        return cast(SensorHistory, answer)

    def status(self) -> Status:
        """Return the device's name, its figures, its warnings, and the states of channels and sensors.

        >>> client.status()["storage"]["persistent"]
        True
        """
        return cast(Status, self._get("status"))

    def metrics(self) -> Metrics:
        """Return all figures of the machine, with their units and meanings.

        >>> client.metrics()["metrics"][0]["name"]
        'cpu_percent'
        """
        return cast(Metrics, self._get("metrics"))

    def metrics_history(self, metric: str = "") -> MetricsHistory:
        """Return the last readings of all figures, or of one.

        >>> client.metrics_history("load_1m")["interval_seconds"] > 0
        True
        """
        query = {"metric": metric} if metric else None
        return cast(MetricsHistory, self._get("metrics", "history", query=query))

    # -- schedules -------------------------------------------------------------------------------------

    def schedules(self) -> Schedules:
        """Return all schedules, by name.

        >>> client.schedules()["waiting_reason"]
        ''
        """
        return cast(Schedules, self._get("schedules"))

    def schedule(self, name: str) -> Schedule:
        """Return one schedule. Raises `Refused` with the status 404 where there is none.

        >>> client.schedule("morning")["at"]
        '07:00'
        """
        return cast(Schedule, self._get("schedules", name))

    def put_schedule(self, name: str, definition: ScheduleDefinition) -> Schedule:
        """Define a schedule, or replace the one with this name.

        >>> morning = {"channel": "lamp", "action": "on", "kind": "daily", "at": "07:00"}
        >>> client.put_schedule("morning", morning)["enabled"]
        True
        """
        return cast(Schedule, self._ask("PUT", path_of("schedules", name), definition))

    def remove_schedule(self, name: str) -> None:
        """Remove a schedule.

        >>> client.remove_schedule("morning")
        """
        self._ask("DELETE", path_of("schedules", name), has_body=False)

    # -- the machine -----------------------------------------------------------------------------------

    def services(self) -> list[Service]:
        """Return the services of the profile's list. Needs the role admin.

        >>> [service["active"] for service in client.services()]
        ['active']
        """
        return cast("list[Service]", self._list("services", "services"))

    def restart_service(self, unit: str) -> None:
        """Restart a service of the profile's list. Needs the role admin and the scope power.

        >>> client.restart_service("nginx.service")
        """
        self._ask("POST", path_of("services", unit, "restart"))

    def settings(self) -> Settings:
        """Return what may be changed on this device, and the tag for `change_settings`.

        >>> [row["value"] for row in client.settings().settings if row["key"] == "dashboard.title"]
        ['']
        """
        return self._settings("GET", None, None)

    def change_settings(self, changes: Mapping[str, object], tag: str = "*") -> Settings:
        """Change settings, all of them or none; None goes back to the profile's value.

        `tag` is that of the settings which the change is for: it is refused with the status 412 where others
        have changed them since. `*` is any. Needs the role admin.

        >>> before = client.settings()
        >>> after = client.change_settings({"dashboard.title": "Greenhouse"}, before.tag)
        >>> [row["value"] for row in after.settings if row["changed"]]
        ['Greenhouse']
        """
        return self._settings("PATCH", dict(changes), {"If-Match": tag})

    def backup(self) -> Backup:
        """Return everything that people have entered. Needs the role admin and the scope backup.

        >>> client.backup()["format"]
        'edgeweb-backup'
        """
        return cast(Backup, self._get("backup"))

    def restore(self, backup: Backup) -> Restored:
        """Restore a backup, all of it or nothing. Needs the role admin and the scope backup.

        >>> client.restore(client.backup())["restored"]["users"]
        1
        """
        return cast(Restored, self._ask("POST", path_of("restore"), {"password": "", "backup": backup}))

    def who_am_i(self) -> WhoAmI:
        """Return the user of the token.

        >>> client.who_am_i()["user"]["name"]
        'owner'
        """
        return cast(WhoAmI, self._get("session"))

    def ready(self) -> Ready:
        """Return whether all is well. Needs no token.

        >>> client.ready()["checks"]["channels"]
        'ok'
        """
        return cast(Ready, self._ask("GET", "/readyz", fine=(503,)))

    def events(
        self,
        *topics: str,
        on_lost: Callable[[ClientError, float], object] | None = None,
        silence: float = SILENCE,
        last_id: str = "",
    ) -> Iterator[Event]:
        """Yield what changes, first the present state of each topic; it never ends by itself.

        `topics` are channels, figures, schedules, sensors and warnings; without any, all of these. A lost
        connection is made again, and brings what has changed since. `on_lost` is called for each, with the
        reason and the seconds until the next attempt; without it, one that fails before the first event
        raises. `silence` is the seconds after which a silent connection is lost. `last_id` is that of an
        event of an earlier iterator.

        >>> next(client.events("channels")).name
        'channel'
        """
        target = path_of("events")
        if topics:
            target += f"?topics={','.join(topics)}"
        return events(self._transport, target, self._sleep, on_lost, silence, last_id)

    # -- how it is asked -------------------------------------------------------------------------------

    def _list(self, noun: str, key: str) -> object:
        """Return the list that an answer has by a key."""
        found = self._get(noun)
        if not isinstance(found, dict) or not isinstance(found.get(key), list):
            raise BadAnswer(f"{self.url} has answered without {key}.")
        return found[key]

    def _get(self, *parts: str, query: dict[str, str] | None = None) -> object:
        return self._ask("GET", path_of(*parts), query=query)

    def _act(self, method: str, name: str, action: str, body: object, wait: bool) -> object:
        query = {"wait": "1"} if wait else None
        return self._ask(method, path_of("channels", name, action), body, query)

    def _settings(self, method: str, body: object, headers: dict[str, str] | None) -> Settings:
        found, tag = self._tagged(method, path_of("settings"), body, headers=headers)
        return Settings(found["settings"], found["ignored"], tag)

    def _ask(
        self,
        method: str,
        path: str,
        body: object = None,
        query: dict[str, str] | None = None,
        fine: tuple[int, ...] = (),
        has_body: bool = True,
    ) -> object:
        found, _ = self._tagged(method, path, body, query, None, fine)
        if has_body and not isinstance(found, dict):
            raise BadAnswer(f"{self.url} has answered {path} with something else than an object.")
        return found

    def _tagged(
        self,
        method: str,
        path: str,
        body: object = None,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        fine: tuple[int, ...] = (),
    ) -> tuple[Any, str]:
        """Return the JSON of an answer and its tag; ask again as long as `patience` lasts."""
        left = self._patience
        while True:
            try:
                return self._transport.ask(method, path, body, query, headers, fine)
            except Refused as error:
                pause = max(error.retry_after or 0.0, LEAST_PAUSE)
                if error.retry_after is None or pause > left:
                    raise
                left -= pause
                self._sleep(pause)
