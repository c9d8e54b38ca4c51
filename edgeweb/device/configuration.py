"""The JSON interface to what people configure on the running device.

    $ curl -i http://127.0.0.1:8080/api/v1/settings
    $ curl -X PATCH -H 'If-Match: "5f1c0a9be2d34711"' -H 'Content-Type: application/merge-patch+json' \\
        -d '{"dashboard.title": "Greenhouse", "history.length": null}' http://127.0.0.1:8080/api/v1/settings
"""

from __future__ import annotations

from typing import Any

from werkzeug.exceptions import HTTPException

from edgeweb import Blueprint, Response, make_response, request

from . import problem
from .access.gate import actor
from .access.roles import needs
from .body import MAX_ERRORS, error, parse
from .conditional import conditional
from .describe import describes
from .device import Device, current_device
from .problem import Problem
from .settings import SettingsChanged, SettingsError

configuration = Blueprint("configuration", __name__, url_prefix="/api/v1")
configuration.register_error_handler(HTTPException, problem.answer)

#: RFC 7396, and plain JSON for whoever does not know its name.
PATCH_TYPES = ("application/merge-patch+json", "application/json")


@configuration.get("/settings")
@describes(answer="Settings")
def settings() -> Response:
    """What may be changed on this device, with what each may be, and when it takes effect."""
    device = current_device()
    return conditional(device.settings.tag, lambda: described_settings(device))


@configuration.patch("/settings")
@needs("admin")
@describes(
    body="SettingsChange",
    media=PATCH_TYPES,
    headers=("If-Match",),
    answer="Settings",
    problems=("precondition-required", "precondition-failed"),
)
def change_settings() -> Response:
    """Changes settings, all of them or none: `{"dashboard.title": "Greenhouse"}`; null goes back to the
    profile (RFC 7396). `If-Match` has the tag of the settings that the change is for."""
    device = current_device()
    if "If-Match" not in request.headers:
        raise Problem("precondition-required")
    if request.mimetype not in PATCH_TYPES:
        raise Problem("unsupported-media-type", headers={"Accept-Patch": ", ".join(PATCH_TYPES)})
    changes = parse(request.get_data(cache=False))
    if not isinstance(changes, dict):
        raise Problem("invalid-fields", "The body has to be an object.", [error((), "expected an object")])
    try:
        device.settings.change(actor(), changes, request.if_match.contains)
    except SettingsChanged:
        raise Problem("precondition-failed") from None
    except SettingsError as reason:
        rows = [error((key,), detail) for key, detail in reason.errors[:MAX_ERRORS]]
        raise Problem("invalid-fields", "Nothing was changed.", rows) from reason
    response = make_response(described_settings(device))
    response.set_etag(device.settings.tag)
    response.headers["Cache-Control"] = "no-store"
    return response


def described_settings(device: Device) -> dict[str, Any]:
    """The settings as the API shows them."""
    return {
        "settings": [row._asdict() for row in device.settings.rows()],
        "ignored": [{"key": key, "reason": reason} for key, reason in device.settings.ignored],
    }
