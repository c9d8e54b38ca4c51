"""Settings: the keys of the profile that a person may change on the running device.

    $ curl -i http://127.0.0.1:8080/api/v1/settings
    $ curl -X PATCH -H 'If-Match: "5f1c0a9be2d34711"' -H 'Content-Type: application/merge-patch+json' \\
        -d '{"dashboard.title": "Greenhouse", "history.length": null}' http://127.0.0.1:8080/api/v1/settings
"""

from __future__ import annotations

from typing import Any

from edgeweb import Response, request

from ..access.roles import needs
from ..config.settings import Settings
from ..http.body import read_object
from ..http.contract import contract
from ..http.current import actor, current_device
from ..http.etag import conditional, tagged
from ..http.problems import Problem
from .blueprint import api

#: RFC 7396, and plain JSON for clients that do not know its name.
PATCH_TYPES = ("application/merge-patch+json", "application/json")


@api.get("/settings")
@contract(answer="Settings")
def settings() -> Response:
    """What may be changed on this device, with what each may be, and when it takes effect."""
    found = current_device().settings
    return conditional(found.tag, lambda: to_json(found))


@api.patch("/settings")
@needs("admin")
@contract(
    body="SettingsChange",
    media=PATCH_TYPES,
    headers=("If-Match",),
    answer="Settings",
    problems=("precondition-required", "precondition-failed"),
)
def change_settings() -> Response:
    """Changes settings, all of them or none: `{"dashboard.title": "Greenhouse"}`; null goes back to the
    profile (RFC 7396). `If-Match` has the tag of the settings that the change is for."""
    if "If-Match" not in request.headers:
        raise Problem("precondition-required")
    found = current_device().settings
    found.change(actor(), read_object(PATCH_TYPES), request.if_match.contains)
    return tagged(found.tag, to_json(found))


def to_json(settings: Settings) -> dict[str, Any]:
    """Return the settings as the API shows them."""
    return {
        "settings": [row._asdict() for row in settings.rows()],
        "ignored": [{"key": key, "reason": reason} for key, reason in settings.ignored],
    }
