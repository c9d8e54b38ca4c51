"""A request for every route: a table with the body that a healthy device takes, in an order that works.

`test_fault_matrix.py` fails where a route of the application has no row here. A row is asked on a device with
the channels of `BOARD`, where `Visit` has made what stands in the addresses: users, schedules, sessions and
tokens to change and to remove, one for the interface and one for the pages.
"""

from __future__ import annotations

import io
import json
import re
from typing import Any, NamedTuple

from edgeweb import Flask
from edgeweb.device.access.secrets import masked
from edgeweb.device.device import Device
from edgeweb.testing import FlaskClient
from edgeweb.wrappers import Response

from .people import OWN, PASSWORD, SOMEBODY, add_user, browser_of, device_of, token_of

#: Another password than that of everybody.
OTHER = "staple battery horse"

_DAILY = {"channel": "lamp", "action": "on", "kind": "daily", "at": "06:30"}
_FORM_OF_DAILY = {"channel": "lamp", "action": "on", "kind": "daily", "time": "06:30", "days": ["mon"]}


class Ask(NamedTuple):
    """One request. `path` and the texts of bodies may name what `Visit.names` has, in braces."""

    method: str
    #: The rule of the route, as the application has it.
    rule: str
    path: str
    json: dict[str, Any] | None = None
    form: dict[str, Any] | None = None
    #: What a healthy device answers, where that is no success.
    status: int = 0

    @property
    def is_page(self) -> bool:
        """Whether a browser asks."""
        return not self.rule.startswith(("/api/", "/livez", "/readyz", "/metrics", "/.well-known/"))


def _get(rule: str, path: str = "") -> Ask:
    return Ask("GET", rule, path or rule)


API = "/api/v1"
_FACTOR = f"{API}/users/<name>/second-factor"
_SWITCH = f"{API}/channels/<name>"
_LAMP = {"driver": "memory", "mode": "output"}

