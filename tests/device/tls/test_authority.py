"""The authority of a device and its certificate, by the real openssl and a real TLS connection."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest

from edgeweb.device.system import command
from edgeweb.device.tls import authority as module
from edgeweb.device.tls import openssl as program
from edgeweb.device.tls.authority import EPOCH, HOST_LIFE, Authority, AuthorityError
from edgeweb.device.tls.certificate import Certificate, read
from edgeweb.device.tls.names import BadName
from edgeweb.device.tls.openssl import OpenSSLError

from .conftest import DAY, TODAY, Make, openssl, verify


def host_of(authority: Authority) -> Certificate:
    found = authority.describe()
    assert found is not None and found.host is not None
    return found.host


def test_openssl_verifies_what_was_made(make: Make) -> None:
    authority = make()
    assert authority.describe() is None
    assert not authority.exists
    assert authority.init(["greenhouse.lan"], now=TODAY) is True
    assert authority.exists
    assert authority.names() == ["board-2.local", "board-2", "localhost", "greenhouse.lan"]
    for name in authority.names():
        assert verify(authority, "-verify_hostname", name) == ""
    for address in ("192.168.1.20", "127.0.0.1", "::1"):
        assert verify(authority, "-verify_ip", address) == ""
    assert "error 62" in verify(authority, "-verify_hostname", "example.com")
    assert authority.init(["greenhouse.lan"], now=TODAY) is False, "nothing is missing"


def test_what_the_certificates_say(make: Make) -> None:
    authority = make()
    authority.init(now=TODAY)
    text = openssl("x509", "-in", authority.authority, "-noout", "-text").stdout
    assert "CA:TRUE, pathlen:0" in text
    assert "X509v3 Name Constraints: critical" in text
    assert "X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign\n" in text
    assert "Public-Key: (256 bit)" in text
    assert "Not Before: Jan  1 00:00:00 2026 GMT" in text
    found = authority.describe()
    assert found is not None and found.host is not None
    assert found.authority.permitted == ("local", "localhost", "board-2")
    assert found.authority.title.startswith("board-2 edgeweb ")
    assert 3652 * DAY < found.authority.not_after - TODAY <= 3653 * DAY
    assert found.host.life <= 397 * DAY
    text = openssl("x509", "-in", authority.certificate, "-noout", "-text").stdout
    assert "X509v3 Extended Key Usage: \n                TLS Web Server Authentication\n" in text
    assert "CA:FALSE" in text


def test_permissions(make: Make, tmp_path: Path) -> None:
    authority = make()
    authority.init(["greenhouse.lan"], now=TODAY)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "tls").iterdir()}
    assert modes == {"authority.pem": 0o600, "host.pem": 0o600, "names": 0o600, "authority.crt": 0o644}
    assert (tmp_path / "tls").stat().st_mode & 0o777 == 0o700
    assert b"PRIVATE KEY" not in Path(authority.authority).read_bytes()
    (tmp_path / "tls").chmod(0o755)
    authority.init(now=TODAY)
    assert (tmp_path / "tls").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "sans", [(["example.com"], []), (["board-2.local"], ["8.8.8.8"]), (["board-2.local"], ["2001:db8::1"])]
)
def test_another_name_is_refused(make: Make, tmp_path: Path, sans: tuple[list[str], list[str]]) -> None:
    """Also what a thief makes of the authority's key is refused."""
    authority = make()
    authority.init(now=TODAY)
    work = tmp_path / "thief"
    work.mkdir()
    moments = TODAY - DAY, TODAY + DAY
    with pytest.raises(OpenSSLError, match="openssl verify failed"):
        program.make_host(command.run, str(work), str(tmp_path / "tls" / "authority.pem"), sans, moments)
    refused = verify(authority, certificate=str(work / "issued.pem"))
    assert "error 47 at 0 depth lookup: permitted subtree violation" in refused


def test_no_authority_below_it(make: Make, tmp_path: Path) -> None:
    authority = make()
    authority.init(now=TODAY)
    below = tmp_path / "below"
    below.mkdir()
    made = program.make_authority(command.run, str(below), "below", ["local"], (TODAY - DAY, TODAY + DAY))
    assert read(made)[0].is_authority
    own = str(tmp_path / "tls" / "authority.pem")
    program.issue(command.run, str(below), (TODAY - DAY, TODAY + DAY), "-cert", own, "-keyfile", own)
    (tmp_path / "key.pem").write_bytes(made[: made.index(b"-----BEGIN CERT")])
    chain = tmp_path / "chain.pem"
    chain.write_bytes((tmp_path / "key.pem").read_bytes() + (below / "issued.pem").read_bytes())
    leaf = tmp_path / "leaf"
    leaf.mkdir()
    with pytest.raises(OpenSSLError):
        program.make_host(command.run, str(leaf), str(chain), (["board-2.local"], []), (TODAY, TODAY + DAY))
    refused = verify(authority, "-untrusted", str(chain), certificate=str(leaf / "issued.pem"))
    assert "path length constraint exceeded" in refused


