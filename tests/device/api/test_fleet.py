"""GET /api/v1/fleet/targets: Prometheus' HTTP service discovery."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.config.errors import ProfileError
from edgeweb.device.config.profile import Profile
from edgeweb.device.system.command import CommandError

from ..people import add_owner, add_user, client_of, device_of

PATH = "/api/v1/fleet/targets"
LINE = b'=;eth0;IPv4;shed;_edgeweb._tcp;local;shed.local;192.168.1.20;80;"path=/api/v1"\n'
ROWS = [
    {
        "targets": ["house.local:8080"],
        "labels": {"instance": "house.local:8080", "__meta_edgeweb_source": "profile"},
    },
    {"targets": ["192.168.1.20:80"], "labels": {"instance": "shed", "__meta_edgeweb_source": "avahi"}},
]


@pytest.fixture
def fleet(make_profile: Callable[..., Profile]) -> Flask:
    app = add_owner(create_app(make_profile('[fleet]\ndiscover = true\nboards = ["house.local:8080"]')))
    device_of(app).run = lambda arguments: LINE
    return app


def test_the_list_of_the_profile_and_what_avahi_finds(fleet: Flask) -> None:
    answer = fleet.test_client().get(PATH)
    assert (answer.status_code, answer.mimetype, answer.json) == (200, "application/json", ROWS)
    assert fleet.test_client().get(PATH, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_while_avahi_does_not_answer_the_last_boards_count(fleet: Flask) -> None:
    def fails(arguments: list[str]) -> bytes:
        raise CommandError("avahi-browse: Daemon not running")

    device = device_of(fleet)
    device.run = fails
    refused = fleet.test_client().get(PATH)
    assert (refused.status_code, refused.json["key"]) == (503, "system-refused")
    assert "Daemon not running" in refused.json["detail"]
    device.run = lambda arguments: LINE
    assert fleet.test_client().get(PATH).json == ROWS
    device.run = fails
    assert fleet.test_client().get(PATH).json == ROWS


def test_it_is_closed(fleet: Flask) -> None:
    assert client_of(fleet).get(PATH).status_code == 401
    viewer = add_user(fleet, "vera", "viewer")
    assert client_of(fleet, viewer).get(PATH).json == ROWS


def test_a_board_that_is_not_told_so_names_the_next_step(make_profile: Callable[..., Profile]) -> None:
    answer = add_owner(create_app(make_profile())).test_client().get(PATH)
    assert answer.status_code == 404
    assert answer.json["detail"] == "Set fleet.discover or fleet.boards in the profile of this device."


@pytest.mark.parametrize(
    "target", ["shed", "shed:0", "shed:", "http://shed:80", "a b:80", "[::1:80", "shed:80/x", ""]
)
def test_what_is_no_target(target: str, make_profile: Callable[..., Profile]) -> None:
    with pytest.raises(ProfileError, match=r"fleet\.boards"):
        make_profile(f"[fleet]\nboards = ['{target}']")
    assert make_profile("[fleet]\nboards = ['[::1]:80', 'a.b:1']")["fleet"]["boards"] == ("[::1]:80", "a.b:1")
