"""A machine without a clock: the date is 1970 when it starts, and is set while connections are open."""

import time

_real = time.time
_began = _real()
shift = [0.0]
time.time = lambda: _real() - _began + shift[0]  # before anything else has read it


def app(environ, start_response):
    if environ["PATH_INFO"] == "/set":
        shift[0] = float(environ["QUERY_STRING"])
    body = environ["wsgi.input"].read() or str(int(time.time())).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