#: Those that come first change nothing.
ASKS: tuple[Ask, ...] = (
    _get("/", "/?processes=1"),
    _get("/about"),
    _get(f"{API}/audit"),
    _get(f"{API}/backup"),
    _get(f"{API}/channels"),
    _get(_SWITCH, f"{API}/channels/lamp"),
    _get(f"{_SWITCH}/history", f"{API}/channels/lamp/history"),
    _get(f"{API}/events"),
    _get(f"{API}/fleet/targets"),
    _get(f"{API}/hardware"),
    _get(f"{API}/mqtt"),
    _get(f"{API}/logs"),
    _get(f"{API}/metrics"),
    _get(f"{API}/metrics/history"),
    _get(f"{API}/openapi.json"),
    _get(f"{API}/problems/<key>", f"{API}/problems/not-found"),
    _get(f"{API}/schedules"),
    _get(f"{API}/schedules/<name>", f"{API}/schedules/kept"),
    _get(f"{API}/sensors"),
    _get(f"{API}/sensors/<name>", f"{API}/sensors/uptime"),
    _get(f"{API}/sensors/<name>/definition", f"{API}/sensors/uptime/definition"),
    _get(f"{API}/channels/<name>/definition", f"{API}/channels/lamp/definition"),
    _get(f"{API}/sensors/<name>/history", f"{API}/sensors/uptime/history"),
    _get(f"{API}/services"),
    _get(f"{API}/session"),
    _get(f"{API}/sessions"),
    _get(f"{API}/settings"),
    _get(f"{API}/software"),
    _get(f"{API}/status"),
    _get(f"{API}/tokens"),
    _get(f"{API}/users"),
    _get(_FACTOR, f"{API}/users/owner/second-factor"),
    _get("/add"),
    _get("/add/<any(channels, sensors):family>/<choice>", "/add/channels/memory"),
    _get("/<any(channels, sensors):family>/<name>", "/channels/lamp"),
    _get("/<any(channels, sensors):family>/<name>/edit", "/sensors/uptime/edit"),
    _get("/audit"),
    _get("/backup"),
    _get("/channels"),
    _get("/hardware"),
    _get("/history", "/history?span=day"),
    _get("/live", "/live?show=figures,channels,sensors,processes,history,services,software,log"),
    _get("/livez"),
    _get("/.well-known/security.txt"),
    _get("/privacy"),
    _get("/tls"),
    # there is none before edgeweb tls init
    Ask("GET", "/tls/authority.crt", "/tls/authority.crt", status=404),
    _get("/logs"),
    _get("/metrics"),
    _get("/people"),
    _get("/readyz"),
    _get("/schedules"),
    _get("/services"),
    _get("/settings"),
    _get("/software"),
    Ask("GET", "/sign-in", "/sign-in"),
    _get("/manifest.webmanifest"),
    _get("/kiosk"),
    _get("/static/<filename>", "{static}"),
    # -- changes, by programs ------------------------------------------------------------------------
    Ask("POST", f"{_SWITCH}/<any(on, off, toggle):command>", f"{API}/channels/lamp/toggle"),
    Ask("PUT", f"{_SWITCH}/state", f"{API}/channels/lamp/state", {"on": False}),
    Ask("PUT", f"{API}/groups/<path:group>/state", f"{API}/groups/Hall/state", {"on": False}),
    Ask("PUT", f"{_SWITCH}/value", f"{API}/channels/fan/value", {"value": 0.5}),
    Ask("POST", f"{_SWITCH}/pulse", f"{API}/channels/lamp/pulse", {"ms": 100}),
    Ask("POST", f"{API}/channels", f"{API}/channels", {"id": "new", **_LAMP}),
    Ask("PATCH", f"{API}/channels/<name>", f"{API}/channels/fan", {"title": "Fan"}),
    Ask("POST", f"{API}/channels/<name>/test", f"{API}/channels/tried/test", {**_LAMP, "pulse": 0.05}),
    Ask("POST", f"{API}/sensors", f"{API}/sensors", {"id": "load", "kind": "file", "path": "/proc/loadavg"}),
    Ask("PATCH", f"{API}/sensors/<name>", f"{API}/sensors/uptime", {"unit": "s"}),
    Ask("PUT", f"{API}/schedules/<name>", f"{API}/schedules/fresh", _DAILY),
    Ask("DELETE", f"{API}/schedules/<name>", f"{API}/schedules/first"),
    Ask("POST", f"{API}/services/<unit>/restart", f"{API}/services/nginx.service/restart"),
    # a checkout is updated by nothing here
    Ask("POST", f"{API}/software/update", f"{API}/software/update", {"version": "1.3.0"}, status=409),
    Ask("POST", f"{API}/system/<any(reboot, shutdown):what>", f"{API}/system/reboot", {}),
    Ask("PATCH", f"{API}/settings", f"{API}/settings", {"dashboard.title": "Shed"}),
    Ask("POST", f"{API}/session", f"{API}/session", {"name": "owner", "password": PASSWORD}),
    Ask("DELETE", f"{API}/session", f"{API}/session"),
    Ask("POST", f"{API}/session/confirm", f"{API}/session/confirm", {"password": PASSWORD}, status=403),
    Ask("DELETE", f"{API}/sessions/<key>", API + "/sessions/{session}"),
    Ask("POST", f"{API}/tokens", f"{API}/tokens", {"note": "heating", "role": "viewer"}),
    Ask("DELETE", f"{API}/tokens/<int:number>", API + "/tokens/{token}"),
    Ask("POST", f"{API}/users", f"{API}/users", {"name": "newcomer", "password": OTHER, "role": "viewer"}),
    Ask("PUT", f"{API}/users/<name>/role", f"{API}/users/guest/role", {"role": "operator"}),
    Ask(
        "PUT",
        f"{API}/users/<name>/password",
        f"{API}/users/guest/password",
        {"password": PASSWORD, "new": OTHER},
    ),
    Ask("POST", _FACTOR, f"{API}/users/owner/second-factor"),
    Ask("PUT", _FACTOR, f"{API}/users/owner/second-factor", {"code": "none"}, status=401),
    Ask("DELETE", _FACTOR, f"{API}/users/owner/second-factor", status=404),
    Ask("DELETE", f"{API}/users/<name>", f"{API}/users/guest"),
    Ask("DELETE", f"{API}/channels/<name>", f"{API}/channels/new"),
    Ask("DELETE", f"{API}/sensors/<name>", f"{API}/sensors/load"),
    Ask(
        "POST",
        f"{API}/setup",
        f"{API}/setup",
        {"code": "K7QM-4T2X-9RWD", "name": "eve", "password": OTHER},
        status=409,
    ),
    # -- changes, by forms ---------------------------------------------------------------------------
    Ask("POST", "/channels/<name>", "/channels/lamp", form={"on": "false"}),
    Ask("POST", "/groups/off", "/groups/off", form={"group": "Hall"}),
    Ask(
        "POST",
        "/channels/<name>/<any(on, off, toggle, pulse, value):action>",
        "/channels/fan/value",
        form={"percent": "40"},
    ),
    Ask(
        "POST",
        "/try/<any(channels, sensors):family>/<choice>",
        "/try/channels/memory",
        form={".mode": "output", ".pulse": "50 ms", "password": PASSWORD},
        status=200,
    ),
    Ask(
        "POST",
        "/add/<any(channels, sensors):family>/<choice>",
        "/add/channels/memory",
        form={".title": "Formed", ".mode": "output", "password": PASSWORD},
    ),
    Ask(
        "POST",
        "/<any(channels, sensors):family>/<name>/edit",
        "/channels/formed/edit",
        form={".title": "Reformed", "tag": "{channel formed}", "password": PASSWORD},
    ),
    Ask(
        "POST",
        "/<any(channels, sensors):family>/<name>/remove",
        "/channels/formed/remove",
        form={"tag": "{channel formed}", "password": PASSWORD},
    ),
    Ask("POST", "/kiosk", "/kiosk", form={"token": "{kiosk}"}),
    # the token of the row before names no channel
    Ask("POST", "/kiosk/<name>", "/kiosk/lamp", form={"command": "off"}, status=403),
    Ask("POST", "/language", "/language", form={"language": "fr", "back": "/about"}),
    Ask("POST", "/schedules", "/schedules", form={"name": "formed", "enabled": "true", **_FORM_OF_DAILY}),
    Ask("POST", "/schedules/<name>/enabled", "/schedules/second/enabled", form={"enabled": "false"}),
    Ask("POST", "/schedules/<name>/remove", "/schedules/second/remove", form={}),
    Ask("POST", "/services/<unit>/restart", "/services/nginx.service/restart", form={"password": PASSWORD}),
    Ask("POST", "/software/update", "/software/update", form={"password": PASSWORD}, status=409),
    Ask("POST", "/power/<any(reboot, shutdown):what>", "/power/shutdown", form={"password": PASSWORD}),
    Ask(
        "POST",
        "/settings",
        "/settings",
        form={"here": "dashboard.title", "dashboard.title": "Barn", "tag": "{tag}"},
    ),
    Ask("POST", "/tokens", "/tokens", form={"note": "pump", "role": "viewer", "password": PASSWORD}),
    Ask("POST", "/tokens/<int:number>/revoke", "/tokens/{other_token}/revoke", form={}),
    Ask("POST", "/sessions/<key>/end", "/sessions/{other_session}/end", form={}),
    Ask(
        "POST",
        "/people",
        "/people",
        form={"name": "novice", "new": OTHER, "role": "viewer", "password": PASSWORD},
    ),
    Ask(
        "POST", "/people/<name>/role", "/people/visitor/role", form={"role": "operator", "password": PASSWORD}
    ),
    Ask(
        "POST",
        "/people/<name>/password",
        "/people/visitor/password",
        form={"new": OTHER, "password": PASSWORD},
    ),
    Ask("POST", "/people/second-factor", "/people/second-factor", form={"password": PASSWORD}),
    Ask(
        "POST",
        "/people/second-factor/code",
        "/people/second-factor/code",
        form={"code": "none", "password": PASSWORD},
        status=401,
    ),
    Ask(
        "POST",
        "/people/<name>/second-factor/remove",
        "/people/visitor/second-factor/remove",
        form={"password": PASSWORD},
        status=404,
    ),
    Ask("POST", "/people/<name>/remove", "/people/visitor/remove", form={"password": PASSWORD}),
    Ask("POST", "/backup/file", "/backup/file", form={"password": PASSWORD}),
    Ask("POST", "/sign-in/code", "/sign-in/code", form={"ticket": "none", "code": "none"}, status=401),
    Ask("POST", "/sign-in", "/sign-in", form={"name": "owner", "password": PASSWORD}),
    Ask(
        "POST",
        "/set-up",
        "/set-up",
        form={"code": "K7QM-4T2X-9RWD", "name": "eve", "password": OTHER},
        status=409,
    ),
    # -- the rest of the device depends on these -----------------------------------------------------
    Ask("POST", "/backup/restore", "/backup/restore", form={"password": PASSWORD, "file": "{backup}"}),
    Ask("POST", f"{API}/restore", f"{API}/restore", {"backup": "{backup}"}),
    Ask("POST", f"{API}/reset", f"{API}/reset", {"password": ""}),
    Ask("POST", "/reset", "/reset", form={"password": PASSWORD}),
    Ask("POST", "/sign-out", "/sign-out", form={}),
)


