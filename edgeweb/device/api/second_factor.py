"""The second factor of a user. Two steps set it up, so that an app without the secret locks no one out."""

from __future__ import annotations

from edgeweb import Response, make_response

from ..access.roles import needs
from ..config.checks import REQUIRED
from ..http.body import read_body
from ..http.confirm import confirmed
from ..http.contract import Examples, Fields, Parts, Schemas, contract
from ..http.current import actor, current_device
from ..http.etag import from_content
from ..http.on_demand import on_demand
from .blueprint import api

CODE_FIELDS: Fields = {"code": ("string", 64, REQUIRED)}


@api.get("/users/<name>/second-factor")
@contract(answer="SecondFactor", problems=("forbidden",))
def second_factor(name: str) -> Response:
    """Return whether a user has a second factor: of oneself, to an admin of anybody."""
    left = current_device().people.second_factor_of(actor(), name)
    return from_content({"active": left is not None, "recovery_codes": left or 0})


@api.post("/users/<name>/second-factor")
@needs("viewer")
@confirmed("accounts")
@contract(answer="NewSecondFactor", status=201, problems=("forbidden", "unconfirmed"))
def begin_second_factor(name: str) -> Response:
    """Make a secret for one's own app. It is in force after a code of the app has come by PUT."""
    from ..access.second_factor import uri

    device = current_device()
    secret = device.people.begin_second_factor(actor(), name)
    return make_response({"secret": secret, "uri": uri(secret, name, device.name)}, 201)


@api.put("/users/<name>/second-factor")
@needs("viewer")
@confirmed("accounts")
@contract(
    body=CODE_FIELDS, answer="RecoveryCodes", problems=("forbidden", "unconfirmed", "wrong-second-factor")
)
def finish_second_factor(name: str) -> dict[str, object]:
    """Put the new second factor in force by a code of the app. Only this answer has the recovery codes.

    All other browser sessions of the user end. A second factor that was in force before is replaced.
    """
    return {"codes": current_device().people.finish_second_factor(actor(), name, read_body()["code"])}


@api.delete("/users/<name>/second-factor")
@needs("viewer")
@confirmed("accounts")
@contract(status=204, problems=("forbidden", "unconfirmed"))
def remove_second_factor(name: str) -> Response:
    """Take away one's own second factor; as an admin anybody's, for a user whose phone is lost."""
    current_device().people.remove_second_factor(actor(), name)
    return Response(status=204)


@on_demand
def parts() -> Parts:
    """Return what stands in the addresses."""
    return {"name": ("ada", "Name of a user.")}


@on_demand
def examples() -> Examples:
    """Return an example of each field."""
    return {"code": "492039"}


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..http.schemas import flag, number, record, rows, text

    return {
        "SecondFactor": record(
            active=flag("Whether a sign-in needs a code."),
            recovery_codes=number("Recovery codes that are left.", 8, minimum=0),
        ),
        "NewSecondFactor": record(
            secret=text("For the app, in base 32.", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"),
            uri=text(
                "The same for a QR code.", "otpauth://totp/shed:ada?secret=JBSWY3DPEHPK3PXP&issuer=shed"
            ),
        ),
        "RecoveryCodes": record(
            codes=rows(text("Each opens once.", "K7QM-4T2X-9RWD"), "To be kept on paper: shown this once."),
        ),
    }
