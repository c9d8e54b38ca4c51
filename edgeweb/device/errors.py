"""Errors outside of any view: a page for browsers, a problem document for everything else."""

from __future__ import annotations

from werkzeug.exceptions import HTTPException

from edgeweb import Response, request

from . import problem
from .pages.entrance import error_page


def answer_error(error: HTTPException) -> Response:
    """The answer to an unknown address or a wrong method. Browsers name text/html; curl does not."""
    wants_page = "text/html" in request.headers.get("Accept", "")
    if wants_page and not request.path.startswith("/api/"):
        return error_page(error)
    return problem.answer(error)
