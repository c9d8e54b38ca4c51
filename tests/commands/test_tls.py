"""`edgeweb tls`: what it makes, and what it finds in certificates that are not as browsers want them."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edgeweb.commands import tls
from edgeweb.commands.tls_check import FINDINGS, Subject, check
from edgeweb.device.storage import reset
from edgeweb.device.tls.names import of_host
from tests.device.process import ROOT

DAY = 86400


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl (Debian: apt install openssl)")
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    monkeypatch.setenv("CONFIGURATION_DIRECTORY", str(tmp_path / "etc"))
    return tmp_path / "state"


def openssl(folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        ["openssl", *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


KEYS = {
    "ec": ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
    "rsa1024": ("-newkey", "rsa:1024"),
    "rsa2048": ("-newkey", "rsa:2048"),
}


def make_authority(folder: Path, name: str = "ca", *options: str) -> Path:
    openssl(
        folder,
        *(
            "req",
            "-x509",
            *KEYS["ec"],
            "-nodes",
            "-keyout",
            f"{name}.key",
            "-out",
            f"{name}.pem",
            "-days",
            "30",
        ),
        *("-subj", f"/CN={name}", "-addext", "keyUsage=critical,keyCertSign", *options),
    )
    return folder / f"{name}.pem"


def make_host(
    folder: Path,
    authority: str = "ca",
    *,
    key: str = "ec",
    days: int = 30,
    options: tuple[str, ...] = (),
    extensions: str = "subjectAltName=DNS:board.lan,IP:10.0.0.7\nextendedKeyUsage=serverAuth",
) -> Path:
    """Make `host.pem` and `host.key`, signed by an authority of the same folder."""
    (folder / "extensions").write_text(f"{extensions}\n")
    request = ("-nodes", "-keyout", "host.key", "-out", "host.csr", "-subj", "/CN=board")
    openssl(folder, "req", "-new", *KEYS[key], *request)
    openssl(
        folder,
        *("x509", "-req", "-in", "host.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key"),
        *("-CAcreateserial", "-days", str(days), "-extfile", "extensions", "-out", "host.pem", *options),
    )
    return folder / "host.pem"


def found_in(folder: Path, *names: str, at: float = 0, chain: bytes = b"", known: bool = True) -> list[str]:
    """What is found in the host's certificate of a folder."""
    authorities = [str(folder / "ca.pem")] if known else []
    subject = Subject(
        (folder / "host.pem").read_bytes() + chain, names, authorities, str(folder / "host.key")
    )
    return check(subject, time.time() + at)


def test_what_is_right(tmp_path: Path) -> None:
    make_authority(tmp_path)
    make_host(tmp_path)
    assert found_in(tmp_path, "board.lan", "Board.LAN", "10.0.0.7") == []


def test_a_name_that_is_not_covered(tmp_path: Path) -> None:
    make_authority(tmp_path)
    extensions = "subjectAltName=DNS:*.lan,IP:fd00::7\nextendedKeyUsage=serverAuth"
    make_host(tmp_path, extensions=extensions)
    assert found_in(tmp_path, "board.lan", "fd00:0::7") == []
    (line,) = found_in(tmp_path, "a.board.lan")
    assert line == (
        "the certificate is not for a.board.lan, only for *.lan, fd00::7: open one of these, or have it made"
        " for that name, too"
    )
    assert len(found_in(tmp_path, "lan", "10.0.0.8")) == 2


def test_no_names(tmp_path: Path) -> None:
    make_authority(tmp_path)
    make_host(tmp_path, extensions="extendedKeyUsage=serverAuth")
    (line,) = found_in(tmp_path, "board")
    assert line.startswith("the certificate has no names (subjectAltName)")


def test_dates(tmp_path: Path) -> None:
    make_authority(tmp_path)
    make_host(tmp_path, days=10)
    (line,) = found_in(tmp_path, at=11 * DAY)
    assert line.startswith("board expired on 20")
    (host, authority) = found_in(tmp_path, at=-DAY, chain=(tmp_path / "ca.pem").read_bytes())
    assert host.startswith("board is valid from 20")
    assert authority.startswith("ca is valid from 20")
    assert "set the clock (timedatectl)" in host


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"days": 399}, "it is valid for 399 days, browsers take 398 at most"),
        ({"key": "rsa1024"}, "the key of board has 1024 bits of RSA, browsers want 2048"),
        ({"options": ("-sha1",)}, "the signature of board rests on SHA-1, which browsers refuse"),
        (
            {"extensions": "subjectAltName=DNS:board.lan\nextendedKeyUsage=clientAuth"},
            "it is not for servers (extended key usage)",
        ),
    ],
)
def test_what_is_weak_or_for_something_else(
    tmp_path: Path, options: dict[str, object], expected: str
) -> None:
    make_authority(tmp_path)
    make_host(tmp_path, **options)  # type: ignore[arg-type]
    lines = found_in(tmp_path, "board.lan")
    # the library refuses what is weak by itself, where its security level says so
    assert lines[0].startswith(expected)
    assert all(line.startswith("openssl does not accept the chain") for line in lines[1:])