def test_a_connection(make: Make) -> None:
    """Python's client, which trusts this authority and nothing else, connects by name."""
    authority = make()
    authority.init(now=time.time())
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(authority.certificate, authority.key)
    listener = socket.create_server(("127.0.0.1", 0))
    answered: list[bytes] = []

    def serve() -> None:
        for _ in range(2):
            connection, _ = listener.accept()
            try:
                with serving.wrap_socket(connection, server_side=True) as channel:
                    answered.append(channel.recv(5))
            except (ssl.SSLError, OSError):
                connection.close()

    server = threading.Thread(target=serve)
    server.start()
    client = ssl.create_default_context(cafile=authority.authority)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    try:
        with client.wrap_socket(
            socket.create_connection(listener.getsockname()), server_hostname="board-2.local"
        ) as channel:
            channel.sendall(b"hello")
        with (
            pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"),
            client.wrap_socket(
                socket.create_connection(listener.getsockname()), server_hostname="other.local"
            ),
        ):
            pass
    finally:
        server.join()
        listener.close()
    assert answered == [b"hello"]


def test_renewal_with_a_third_left(make: Make) -> None:
    authority = make()
    authority.init(now=TODAY)
    first = host_of(authority)
    content = Path(authority.certificate).read_bytes()
    assert authority.renew_if_due(first.not_after - first.life / 3) is False
    assert Path(authority.certificate).read_bytes() == content
    later = int(first.not_after - first.life / 3) + 1
    assert authority.renew_if_due(later) is True
    second = host_of(authority)
    assert second.not_before == later - DAY
    assert second.life == first.life == HOST_LIFE - 1
    assert verify(authority, at=later) == ""
    assert b"PRIVATE KEY" in Path(authority.certificate).read_bytes()
    key = Path(authority.key).read_bytes().partition(b"-----BEGIN CERT")[0]
    assert key not in content, "a key lives as long as its certificate"


def test_renewal_for_another_name_or_address(make: Make) -> None:
    make().init(now=TODAY)
    assert make(addresses=()).renew_if_due(TODAY) is False, "a network that is away comes again"
    moved = make(addresses=("192.168.1.20", "10.1.2.3", "fd00::7"))
    assert moved.renew_if_due(TODAY) is True
    assert moved.renew_if_due(TODAY) is False
    assert verify(moved, "-verify_ip", "fd00::7") == ""
    renamed = make("shed-3.lan")
    assert renamed.renew_if_due(TODAY) is True
    assert renamed.names() == ["shed-3.local", "localhost"]
    assert verify(renamed, "-verify_hostname", "shed-3.local") == ""
    found = renamed.describe()
    assert found is not None and found.left_out == ("shed-3.lan", "shed-3")


def test_without_an_authority_nothing_is_renewed(make: Make, tmp_path: Path) -> None:
    assert make().renew_if_due(TODAY) is False
    assert list(tmp_path.iterdir()) == []


def test_names_that_are_given_later(make: Make) -> None:
    authority = make()
    authority.init(now=TODAY)
    assert authority.init(["kitchen.local"], now=TODAY) is True
    assert "kitchen.local" in host_of(authority).names
    first = authority.describe()
    with pytest.raises(AuthorityError, match=r"--new-authority --name garden\.lan makes another one"):
        authority.init(["garden.lan"], now=TODAY)
    assert authority.describe() == first
    assert authority.init(["garden.lan"], now=TODAY, replace=True) is True
    second = authority.describe()
    assert first is not None and second is not None
    assert second.authority.fingerprint != first.authority.fingerprint
    assert authority.names() == ["board-2.local", "board-2", "localhost", "garden.lan"]
    assert verify(authority, "-verify_hostname", "garden.lan") == ""
    with pytest.raises(BadName, match="top-level domain"):
        authority.init(["garden"], now=TODAY)


def test_how_many_names_fit(make: Make) -> None:
    authority = make()
    names = [f"n{number}.local" for number in range(33)]
    with pytest.raises(BadName, match="at most 32 names fit a certificate"):
        authority.init(names, now=TODAY)
    assert not authority.exists
    authority.init(names[:-1], now=TODAY)
    assert host_of(authority).names == ("board-2.local", "board-2", "localhost", *names[:-1])


