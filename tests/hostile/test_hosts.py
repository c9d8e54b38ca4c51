"""Which names the server answers to, and what it answers under a stranger's (DNS rebinding)."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from edgeweb.server.host import HostList, is_own_name, names_in_hosts_file, search_domains, without_zone
from tests.server.process import ServerProcess, status

Serve = Callable[..., ServerProcess]

OWN = [
    "localhost",
    "Board",
    "board.local",
    "BOARD.LAN",
    "board.home.arpa",
    "board.internal",
    "board.localdomain",
    "board.fritz.box",
    "board-2.local",
    "board-15.local.",
    "board.office.example",
    "board.example",
]
STRANGERS = [
    "evil.example",
    "board.evil.example",
    "evil.lan",
    "evil.board.lan",
    "board.lan.evil.example",
    "boardx.lan",
    "board-2.lan",
    "board-0.local",
    "board-100.local",
    "board-2.evil.local",
    "board-x.local",
    "board-.local",
    "board.com",
    "board.box",
    "fritz.box",
    "lan",
    "x.local",
    "office.example",
    "evil.office.example",
    ".lan",
]


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> HostList:
    """The names of a machine called Board, in a network with two search domains."""
    monkeypatch.setattr(socket, "gethostname", lambda: "Board")
    monkeypatch.setattr("edgeweb.server.host.search_domains", lambda: frozenset({"office.example"}))
    monkeypatch.setattr("edgeweb.server.host.names_in_hosts_file", lambda: frozenset({"board.example"}))
    return HostList(())


@pytest.mark.parametrize("host", OWN)
def test_names_of_a_home_network_are_its_own(board: HostList, host: str) -> None:
    assert board.accepts(host, "192.0.2.1") and board.accepts(f"{host}:8080", "192.0.2.1")


@pytest.mark.parametrize("host", STRANGERS)
def test_nobody_elses_are(board: HostList, host: str) -> None:
    assert not board.accepts(host, "192.0.2.1")


def test_a_machine_without_a_name_has_no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", str)
    assert not any(is_own_name(name) for name in (".lan", "-2.local", "x.lan", ".local"))


def test_an_accepted_name_is_forgotten(board: HostList, monkeypatch: pytest.MonkeyPatch) -> None:
    assert board.accepts("board.lan", "192.0.2.1")
    monkeypatch.setattr(socket, "gethostname", lambda: "other")
    board.forget(100.0)
    assert not board.accepts("board.lan", "192.0.2.1") and board.accepts("other.lan", "192.0.2.1")
    board.forget(120.0)  # not yet
    monkeypatch.setattr(socket, "gethostname", lambda: "third")
    assert board.accepts("other.lan", "192.0.2.1")
    board.forget(160.0)
    assert not board.accepts("other.lan", "192.0.2.1")


@pytest.mark.parametrize(
    ("text", "domains"),
    [
        ("nameserver 192.0.2.1\nsearch office.example Other.Example.\n", {"office.example", "other.example"}),
        ("search a.example\ndomain b.example\n", {"b.example"}),
        ("search com lan .\n", set()),
        ("search\n#search a.example\n;\n\n", set()),
        ("search " + " ".join(f"d{number}.example" for number in range(100)), 32),
        ("search \N{SNOWMAN}.example \x00.example\n", None),
        ("search a.example\n" + "#" * 100_000 + "\nsearch b.example\n", {"a.example"}),
    ],
)
def test_search_domains(tmp_path: Path, text: str, domains: set[str] | int | None) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text(text)
    found = search_domains(str(file))
    if isinstance(domains, set):
        assert found == domains
    elif domains:
        assert len(found) == domains


def test_search_domains_that_cannot_be_read(tmp_path: Path) -> None:
    assert search_domains(str(tmp_path)) == search_domains(str(tmp_path / "none")) == frozenset()
    (tmp_path / "bytes").write_bytes(bytes(range(256)) * 10)
    assert search_domains(str(tmp_path / "bytes")) == frozenset()


@pytest.mark.parametrize(
    ("host", "plain"),
    [
        ("[fe80::1%25eth0]", "[fe80::1]"),
        ("[fe80::1%eth0.7]:80", "[fe80::1]:80"),
        ("[fe80::1%25]", "[fe80::1]"),
        ("[fe80::1%<x>]", "[fe80::1%<x>]"),
        ("a%25eth0", "a%25eth0"),
        ("[fe80::1]%25eth0", "[fe80::1]%25eth0"),
        ("[fe80::1%" + "a" * 50 + "]", "[fe80::1%" + "a" * 50 + "]"),
    ],
)
def test_zones(host: str, plain: str) -> None:
    assert without_zone(host) == plain


# -- what is answered under another name ---------------------------------------------------------------------


def ask(server: ServerProcess, *fields: str, path: str = "/", host: str = "evil.example") -> bytes:
    head = [f"GET {path} HTTP/1.1", f"Host: {host}", *fields, "Connection: close", "", ""]
    return server.ask("\r\n".join(head).encode())


def test_a_browser_gets_a_page_with_the_lines(serve: Serve) -> None:
    server = serve(check_host=True)
    answer = ask(server, "Accept: text/html,application/xhtml+xml", host="Board.Example.:8080").decode()
    assert status(answer.encode()) == 421
    assert "\r\nContent-Type: text/html; charset=utf-8\r\n" in answer
    assert '<pre tabindex="0">[server]\nhosts = [&quot;board.example&quot;]</pre>' in answer
    assert "/etc/edgeweb/edgeweb.toml" in answer and "systemctl reload edgeweb" in answer


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/v1/status", "Accept: */*"),
        ("/", "Accept: application/json"),
        ("/api/v1/status", "Accept: text/html"),
    ],
)
def test_a_program_gets_a_problem_document(serve: Serve, path: str, field: str) -> None:
    head, _, body = ask(serve(check_host=True), field, path=path).partition(b"\r\n\r\n")
    assert b"\r\nContent-Type: application/problem+json; charset=utf-8\r\n" in head
    document = json.loads(body)
    assert (document["status"], document["profile"]) == (421, ["[server]", 'hosts = ["evil.example"]'])
    assert 'hosts = ["evil.example"]' in document["detail"]


def links(answer: str) -> list[str]:
    return re.findall(r'<a href="([^"]+)">', answer)


@pytest.mark.parametrize("host", ["panel.lan", "panel.home", "panel.fritz.box", "panel"])
def test_a_name_of_a_router_leads_to_those_that_work(serve: Serve, host: str) -> None:
    server = serve(check_host=True)
    page = ask(server, "Accept: text/html", host=f"{host}:{server.port}").decode()
    assert f"hosts = [&quot;{host}&quot;]" in page and "/etc/edgeweb/edgeweb.toml" in page
    own = socket.gethostname().lower().partition(".")[0]
    found = [f"http://127.0.0.1:{server.port}/", f"http://{own}.local:{server.port}/"]
    assert links(page) == found
    for url in found:
        assert status(ask(server, host=url.removeprefix("http://").removesuffix("/"))) == 200
    answer = ask(server, "Accept: application/json", host=f"{host}:{server.port}")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["addresses"] == found


def test_a_name_of_a_stranger_does_not_learn_ours(serve: Serve) -> None:
    """A page that has bound its name to this address reads this answer: it knows the address already."""
    for host in ("evil.example", "panel.lan.evil.example"):
        page = ask(serve(check_host=True), "Accept: text/html", host=host).decode()
        assert links(page) == ["http://127.0.0.1/"]
        assert socket.gethostname() not in page


def test_behind_a_proxy_no_address_is_named(serve: Serve) -> None:
    page = ask(
        serve(check_host=True, behind_proxy="127.0.0.1"), "Accept: text/html", host="panel.lan"
    ).decode()
    assert status(page.encode()) == 421 and links(page) == []


def test_others_get_text(serve: Serve) -> None:
    answer = ask(serve(hosts=["secret.example"], behind_proxy="192.0.2.77"))
    assert b"\r\nContent-Type: text/plain; charset=utf-8\r\n" in answer
    assert b'[server]\nhosts = ["evil.example"]\n' in answer
    assert b"secret" not in answer and b"192.0.2.77" not in answer


@pytest.mark.parametrize("host", ["<script>alert(1)</script>", 'a"b', "a'b", "a&b"])
def test_no_markup_comes_back(serve: Serve, host: str) -> None:
    answer = ask(serve(), "Accept: text/html", host=host)
    assert status(answer) == 400 and host.encode() not in answer


SIGNS = ["Via: 1.1 proxy", "Forwarded: for=192.0.2.9", "X-Forwarded-For: 192.0.2.9", "X-Real-IP: 192.0.2.9"]


@pytest.mark.parametrize("sign", SIGNS)
def test_a_proxy_that_is_not_named_is_the_reason(serve: Serve, sign: str) -> None:
    server = serve(check_host=True)
    answer = ask(server, "Accept: text/html", sign)
    assert status(answer) == 421 and b"behind_proxy = &quot;127.0.0.1&quot;" in answer
    assert b"192.0.2.9" not in answer
    change = f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://home.example\r\n{sign}\r\n"
    answer = server.ask(f"{change}Accept: application/json\r\nContent-Length: 0\r\n\r\n".encode())
    assert status(answer) == 403
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["profile"] == [
        "[server]",
        'behind_proxy = "127.0.0.1"',
    ]


def test_a_proxy_that_is_named_is_not(serve: Serve) -> None:
    server = serve(behind_proxy="127.0.0.1")
    answer = ask(server, "Via: 1.1 proxy")
    assert b'hosts = ["evil.example"]' in answer and b"behind_proxy" not in answer
    answer = server.ask(
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://evil.example\r\nVia: 1.1 proxy\r\n"
        b"Content-Length: 0\r\n\r\n"
    )
    assert status(answer) == 403 and b"A page of https://evil.example has sent this" in answer


def test_without_a_profile_the_option_is_named(serve: Serve) -> None:
    server = serve()
    answer = ask(server, "Accept: text/html")
    assert (
        b'<pre tabindex="0">--host-name evil.example</pre>' in answer
        and b"<p>Keep its other options.</p>" in answer
    )
    document = json.loads(ask(server, "Accept: application/json", "Via: 1.1 x").partition(b"\r\n\r\n")[2])
    assert document["options"] == ["--behind-proxy 127.0.0.1"] and "profile" not in document
    answer = server.ask(
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://evil.example\r\nContent-Length: 0\r\n\r\n"
    )
    assert b"\n--allow-origin https://evil.example\n" in answer
    for name in ("--host-name", "--behind-proxy", "--allow-origin"):
        server.wait_for_log(rf"refused '/' of 127\.0\.0\.1 with 4\d\d: .* \(see {name}\)")


def test_names_in_the_hosts_file(tmp_path: Path) -> None:
    file = tmp_path / "hosts"
    file.write_text(
        "127.0.0.1 localhost ads.example\n127.0.1.1\tBoard.Example. board # x.example\n0.0.0.0 y.example\n"
        "#127.0.1.1 z.example\n127.0.1.1\n\n::1 ip6.example\n"
    )
    assert names_in_hosts_file(str(file)) == {"board.example", "board"}
    assert names_in_hosts_file(str(tmp_path)) == frozenset()


def change(server: ServerProcess, *fields: str) -> int:
    head = [
        "POST /echo HTTP/1.1",
        "Host: 127.0.0.1",
        *fields,
        "Content-Length: 0",
        "Connection: close",
        "",
        "",
    ]
    return status(server.ask("\r\n".join(head).encode()))


def test_the_host_that_the_named_proxy_sends_is_the_pages_own(serve: Serve) -> None:
    server = serve(behind_proxy="127.0.0.1")
    own = "Origin: https://home.example"
    assert change(server, own, "X-Forwarded-Host: home.example") == 200
    assert change(server, own, "X-Forwarded-Host: evil.example, home.example") == 200
    assert change(server, own, "X-Forwarded-Host: home.example, other.example") == 403
    assert change(server, own) == 403
    assert change(serve(), own, "X-Forwarded-Host: home.example") == 403
    assert change(serve(behind_proxy="192.0.2.1"), own, "X-Forwarded-Host: home.example") == 403


def test_a_refused_page_may_be_framed_by_the_origins_of_the_profile(serve: Serve) -> None:
    server = serve(frame_ancestors=["http://wall.example:8123", "https://[fd00::1]"])
    for answer in (ask(server, "Accept: text/html"), server.get("/")):
        head = answer.partition(b"\r\n\r\n")[0]
        assert b"X-Frame-Options" not in head
        assert (
            b"\r\nContent-Security-Policy: frame-ancestors http://wall.example:8123 https://[fd00::1]" in head
        )
    assert b"x-frame-options: SAMEORIGIN" in server.get("/own-headers")
