"""Views at the border of what counts as slow, where nearly each request changes who leads."""

import time

from edgeweb.server import leadership

leadership.SLOW_SECONDS = leadership.NEXT_SLOW_SECONDS = 0.0002


def app(environ, start_response):
    time.sleep(float(environ["QUERY_STRING"] or 0))
    body = environ["wsgi.input"].read() or b"hello"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
