"""A WSGI application without a framework, which does what the tests of the server ask it for."""

import os
import sys
import threading
import time

served = []
gate = threading.Event()


def until(condition):
    end = time.monotonic() + 20
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)


def ticks(chunk):
    """A stream until the gate is opened, or its client has left."""
    try:
        while not gate.is_set():
            yield chunk
            time.sleep(0.02)
    finally:
        served.append("ended")


def app(environ, start_response):
    path = environ["PATH_INFO"]
    served.append(path)
    headers = [("Content-Type", "text/plain")]
    body = b"hello"
    if path == "/livez":
        body = b"ok"
    elif path == "/served":
        body = "\n".join(served).encode()
    elif path == "/variables":
        body = "\n".join(os.environ).encode()
    elif path == "/modules":
        body = "\n".join(sys.modules).encode()
    elif path == "/slow":
        time.sleep(0.5)
        body = b"slow"
    elif path == "/wait":
        until(lambda: gate.is_set() or environ["waitress.client_disconnected"]())
        body = b"waited"
    elif path == "/open":
        gate.set()
    elif path == "/gone":
        until(environ["waitress.client_disconnected"])
        served.append("noticed")
    elif path == "/echo":
        body = environ["wsgi.input"].read()
    elif path == "/size":
        size = 0
        while data := environ["wsgi.input"].read(65536):
            size += len(data)
        body = str(size).encode()
    elif path == "/environ":
        body = "".join(f"{key}={value}\n" for key, value in sorted(environ.items())).encode()
    elif path == "/stream":
        start_response("200 OK", headers)
        return iter([b"one", b"two", b"three"])
    elif path in ("/ticks", "/silent"):
        start_response("200 OK", headers)
        return ticks(b"." if path == "/ticks" else b"")
    elif path == "/large":
        body = b"x" * 2_000_000
    elif path == "/file":
        start_response("200 OK", [*headers, ("Content-Length", str(os.stat(__file__).st_size))])
        return environ["wsgi.file_wrapper"](open(__file__, "rb"))
    elif path == "/own-headers":
        headers += [("x-frame-options", "SAMEORIGIN"), ("Referrer-Policy", "origin")]
    elif path == "/fail":
        raise RuntimeError("as asked")
    start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
    return [body]


def create_app():
    return app


not_an_app = 3
