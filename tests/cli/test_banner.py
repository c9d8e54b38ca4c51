"""edgeweb.cli.banner: what the development server says first."""

from __future__ import annotations

import pytest

from edgeweb.cli.banner import show_server_banner


@pytest.mark.parametrize(
    ("debug", "path", "text"),
    [
        (True, "shop", " * Serving Flask app 'shop'\n * Debug mode: on\n"),
        (False, "shop:app", " * Serving Flask app 'shop:app'\n * Debug mode: off\n"),
        (False, None, " * Debug mode: off\n"),
        (None, "shop", " * Serving Flask app 'shop'\n"),
    ],
)
def test_banner(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    debug: bool | None,
    path: str | None,
    text: str,
) -> None:
    monkeypatch.delenv("WERKZEUG_RUN_MAIN", raising=False)
    show_server_banner(debug, path)
    assert capsys.readouterr().out == text


def test_the_reloaders_child_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    show_server_banner(True, "shop")
    assert capsys.readouterr().out == ""
