"""Style sheets, scripts and icons: packed before, served under addresses that change with their content.

A build of the package (`scripts/pack.py`) writes `static/packed/NAME.HASH.EXTENSION.gz` for every file of
`static/`. The device compresses nothing and computes no hash; the names of the folder are all it needs.
"""

from __future__ import annotations

import os

from werkzeug.exceptions import NotFound

from edgeweb import Response, request

from ..access.roles import public
from .blueprint import pages

PACKED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "static", "packed")

TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
}

_addresses: dict[str, str] = {}


def addresses() -> dict[str, str]:
    """Return the address of each file: `{"dashboard.css": "dashboard.3fa2c1d9.css", ...}`."""
    if not _addresses:
        for file in sorted(os.listdir(PACKED)):
            address = file.removesuffix(".gz")
            name, _, extension = address.rpartition(".")
            _addresses[f"{name.rpartition('.')[0]}.{extension}"] = address
    return _addresses


@pages.get("/static/<filename>", endpoint="static")
@public
def asset(filename: str) -> Response:
    """Return a packed file, unpacked for the few clients that do not take gzip."""
    if filename not in addresses().values():
        raise NotFound
    response = Response(content_type=TYPES[filename.rpartition(".")[2]])
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Vary"] = "Accept-Encoding"
    packed = request.accept_encodings["gzip"] > 0
    response.set_etag(f"{filename}{'-gzip' if packed else ''}")
    if request.if_none_match.contains_weak(response.get_etag()[0] or ""):
        response.status_code = 304
        return response
    with open(os.path.join(PACKED, f"{filename}.gz"), "rb") as file:
        content = file.read()
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    else:
        import zlib

        content = zlib.decompress(content, wbits=31)
    response.set_data(content)
    return response