def test_what_is_just_strong_enough(tmp_path: Path) -> None:
    make_authority(tmp_path)
    make_host(tmp_path, days=397, key="rsa2048")
    assert found_in(tmp_path, "board.lan") == []


def test_a_key_that_does_not_fit(tmp_path: Path) -> None:
    make_authority(tmp_path)
    make_host(tmp_path)
    shutil.copy(tmp_path / "ca.key", tmp_path / "host.key")
    (line,) = found_in(tmp_path)
    assert line.startswith(f"the key in {tmp_path}/host.key does not fit the certificate: ")


def test_an_authority_that_is_not_known(tmp_path: Path) -> None:
    make_authority(tmp_path)
    make_host(tmp_path)
    expected = "the authority ca is not known here: import it on this device"
    for chain in (b"", (tmp_path / "ca.pem").read_bytes()):
        (line,) = found_in(tmp_path, chain=chain, known=False)
        assert line.startswith(expected)


def test_a_chain_that_is_not_complete(tmp_path: Path) -> None:
    make_authority(tmp_path)
    between = tmp_path / "between.pem"
    openssl(
        tmp_path,
        *(
            "req",
            "-new",
            *KEYS["ec"],
            "-nodes",
            "-keyout",
            "between.key",
            "-out",
            "between.csr",
            "-subj",
            "/CN=between",
        ),
    )
    (tmp_path / "between.ext").write_text("basicConstraints=critical,CA:TRUE\n")
    openssl(
        tmp_path,
        *("x509", "-req", "-in", "between.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"),
        *("-days", "9", "-extfile", "between.ext", "-out", "between.pem"),
    )
    access = "authorityInfoAccess=caIssuers;URI:http://ca.example/between.crt"
    make_host(tmp_path, "between", extensions=f"subjectAltName=DNS:board.lan\n{access}")
    (line,) = found_in(tmp_path)
    assert line.startswith(
        "the chain is incomplete, between is missing: put its certificate behind the host's"
    )
    assert found_in(tmp_path, chain=between.read_bytes()) == []


def test_signed_by_itself(tmp_path: Path) -> None:
    make_authority(tmp_path)
    openssl(
        tmp_path,
        *("req", "-x509", *KEYS["ec"], "-nodes", "-keyout", "host.key", "-out", "host.pem", "-days", "30"),
        *("-subj", "/CN=board", "-addext", "subjectAltName=DNS:board.lan"),
    )
    (line,) = found_in(tmp_path, "board.lan")
    assert line == "it is signed by itself, which no browser takes: edgeweb tls init makes another one"


def test_name_constraints(tmp_path: Path) -> None:
    make_authority(tmp_path, "ca", "-addext", "nameConstraints=critical,permitted;DNS:home.arpa")
    make_host(tmp_path)
    (line,) = found_in(tmp_path, "board.lan")
    assert line.startswith("ca may not certify these names (its name constraints): ")


def test_every_finding_names_the_next_step() -> None:
    for kind, text in FINDINGS.items():
        assert ": " in text, kind


# -- the command -----------------------------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = tls.main(list(arguments))
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_init_and_check(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "init", "--name", "greenhouse.lan")
    assert (code, err) == (0, "")
    names = ", ".join((*of_host(socket.gethostname()), "greenhouse.lan", "127.0.0.1"))
    assert out.startswith(f"made: {state}/tls/host.pem\nnames: {names}, ")
    (fingerprint,) = [line for line in out.splitlines() if line.startswith("SHA-256: ")]
    assert state.stat().st_mode & 0o777 == 0o700
    code, out, err = run(capsys, "check")
    assert (code, err) == (0, "")
    assert fingerprint in out
    assert out.endswith("a browser that knows the authority will show no warning\n")
    assert run(capsys, "init")[1].startswith("nothing was missing: ")
    assert run(capsys, "renew")[1].startswith("nothing is due\n")
    code, out, _ = run(capsys, "check", "--name", "other.lan")
    assert (code, "edgeweb tls init --name NAME adds it" in out) == (1, True)
    (state / "tls" / "host.pem").unlink()
    assert run(capsys, "check")[2].endswith("host.pem is missing: make it with edgeweb tls init\n")
    assert run(capsys, "renew")[1].startswith("renewed: ")
    code, out, _ = run(capsys, "init", "--new-authority")
    assert (code, fingerprint in out) == (0, False)


