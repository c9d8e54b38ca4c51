"""Who is measured, under which server: data."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
APPLICATIONS = HERE / "applications"
INSIDE = HERE / "inside"


class Peer(NamedTuple):
    """One framework; `module` names its files in applications/hello and applications/device."""

    name: str
    title: str
    module: str
    kind: str = "wsgi"


class Stack(NamedTuple):
    """A framework under a server."""

    peer: Peer
    server: str
    #: False: requests only one after the other (see applications/).
    concurrent: bool = True

    @property
    def name(self) -> str:
        return f"{self.peer.name}.{self.server}"

    @property
    def title(self) -> str:
        return f"{self.peer.title}, {SERVERS[self.server]}"


SERVERS = {
    "waitress": "waitress",
    "serve": "edgeweb serve",
    "gunicorn": "gunicorn (1 worker, 4 threads)",
    "uwsgi": "uWSGI (4 threads)",
    "bjoern": "bjoern",
    "granian": "granian (4 threads)",
    "uvicorn": "uvicorn",
    "standard": "uvicorn[standard]",
    "own": "its own server",
}

BARE = Peer("bare", "bare WSGI", "bare")
EDGEWEB = Peer("edgeweb", "edgeweb", "edgeweb")
FLASK = Peer("flask", "Flask", "flask")
BOTTLE = Peer("bottle", "Bottle", "bottle")
FALCON = Peer("falcon", "Falcon", "falcon")
MICRODOT = Peer("microdot", "Microdot", "microdot")
STARLETTE = Peer("starlette", "Starlette", "starlette", "asgi")
FASTAPI = Peer("fastapi", "FastAPI", "fastapi", "asgi")

#: Those whose application can be called in process, in the order of the tables.
PEERS = (BARE, EDGEWEB, FLASK, BOTTLE, FALCON, MICRODOT, STARLETTE, FASTAPI)
QUICK_PEERS = (BARE, EDGEWEB, FLASK, BOTTLE, FALCON)

STACKS = (
    Stack(BARE, "waitress"),
    Stack(EDGEWEB, "waitress"),
    Stack(EDGEWEB, "serve"),
    Stack(FLASK, "waitress"),
    Stack(FLASK, "gunicorn"),
    Stack(BOTTLE, "waitress"),
    Stack(FALCON, "waitress"),
    # Its WSGI adapter has one event loop for all threads, which raises when two of them ask at once.
    Stack(MICRODOT, "waitress", concurrent=False),
    Stack(MICRODOT, "own"),
    Stack(STARLETTE, "uvicorn"),
    Stack(FASTAPI, "uvicorn"),
)
QUICK_STACKS = tuple(stack for stack in STACKS if stack.peer in QUICK_PEERS and stack.server != "gunicorn")

#: For the sections `servers` and `events` only: those from EXTRAS need packages of their own.
SERVER_STACKS = (
    Stack(FLASK, "waitress"),
    Stack(FLASK, "gunicorn"),
    Stack(FLASK, "uwsgi"),
    Stack(FLASK, "bjoern"),
    Stack(FLASK, "granian"),
    Stack(FASTAPI, "standard"),
    Stack(FALCON, "waitress"),
    Stack(MICRODOT, "own"),
    Stack(EDGEWEB, "serve"),
    # What the application costs without a parser and a loop in Python.
    Stack(EDGEWEB, "bjoern"),
)
EVENT_STACKS = (Stack(EDGEWEB, "serve"), Stack(FASTAPI, "standard"), Stack(FLASK, "waitress"))


def command(stack: Stack, program: str, port: int) -> list[str]:
    """What serves `program`, a folder of applications/: arguments of Python, in the folder applications/."""
    app = f"{program}.{stack.peer.module}"
    where = ["--host", "127.0.0.1", "--port", str(port)]
    match stack.server:
        case "waitress":
            return [str(INSIDE / "serve_waitress.py"), app, str(port)]
        case "serve":
            return ["-m", "edgeweb", "serve", f"{app}:app", *where]
        case "gunicorn":
            options = ["--workers", "1", "--threads", "4", "--log-level", "error"]
            return ["-m", "gunicorn", *options, "--bind", f"127.0.0.1:{port}", f"{app}:app"]
        case "uvicorn":
            return ["-m", "uvicorn", "--log-level", "error", "--no-access-log", *where, f"{app}:app"]
        case "standard":
            fast = ["--loop", "uvloop", "--http", "httptools"]
            return ["-m", "uvicorn", "--log-level", "error", "--no-access-log", *fast, *where, f"{app}:app"]
        case "granian":
            options = ["--interface", "wsgi", "--workers", "1", "--blocking-threads", "4", "--no-ws"]
            return ["-m", "granian", *options, "--log-level", "error", *where, f"{app}:app"]
        case "bjoern" | "uwsgi":
            return [str(INSIDE / f"serve_{stack.server}.py"), app, str(port)]
        case "own":
            start = f"from {app} import app; app.run('127.0.0.1', {port})"
            return ["-c", start]
    raise ValueError(f"no such server: {stack.server}")
