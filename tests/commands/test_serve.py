"""`edgeweb serve`: what the log has before the first request."""

from __future__ import annotations

import pytest

from edgeweb.commands.serve import IN_CLEAR, _announce
from edgeweb.server.limits import Policy


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
    for policy, name in (
        (Policy(behind_proxy=proxy), "--behind-proxy"),
        (Policy(behind_proxy=proxy, has_profile=True), "server.behind_proxy"),
    ):
        _announce(addresses, ["set-up code X"], policy)
        lines = capsys.readouterr().err.splitlines()
        assert (lines[0] == IN_CLEAR.format(name)) == is_warned
        assert sum("no TLS" in line for line in lines) == is_warned
    assert lines[-1] == "edgeweb: set-up code X"
