"""Errors of an API, answered as JSON: by code, by class, and all that is left."""

import json

from flask import Flask, abort, jsonify, request
from werkzeug.exceptions import HTTPException

app = Flask(__name__)


class InvalidUsage(Exception):
    status_code = 422

    def __init__(self, message):
        super().__init__()
        self.message = message


@app.errorhandler(404)
def not_found(error):
    return jsonify(error="Not found"), 404


@app.errorhandler(InvalidUsage)
def invalid_usage(error):
    return jsonify({"message": error.message}), error.status_code


@app.errorhandler(HTTPException)
def any_http_error(error):
    response = error.get_response()
    response.data = json.dumps({"code": error.code, "name": error.name, "description": error.description})
    response.content_type = "application/json"
    return response


@app.errorhandler(500)
def server_error(error):
    return {"error": "Internal server error"}, 500


@app.get("/divide")
def divide():
    numerator, denominator = int(request.args["a"]), int(request.args["b"])
    if denominator == 0:
        raise InvalidUsage("b must not be 0")
    return {"result": numerator / denominator}


@app.get("/forbidden")
def forbidden():
    abort(403, description="not yours")
