"""The requests that are made of the two applications, and what has to come back: data, no code that asks."""

from __future__ import annotations

from typing import NamedTuple


class Scenario(NamedTuple):
    """One request; `status` is what every peer has to answer, `text` what has to be in the body."""

    name: str
    title: str
    method: str
    path: str
    status: int
    text: str = ""
    body: str = ""
    content_type: str = ""
    #: Carries the session cookie that a login has set before.
    session: bool = False
    #: How many times fewer of it are made where instructions are counted: it is a big one.
    heavy: int = 1


PROGRAMS = ("hello", "device")

HELLO = (Scenario("hello", "hello", "GET", "/", 200, "Hello, world!"),)

DEVICE = (
    Scenario("status", "status", "GET", "/api/status", 200, "cpu_percent"),
    Scenario("output", "GET output", "GET", "/api/outputs/7", 200, "Output"),
    Scenario(
        "switch", "PUT output", "PUT", "/api/outputs/7", 200, "true", '{"on": true}', "application/json"
    ),
    Scenario("missing", "404", "GET", "/no/such/page", 404),
    Scenario("method", "405", "DELETE", "/api/outputs/7", 405),
    Scenario("static", "static file", "GET", "/static/board.css", 200, "color-scheme"),
    Scenario(
        "login",
        "login",
        "POST",
        "/login",
        303,
        "",
        "user=admin&password=correct+horse",
        "application/x-www-form-urlencoded",
    ),
    Scenario("session", "session", "GET", "/account", 200, "admin", session=True),
    Scenario("page", "page", "GET", "/", 200, "Output &lt;30&gt;", heavy=5),
)
LOGIN = next(scenario for scenario in DEVICE if scenario.name == "login")

#: The headers that a browser's request has at least.
HEADERS = {
    "Host": "127.0.0.1",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept": "text/html,application/json,*/*;q=0.8",
    "Accept-Language": "en-GB,en;q=0.5",
}


def of(program: str) -> tuple[Scenario, ...]:
    """The requests of `hello` or of `device`."""
    return HELLO if program == "hello" else DEVICE
