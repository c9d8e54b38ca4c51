from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from edgeweb.device.tls.authority import Authority

#: 2027-01-15T08:00:00Z, a day on which the tests take place.
TODAY = 1_800_000_000
DAY = 86400

#: Seconds after which a call of openssl is stuck.
STUCK = 60

Make = Callable[..., Authority]


@pytest.fixture(scope="session", autouse=True)
def _openssl() -> None:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl (Debian: apt install openssl)")


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """`make(hostname, addresses, is_set)`: the authority of a device in the same folder each time."""

    def made(
        hostname: str = "board-2", addresses: tuple[str, ...] = ("192.168.1.20",), is_set: bool = True
    ) -> Authority:
        return Authority(
            str(tmp_path / "tls"),
            is_clock_set=lambda: is_set,
            hostname=lambda: hostname,
            addresses=lambda: list(addresses),
        )

    return made


def openssl(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["openssl", *arguments],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=STUCK,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def verify(authority: Authority, *options: str, at: int = TODAY, certificate: str = "") -> str:
    """Verify a certificate by openssl at a moment; return the errors, empty where there are none."""
    found = openssl(
        *("verify", "-x509_strict", "-purpose", "sslserver", "-no-CApath", "-attime", str(at), *options),
        *("-CAfile", authority.authority, certificate or authority.certificate),
    )
    assert (found.returncode == 0) == (found.stderr == "")
    return found.stderr