def test_how_many_addresses_fit(make: Make) -> None:
    """A host of containers has hundreds."""
    addresses = [f"10.0.{number}.1" for number in range(65)]
    authority = make(addresses=tuple(addresses))
    authority.init(now=TODAY)
    assert host_of(authority).addresses == ("127.0.0.1", "::1", *addresses[:64])
    assert authority.renew_if_due(TODAY) is False


@pytest.mark.parametrize("name", ["küche", "(none)", "", "garden"])
def test_a_host_name_that_no_certificate_can_have(make: Make, name: str) -> None:
    authority = make(name)
    authority.init(now=TODAY)
    found = authority.describe()
    assert found is not None
    assert found.authority.permitted == ("local", "localhost")
    assert verify(authority, "-verify_hostname", "localhost") == ""


# -- clocks that are wrong -----------------------------------------------------------------------------


def test_a_clock_in_1970(make: Make) -> None:
    """Valid at the true date, which is not before that of the package, and still after the clock is set."""
    unset = make(is_set=False)
    built = int(os.stat(module.__file__).st_mtime)
    unset.init(now=60)
    host = host_of(unset)
    assert (host.not_before, host.life) == (built - 30 * DAY, HOST_LIFE - 1)
    for moment in (built, built + 300 * DAY):
        assert verify(unset, at=moment) == ""
    assert unset.renew_if_due(3600) is False
    assert make().renew_if_due(built + 5 * DAY) is False
    assert make().renew_if_due(built + 300 * DAY) is True, "a third of its life is left"
    assert unset.renew_if_due(60) is False, "the next start, in 1970 again, changes nothing"
    assert host_of(unset).not_before == built + 299 * DAY


def test_a_clock_that_was_ahead(make: Make) -> None:
    unset = make(is_set=False)
    ahead = TODAY + 3 * 365 * DAY
    unset.init(now=ahead)
    assert unset.renew_if_due(TODAY) is False, "either of the two may be wrong"
    authority = make()
    fingerprint = Path(authority.authority).read_bytes()
    assert authority.renew_if_due(TODAY) is True, "the network has set it"
    assert host_of(authority).not_before == TODAY - DAY
    assert verify(authority) == ""
    assert Path(authority.authority).read_bytes() == fingerprint


def test_an_authority_that_has_expired_stays(make: Make) -> None:
    authority = make()
    authority.init(now=TODAY)
    before = Path(authority.authority).read_bytes()
    near = TODAY + 3600 * DAY
    assert authority.renew_if_due(near) is True
    found = authority.describe()
    assert found is not None and found.host is not None
    assert found.host.not_after == found.authority.not_after
    assert authority.renew_if_due(near + 50 * DAY) is False, "it would gain nothing"
    Path(authority.certificate).unlink()
    with pytest.raises(AuthorityError, match="has expired, or its clock is wrong"):
        authority.renew_if_due(TODAY + 4000 * DAY)
    assert Path(authority.authority).read_bytes() == before
    assert found.authority.not_before == EPOCH


# -- damage ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"damaged", b"-----BEGIN PRIVATE KEY-----\n"])
def test_a_damaged_pair_is_made_again(make: Make, content: bytes) -> None:
    authority = make()
    authority.init(now=TODAY)
    Path(authority.certificate).write_bytes(content)
    assert authority.renew_if_due(TODAY) is True
    assert verify(authority) == ""


def test_a_damaged_authority_is_not_replaced(make: Make, tmp_path: Path) -> None:
    authority = make()
    authority.init(now=TODAY)
    (tmp_path / "tls" / "authority.pem").write_bytes(b"")
    calls = (authority.describe, lambda: authority.init(now=TODAY), lambda: authority.renew_if_due(TODAY))
    for call in calls:
        with pytest.raises(AuthorityError, match=r"authority\.pem is damaged"):
            call()
    assert authority.init(now=TODAY, replace=True) is True
    assert verify(authority) == ""


def test_a_missing_program_names_the_package(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OpenSSLError, match="apt install openssl"):
        make().init(now=TODAY)
    assert not make().exists


def test_a_folder_with_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "a $b #c \"d\" 'e' \\f ü \udcff"
    authority = Authority(str(folder), hostname=lambda: "board-2", is_clock_set=lambda: True)
    authority.init(now=TODAY)
    assert verify(authority) == ""
