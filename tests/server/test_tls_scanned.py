"""TLS as a scanner of Debian sees it from outside: protocols, ciphers, groups and known faults."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from .certificates import make
from .process import STUCK, ServerProcess

#: What sslscan calls a cipher that its authors would choose, and one that nothing is known against.
GOOD = {"strong", "acceptable"}


@pytest.mark.parametrize("key", ["ec", "rsa"])
def test_sslscan_finds_nothing(serve: Callable[..., ServerProcess], tmp_path: Path, key: str) -> None:
    if shutil.which("sslscan") is None:
        pytest.skip("no sslscan (Debian: apt install sslscan)")
    certificate, private = make(tmp_path / "tls", key=key)
    files = ("--tls-certificate", str(certificate), "--tls-key", str(private))
    server = serve(options=(*files, "--tls-port", "0"))
    port = server.wait_for_log(r"https://\S+?:(\d+)/")[1]
    command = ["sslscan", "--xml=-", "--show-sigs", f"127.0.0.1:{port}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=STUCK, check=True)
    (found,) = ElementTree.fromstring(done.stdout).findall("ssltest")

    spoken = [row.attrib for row in found.findall("protocol") if row.get("enabled") == "1"]
    assert [(row["type"], row["version"]) for row in spoken] == [("tls", "1.2"), ("tls", "1.3")]
    ciphers = [row.attrib for row in found.findall("cipher")]
    assert {row["sslversion"] for row in ciphers} == {"TLSv1.2", "TLSv1.3"}
    assert [row for row in ciphers if row["strength"] not in GOOD or int(row["bits"]) < 128] == []
    # Forward secrecy: each key is of one connection.
    assert [row for row in ciphers if "ecdhebits" not in row] == []
    assert [row.attrib for row in found.findall("group") if int(row.attrib["bits"]) < 112] == []
    faults = ("renegotiation", "supported"), ("compression", "supported"), ("heartbleed", "vulnerable")
    assert [row.attrib for name, key in faults for row in found.findall(name) if row.get(key) != "0"] == []
    assert len(found.findall("heartbleed")) == 2
    weak = [row.get("name", "") for row in found.findall("connection-signature-algorithm")]
    assert [name for name in weak if "sha1" in name.lower() or "md5" in name.lower()] == []
