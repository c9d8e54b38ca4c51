from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile
from edgeweb.device.system.command import CommandError

from ...people import PASSWORD, add_owner, add_user, device_of
from ..visitor import Visitor

UNITS = (
    b"Id=nginx.service\nDescription=A web server\nLoadState=loaded\nActiveState=active\nSubState=running\n"
)
LOG = (
    b'{"__REALTIME_TIMESTAMP": "1795240000000000", "PRIORITY": "3", "MESSAGE": "It failed"}\n'
    b'{"__REALTIME_TIMESTAMP": "1795240001000000", "PRIORITY": "6", "MESSAGE": "It works"}\n'
)


@pytest.fixture
def calls() -> list[list[str]]:
    return []


@pytest.fixture
def served(make_profile: Callable[..., Profile], calls: list[list[str]]) -> Iterator[Flask]:
    """A device with a service, whose programs are these lists."""
    app = add_owner(create_app(make_profile('[system]\nservices = ["nginx.service"]')))

    def run(arguments: list[str]) -> bytes:
        calls.append(arguments)
        return LOG if arguments[0] == "journalctl" else UNITS if "show" in arguments else b""

    device_of(app).run = run
    yield app
    device_of(app).close()


def test_services_are_shown_and_restarted(served: Flask, calls: list[list[str]]) -> None:
    owner = Visitor(served)
    for language, word in {"en": "active", "fr": "actif", "de": "aktiv"}.items():
        badge = f'<span class="badge" data-active="active" title="running">{word}</span>'
        assert badge in owner.get("/services", language=language)
    calls.clear()
    owner.send("/services/nginx.service/restart", status=401, password="wrong password")
    assert [call for call in calls if "restart" in call] == []
    location = owner.send("/services/nginx.service/restart", password=PASSWORD)
    assert location == "/services?done=service-restart"
    assert calls[-1] == ["systemctl", "--no-block", "--no-ask-password", "restart", "--", "nginx.service"]
    owner.send("/services/sshd.service/restart", status=404, password=PASSWORD)


@pytest.mark.parametrize(("what", "word"), [("reboot", "reboot"), ("shutdown", "poweroff")])
def test_power_asks_again(served: Flask, calls: list[list[str]], what: str, word: str) -> None:
    owner = Visitor(served)
    owner.send(f"/power/{what}", status=401, password="wrong password")
    owner.send(f"/power/{what}", status=403)
    assert [call for call in calls if word in call] == []
    assert owner.send(f"/power/{what}", password=PASSWORD) == f"/services?done={what}"
    assert calls[-1][-1] == word
    audit = device_of(served).audit.rows()
    assert [row["action"] for row in audit].count(f"system.{what}") == 1


def test_power_that_the_profile_does_not_allow(make_profile: Callable[..., Profile]) -> None:
    app = add_owner(create_app(make_profile("[system]\npower = false")))
    owner = Visitor(app)
    assert 'id="reboot"' not in owner.get("/services")
    owner.send("/power/reboot", status=403, password=PASSWORD)
    device_of(app).close()


@pytest.mark.parametrize("path", ["/services", "/logs", "/settings", "/audit", "/backup"])
def test_these_pages_are_for_admins(served: Flask, path: str) -> None:
    add_user(served, "otto", "operator")
    otto = Visitor(served, "otto")
    page = otto.get(path, status=403)
    assert f'href="{path}"' not in page, "and not in the menu"


def test_a_systemd_that_does_not_answer(served: Flask) -> None:
    def run(arguments: list[str]) -> bytes:
        raise CommandError("systemctl: Failed to connect to bus")

    device_of(served).run = run
    owner = Visitor(served)
    assert "Failed to connect to bus" in owner.get("/services", status=503)
    assert "Le système a refusé. (systemctl: Failed" in owner.get("/logs", status=503, language="fr")


def test_the_log_is_filtered(served: Flask, calls: list[list[str]]) -> None:
    owner = Visitor(served)
    page = owner.get("/logs?unit=nginx.service&lines=200&priority=4&text=FAIL")
    assert "It failed" in page and "It works" not in page
    assert {"--unit=nginx.service", "--lines=200", "--priority=4"} <= set(calls[-1])
    assert "No lines match." in owner.get("/logs?text=nowhere")
    owner.get("/logs?unit=sshd.service", status=400)
    owner.get("/logs?lines=many", status=400)
    log = owner.client.get("/live?show=log&text=works")
    assert [row["message"] for row in log.json["log"]] == ["It works"]
    again = owner.client.get("/live?show=log&text=works", headers={"If-None-Match": log.headers["ETag"]})
    assert again.status_code == 304
