"""The link to the MQTT broker: whether it stands, since when, and what was lost.

$ curl http://127.0.0.1:8080/api/v1/mqtt
"""

from __future__ import annotations

from edgeweb import Response

from ..access.roles import needs
from ..http.contract import Schemas, contract
from ..http.current import current_device
from ..http.etag import from_content
from ..http.on_demand import on_demand
from .blueprint import api

#: Without `mqtt.host` in the profile.
_OFF = {"state": "off", "lost_events": 0, "waiting": 0}


@api.get("/mqtt")
@needs("operator")
@contract(answer="Mqtt")
def mqtt() -> Response:
    """Return the state of the link: `off` where the profile has no `mqtt.host`."""
    broker = current_device().broker
    return from_content(_OFF if broker is None else broker.to_json())


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..access.roles import ROLES
    from ..http.schemas import moment, number, one_of, record, text

    return {
        "Mqtt": record(
            {
                "since": moment("Since when it has this state."),
                "broker": text("Address of the broker.", "mqtt.home.arpa:8883"),
                "id": text("Name of this device in topics.", "4f2a09c1d7e35b68"),
                "role": one_of("What those may do who publish to the broker.", "none", *ROLES),
                "error": text(
                    "Why the last connection ended, or none was made; may be empty.",
                    "nothing listens there: check mqtt.host and mqtt.port, and that the broker runs",
                ),
            },
            state=one_of(
                "`waiting` is the time between two attempts.",
                *("off", "connecting", "connected", "waiting", "closed"),
            ),
            lost_events=number("Events that nobody gets: too many came without a broker.", 0, minimum=0),
            waiting=number("Messages that wait for the broker.", 0, minimum=0),
        )
    }
