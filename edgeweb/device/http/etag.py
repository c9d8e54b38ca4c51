"""Answers that are asked for again and again: 304 without building them when nothing has changed."""

from __future__ import annotations

from collections.abc import Callable

from edgeweb import Response, make_response, request

from ..access import secrets


def conditional(tag: str, build: Callable[[], object]) -> Response:
    """Return the JSON of `build()`, or 304 where the client has this tag already (RFC 9110, section 13.1.2).

    `tag` has to be taken before `build` reads anything, so that a change in between is fetched next time. The
    answer is marked `no-store`: the client keeps the tag, and no cache on the way keeps a device's state.
    """
    if request.if_none_match.contains_weak(tag):
        return tagged(tag, Response(status=304), 304)
    return tagged(tag, build())


def tagged(tag: str, document: object, status: int = 200) -> Response:
    """Return a document as it is after a change, with the tag that the next change is for."""
    response = make_response(document, status)
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-store"
    return response


def from_content(document: object) -> Response:
    """Return the JSON of a document, or 304 where the client has the same one.

    For documents whose changes nothing counts. This spares the network and the client, not the server.
    """
    response = make_response(document)
    return conditional(secrets.digest(response.get_data(as_text=True))[:32], lambda: response)
