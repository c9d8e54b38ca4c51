"""edgeweb's own version, and the update to a newer one. See `device.system.software`."""

from __future__ import annotations

from edgeweb import Response, __version__, make_response

from ..access.roles import needs
from ..config.checks import REQUIRED
from ..http.body import read_body
from ..http.confirm import confirmed
from ..http.contract import Examples, Fields, Schemas, contract
from ..http.current import actor, current_device
from ..http.etag import from_content
from ..http.on_demand import on_demand
from .blueprint import api

#: The version that was seen, not another that came since. apt's answer has at most these characters, too.
UPDATE_FIELDS: Fields = {"version": ("string", 100, REQUIRED)}


@api.get("/software")
@needs("viewer")
@contract(answer="Software", problems=("system-refused",))
def software() -> Response:
    """Return the version that runs, what apt offers, and how the last update ended.

    apt is not made to fetch anything: `fetched_at` says how old its knowledge is. Without the Debian package,
    or without apt, nothing is offered, and `reason` says so.
    """
    device = current_device()
    source = device.software
    found, update = source.find(), source.update()
    return from_content(
        {
            "version": __version__,
            "package": found.installed if found.packaged else None,
            "available": {"version": found.offered, "security": found.security} if found.offered else None,
            "reason": found.reason,
            "fetched_at": device.clock.date(found.fetched) if found.fetched is not None else None,
            "changelog": "\n".join(source.changelog()),
            "update": {
                "step": update.step,
                "result": update.result,
                "reason": update.reason,
                "from": update.before,
                "to": update.after,
            },
        }
    )


@api.post("/software/update")
@needs("admin")
@confirmed("power")
@contract(
    body=UPDATE_FIELDS,
    answer="UpdateAccepted",
    status=202,
    problems=("conflict", "unconfirmed", "system-refused"),
)
def update_software() -> Response:
    """Update edgeweb to the version that apt offers: `version` has to be this one.

    202: the server ends meanwhile, and `GET /api/v1/software` has the outcome. A version that is not ready
    within two minutes is replaced by the one before, with its state.
    """
    version = current_device().update_software(actor(), read_body()["version"])
    return make_response({"accepted": "update", "version": version}, 202)


@on_demand
def examples() -> Examples:
    """Return an example of each field."""
    return {"version": "1.3.0"}


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..http.schemas import flag, moment, nullable, one_of, record, text
    from ..system.software import CAUSES, REASONS, RESULTS, STEPS

    offered = record(
        version=text("The version that an update brings.", "1.3.0"),
        security=flag("Whether its suite or label ends in `-security`."),
    )
    update = record(
        step=one_of("What it does now; empty: none has run since the machine has started.", *STEPS),
        result=one_of("How it ended; empty before that. `restored`: the version before is back.", *RESULTS),
        reason=one_of("Why it was refused, or went back.", *CAUSES),
        to=text("The version after it; empty: it is not known.", "1.3.0"),
        **{"from": text("The version before it; empty: it is not known.", "1.2.0")},
    )
    return {
        "Software": record(
            version=text("The version that runs.", "1.2.0"),
            package=nullable(text("The version of the Debian package; null without one.", "1.2.0")),
            available=nullable(offered),
            reason=one_of("Why no update can be made here.", *REASONS),
            fetched_at=nullable(moment("When apt has fetched its lists; null: never.")),
            changelog=text("Changes of the version that is installed, in Markdown.", "- It is new."),
            update=update,
        ),
        "UpdateAccepted": record(
            accepted=one_of("What happens now.", "update"),
            version=text("The version that is coming.", "1.3.0"),
        ),
    }
