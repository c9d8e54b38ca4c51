"""The backup as a download; what is in it has `test_backup.py` of the whole device."""

from __future__ import annotations

import re
import socket

import pytest

from edgeweb import Flask

from ..people import browser_of

PASSWORD_FORM = {"password": "correct horse battery"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [("greenhouse", "greenhouse"), ("теплица", "-------"), ('a"b\r\nc', "a-b-c"), ("serre é", "serre--")],
)
def test_the_file_s_name_fits_a_header(
    app: Flask, monkeypatch: pytest.MonkeyPatch, name: str, shown: str
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: name)
    answer = app.test_client().get("/api/v1/backup")
    assert answer.status_code == 200
    disposition = answer.headers["Content-Disposition"]
    disposition.encode("ascii")
    assert re.fullmatch(
        rf'attachment; filename="edgeweb-{re.escape(shown)}-\d{{4}}-\d\d-\d\d\.json"', disposition
    )


def test_the_page_gives_the_same_file(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "теплица")
    browser = browser_of(app)
    page = browser.get("/backup").text
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    answer = browser.post("/backup/file", data={**PASSWORD_FORM, "csrf": found[1]})
    assert answer.status_code == 200
    api = app.test_client().get("/api/v1/backup")
    assert answer.headers["Content-Disposition"] == api.headers["Content-Disposition"]
    assert answer.content_type == api.content_type == "application/json"
