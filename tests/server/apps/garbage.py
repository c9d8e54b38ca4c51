"""Counts what only the garbage collector can free."""

import gc


def app(environ, start_response):
    body = b""
    if environ["PATH_INFO"] == "/start":
        gc.collect()
        gc.disable()
        body = b"started"
    elif environ["PATH_INFO"] == "/count":
        body = str(gc.collect()).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
