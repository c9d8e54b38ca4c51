"""Entity tags: 304 without building an answer when nothing has changed, 412 where something has."""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.exceptions import HTTPException

from edgeweb import Flask, Response, current_app, make_response, request

from ...server.origin import SAFE_METHODS
from ..access import secrets
from ..errors import DeviceError
from .compress import SUFFIX
from .contract import contract_of
from .problems import Problem


def init_app(app: Flask) -> None:
    """Check the preconditions of every change of an application; to be called after the gate's `init_app`."""
    app.before_request(check_preconditions)


def check_preconditions() -> None:
    """Raise `Problem` "precondition-failed" for a change of something else than its client has seen.

    `If-Match` and `If-None-Match` of a change count for what GET gives at the same address, or at the next
    one above: a channel for its `state`, all users for one of them. `*` is any tag of the address itself
    (RFC 9110, section 13.1).
    Views of what several people change at once check again by `is_expected`, while nothing else can change
    it.
    """
    environ = request.environ
    if "HTTP_IF_MATCH" not in environ and "HTTP_IF_NONE_MATCH" not in environ:
        return
    if request.method in SAFE_METHODS or request.endpoint is None:
        return
    tag = _present_tag(above="*" not in (environ.get("HTTP_IF_MATCH"), environ.get("HTTP_IF_NONE_MATCH")))
    if tag is None:
        # Nothing has a tag here, so no client can have seen one.
        if "HTTP_IF_MATCH" in environ and not request.if_match.star_tag:
            raise Problem("precondition-failed")
        return
    if not is_expected(tag):
        raise Problem("precondition-failed")
    if "HTTP_IF_NONE_MATCH" in environ and is_known(tag):
        raise Problem("precondition-failed")


def is_expected(tag: str) -> bool:
    """Return whether a change is for what has this tag now; it is without `If-Match`.

    A client that has got it compressed shows the tag of that.
    """
    if "HTTP_IF_MATCH" not in request.environ:
        return True
    expected = request.if_match
    return bool(expected.contains(tag) or expected.contains(f"{tag}{SUFFIX}"))


def is_known(tag: str) -> bool:
    """Return whether the client has what has this tag, compressed or not."""
    known = request.if_none_match
    return bool(known.contains_weak(tag) or known.contains_weak(f"{tag}{SUFFIX}"))


def _present_tag(above: bool) -> str | None:
    """Return the tag of what GET gives at the address or, with `above`, at the nearest one above."""
    adapter = current_app.create_url_adapter(request)
    changed = contract_of(current_app.view_functions[request.endpoint or ""])
    path = request.path + (changed.precondition if changed is not None else "")
    while adapter is not None and path.count("/") > 1:
        try:
            endpoint, values = adapter.match(path, method="GET")
        except HTTPException:
            path = path.rpartition("/")[0] if above else ""
            continue
        view = current_app.view_functions[endpoint]
        contract = contract_of(view)
        if contract is None or not contract.tagged:
            return None
        try:
            return make_response(view(**values)).get_etag()[0]
        except (DeviceError, HTTPException):
            return None
    return None


def conditional(tag: str, build: Callable[[], object]) -> Response:
    """Return the JSON of `build()`, or 304 where the client has this tag already (RFC 9110, section 13.1.2).

    `tag` has to be taken before `build` reads anything, so that a change in between is fetched next time. The
    answer is marked `no-store` and not `private, no-cache`: home automation and the dashboard's script keep
    the tag themselves and send it, which `no-store` does not forbid, and neither a cache on the way nor the
    browser's own, on a disk, keeps what a person has seen.
    """
    if is_known(tag):
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
