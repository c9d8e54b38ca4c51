"""Known places: an earlier sign-in from a browser or an address."""

from __future__ import annotations

from pathlib import Path

from edgeweb import Flask
from edgeweb.device.access.known import MAX_PLACES, KnownPlaces
from edgeweb.device.access.rate_limit import FREE_ATTEMPTS, FREE_PER_ACCOUNT
from edgeweb.device.access.secrets import masked
from edgeweb.device.storage.store import Store

from ..people import OWN, PASSWORD, add_user, browser_of, client_of, device_of


def test_a_browser_and_an_address_are_known_to_their_account_alone(tmp_path: Path) -> None:
    key = KnownPlaces(Store(str(tmp_path))).add("ada", "10.0.0.1")
    store = Store(str(tmp_path))
    known = KnownPlaces(store)
    assert known.find("ada", "10.0.0.1", "").startswith("address ")
    assert known.find("ada", "10.0.0.2", key).startswith("browser ")
    assert known.find("ada", "10.0.0.2", "") == known.find("ada", "10.0.0.2", "x") == ""
    assert known.find("bob", "10.0.0.1", key) == ""
    assert known.add("ada", "10.0.0.1", key) == key
    assert known.add("ada", "10.0.0.1", "of another device") != "of another device"
    assert all(key.encode() not in file.read_bytes() for file in tmp_path.iterdir())


def test_places_are_bounded() -> None:
    known = KnownPlaces(store := Store(""))
    for number in range(3 * MAX_PLACES):
        known.add("ada", f"10.0.0.{number}")
    assert store.read("SELECT kind, COUNT(*) FROM known GROUP BY kind ORDER BY kind") == [
        ("address", MAX_PLACES),
        ("browser", MAX_PLACES),
    ]


def test_the_owners_browser_gets_in_while_the_account_is_guessed_at(app: Flask) -> None:
    """Also from an address of which nothing is known, after a restart."""
    browser = browser_of(app)
    browser.post("/sign-out", data={"csrf": masked(device_of(app).sessions.all()[0].csrf)}, headers=OWN)
    device_of(app).close()
    guessed = ["10.0.0.9"] * FREE_ATTEMPTS
    guessed += [f"10.0.1.{number}" for number in range(FREE_PER_ACCOUNT - FREE_ATTEMPTS)]
    for address in guessed:
        device_of(app).rate_limit.begin(address, "owner")
    elsewhere = {"REMOTE_ADDR": "10.0.0.9"}
    body = {"name": "owner", "password": PASSWORD}
    stranger = client_of(app).post("/api/v1/session", json=body, environ_base=elsewhere)
    assert stranger.status_code == 429
    own = browser.post("/api/v1/session", json=body, headers=OWN, environ_base=elsewhere)
    assert own.status_code == 200


def test_places_go_with_their_account(app: Flask) -> None:
    add_user(app, "vera", "viewer")
    browser_of(app, "vera")
    rows = "SELECT COUNT(*) FROM known WHERE user = 'vera'"
    assert device_of(app).store.read(rows) == [(2,)]
    app.test_client().delete("/api/v1/users/vera")
    assert device_of(app).store.read(rows) == [(0,)]
