"""The options of `edgeweb serve`, each at a real server, and what refusals name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edgeweb.commands import serve as serve_command
from edgeweb.commands.serve_options import OPTIONS, SWITCHES, UsageError, make_help, parse
from edgeweb.server import limits
from tests.server.conftest import serve as serve
from tests.server.process import ServerProcess, status

Serve = Callable[..., ServerProcess]


def post(server: ServerProcess, size: int, *fields: str, body: bool = True) -> bytes:
    head = ["POST /size HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {size}", *fields, "Connection: close"]
    return server.ask("\r\n".join([*head, "", ""]).encode() + b"x" * (size if body else 0))


def get(server: ServerProcess, path: str, *fields: str, host: str = "127.0.0.1") -> bytes:
    head = [f"GET {path} HTTP/1.1", f"Host: {host}", *fields, "Connection: close", "", ""]
    return server.ask("\r\n".join(head).encode())


# -- the command line ----------------------------------------------------------------------------------------


def test_options_are_keys_of_the_profile() -> None:
    assert parse(
        [
            *("a:b", "--host", "::1", "--host=127.0.0.1", "--threads", "2", "--body-size", "2 MiB"),
            *("--host-name", "Board.Example", "--allow-origin", "http://a.example:81"),
            "--no-security-headers",
        ]
    ) == {
        "app": "a:b",
        "server": {
            "host": ["::1", "127.0.0.1"],
            "threads": 2,
            "body_bytes": 2_097_152,
            "hosts": ["board.example"],
            "allow_origins": ["http://a.example:81"],
            "security_headers": False,
        },
    }


@pytest.mark.parametrize(
    "arguments",
    [
        "--port 65536",
        "--port +1",
        "--port",
        "--threads 0",
        "--threads 65",
        "--body-size 0",
        "--body-size 1.5MiB",
        "--body-size 5TiB",
        "--body-size 2GiB",
        "--host-name board:80",
        "--host-name http://board",
        "--allow-origin https://a.example/",
        "--allow-origin *",
        "--no-threads 4",
        "--security-headers=no",
        "--other",
        "a:b c:d",
    ],
)
def test_faults(arguments: str) -> None:
    with pytest.raises(UsageError):
        parse(arguments.split())


def test_the_help_has_every_option_with_its_reason_and_the_default_of_bodies() -> None:
    text = " ".join(make_help().split())
    for name, option in OPTIONS.items():
        assert f" {name} {option.metavar}" in text and option.help in text
        assert limits.OPTIONS[option.key] == name
    for name, (key, reason) in SWITCHES.items():
        assert f"{name}, --no-{name[2:]}" in text and reason in text and limits.OPTIONS[key] == name
    assert "MAX_CONTENT_LENGTH of the program, else 4MiB, the memory for all bodies" in text
    assert max(map(len, make_help().splitlines())) <= 110


def test_options_win_over_the_profile(serve: Serve) -> None:
    server = serve(options=["--host-name", "b.example", "--body-size", "2KiB"], hosts=["a.example"])
    assert status(get(server, "/", host="b.example")) == 200
    assert status(get(server, "/", host="a.example")) == 421
    assert b"larger than 2048 bytes (see server.body_bytes)" in post(server, 2049, body=False)


# -- bodies --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "options", "limit"),
    [
        ("app", [], 4_194_304),
        ("limited", [], 3_000_000),
        ("limited", ["--body-size", "1000"], 1000),
        ("app", ["--body-size", "1MiB"], 1_048_576),
    ],
)
def test_the_limit_of_bodies(serve: Serve, program: str, options: list[str], limit: int) -> None:
    server = serve(f"programs:{program}", options=options)
    assert post(server, limit).endswith(str(limit).encode())
    answer = post(server, limit + 1, body=False)
    name = "--upload-folder" if limit == 4_194_304 else "--body-size"
    assert status(answer) == 413 and f"larger than {limit} bytes (see {name})".encode() in answer
    server.wait_for_log(rf"refused '/size' of 127\.0\.0\.1 with 413: .* \(see {name}\)")


def test_the_memory_for_bodies_stays_and_a_folder_takes_larger_ones(serve: Serve, tmp_path: Path) -> None:
    server = serve("programs:large")
    assert "MAX_CONTENT_LENGTH is 16777216 bytes" in server.log and "--upload-folder" in server.log
    answer = post(server, 4_194_305, body=False)
    assert status(answer) == 413 and b"(see --upload-folder)" in answer
    server = serve("programs:large", options=["--upload-folder", str(tmp_path)])
    before = server.anonymous_kib()
    assert post(server, 5_000_000).endswith(b"5000000")
    assert "MAX_CONTENT_LENGTH" not in server.log and list(tmp_path.glob("tmp*")) == []
    assert before > 0


def test_a_size_that_memory_does_not_have(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    program = "tests.server.apps.app:app"
    assert serve_command.main([program, "--body-size", "5MiB"]) == 2
    assert "needs --upload-folder" in capsys.readouterr().err
    assert serve_command.main([program, "--upload-folder", str(tmp_path / "none")]) == 1
    assert "no folder that this user can write to" in capsys.readouterr().err


# -- names, origins, proxies, threads, headers ---------------------------------------------------------------


def test_names(serve: Serve) -> None:
    server = serve(options=["--host-name", "board.example", "--host-name=192.0.2.9"])
    for host in ("board.example", "192.0.2.9:80", "raspberrypi.local", "RaspberryPi.local:8080"):
        assert status(get(server, "/", host=host)) == 200
    assert status(get(server, "/", host="x.raspberrypi.local")) == 421


def test_a_profile_and_the_device_have_no_further_name(serve: Serve) -> None:
    assert status(get(serve(threads=2), "/", host="raspberrypi.local")) == 421


def test_origins(serve: Serve) -> None:
    server = serve("programs:app", options=["--allow-origin", "https://panel.example"])
    for origin, code in (("https://panel.example", 200), ("https://other.example", 403)):
        assert status(post(server, 1, f"Origin: {origin}", "Sec-Fetch-Site: cross-site")) == code
    server = serve("programs:app", allow_origins=["https://panel.example"])
    assert status(post(server, 1, "Origin: https://panel.example")) == 200
    answer = post(server, 1, "Origin: https://other.example")
    assert b'[server]\nallow_origins = ["https://other.example"]' in answer
    server.wait_for_log(r"\(see server\.allow_origins\)")


def test_a_proxy(serve: Serve) -> None:
    proto = "X-Forwarded-Proto: https"
    assert get(serve("programs:app"), "/scheme", proto).endswith(b"http")
    server = serve("programs:app", options=["--behind-proxy", "127.0.0.1"])
    assert get(server, "/scheme", proto).endswith(b"https")


def test_threads(serve: Serve) -> None:
    server = serve(options=["--threads", "1"])
    with server.connect() as first:
        first.sendall(b"GET /wait HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        with server.connect() as second:
            second.settimeout(0.3)
            second.sendall(b"GET /open HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            with pytest.raises(TimeoutError):  # the one place is taken
                second.recv(1)


def test_security_headers(serve: Serve) -> None:
    assert b"X-Frame-Options" not in get(serve(options=["--no-security-headers"]), "/")
    server = serve(options=["--security-headers"], security_headers=False)
    assert b"X-Frame-Options" in get(server, "/")


def test_a_flood_of_refusals_is_one_line(serve: Serve) -> None:
    server = serve()
    for number in range(20):
        get(server, f"/{number}\x85\x1b".replace("\x1b", ""), host="evil.example")
    assert server.log.count("refused ") == 1 and "'/0\\x" in server.log
