"""The description of this interface, for tools that make clients, forms and tests of it."""

from __future__ import annotations

from edgeweb import Response, current_app, request

from ..access import secrets
from ..config.schema import FAMILIES
from ..http.compress import SUFFIX, pack, takes_gzip, unpack
from ..http.contract import Schemas, contract
from ..http.current import current_device
from ..http.etag import conditional
from ..http.on_demand import on_demand
from .blueprint import api

#: The tag of the last document that was made, and its gzip: 30 KiB in place of 330. Making one takes some
#: hundred milliseconds on a board, and the names in it fill Python's table of interned strings, which then
#: grows by half a megabyte for good.
_last: tuple[str, bytes] = ("", b"")


@api.get("/openapi.json")
@contract(answer="OpenAPI")
def openapi() -> Response:
    """Return this interface as an OpenAPI 3.1 document. Tools make clients, forms and tests of it."""
    from ..config.outside import usable

    device, root = current_device(), request.script_root
    # also of what other packages offer, which may be installed while the device runs
    what = [root, *(name for family in FAMILIES for name in usable(family))]
    tag = f"{device.life}-{secrets.digest(' '.join(what))[:8]}"

    def build() -> Response:
        content = _packed(tag, device.cookie_name, root)
        if not takes_gzip():
            return Response(unpack(content), mimetype="application/json")
        response = Response(content, mimetype="application/json")
        response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
        return response

    response = conditional(tag, build)
    if "Content-Encoding" in response.headers:
        response.set_etag(f"{tag}{SUFFIX}")
    return response


def _packed(tag: str, cookie: str, root: str) -> bytes:
    """Return the gzip of the document that has this tag; make it where it is not the last one."""
    global _last
    last, content = _last
    if last != tag:
        from ..http.openapi import pieces  # on use: serving needs none of it

        content = pack(pieces(current_app, cookie, root))
        _last = tag, content
    return content


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
