"""Changes of other sites' pages: the program is asked as its browser would ask, and by whom it is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edgeweb.server.cors import brings_credentials, is_permitted
from tests.server.process import ServerProcess, status

Serve = Callable[..., ServerProcess]
PANEL = "Origin: https://panel.example"
COOKIE = "Cookie: session=1"


def send(server: ServerProcess, *fields: str, method: str = "POST", path: str = "/size") -> bytes:
    head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Length: 2", *fields, "", "hi"]
    return server.ask("\r\n".join([*head[:-2], "Connection: close", *head[-2:]]).encode())


@pytest.mark.parametrize(
    ("program", "fields", "code"),
    [
        ("with_extension", [PANEL], 200),
        ("with_extension", [PANEL, "Sec-Fetch-Site: cross-site"], 200),
        ("with_extension", [PANEL, "Content-Type: application/json", "Authorization: Bearer x"], 200),
        ("with_extension", [PANEL, COOKIE], 403),
        ("with_extension", [PANEL, "Authorization: Basic eDp5"], 403),
        ("with_extension", ["Origin: https://evil.example"], 403),
        ("with_extension", ["Origin: null"], 403),
        ("with_extension", ["Sec-Fetch-Site: cross-site"], 403),
        ("with_cookies", [PANEL, COOKIE], 200),
        ("with_cookies", ["Origin: https://evil.example", COOKIE], 403),
        ("for_all", ["Origin: https://evil.example"], 200),
        ("for_all", ["Origin: https://evil.example", COOKIE], 403),
        ("by_hand", [PANEL], 200),
        ("by_hand", ["Origin: https://evil.example"], 403),
        ("app", [PANEL], 403),
        ("fails_when_asked", [PANEL], 403),
    ],
)
def test_the_program_decides(serve: Serve, program: str, fields: list[str], code: int) -> None:
    server = serve(f"programs:{program}")
    answer = send(server, *fields)
    assert status(answer) == code
    assert (b"\r\nConnection: close\r\n" in answer) and (code == 403 or answer.endswith(b"\r\n\r\n2"))
    assert server.log.count("Traceback") == (program == "fails_when_asked")


def test_every_method_and_the_next_request_of_the_connection(serve: Serve) -> None:
    server = serve("programs:by_hand")
    assert status(send(server, PANEL, method="PUT")) == 200
    smuggled = b"GET /asked HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    foreign = (
        b"POST /size HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://x.example\r\nContent-Length: 0\r\n\r\n"
    )
    answer = server.ask(foreign + smuggled)
    assert answer.count(b"HTTP/1.1 ") == 1 and status(answer) == 403


def test_own_pages_and_programs_are_not_asked_about(serve: Serve) -> None:
    server = serve("programs:by_hand")
    for fields in ([], ["Origin: http://127.0.0.1"], ["Sec-Fetch-Site: same-origin"]):
        assert status(send(server, *fields)) == 200
    assert server.body("/asked") == "0"


def test_answers_of_a_preflight() -> None:
    origin = "https://panel.example"
    field, credentials = "Access-Control-Allow-Origin", ("access-control-allow-credentials", "true")
    assert is_permitted(origin, True, [(field, origin), credentials])
    assert not is_permitted(origin, True, [(field, "*"), credentials])
    assert not is_permitted(origin, False, [(field, origin), (field, "*")])
    assert not is_permitted(origin, False, [(field, f"{origin}, *")])
    assert not is_permitted(origin, False, [(field, "https://panel.example.evil.example")])
    assert not is_permitted(origin, False, [])


def test_credentials_that_a_browser_adds() -> None:
    assert brings_credentials({"HTTP_COOKIE": ""}) and brings_credentials({"HTTP_AUTHORIZATION": "digest x"})
    assert not brings_credentials({}) and not brings_credentials({"HTTP_AUTHORIZATION": "Bearer x"})
