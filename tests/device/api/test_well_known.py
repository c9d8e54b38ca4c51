"""GET /.well-known/security.txt: where strangers report a weakness."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile
from edgeweb.device.system.clock import WallClock

from ..people import device_of

PATH = "/.well-known/security.txt"
CONTACT = '[vendor]\ncontact = "mailto:psirt@example.com"\nexpires = "2027-06-30"\n'


def test_anybody_gets_it_and_the_state_stays_closed(make_profile: Callable[..., Profile]) -> None:
    app = create_app(make_profile(CONTACT))
    answer = app.test_client().get(PATH)
    assert (answer.status_code, answer.content_type) == (200, "text/plain; charset=utf-8")
    assert answer.text == "Contact: mailto:psirt@example.com\nExpires: 2027-06-30T23:59:59Z\n"
    assert app.test_client().get(PATH, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert app.test_client().post(PATH).status_code == 405
    assert not device_of(app).opened


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_without_a_contact_it_is_not_there(make_profile: Callable[..., Profile], accept: str) -> None:
    app = create_app(make_profile())
    answer = app.test_client().get(PATH, headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert "vendor.contact" in answer.json["detail"]
    assert not device_of(app).opened


def test_its_code_is_loaded_by_the_first_who_asks() -> None:
    code = (
        "import sys; from edgeweb.device import create_app; app = create_app();"
        f"app.test_client().get('/livez'); assert 'edgeweb.device.config.vendor' not in sys.modules;"
        f"app.test_client().get('{PATH}'); assert 'edgeweb.device.config.vendor' in sys.modules"
    )
    root = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root)


@pytest.mark.parametrize(("now", "logged"), [(1_767_225_600.0, True), (10.0, False)])
def test_a_date_that_is_too_far_is_logged_at_the_start(
    make_profile: Callable[..., Profile], capsys: pytest.CaptureFixture[str], now: float, logged: bool
) -> None:
    app = create_app(make_profile(CONTACT))
    device = device_of(app)
    device.clock = WallClock(lambda: 0.0, lambda: now)
    device.open()
    device.close()
    assert ("vendor.expires = 2027-06-30 is more than a year away" in capsys.readouterr().err) is logged
