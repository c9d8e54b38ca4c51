"""A server whose reload fails as no reload should. `/wait` waits, on the main thread if it is asked first."""

import threading

from edgeweb.server import runner

never = threading.Event()


def app(environ, start_response):
    if environ["PATH_INFO"] == "/wait":
        never.wait()
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


def reload():
    raise RuntimeError("as asked")


if __name__ == "__main__":
    runner.serve(app, port=0, reload=reload, ready=lambda addresses: print(*addresses, flush=True))
