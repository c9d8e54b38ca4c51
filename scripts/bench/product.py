"""Section product: the device's own application, as an owner uses it, and started in each of its ways."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from .bench import Bench, Fault, Section
from .environment import ROOT
from .report import Table
from .server import Memory, Server, clean_environ, free_port

USER, PASSWORD = "ada", "correct horse battery"
PROFILE = """\
[channels.lamp]
driver = "memory"
mode = "output"
[channels.pump]
driver = "memory"
mode = "output"
"""

#: Pages and addresses of the interface that a program reads; the rest the OpenAPI document names.
PAGES = (
    *("/", "/history", "/channels", "/schedules", "/services", "/logs", "/audit", "/people", "/settings"),
    *("/backup", "/software", "/hardware", "/add", "/add/channels/memory", "/about", "/kiosk"),
)
#: A stream has no end, a backup asks for the password once more, and a profile has to name the others.
NOT_ASKED = (
    "/api/v1/events",
    "/api/v1/backup",
    "/api/v1/fleet/targets",
    "/api/v1/mqtt",
    "/.well-known/security.txt",
)

STEPS = ("start", "set up", "signed in", "each page", "each address", "a day")


class Owner:
    """Who sets the device up, signs in and asks for everything."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._origin = f"http://127.0.0.1:{port}"
        self._cookie = ""

    def ask(self, method: str, path: str, body: object = None, expected: int = 200) -> bytes:
        """Raises `Fault` for another status."""
        # A change with a cookie has to come from a page of the device.
        headers = {"Cookie": self._cookie, "Origin": self._origin} if self._cookie else {}
        text = None
        if body is not None:
            text, headers["Content-Type"] = json.dumps(body), "application/json"
        self._connection.request(method, path, text, headers)
        answer = self._connection.getresponse()
        found = answer.read()
        if answer.status != expected:
            raise Fault(f"product, {method} {path}: {answer.status}, expected {expected}: {found[:200]!r}")
        if cookie := answer.getheader("Set-Cookie"):
            self._cookie = cookie.partition(";")[0]
        return found

    def set_up(self, code: str) -> None:
        self.ask("POST", "/api/v1/setup", {"code": code, "name": USER, "password": PASSWORD}, 201)

    def sign_in(self) -> None:
        self.ask("POST", "/api/v1/session", {"name": USER, "password": PASSWORD})

    def addresses(self) -> list[str]:
        """Everything without variables that is read, from the device's own document."""
        document: dict[str, Any] = json.loads(self.ask("GET", "/api/v1/openapi.json"))
        paths: dict[str, Any] = document["paths"]
        found = [path for path in paths if "get" in paths[path] and "{" not in path]
        return [path for path in found if path not in NOT_ASKED]

    def close(self) -> None:
        self._connection.close()


def run(bench: Bench) -> Section:
    ways = _ways(bench)
    bench.progress.start("product", len(ways) + 1)
    # As an installation does: a server that compiles pages holds the compiler.
    bench.progress.step("compile the pages")
    subprocess.run([str(bench.python), "-m", "edgeweb", "build", "--device"], check=True, capture_output=True)
    data: dict[str, Any] = {}
    rows = []
    for title, command, environ in ways:
        bench.progress.step(title)
        seen = _used(bench, command, environ)
        data[title] = {step: now._asdict() for step, now in zip(STEPS, seen, strict=True)}
        rows.append((title, *(f"{now.rss / 1024:.1f}" for now in seen), f"{seen[-1].dirty / 1024:.1f}"))
    ends = [data[title]["a day"]["rss"] / 1024 for title, *_ in ways]
    figures = {
        "product.rss": max(ends),
        "product.dirty": max(data[title]["a day"]["dirty"] for title, *_ in ways) / 1024,
        "product.ways": max(ends) - min(ends),
    }
    note = "RSS in MB (1024 KiB), each step after the one before; private dirty memory at the end."
    return Section(
        [Table("The product, by how it is started", ("", *STEPS, "dirty"), rows, note)], data, figures
    )


def _ways(bench: Bench) -> list[tuple[str, list[str], dict[str, str]]]:
    """How people start it: by the command, as a module, and as the unit does."""
    program = [str(bench.python.parent / "edgeweb")]
    unit = (ROOT / "systemd" / "edgeweb.service").read_text()
    settings = [pair for line in re.findall(r"^Environment=(.+)$", unit, re.M) for pair in line.split()]
    return [
        ("edgeweb serve", program, {}),
        ("python -m edgeweb", [str(bench.python), "-m", "edgeweb"], {}),
        ("the unit", program, dict(pair.split("=", 1) for pair in settings)),
    ]


def _used(bench: Bench, command: list[str], environ: dict[str, str]) -> list[Memory]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="edgeweb-bench-") as folder:
        profile = Path(folder, "bench.toml")
        profile.write_text(PROFILE)
        arguments = [*command, "serve", "--profile", str(profile), "--host", "127.0.0.1", "--port", str(port)]
        settings = clean_environ() | environ | {"STATE_DIRECTORY": folder}
        with Server(arguments, port, environ=settings) as server:
            owner = Owner(port)
            seen = [server.settled_memory()]
            code = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", server.said())
            if code is None:
                raise Fault(f"product: no code for the first owner in {server.said()!r}")
            owner.set_up(code[0])
            seen.append(server.settled_memory())
            owner.sign_in()
            seen.append(server.settled_memory())
            for path in PAGES:
                owner.ask("GET", path)
            seen.append(server.settled_memory())
            addresses = owner.addresses()
            for path in addresses:
                owner.ask("GET", path)
            seen.append(server.settled_memory())
            # A page open all day asks some thousand times; people sign in a few times.
            for number in range(bench.number(3_000, quick=600)):
                path = (*PAGES, *addresses)[number % (len(PAGES) + len(addresses))]
                owner.ask("GET", path)
                if number % 200 == 100:
                    owner.sign_in()
                owner.ask("PUT", "/api/v1/channels/lamp/state", {"on": bool(number % 2)})
            seen.append(server.settled_memory())
            owner.close()
    return seen
