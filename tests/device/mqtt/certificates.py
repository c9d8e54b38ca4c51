"""An authority, and the certificates of a broker and a device, made by openssl."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from .broker import PATIENCE


def make(folder: Path, *, host: str = "localhost", days: tuple[str, str] = ("", "")) -> Path:
    """Make `ca.crt`, `server.crt` and `client.crt` with their keys.

    `days` are the first and the last one of the broker's certificate, as `20200101000000Z`.
    """
    if shutil.which("openssl") is None:
        pytest.skip("no openssl (Debian: apt install openssl)")
    folder.mkdir()

    def run(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=PATIENCE)

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    run("req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=Test authority")
    (folder / "index.txt").touch()
    (folder / "serial").write_text("01\n")
    for name, subject in (("server", host), ("client", "shed")):
        run("req", *new, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={subject}")
        (folder / "ca.cnf").write_text(SETTINGS.format(host=host))
        begin, end = days if name == "server" else ("", "")
        dates = ["-startdate", begin, "-enddate", end] if begin else ["-days", "30"]
        run(
            *("ca", "-batch", "-config", "ca.cnf", "-extensions", name, "-notext"),
            *("-in", f"{name}.csr", "-out", f"{name}.crt", *dates),
        )
    return folder


SETTINGS = """
[ca]
default_ca = here
[here]
dir = .
new_certs_dir = .
database = index.txt
serial = serial
certificate = ca.crt
private_key = ca.key
default_md = sha256
policy = any
[any]
commonName = supplied
[server]
subjectAltName = DNS:{host}
[client]
extendedKeyUsage = clientAuth
"""
