"""edgeweb.cli.certificate: what --cert and --key take together."""

from __future__ import annotations

import ssl
import sys
from types import ModuleType
from typing import Any

import click
import pytest

from edgeweb.cli import run_command


def cert_of(*args: str) -> Any:
    return run_command.make_context("run", list(args)).params["cert"]


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """An SSL context with an import name."""
    module = ModuleType("cert_module")
    module.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cert_module", module)
    return module.context  # type: ignore[no-any-return]


@pytest.mark.parametrize("order", [("--cert", "--key"), ("--key", "--cert")])
def test_two_files_in_any_order(order: tuple[str, str]) -> None:
    assert cert_of(order[0], __file__, order[1], __file__) == (__file__, __file__)


def test_none_by_default() -> None:
    assert cert_of() is None


def test_a_context_by_name(context: ssl.SSLContext) -> None:
    assert cert_of("--cert", "cert_module:context") is context


def test_adhoc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", ModuleType("cryptography"))
    assert cert_of("--cert", "adhoc") == "adhoc"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--cert", __file__], "A certificate file needs its key. Pass it with --key."),
        (["--key", __file__], "A key needs its certificate. Pass it with --cert."),
        (["--cert", "adhoc", "--key", __file__], "--cert brings its own key here. Leave out --key."),
        (
            ["--cert", "cert_module:context", "--key", __file__],
            "--cert brings its own key here. Leave out --key.",
        ),
        (["--cert", "missing.pem"], "File 'missing.pem' does not exist."),
        (["--cert", "cert_module"], "File 'cert_module' does not exist."),
    ],
)
def test_what_does_not_go_together(
    context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, args: list[str], message: str
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", ModuleType("cryptography"))
    with pytest.raises(click.BadParameter) as caught:
        cert_of(*args)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("missing", "value", "message"),
    [
        ("cryptography", "adhoc", "'adhoc' needs the package cryptography: pip install cryptography"),
        ("ssl", __file__, "HTTPS needs the ssl module, which this Python was built without."),
    ],
)
def test_what_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, missing: str, value: str, message: str
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(click.BadParameter) as caught:
        cert_of("--cert", value)
    assert caught.value.message == message
