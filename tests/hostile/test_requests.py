"""Requests that mean harm, sent as bytes to the real server: each is refused, and ends its connection."""

from __future__ import annotations

import socket

import pytest

from tests.server.process import STUCK, ServerProcess, read_all, read_answer, status

NEXT = b"GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
HOST = b"Host: 127.0.0.1\r\n"


def post(*fields: bytes, body: bytes = b"") -> bytes:
    return b"".join([b"POST /echo HTTP/1.1\r\n", HOST, *(field + b"\r\n" for field in fields), b"\r\n", body])


def get(target: bytes = b"/", *fields: bytes, host: bytes = HOST, version: bytes = b"HTTP/1.1") -> bytes:
    return b"".join(
        [b"GET ", target, b" ", version, b"\r\n", host, *(field + b"\r\n" for field in fields), b"\r\n"]
    )


def hosted(host: bytes) -> bytes:
    return get(host=b"Host: " + host + b"\r\n")


def chunked(body: bytes) -> bytes:
    return post(b"Transfer-Encoding: chunked", body=body)


CHUNKED = b"5\r\nhello\r\n0\r\n\r\n"

# name: (request, expected status). A second request follows each.
REFUSED = {
    # two parties may see two different ends of the body
    "chunked twice": (post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=CHUNKED), 400),
    "chunked, chunked": (post(b"Transfer-Encoding: chunked, chunked", body=CHUNKED), 400),
    "length and chunked": (post(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=CHUNKED), 400),
    "chunked and length": (post(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=CHUNKED), 400),
    "chunked, then identity": (post(b"Transfer-Encoding: chunked, identity", body=CHUNKED), 501),
    "xchunked": (post(b"Transfer-Encoding: xchunked", body=CHUNKED), 501),
    "chunked after a tab": (post(b"Transfer-Encoding:\x0bchunked", body=CHUNKED), 400),
    "coding in HTTP/1.0": (
        b"POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKED,
        400,
    ),
    "length twice": (post(b"Content-Length: 5", b"Content-Length: 6", body=b"hello!"), 400),
    "length twice the same": (post(b"Content-Length: 5", b"Content-Length: 5", body=b"hello"), 400),
    "lengths in one": (post(b"Content-Length: 5, 5", body=b"hello"), 400),
    "length +5": (post(b"Content-Length: +5", body=b"hello"), 400),
    "length 0x5": (post(b"Content-Length: 0x5", body=b"hello"), 400),
    "length -1": (post(b"Content-Length: -1"), 400),
    "length 1e3": (post(b"Content-Length: 1e3"), 400),
    # parsers of fields would try again at each blank
    "15,000 blanks in If-None-Match": (get(b"/", b"If-None-Match: a" + b" " * 15_000 + b"a"), 400),
    "15,000 blanks in Cookie": (get(b"/", b"Cookie: a=b" + b" \t" * 7_500 + b"c;d=e"), 400),
    "15,000 blanks in Accept": (get(b"/", b"Accept: text/html" + b"\xa0\x85" * 7_500 + b"x"), 400),
    "length of 5,000 digits": (post(b"Content-Length: " + b"9" * 5000), 413),
    "bad chunk size": (post(b"Transfer-Encoding: chunked", body=b"0x5\r\nhello\r\n0\r\n\r\n"), 400),
    "negative chunk size": (post(b"Transfer-Encoding: chunked", body=b"-5\r\nhello\r\n0\r\n\r\n"), 400),
    "line feed in a chunk extension": (
        post(b"Transfer-Encoding: chunked", body=b"5;a\nb\r\nhello\r\n0\r\n\r\n"),
        400,
    ),
    "chunk without its end": (post(b"Transfer-Encoding: chunked", body=b"5\r\nhelloXX0\r\n\r\n"), 400),
    # two parties may see two different headers
    "folded line": (get(b"/", b"X-A: 1", b" folded"), 400),
    "folded by a tab": (get(b"/", b"X-A: 1", b"\tfolded"), 400),
    "bare line feed": (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\nX-A: 1\r\n\r\n", 400),
    "bare carriage return": (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\rX-A: 1\r\n\r\n", 400),
    "space before the colon": (get(b"/", b"X-A : 1"), 400),
    "no colon": (get(b"/", b"X-A"), 400),
    "no name": (get(b"/", b": 1"), 400),
    "NUL in a value": (get(b"/", b"X-A: a\0b"), 400),
    "two content types": (post(b"Content-Type: a/b", b"Content-Type: c/d"), 400),
    "two authorizations": (get(b"/", b"Authorization: Bearer a", b"Authorization: Bearer b"), 400),
    # whom it is for
    "no host": (get(host=b""), 400),
    "empty host": (hosted(b""), 400),
    "two hosts": (get(host=HOST + HOST), 400),
    "foreign host": (hosted(b"evil.example"), 421),
    "foreign host, upper case, port": (hosted(b"EVIL.example:80"), 421),
    "foreign host with a final dot": (hosted(b"evil.example."), 421),
    "foreign address": (hosted(b"192.0.2.1"), 421),
    "foreign IPv6 address": (hosted(b"[2001:db8::1]:80"), 421),
    "our name inside another": (hosted(b"127.0.0.1.evil.example"), 421),
    "path in host": (hosted(b"a/../b@c"), 400),
    "user in host": (hosted(b"127.0.0.1@evil.example"), 400),
    "wrong port": (hosted(b"127.0.0.1:http"), 400),
    "port of 99999999": (hosted(b"127.0.0.1:99999999"), 400),
    "port of 65536": (hosted(b"127.0.0.1:65536"), 400),
    "port of six digits": (hosted(b"127.0.0.1:000080"), 400),
    "negative port": (hosted(b"127.0.0.1:-1"), 400),
    "two ports": (hosted(b"127.0.0.1:80:80"), 400),
    "IPv4 address in brackets": (hosted(b"[127.0.0.1]"), 400),
    "user and password in host": (hosted(b"a:80@127.0.0.1"), 400),
    "user in a whole URL": (get(b"http://a@127.0.0.1/"), 400),
    "port of superscripts": (hosted("127.0.0.1:²".encode("latin-1")), 400),
    "open bracket": (hosted(b"[::1"), 400),
    "space in host": (hosted(b"127.0.0.1 evil.example"), 400),
    "whole URL of another host": (get(b"http://evil.example/"), 400),
    "whole URL with half an address": (get(b"http://["), 400),
    "whole URL with no address": (get(b"http://[a]/"), 400),
    "whole URL of another kind": (get(b"ftp://127.0.0.1/"), 400),
    # where to
    "above the top": (get(b"/../../etc/passwd"), 400),
    "above the top, encoded": (get(b"/static/%2e%2e/%2e%2e/etc/passwd"), 400),
    "above the top, half encoded": (get(b"/a/.%2E/b"), 400),
    "above the top, slash encoded": (get(b"/a%2f..%2fb"), 400),
    "above the top with a backslash": (get(b"/a/..%5c..%5cb"), 400),
    "NUL in the path": (get(b"/%00"), 400),
    "line end in the path": (get(b"/a%0d%0aX-A:%201"), 400),
    "fragment": (get(b"/a#b"), 400),
    "no path": (get(b"a"), 400),
    "star with GET": (get(b"*"), 400),
    "spaces in the target": (get(b"/a b"), 400),
    # how
    "TRACE": (b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n", 405),
    "CONNECT": (b"CONNECT 127.0.0.1:22 HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    "lower-case method": (b"get / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "HTTP/0.9": (b"GET /\r\n\r\n", 400),
    "HTTP/1.2": (get(version=b"HTTP/1.2"), 505),
    "HTTP/1.9": (get(version=b"HTTP/1.9"), 505),
    "HTTP/2.0": (get(version=b"HTTP/2.0"), 505),
    "HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "HTTP/1.10": (get(version=b"HTTP/1.10"), 505),
    "TLS hello": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    # how much
    "101 fields": (get(b"/", *(b"X-%d: 1" % number for number in range(100))), 431),
    "2,000 fields": (get(b"/", *(b"X-%d: 1" % number for number in range(2000))), 431),
    "header of 17 kB": (get(b"/", b"X-A: " + b"a" * 17_000), 431),
    "path of 17 kB": (get(b"/" + b"a" * 17_000), 431),
    "header of 300 kB without an end": (b"GET / HTTP/1.1\r\nX-A: " + b"a" * 300_000, 431),
    "announced body of 1 GiB": (post(b"Content-Length: 1073741824"), 413),
    "one byte too many": (post(b"Content-Length: 65537"), 413),
    "the same with Expect": (post(b"Expect: 100-continue", b"Content-Length: 65537"), 413),
    "one chunked byte too many": (
        post(b"Transfer-Encoding: chunked", body=b"10001\r\n" + b"x" * 65537 + b"\r\n0\r\n\r\n"),
        413,
    ),
    "chunk of 2**64 - 1 bytes": (chunked(b"F" * 16 + b"\r\nhello\r\n0\r\n\r\n"), 400),
    "chunk of 2**64 bytes": (chunked(b"10000000000000000\r\n" + b"x" * 70_000), 400),
    "chunk of 2**64 + 5 bytes": (chunked(b"10000000000000005\r\nhello\r\n0\r\n\r\n"), 400),
    "chunk of 64 GiB, without its bytes": (chunked(b"FFFFFFFFF\r\nhello\r\n0\r\n\r\n"), 413),
    "chunk extensions without end": (chunked(b"1;" + b"a" * 70_000), 400),
    "chunk extension of 20 kB": (chunked(b"5;" + b"a" * 20_000 + b"\r\nhello\r\n0\r\n\r\n"), 400),
    "trailer without end": (chunked(b"0\r\nX: " + b"a" * 70_000), 400),
    "trailer of many fields": (chunked(b"0\r\n" + b"X: a\r\n" * 1000 + b"\r\n"), 400),
    "60,000 chunks of a byte": (chunked(b"1\r\nx\r\n" * 60_000 + b"0\r\n\r\n"), 400),
    "empty line between two chunks": (chunked(b"5\r\nhello\r\n\r\n0\r\n\r\n"), 400),
    "empty line before the first chunk": (chunked(b"\r\n5\r\nhello\r\n0\r\n\r\n"), 400),
    "line feed behind a chunk size": (chunked(b"5\n\r\nhello\r\n0\r\n\r\n"), 400),
    "line feed behind a chunk extension": (chunked(b"5;a=b\n\r\nhello\r\n0\r\n\r\n"), 400),
    "line feed in a trailer": (chunked(b"0\r\nX: a\nY: b\r\n\r\n"), 400),
    "NUL in a trailer": (chunked(b"0\r\nX: a\0\r\n\r\n"), 400),
    "request line in a trailer": (chunked(b"0\r\nGET / HTTP/1.1\r\n\r\n"), 400),
    "20 empty lines": (b"\r\n" * 20 + get(), 400),
    "10,000 empty lines": (b"\r\n" * 10_000, 400),
    "line feeds before": (b"\n\n" + get(), 400),
    "carriage returns before": (b"\r\r\r\n" + get(), 400),
    # whose page it was
    "page of another site": (post(b"Sec-Fetch-Site: cross-site", b"Content-Length: 0"), 403),
    "page of a sibling port": (post(b"Sec-Fetch-Site: same-site", b"Content-Length: 0"), 403),
    "origin of another site": (post(b"Origin: http://evil.example", b"Content-Length: 0"), 403),
    "origin of another port": (post(b"Origin: http://127.0.0.1:1", b"Content-Length: 0"), 403),
    "origin null": (post(b"Origin: null", b"Content-Length: 0"), 403),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_and_nothing_after_it_is_served(server: ServerProcess, name: str) -> None:
    request, expected = REFUSED[name]
    answer = server.ask(request + NEXT)
    assert status(answer) == expected, answer
    assert b"\r\nConnection: close\r\n" in answer
    assert b"\r\nX-Content-Type-Options: nosniff\r\n" in answer
    assert answer.count(b"\r\nDate: ") == 1
    assert "/smuggled" not in server.body("/served")


SERVED = {
    "plain": get(),
    "no host in HTTP/1.0": get(host=b"", version=b"HTTP/1.0"),
    "localhost": hosted(b"localhost"),
    "localhost, upper case, port, final dot": hosted(b"LOCALHOST.:8080"),
    "an address, and any port": hosted(b"127.0.0.1:1"),
    "whole URL": get(b"http://127.0.0.1/"),
    "empty lines before": b"\r\n\r\n" + get(),
    "100 fields": get(b"/", *(b"X-%d: 1" % number for number in range(98))),
    "dots in a name": get(b"/a..b/...c"),
    "OPTIONS *": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "many blanks, none of them in a row": get(b"/", b"If-None-Match: " + b'"a" , ' * 2000),
    "largest body": post(b"Content-Length: 65536", body=b"x" * 65536),
    "largest chunked body": post(
        b"Transfer-Encoding: chunked",
        body=b"8000\r\n" + b"x" * 32768 + b"\r\n1;a=b\r\ny\r\n0\r\nX-T: 1\r\n\r\n",
    ),
    "largest body in one chunk": chunked(b"10000\r\n" + b"x" * 65_536 + b"\r\n0\r\n\r\n"),
    "largest body in chunks of 16 bytes": chunked((b"10\r\n" + b"x" * 16 + b"\r\n") * 4096 + b"0\r\n\r\n"),
    "leading zeros in a chunk size": chunked(b"000005;a\r\nhello\r\n0000\r\nX-T: 1\r\nX-U:\r\n\r\n"),
    "port 65535": hosted(b"127.0.0.1:65535"),
    "empty port": hosted(b"127.0.0.1:"),
    "own page": post(b"Sec-Fetch-Site: same-origin", b"Content-Length: 0"),
    "own origin": post(b"Origin: http://127.0.0.1", b"Content-Length: 0"),
    "page of another site that only reads": get(b"/", b"Sec-Fetch-Site: cross-site"),
    "Expect without a body": get(b"/", b"Expect: 100-continue"),
}


@pytest.mark.parametrize("name", SERVED)
def test_what_is_unusual_but_right_is_served(server: ServerProcess, name: str) -> None:
    request = SERVED[name].replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
    if name == "empty lines before":
        request = SERVED[name][4:].replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
        request = b"\r\n\r\n" + request
    assert status(server.ask(request)) == 200


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("[::1]", 200),
        ("[::1]:8080", 200),
        ("localhost", 200),
        ("[::2]", 421),
        ("127.0.0.1", 421),
        ("[::1", 400),
        ("::1", 400),
        ("[::1]evil.example", 400),
    ],
)
def test_an_ipv6_address_is_a_host_where_it_is_ours(serve: object, host: str, code: int) -> None:
    running = serve(options=["--host", "::1"])  # type: ignore[operator]
    assert (
        status(running.ask(hosted(host.encode()).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")))
        == code
    )


@pytest.mark.parametrize(
    "field",
    [
        "X-Forwarded-For: 192.0.2.9",
        "X-Forwarded-Host: evil.example",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Prefix: /evil",
        "X_Forwarded_For: 192.0.2.9",
        "X-Real-IP: 192.0.2.9",
        "Forwarded: for=192.0.2.9;host=evil.example",
    ],
)
def test_nobody_may_say_what_only_a_proxy_knows(server: ServerProcess, field: str) -> None:
    answer = server.ask(get(b"/environ", field.encode(), b"Connection: close")).decode()
    assert "REMOTE_ADDR=127.0.0.1\n" in answer
    assert "192.0.2.9" not in answer
    assert "evil" not in answer
    assert "wsgi.url_scheme=http\n" in answer


def test_a_proxy_that_is_named_may(serve: object) -> None:
    running = serve("app:app", behind_proxy="127.0.0.1")  # type: ignore[operator]
    answer = running.ask(
        get(b"/environ", b"X-Forwarded-For: 192.0.2.9", b"X-Forwarded-Proto: https", b"Connection: close")
    ).decode()
    assert "REMOTE_ADDR=192.0.2.9\n" in answer
    assert "wsgi.url_scheme=https\n" in answer


def test_of_several_hops_the_last_one_counts_which_the_proxy_has_written(serve: object) -> None:
    running = serve("app:app", behind_proxy="127.0.0.1")  # type: ignore[operator]
    answer = running.ask(
        get(b"/environ", b"X-Forwarded-For: 198.51.100.1, 192.0.2.9", b"X-Real-IP: 198.51.100.2")
        .replace(b"\r\n\r\n", b"\r\nForwarded: for=198.51.100.3\r\nX-Forwarded-Prefix: /p\r\n\r\n")
        .replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    ).decode()
    assert "REMOTE_ADDR=192.0.2.9\n" in answer
    for word in ("198.51.100.2", "198.51.100.3", "PREFIX"):
        assert word not in answer


def test_another_than_the_named_proxy_may_not(serve: object) -> None:
    running = serve("app:app", behind_proxy="127.0.0.1")  # type: ignore[operator]
    fields = (b"X-Forwarded-For: 192.0.2.9", b"X-Forwarded-Proto: https", b"X-Forwarded-Host: evil.example")
    with socket.create_connection(("127.0.0.1", running.port), STUCK, ("127.0.0.2", 0)) as sock:
        sock.sendall(get(b"/environ", *fields, b"Connection: close"))
        answer = read_all(sock).decode()
    assert "REMOTE_ADDR=127.0.0.2\n" in answer
    assert "wsgi.url_scheme=http\n" in answer
    assert "192.0.2.9" not in answer
    assert "evil" not in answer


@pytest.mark.parametrize(
    "value",
    [b"close", b"foo, close", b"CLOSE", b",\tfoo ,\t Close \t,", b"keep-alive, close", b"close,close"],
)
def test_a_connection_that_is_to_close_closes(server: ServerProcess, value: bytes) -> None:
    for fields in ((b"Connection: " + value,), tuple(b"Connection: " + one for one in value.split(b","))):
        answer = server.ask(get(b"/", *fields) + NEXT)
        assert status(answer) == 200 and b"\r\nConnection: close\r\n" in answer
        assert answer.count(b"HTTP/1.1 ") == 1


def test_a_word_that_only_begins_like_close_does_not(server: ServerProcess) -> None:
    for value in (b"foo, closed", b"keep-alive", b"x-close, keep-alive"):
        with server.connect() as sock:
            for _ in range(2):
                sock.sendall(get(b"/", b"Connection: " + value))
                assert status(read_answer(sock)) == 200
    assert b"\r\nConnection: Keep-Alive\r\n" in server.ask(
        get(b"/", b"Connection: foo, Keep-Alive", version=b"HTTP/1.0")
        + get(b"/", b"Connection: close", version=b"HTTP/1.0")
    )


def test_an_empty_name_is_called_so(server: ServerProcess) -> None:
    for line, reason in (
        (b": x", b"the name of a header field is empty"),
        (b" x: y", b"a header line is folded"),
        (b"x y: z", b"has a character that no name has"),
        (b"x", b"a header line has no colon"),
    ):
        assert reason in server.ask(get(b"/", line))


def test_expected_body_is_asked_for(server: ServerProcess) -> None:
    with server.connect() as sock:
        sock.sendall(post(b"Expect: 100-continue", b"Content-Length: 5", b"Connection: close"))
        assert sock.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"hello")
        assert sock.recv(4096).endswith(b"\r\n\r\nhello")


def test_a_refused_client_that_goes_on_sending_gets_its_answer(server: ServerProcess) -> None:
    with server.connect() as sock:
        sock.sendall(post(b"Content-Length: 200000"))
        for _ in range(20):
            sock.sendall(b"x" * 10_000)
        answer = b""
        while data := sock.recv(4096):  # a reset would raise
            answer += data
    assert status(answer) == 413


def test_checks_can_be_switched_off(serve: object) -> None:
    running = serve(  # type: ignore[operator]
        "app:app", check_host=False, check_origin=False, security_headers=False
    )
    answer = running.ask(
        b"POST / HTTP/1.1\r\nHost: evil.example\r\nSec-Fetch-Site: cross-site\r\nConnection: close\r\n\r\n"
    )
    assert status(answer) == 200
    assert b"X-Frame-Options" not in answer


def test_further_names_come_from_the_profile(serve: object) -> None:
    running = serve("app:app", hosts=["Board.Example", "192.0.2.1"])  # type: ignore[operator]
    for name, code in (
        ("board.example", 200),
        ("board.example:8080", 200),
        ("192.0.2.1", 200),
        ("x.board.example", 421),
    ):
        answer = running.ask(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
        assert status(answer) == code, name


def test_own_headers_are_left_alone(server: ServerProcess) -> None:
    head = server.get("/own-headers").decode()
    assert head.count("x-frame-options: SAMEORIGIN\r\n") == 1
    assert "DENY" not in head
    assert "Referrer-Policy: origin\r\n" in head
    assert "X-Content-Type-Options: nosniff\r\n" in head
