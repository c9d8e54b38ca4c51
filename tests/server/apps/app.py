"""A WSGI application without a framework, which does what the tests of the server ask it for."""

import time


def app(environ, start_response):
    path = environ["PATH_INFO"]
    status, headers, body = "200 OK", [("Content-Type", "text/plain")], b"hello"
    if path == "/slow":
        time.sleep(0.5)
        body = b"slow"
    elif path == "/echo":
        body = environ["wsgi.input"].read()
    elif path == "/environ":
        body = "".join(f"{key}={value}\n" for key, value in sorted(environ.items())).encode()
    elif path == "/stream":
        start_response(status, headers)
        return iter([b"one", b"two", b"three"])
    elif path == "/large":
        body = b"x" * 2_000_000
    start_response(status, [*headers, ("Content-Length", str(len(body)))])
    return [body]


def create_app():
    return app


not_an_app = 3
