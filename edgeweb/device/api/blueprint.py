"""The blueprint of the JSON interface: below /api/v1, every error is a problem document."""

from __future__ import annotations

from werkzeug.exceptions import HTTPException

from edgeweb import Blueprint

from ..errors import DeviceError
from ..http import problems

api = Blueprint("api", __name__, url_prefix="/api/v1")
api.register_error_handler(HTTPException, problems.answer)
api.register_error_handler(DeviceError, problems.answer_refusal)