def test_what_cannot_be_done(state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "check") == (
        2,
        "",
        "edgeweb tls: this device has no certificate of its own: make one with edgeweb tls init\n",
    )
    assert run(capsys, "renew")[0] == 2
    assert "top-level domain" in run(capsys, "init", "--name", "garden")[2]
    assert not state.exists()
    profile = tmp_path / "memory.toml"
    profile.write_text('[storage]\nstate = "memory"\n')
    code, _, err = run(capsys, "init", "--profile", str(profile))
    assert (code, "name a folder for storage.state" in err) == (2, True)
    state.mkdir()
    reset.begin(str(state))
    code, _, err = run(capsys, "init")
    assert (code, "was begun and has not ended" in err) == (2, True)


def test_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_authority(tmp_path)
    host, key = str(make_host(tmp_path)), str(tmp_path / "host.key")
    known = ("--authority", str(tmp_path / "ca.pem"))
    assert run(capsys, "check", host, key, *known)[0] == 0
    assert run(capsys, "check", host, key)[0] == 1
    assert (
        run(capsys, "check", host)[2]
        == f"edgeweb tls: {host}: name its key, too: edgeweb tls check CERTIFICATE KEY\n"
    )
    both = tmp_path / "both.pem"
    both.write_bytes(Path(key).read_bytes() + Path(host).read_bytes())
    assert run(capsys, "check", str(both), *known)[0] == 0
    assert run(capsys, "check", key, key)[2].endswith("there is no certificate in it: name a file in PEM\n")
    assert run(capsys, "check", host, host)[2].endswith("no key in it that can be read without a password\n")
    missing = str(tmp_path / "missing")
    assert run(capsys, "check", host, missing)[2] == f"edgeweb tls: {missing}: No such file or directory\n"


@contextmanager
def listening(context: ssl.SSLContext | None) -> Iterator[int]:
    """A server that ends every connection after the handshake, or answers like plain HTTP."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                connection.settimeout(30)
                if context:
                    connection = context.wrap_socket(connection, server_side=True)
                elif connection.recv(1000):
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            except (ssl.SSLError, OSError):
                pass
            finally:
                connection.close()

    server = threading.Thread(target=serve)
    server.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        server.join()


def test_a_server(state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "init")
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(state / "tls" / "host.pem")
    with listening(serving) as port:
        code, out, err = run(capsys, "check", f"127.0.0.1:{port}")
        assert (code, err) == (0, ""), out
        assert run(capsys, "check", f"https://localhost:{port}/tls")[0] == 0
        published = tmp_path / "authority.crt"
        shutil.move(state / "tls" / "authority.crt", published)
        code, out, _ = run(capsys, "check", f"localhost:{port}")
        assert (code, "is not known here" in out) == (1, True)
        assert run(capsys, "check", f"localhost:{port}", "--authority", str(published))[0] == 0
        code, out, _ = run(
            capsys, "check", f"localhost:{port}", "--name", "x.local", "--authority", str(published)
        )
        assert (code, "not for x.local" in out) == (1, True)
    with listening(None) as port:
        code, _, err = run(capsys, "check", f"localhost:{port}")
        assert (code, err.partition(" answers, ")[2]) == (
            2,
            f"but not with TLS: check the port, or open it as http://localhost:{port}/\n",
        )
    code, _, err = run(capsys, "check", f"127.0.0.1:{port}")
    assert (code, "does not answer (Connection refused)" in err) == (2, True)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("board.local", ("board.local", 443)),
        ("board.local:8443", ("board.local", 8443)),
        ("https://board.local/tls", ("board.local", 443)),
        ("[fd00::7]:8443", ("fd00::7", 8443)),
        ("[fd00::7]", ("fd00::7", 443)),
        ("fd00::7", ("fd00::7", 443)),
    ],
)
def test_targets(target: str, expected: tuple[str, int]) -> None:
    assert tls.split(target) == expected


@pytest.mark.parametrize("target", ["board:0", "board:65536", "board:x", ":443", "board:²"])
def test_what_is_no_target(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "check", target)
    assert (code, err) == (
        2,
        f"edgeweb tls: {target}: expected HOST, HOST:PORT or the file of a certificate\n",
    )


@pytest.mark.slow
def test_as_a_program(state: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "edgeweb", "tls", "check", "one", "two", "three"],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 2
    assert "unrecognized arguments: three" in done.stderr
