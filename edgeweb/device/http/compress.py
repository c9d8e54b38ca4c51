"""Answers over 4 KB, gzipped where the client takes that (RFC 9110, section 12.5.3).

The length of a compressed answer shows whether a text that the client has sent stands beside a secret
(BREACH, CVE-2013-3587). So no secret may be found that way:

| answer                                            | why its length gives nothing away                   |
|---------------------------------------------------|-----------------------------------------------------|
| a page: the CSRF token in its forms               | the token is masked, another text in each answer    |
| to a change: a new token, recovery codes          | only answers to GET and HEAD are compressed         |
| a backup: hashes, keys of second factors          | it is marked `no-transform`                         |
| passwords, tokens, keys of sessions               | are in no answer: the device has their hashes       |

Style sheets and scripts are compressed before (`ui/assets.py`).
"""

from __future__ import annotations

from collections.abc import Iterable

from edgeweb import Response, request

from ...server.origin import SAFE_METHODS

#: Bytes from which on it is worth the work: less fits into three packets.
LEAST = 4096

#: More costs twice the time for 2 % fewer bytes.
LEVEL = 5

#: gzip with the window of 32 KiB and small tables: 160 KiB of memory while it works, 256 by default. With
#: 4 KiB they would be 36, and the description of the interface twice as long.
_WINDOW, _MEMORY = 16 + 15, 6

#: Behind the tag of a compressed answer: its bytes are others (RFC 9110, section 8.8.3).
SUFFIX = "-gzip"

_TYPES = ("text/", "application/json", "application/problem+json", "image/svg+xml")


def compress(response: Response) -> Response:
    """Compress a response where it may be and is worth it; to be registered with `after_request`."""
    if response.status_code == 304:
        return _not_modified(response)
    if response.status_code != 200 or request.method not in SAFE_METHODS or response.direct_passthrough:
        return response
    headers = response.headers
    if not response.is_sequence or (response.calculate_content_length() or 0) < LEAST:
        return response
    if "Content-Encoding" in headers or "no-transform" in headers.get("Cache-Control", ""):
        return response
    if not headers.get("Content-Type", "").startswith(_TYPES):
        return response
    response.vary.add("Accept-Encoding")
    if not takes_gzip():
        return response
    response.set_data(pack([response.get_data()]))
    headers["Content-Encoding"] = "gzip"
    tag, is_weak = response.get_etag()
    if tag:
        response.set_etag(f"{tag}{SUFFIX}", bool(is_weak))
    return response


def pack(pieces: Iterable[bytes]) -> bytes:
    """Return the gzip of pieces, which are not joined before."""
    import zlib  # with the first answer that is large

    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY)
    return b"".join([*map(packer.compress, pieces), packer.flush()])


def unpack(content: bytes) -> bytes:
    """Return what `pack` was given, joined."""
    import zlib

    return zlib.decompress(content, _WINDOW)


def takes_gzip() -> bool:
    """Return whether the client takes gzip, and does not rather have the answer as it is."""
    accepted = request.accept_encodings
    quality = accepted["gzip"]
    return quality > 0 and quality >= accepted["identity"]


def _not_modified(response: Response) -> Response:
    """Return a 304 with the tag of the answer that the client has."""
    tag, is_weak = response.get_etag()
    if tag and request.if_none_match.contains_weak(f"{tag}{SUFFIX}"):
        response.set_etag(f"{tag}{SUFFIX}", bool(is_weak))
    return response
