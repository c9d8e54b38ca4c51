from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile
from edgeweb.device.system.command import CommandError
from edgeweb.device.system.software import CAUSES, FOLDER, RESULTS, STATUS, STEPS, Software, Update
from edgeweb.device.ui.i18n import LANGUAGES, Words
from edgeweb.device.ui.pages.software import sentence

from ...packaged import RELEASES, Apt, packaged, place
from ...people import PASSWORD, add_owner, add_user, device_of
from ..visitor import Visitor

BUTTON = 'id="software-update"'


@pytest.fixture
def calls() -> list[list[str]]:
    return []


@pytest.fixture
def apt() -> Apt:
    return Apt()


@pytest.fixture
def served(
    make_profile: Callable[..., Profile], calls: list[list[str]], apt: Apt, tmp_path: Path
) -> Iterator[Flask]:
    app = add_owner(create_app(make_profile("")))

    def run(arguments: list[str]) -> bytes:
        calls.append(arguments)
        return b""

    device_of(app).run = run
    device_of(app).software = packaged(tmp_path / "debian", apt)
    yield app
    device_of(app).close()


def test_an_update_is_offered_and_started(served: Flask, calls: list[list[str]]) -> None:
    owner = Visitor(served)
    page = owner.get("/software")
    assert BUTTON in page and "Update to version 1.1.0" in page
    assert "security update" not in page
    owner.send("/software/update", status=401, password="wrong password")
    owner.send("/software/update", status=403)
    assert calls == []
    assert owner.send("/software/update", password=PASSWORD) == "/software?done=software-update"
    assert "for a moment the device cannot be reached" in owner.get("/software?done=software-update")
    assert calls == [
        ["systemctl", "--no-block", "--no-ask-password", "start", "--", "edgeweb-update.service"]
    ]


def test_a_security_update_is_called_so(served: Flask, apt: Apt) -> None:
    apt.releases = RELEASES % b"edgeweb-security"
    assert '<span class="badge">Sicherheitsaktualisierung</span>' in Visitor(served).get(
        "/software", language="de"
    )


def test_there_is_no_button_without_an_offer_or_the_right(served: Flask, apt: Apt, tmp_path: Path) -> None:
    add_user(served, "olga", "operator")
    olga = Visitor(served, "olga")
    assert BUTTON not in olga.get("/software")
    olga.send("/software/update", status=403, password=PASSWORD)
    apt.answer = apt.answer.replace(b"Candidate: 1.1.0", b"Candidate: 1.0.0")
    os.utime(tmp_path / "debian/var/lib/dpkg/status", (2000, 2000))
    page = Visitor(served).get("/software")
    assert BUTTON not in page and "no newer version" in page


def test_a_checkout_says_so(make_profile: Callable[..., Profile]) -> None:
    app = add_owner(create_app(make_profile("")))
    page = Visitor(app).get("/software")
    assert "was not installed by its Debian package" in page and BUTTON not in page
    device_of(app).close()


def test_an_apt_that_fails(served: Flask, tmp_path: Path) -> None:
    def fail(arguments: list[str]) -> bytes:
        raise CommandError("apt-cache: The list of sources could not be read.")

    root = tmp_path / "debian"
    device_of(served).software = Software(fail, str(root), f"{root}/{FOLDER}")
    page = Visitor(served).get("/software", status=503)
    assert "list of sources" in page and BUTTON not in page


def test_the_page_follows_an_update(served: Flask, tmp_path: Path) -> None:
    owner = Visitor(served)
    asked = {"Accept": "application/json", "Accept-Language": "fr"}
    assert owner.client.get("/live?show=software", headers=asked).json["software"]["text"] == ""
    place(tmp_path / "debian", STATUS, "step=installing\nfrom=1.0.0\nto=1.1.0\n")
    first = owner.client.get("/live?show=software", headers=asked)
    assert first.json["software"]["text"] == "La version 1.1.0 est en cours d'installation."
    place(tmp_path / "debian", STATUS, "step=done\nresult=restored\nreason=not-ready\nfrom=1.0.0\nto=1.1.0\n")
    again = owner.client.get("/live?show=software", headers={**asked, "If-None-Match": first.headers["ETag"]})
    assert again.json["software"]["stamp"] != first.json["software"]["stamp"], "the page loads again"
    text = "Version 1.0.0 is back, with its data. The new version was not ready within two minutes."
    assert text in owner.get("/software")


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_state_has_a_sentence(language: str) -> None:
    words = Words(language)
    states = [Update(step) for step in STEPS if step != "done"]
    states += [Update("done", result, cause) for result in RESULTS[1:] for cause in CAUSES]
    for state in states:
        text = sentence(state, words)
        assert bool(text) is bool(state.step)
        assert "software." not in text