class Visit:
    """An owner with a token and a browser, and all that the rows of `ASKS` name. Made on a healthy device."""

    def __init__(self, app: Flask, address: str = "127.0.0.1") -> None:
        device = device_of(app)
        self._program = app.test_client()
        for name in ("guest", "visitor"):
            add_user(app, name, "viewer")
        for name in ("kept", "first", "second"):
            device.schedules.put(SOMEBODY, name, _DAILY)
        owner = device.accounts.users()["owner"]
        for _ in range(2):
            token_of(app, owner)
        kiosk = token_of(app, owner)
        browser_of(app, "guest")
        browser_of(app, "visitor")
        self._browser = browser_of(app)
        self._browser.get("/about")
        for client in (self._program, self._browser):
            client.environ_base["REMOTE_ADDR"] = address
        (mine,) = [one for one in device.sessions.all() if one.user == "owner"]
        others = {one.user: one.id for one in device.sessions.all()}
        numbers = [token.id for token in device.accounts.tokens()]
        self._csrf = masked(mine.csrf)
        found = re.search(r'"(/static/icon[^"]+)"', self._browser.get("/about").get_data(as_text=True))
        static = found[1] if found else ""
        self.names = {
            "session": others["guest"],
            "other_session": others["visitor"],
            "token": numbers[1],
            "other_token": numbers[2],
            "static": static,
            "kiosk": kiosk,
            "backup": self._program.get(f"{API}/backup").json,
        }

    def ask(self, ask: Ask) -> Response:
        """Make one request."""
        client: FlaskClient = self._browser if ask.is_page else self._program
        if ask.path.startswith("/sign-in"):
            client = FlaskClient(client.application, client.application.response_class)
        path = ask.path.format(**self.names)
        accept = "application/json" if ask.rule == "/live" else "text/html" if ask.is_page else "*/*"
        options: dict[str, Any] = {"method": ask.method, "headers": {"Accept": accept, **OWN}}
        if ask.method == "PATCH":
            options["headers"] |= {"If-Match": "*"}
        if ask.json is not None:
            body = dict(ask.json)
            if "backup" in body:
                body["backup"] = self.names["backup"]
            options["json"] = body
        if ask.form is not None:
            form = {**ask.form, "csrf": self._csrf}
            if "token" in form:
                form["token"] = self.names["kiosk"]
            if "tag" in form:
                form["tag"] = _tag(device_of(client.application), form["tag"])
            if "file" in form:
                form["file"] = (io.BytesIO(json.dumps(self.names["backup"]).encode()), "backup.json")
            options["data"] = form
        answer = client.open(path, **options)
        if answer.mimetype == "text/event-stream":
            # it would go on for as long as it is read
            answer.close()
            answer.response = []
        return answer


def _tag(device: Device, of: str) -> str:
    """The tag of the settings, or that of a channel where it is there."""
    if of == "{tag}":
        return device.settings.tag
    name = of.strip("{}").partition(" ")[2]
    return device.things.tag("channels", name) if name in device.profile["channels"] else ""
