"""Flask-Cors, as its documentation begins: a whole application, some paths, one view, a preflight request."""

import json

from flask import Flask
from flask_cors import CORS, cross_origin

everything = Flask("everything")
CORS(everything)

some = Flask("some")
CORS(some, resources={r"/api/*": {"origins": ["https://example.com"]}}, supports_credentials=True)


@everything.route("/")
@some.route("/")
@some.route("/api/users")
def index():
    return "hello"


@some.put("/one")
@cross_origin(origins="https://one.example")
def one():
    return "one"


for app, method, path, headers in [
    (everything, "GET", "/", {"Origin": "https://any.example"}),
    (everything, "GET", "/missing", {"Origin": "https://any.example"}),
    (everything, "OPTIONS", "/", {"Origin": "https://a.example", "Access-Control-Request-Method": "PUT"}),
    (some, "GET", "/", {"Origin": "https://example.com"}),
    (some, "GET", "/api/users", {"Origin": "https://example.com"}),
    (some, "GET", "/api/users", {"Origin": "https://other.example"}),
    (some, "OPTIONS", "/one", {"Origin": "https://one.example", "Access-Control-Request-Method": "PUT"}),
    (some, "PUT", "/one", {"Origin": "https://one.example"}),
]:
    response = app.test_client().open(path, method=method, headers=headers)
    named = {
        key: value for key, value in response.headers if key.startswith("Access-Control") or key == "Vary"
    }
    for key in ("Access-Control-Allow-Methods", "Allow"):
        if key in named:
            named[key] = sorted(named[key].split(", "))
    print(json.dumps([response.status_code, named]))
