"""`edgeweb serve`: what the log has before the first request."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeweb.commands.serve import IN_CLEAR, _announce
from edgeweb.server.limits import Policy
from edgeweb.server.tls import Certificate, Tls
from tests.server.certificates import make


@pytest.mark.parametrize(
    ("addresses", "proxy", "is_warned"),
    [
        (["http://127.0.0.1:8080/"], "", False),
        (["http://127.0.0.1:8080/", "http://[::1]:8080/"], "", False),
        (["unix:/run/edgeweb/socket"], "", False),
        (["http://0.0.0.0:80/"], "", True),
        (["http://127.0.0.1:80/", "http://192.0.2.7:80/"], "", True),
        (["http://[::]:80/"], "", True),
        ([], "", True),
        (["http://0.0.0.0:80/"], "192.0.2.1", False),
    ],
)
def test_who_serves_others_without_tls_is_warned(
    addresses: list[str], proxy: str, is_warned: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    for policy, names in (
        (Policy(behind_proxy=proxy), ("--tls-certificate", "--behind-proxy")),
        (Policy(behind_proxy=proxy, has_profile=True), ("server.tls.certificate", "server.behind_proxy")),
    ):
        _announce(addresses, ["set-up code X"], policy, None)
        lines = capsys.readouterr().err.splitlines()
        assert (lines[0] == IN_CLEAR.format(*names)) == is_warned
        assert sum("no TLS" in line for line in lines) == is_warned
    assert lines[-1] == "edgeweb: set-up code X"


@pytest.mark.parametrize("redirects", [True, False])
def test_with_tls_only_who_serves_without_it_as_well_is_warned(
    redirects: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tls = Tls(Certificate(*map(str, make(tmp_path / "tls"))), 8443, redirects)
    _announce(["http://0.0.0.0:80/", "https://0.0.0.0:8443/"], [], Policy(), tls)
    said = capsys.readouterr().err
    assert ("one port has no TLS" in said) == (not redirects) and "https://127.0.0.1:8443" in said
    assert "Have it lead to the other one by --tls-http." in said or redirects
