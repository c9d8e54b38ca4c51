"""The description of this interface, for tools that make clients, forms and tests of it."""

from __future__ import annotations

from io import BytesIO

from edgeweb import Response, current_app, request

from ..access import secrets
from ..config.schema import FAMILIES
from ..http.contract import Schemas, contract
from ..http.current import current_device
from ..http.etag import conditional
from ..http.on_demand import on_demand
from .blueprint import api


@api.get("/openapi.json")
@contract(answer="OpenAPI")
def openapi() -> Response:
    """Return this interface as an OpenAPI 3.1 document. Tools make clients, forms and tests of it."""
    from ..config.outside import usable
    from ..http.openapi import pieces  # on use: serving needs none of it

    device, root = current_device(), request.script_root
    # also of what other packages offer, which may be installed while the device runs
    what = [root, *(name for family in FAMILIES for name in usable(family))]
    tag = f"{device.life}-{secrets.digest(' '.join(what))[:8]}"

    def build() -> Response:
        content = BytesIO()  # not the pieces and what is joined of them
        content.writelines(pieces(current_app, device.cookie_name, root))
        return Response(content.getvalue(), mimetype="application/json")

    return conditional(tag, build)


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..http.schemas import record, text

    return {
        "OpenAPI": record(
            openapi=text("Version of the format.", "3.1.0"),
            info={"type": "object"},
            servers={"type": "array"},
            tags={"type": "array"},
            paths={"type": "object"},
            components={"type": "object"},
            security={"type": "array"},
        )
    }
