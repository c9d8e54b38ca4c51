"""Calling an application in its own process: one function a request, for WSGI and for ASGI."""

import io
import sys

from scenarios import HEADERS, LOGIN


class Calls:
    """Makes requests of an application and checks each answer's status.

    `prepare(scenario)` gives what `make(prepared)` needs, so that building it is not counted.
    """

    def __init__(self, app):
        self.app = app
        self.cookie = ""

    def check(self, scenario):
        """Make the request once and compare the answer; keeps the cookie that a login sets."""
        status, headers, body = self.whole_answer(self.prepare(scenario))
        if status != scenario.status or scenario.text not in body.decode():
            raise SystemExit(f"{scenario.title}: answer {status}, expected {scenario.status}: {body[:300]!r}")
        for name, value in headers:
            if name.lower() == "set-cookie" and scenario.name == "login":
                self.cookie = value.partition(";")[0]

    def fields(self, scenario):
        fields = dict(HEADERS)
        if scenario.session:
            if not self.cookie:
                self.check(LOGIN)
            fields["Cookie"] = self.cookie
        return fields


class WSGI(Calls):
    def prepare(self, scenario):
        body = scenario.body.encode()
        environ = {
            "REMOTE_ADDR": "127.0.0.1",
            "REMOTE_HOST": "127.0.0.1",
            "REMOTE_PORT": "50000",
            "REQUEST_METHOD": scenario.method,
            "SERVER_PORT": "8080",
            "SERVER_NAME": "waitress.invalid",
            "SERVER_SOFTWARE": "waitress",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SCRIPT_NAME": "",
            "PATH_INFO": scenario.path,
            "REQUEST_URI": scenario.path,
            "QUERY_STRING": "",
            "wsgi.url_scheme": "http",
            "wsgi.version": (1, 0),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "wsgi.input_terminated": True,
        }
        for name, value in self.fields(scenario).items():
            environ["HTTP_" + name.upper().replace("-", "_")] = value
        if body:
            environ["CONTENT_TYPE"] = scenario.content_type
            environ["CONTENT_LENGTH"] = str(len(body))
        return environ, body

    def make(self, prepared, times):
        app, (environ, body) = self.app, prepared
        for _ in range(times):
            request = dict(environ)
            request["wsgi.input"] = io.BytesIO(body)
            chunks = app(request, _start_response)
            for _chunk in chunks:
                pass
            if hasattr(chunks, "close"):
                chunks.close()

    def whole_answer(self, prepared):
        seen = []

        def start_response(status, headers, exc_info=None):
            seen[:] = [int(status.split()[0]), headers]

        environ, body = prepared
        chunks = self.app({**environ, "wsgi.input": io.BytesIO(body)}, start_response)
        text = b"".join(chunks)
        if hasattr(chunks, "close"):
            chunks.close()
        return *seen, text


def _start_response(status, headers, exc_info=None):
    pass


class ASGI(Calls):
    def __init__(self, app):
        global asyncio
        import asyncio

        super().__init__(app)
        self.runner = asyncio.Runner()

    def prepare(self, scenario):
        body = scenario.body.encode()
        fields = self.fields(scenario)
        if body:
            fields |= {"Content-Type": scenario.content_type, "Content-Length": str(len(body))}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "server": ("127.0.0.1", 8080),
            "client": ("127.0.0.1", 50000),
            "scheme": "http",
            "method": scenario.method,
            "root_path": "",
            "path": scenario.path,
            "raw_path": scenario.path.encode(),
            "query_string": b"",
            "headers": [(name.lower().encode(), value.encode()) for name, value in fields.items()],
        }
        return scope, {"type": "http.request", "body": body, "more_body": False}

    def make(self, prepared, times):
        self.runner.run(self._many(*prepared, times))

    async def _many(self, scope, message, times):
        app = self.app

        async def send(answer):
            pass

        for _ in range(times):
            await app(dict(scope, state={}), _once(message), send)

    def whole_answer(self, prepared):
        return self.runner.run(self._one(*prepared))

    async def _one(self, scope, message):
        sent = []

        async def send(answer):
            sent.append(answer)

        await self.app(dict(scope, state={}), _once(message), send)
        headers = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
        return sent[0]["status"], headers, b"".join(part.get("body", b"") for part in sent[1:])


def _once(message):
    """What gives the body, and then waits for a client that stays."""
    messages = [message]

    async def receive():
        if messages:
            return messages.pop()
        await asyncio.get_running_loop().create_future()

    return receive
