"""Request and Response: Werkzeug's, with Flask's additions, and with parsing put off until it is needed."""

from .attributes import decoded as decoded
from .parsing import parse_tags as parse_tags
from .request import Request as Request
from .request import split_blueprint_path as split_blueprint_path
from .response import Response as Response
