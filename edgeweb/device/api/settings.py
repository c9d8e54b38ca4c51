"""Settings: the keys of the profile that a person may change on the running device.

    $ curl -i http://127.0.0.1:8080/api/v1/settings
    $ curl -X PATCH -H 'If-Match: "5f1c0a9be2d34711"' -H 'Content-Type: application/merge-patch+json' \\
        -d '{"dashboard.title": "Greenhouse", "history.length": null}' http://127.0.0.1:8080/api/v1/settings
"""

from __future__ import annotations

from edgeweb import Response, request

from ..access.roles import needs
from ..config.settings import Settings
from ..http.body import read_object
from ..http.contract import Schemas, contract
from ..http.current import actor, current_device
from ..http.etag import conditional, is_expected, tagged
from ..http.on_demand import on_demand
from ..http.problems import Problem
from .blueprint import api

#: RFC 7396, and plain JSON for clients that do not know its name.
PATCH_TYPES = ("application/merge-patch+json", "application/json")


@api.get("/settings")
@contract(answer="Settings")
def settings() -> Response:
    """Return what may be changed on this device, what each may be, and when a change takes effect."""
    found = current_device().settings
    return conditional(found.tag, lambda: to_json(found))


@api.patch("/settings")
@needs("admin")
@contract(
    body="SettingsChange",
    media=PATCH_TYPES,
    headers=("If-Match",),
    answer="Settings",
    problems=("precondition-required",),
)
def change_settings() -> Response:
    """Change settings, all of them or none: `{"dashboard.title": "Greenhouse"}`.

    Null goes back to the profile (RFC 7396). `If-Match` has the tag of the settings that the change is for.
    """
    need_tag()
    found = current_device().settings
    found.change(actor(), read_object(PATCH_TYPES), is_expected)
    return tagged(found.tag, to_json(found))


def need_tag() -> None:
    """Raise `Problem` for a change without `If-Match`: it would be made of what its client has not seen."""
    if "If-Match" not in request.headers:
        raise Problem("precondition-required")


def to_json(settings: Settings) -> dict[str, object]:
    """Return the settings as the API shows them."""
    return {
        "settings": [row._asdict() for row in settings.rows()],
        "ignored": [{"key": key, "reason": reason} for key, reason in settings.ignored],
    }


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..http.schemas import flag, one_of, record, rows, text

    setting = record(
        key=text("The key of the profile.", "dashboard.title"),
        kind=text("What it may be.", "string"),
        limits={
            "description": "Within which limits; what they are depends on the kind. Those of a"
            " `duration` are in seconds."
        },
        value={
            "description": "What it is; a `duration` as a number of seconds.",
            "examples": ["Greenhouse"],
        },
        default={"description": "The profile's value.", "examples": [""]},
        meaning=text("What it is for.", "Heading of the dashboard; empty: the host name."),
        effect=one_of("When a change takes effect.", "now", "restart"),
        changed=flag("Whether it was set on the device."),
        pending=flag("Whether another value is in force until the next start."),
    )
    ignored = record(
        key=text("A setting that the state has.", "channels.pump.title"),
        reason=text("Why it is not in force.", "this device has no such setting"),
    )
    return {
        "Settings": record(
            settings=rows(setting, "In the order of the profile."),
            ignored=rows(ignored, "Settings that do not fit this device."),
        ),
        "SettingsChange": {
            "type": "object",
            "description": "Keys and their new values, as a profile writes them: a duration is a number of"
            ' seconds or text with a unit, such as "500 ms" or "10 min" (ms, s, min, h, d). Null goes back to'
            " the profile (RFC 7396).",
            "examples": [
                {"dashboard.title": "Greenhouse", "sensors.interval": "5 s", "history.length": None}
            ],
        },
    }
