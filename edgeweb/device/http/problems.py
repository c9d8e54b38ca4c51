"""Errors as `application/problem+json` (RFC 9457): the kinds that this application knows, and how one is
answered.

`type` is a relative reference to a page of this server that explains the kind, `key` is the same kind for
programs, and `errors` points at the fields of the request's body that are wrong (RFC 6901 pointers).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from werkzeug.exceptions import HTTPException

from edgeweb import Response, make_response, url_for

from ..errors import MAX_ERRORS, DeviceError, Path

CONTENT_TYPE = "application/problem+json"

#: key: (status, title, what to do about it)
PROBLEMS: dict[str, tuple[int, str, str]] = {
    "bad-request": (400, "Bad request", "The request could not be understood."),
    "malformed-json": (
        400,
        "Malformed JSON",
        "The body has to be one JSON value in UTF-8, without repeated names.",
    ),
    "no-owner": (
        401,
        "No owner yet",
        "The log of the device has a set-up code: open the device in a browser, or POST /api/v1/setup.",
    ),
    "no-cookies": (
        400,
        "Cookies are off",
        "A browser without cookies for this address cannot stay signed in; programs send a token.",
    ),
    "invalid-query": (400, "Invalid query", "The part of the address after the question mark does not fit."),
    "unauthenticated": (401, "Not signed in", "Send a token as Authorization: Bearer, or sign in."),
    "wrong-password": (401, "Wrong name or password", "Both together are wrong."),
    "wrong-code": (
        401,
        "Wrong set-up code",
        "The log of the device has the code: journalctl -u edgeweb. So has its screen.",
    ),
    "expired-code": (
        403,
        "Set-up code expired",
        "It ends a day after the start and after 50 wrong ones: switch the device off and on for a new one.",
    ),
    "second-factor": (
        401,
        "Second factor missing",
        "Send the code of your app, or a recovery code, as `code`.",
    ),
    "wrong-second-factor": (401, "Wrong code", "Wait for the next code: each opens once, for half a minute."),
    "forbidden": (403, "Not allowed", "This needs another role."),
    "unconfirmed": (
        403,
        "Show your password again",
        "Enter your password with it. Programs: POST /api/v1/session/confirm, or a token with the scope.",
    ),
    "cross-site": (403, "Request from another site", "Only pages of this server may change its state."),
    "unnamed-proxy": (
        403,
        "Request through an unnamed proxy",
        "A proxy has passed this on that the profile does not name: set server.behind_proxy to its address.",
    ),
    "not-found": (404, "Not found", "Nothing is at this address; GET /api/v1/status is a place to start."),
    "unknown-channel": (404, "Unknown channel", "GET /api/v1/channels lists the channels of this device."),
    "unknown-sensor": (404, "Unknown sensor", "GET /api/v1/sensors lists the sensors of this device."),
    "method-not-allowed": (
        405,
        "Method not allowed",
        "The Allow header lists what this address understands.",
    ),
    "not-acceptable": (406, "Not acceptable", "This is a stream of events: accept text/event-stream."),
    "conflict": (409, "Conflict", "The present state does not allow this."),
    "not-an-output": (409, "Not an output", "An input is read only; its state is what the hardware reports."),
    "channel-busy": (409, "Channel busy", "With ?wait=1 a change answers when the channel has finished."),
    "interlocked": (409, "Interlocked", "Of this group of channels one at most is on: switch the other off."),
    "precondition-failed": (412, "Changed meanwhile", "Read it again, and send its ETag as If-Match."),
    "too-large": (413, "Body too large", "The profile's server.body_bytes is the limit."),
    "unsupported-media-type": (
        415,
        "Unsupported media type",
        "Send the body as Content-Type: application/json.",
    ),
    "invalid-fields": (
        422,
        "Invalid fields",
        "The JSON is well-formed; `errors` has a row for each field that does not fit.",
    ),
    "too-many-rows": (422, "Too many rows", "Ask for a shorter time, or for longer steps."),
    "precondition-required": (
        428,
        "If-Match is missing",
        "Send the ETag of what the change is for as If-Match, so that no change of others is overwritten.",
    ),
    "too-many-attempts": (429, "Too many attempts", "The Retry-After header has the seconds to wait."),
    "internal-error": (500, "Internal error", "The server's log has the reason."),
    "too-many-waiting": (
        503,
        "Too many are waiting",
        "The change is made; ask for the channel's state without ?wait=1.",
    ),
    "state-in-use": (
        503,
        "Another process has the device",
        "One process drives the hardware: start the server with one worker and more threads, such as"
        " gunicorn --workers 1 --threads 8.",
    ),
    "system-refused": (503, "The system refused", "systemd's answer is the reason."),
    "channel-offline": (503, "Channel offline", "The driver does not reach the hardware; the rest works."),
}

#: The kind of an error that is only known by its status. Other statuses explain themselves.
KEY_OF_STATUS = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    412: "precondition-failed",
    413: "too-large",
    415: "unsupported-media-type",
    428: "precondition-required",
    500: "internal-error",
}


class Problem(HTTPException):
    """An error of a known kind, to be raised by a view.

    `errors` has a row `{"pointer": ..., "detail": ...}` for each wrong field. Raises `KeyError` for a key
    that is not in `PROBLEMS`.

    >>> Problem("unknown-channel", 'There is no channel named "lmap".').code
    404
    """

    def __init__(
        self,
        key: str,
        detail: str = "",
        errors: Iterable[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        status, _, advice = PROBLEMS[key]
        super().__init__(detail or advice)
        self.code = status
        self.key = key
        self.errors = list(errors)
        self._headers = dict(headers or {})
        if status == 401:
            self._headers["WWW-Authenticate"] = 'Bearer realm="edgeweb"'

    def get_headers(
        self, environ: dict[str, object] | None = None, scope: dict[str, object] | None = None
    ) -> list[tuple[str, str]]:
        """Return the header fields of the response."""
        return [*super().get_headers(environ, scope), *self._headers.items()]


def problem_of(error: DeviceError) -> Problem:
    """Return what the device refuses as an error of HTTP."""
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    rows = [error_row(path, detail) for path, detail in error.errors[:MAX_ERRORS]]
    return Problem(error.key, str(error), rows, headers)


def error_row(path: Path, detail: str) -> dict[str, str]:
    """Return a row of a problem's `errors`, with its place as an RFC 6901 pointer.

    >>> error_row(("a/b",), "missing")
    {'pointer': '/a~1b', 'detail': 'missing'}
    """
    pointer = "".join("/" + key[:100].replace("~", "~0").replace("/", "~1") for key in path)
    return {"pointer": pointer, "detail": detail}


def answer_refusal(error: DeviceError) -> Response:
    """Return the problem document for what the device refuses."""
    problem = problem_of(error)
    if error.key == "invalid-fields":
        problem.description = "Nothing was changed."
    return answer(problem)


def answer(error: HTTPException) -> Response:
    """Return the problem document for any HTTP error, with the headers that the error brings (Allow...)."""
    status = error.code or 500
    key = error.key if isinstance(error, Problem) else KEY_OF_STATUS.get(status, "")
    document: dict[str, object] = {"type": "about:blank", "title": error.name, "status": status}
    detail = error.description
    if key:
        _, title, advice = PROBLEMS[key]
        document.update(type=url_for("api.problem_kind", key=key), title=title, key=key)
        # Werkzeug's own sentences are about URLs and browsers; a view's own text is more precise than our
        # advice
        if detail == type(error).description:
            detail = advice
    document["detail"] = detail
    if isinstance(error, Problem) and error.errors:
        document["errors"] = error.errors
    response = make_response(document, status)
    for name, value in error.get_headers():
        if name.lower() != "content-type":
            response.headers[name] = value
    response.content_type = CONTENT_TYPE
    response.headers["Cache-Control"] = "no-store"
    return response
