"""Certificates for this machine, made by openssl; each is an authority of its own."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from .process import STUCK


def make(folder: Path, *, key: str = "ec", passphrase: str = "") -> tuple[Path, Path]:
    """Return a new certificate for localhost and 127.0.0.1, and its key, in a folder made for them."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl (Debian: apt install openssl)")
    folder.mkdir(parents=True)
    certificate, private = folder / "host.crt", folder / "host.key"
    new = {"ec": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "rsa": ["rsa:2048"]}[key]
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", *new, "-days", "30", "-subj", "/CN=localhost"),
            *(
                "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-out",
                certificate,
                "-keyout",
                private,
            ),
            *(("-passout", f"pass:{passphrase}") if passphrase else ("-nodes",)),
        ],
        check=True,
        capture_output=True,
        timeout=STUCK,
    )
    return certificate, private


def trusting(certificate: Path, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
    """Return what a client needs that trusts this certificate, and speaks TLS up to a version."""
    context = ssl.create_default_context(cafile=certificate)
    context.maximum_version = newest
    return context
