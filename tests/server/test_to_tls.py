"""The port without TLS: what it answers by itself, and what the application serves there."""

from __future__ import annotations

from typing import Any

import pytest

from edgeweb.server.to_tls import ToTls

EXPLAINED = "/tls"


class Program:
    """An application that serves one path in clear, and has a page that explains the certificate."""

    explains_tls = EXPLAINED

    def serves_in_clear(self, path: str) -> bool:
        return path == "/livez"

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [environ["edgeweb.tls"].encode()]


def plain(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    raise AssertionError("it serves nothing in clear")


def ask(app: Any, path: str = "/", port: int = 8443, **changes: str) -> tuple[str, dict[str, str], bytes]:
    """Return status, head and body of the answer to a GET, with other variables of the environ."""
    environ = {"REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path, "SERVER_NAME": "board.local"}
    answers: list[tuple[str, dict[str, str]]] = []

    def start_response(status: str, head: list[tuple[str, str]], exc_info: object = None) -> Any:
        answers.append((status, dict(head)))

    body = ToTls(app, port)(environ | changes, start_response)
    ((status, answer),) = answers
    return status, answer, b"".join(body)


@pytest.mark.parametrize(
    ("host", "port", "root"),
    [
        ("", 8443, "https://board.local:8443"),
        ("", 443, "https://board.local"),
        ("", 444, "https://board.local:444"),
        ("10.0.0.7", 8443, "https://10.0.0.7:8443"),
        ("10.0.0.7:8080", 8443, "https://10.0.0.7:8443"),
        ("10.0.0.7:8080", 443, "https://10.0.0.7"),
        ("[fd00::7]", 8443, "https://[fd00::7]:8443"),
        ("[fd00::7]:8080", 8443, "https://[fd00::7]:8443"),
        ("[fd00::7]:8080", 443, "https://[fd00::7]"),
    ],
)
def test_the_address_is_the_same_with_the_other_port(host: str, port: int, root: str) -> None:
    status, head, body = ask(plain, "/a", port, HTTP_HOST=host)
    assert (status, body) == ("307 Temporary Redirect", b"")
    assert head == {"Location": f"{root}/a", "Content-Length": "0"}
    assert ask(Program(), "/livez", port, HTTP_HOST=host)[2] == f"{root}/".encode()


@pytest.mark.parametrize(
    ("script", "path", "query", "location"),
    [
        ("", "/a b/\xc3\xa9", "", "/a%20b/%C3%A9"),
        ("/board", "/a", "", "/board/a"),
        ("", "/", "x=1&y=%2F", "/?x=1&y=%2F"),
        ("", "/~!$&'()*+,;=:@", "", "/~!$&'()*+,;=:@"),
    ],
)
def test_path_and_query_stay(script: str, path: str, query: str, location: str) -> None:
    _, head, _ = ask(plain, path, SCRIPT_NAME=script, QUERY_STRING=query)
    assert head["Location"] == f"https://board.local:8443{location}"


@pytest.mark.parametrize(
    ("app", "accept", "script", "location"),
    [
        (Program(), "text/html,*/*;q=0.8", "", EXPLAINED),
        (Program(), "text/html", "/board", f"/board{EXPLAINED}"),
        (Program(), "application/json", "", "https://board.local:8443/channels"),
        (Program(), "", "/board", "https://board.local:8443/board/channels"),
        # who has no such page has the other port for people as well
        (plain, "text/html", "", "https://board.local:8443/channels"),
    ],
)
def test_a_person_is_led_to_the_page_that_explains_it(
    app: Any, accept: str, script: str, location: str
) -> None:
    _, head, _ = ask(app, "/channels", SCRIPT_NAME=script, HTTP_ACCEPT=accept)
    assert head["Location"] == location


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_changes_are_refused(method: str) -> None:
    status, head, body = ask(Program(), "/a", REQUEST_METHOD=method, HTTP_ACCEPT="text/html")
    if method in ("GET", "HEAD"):
        assert (status, body) == ("307 Temporary Redirect", b"")
    else:
        assert (status, head) == ("403 Forbidden", {"Content-Type": "text/plain; charset=utf-8"})
        assert b"https://board.local:8443/a\n" in body
    # the path that the application serves is its own
    assert ask(Program(), "/livez", REQUEST_METHOD=method)[0] == "200 OK"
