"""PROGRAM.PEER KIND PATH: import the application, make its first request, end. What a cold start is.

Prints the resident and the anonymous memory in KiB at the end, when asked with a fourth argument.
"""

import sys
from importlib import import_module

module, kind, path, *report = sys.argv[1:]
app = import_module(module).app if module != "none" else None
environ = {
    "REMOTE_ADDR": "127.0.0.1",
    "REQUEST_METHOD": "GET",
    "SERVER_PORT": "8080",
    "SERVER_NAME": "localhost",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "SCRIPT_NAME": "",
    "PATH_INFO": path,
    "QUERY_STRING": "",
    "HTTP_HOST": "127.0.0.1:8080",
    "wsgi.url_scheme": "http",
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}


def start_response(status, headers, exc_info=None):
    if not status.startswith("200"):
        raise SystemExit(f"{module} {path}: {status}")


async def call_asgi():
    messages = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive():
        if messages:
            return messages.pop()
        await asyncio.get_running_loop().create_future()  # a client that stays

    async def send(message):
        if message.get("status", 200) != 200:
            raise SystemExit(f"{module} {path}: {message['status']}")

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8080),
        "client": ("127.0.0.1", 50000),
        "scheme": "http",
        "method": "GET",
        "root_path": "",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1:8080")],
    }
    await app(scope, receive, send)


if kind == "asgi":
    import asyncio

    asyncio.run(call_asgi())
elif app is not None:
    import io

    environ["wsgi.input"] = io.BytesIO()
    answer = app(environ, start_response)
    b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
if report:
    with open("/proc/self/smaps_rollup") as lines:
        for line in lines:
            if line.startswith(("Rss:", "Anonymous:")):
                print(line.split()[1])
