"""People for tests: an owner of the device, programs with a token, and browsers with a session."""

from __future__ import annotations

from typing import Any

from edgeweb import Flask
from edgeweb.device.access.actor import Actor
from edgeweb.device.access.roles import SCOPES
from edgeweb.device.access.user import User
from edgeweb.device.device import Device
from edgeweb.device.http.current import EXTENSION
from edgeweb.testing import FlaskClient

PASSWORD = "correct horse battery"
SOMEBODY = Actor("test", "admin", "127.0.0.1")
OWN = {"Origin": "http://localhost"}


def device_of(app: Flask) -> Device:
    device = app.extensions[EXTENSION]
    assert isinstance(device, Device)
    return device


class Program(FlaskClient):
    """A test client that sends the token in `app.config["TEST_TOKEN"]`, as a script does."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {self.application.config['TEST_TOKEN']}"


def add_user(app: Flask, name: str, role: str) -> User:
    return device_of(app).accounts.add(SOMEBODY, name, PASSWORD, role)


def token_of(app: Flask, user: User, role: str | None = None) -> str:
    """Return the text of a token with all scopes."""
    return device_of(app).accounts.add_token(SOMEBODY, user, role or user.role, "test", SCOPES)[1]


def add_owner(app: Flask) -> Flask:
    """Gives the device an owner, as whom all test clients of the application act from now on."""
    app.config["TEST_TOKEN"] = token_of(app, add_user(app, "owner", "admin"))
    app.test_client_class = Program
    return app


def client_of(app: Flask, user: User | None = None, role: str | None = None) -> FlaskClient:
    """A program of a user; without one, a stranger."""
    client = FlaskClient(app, app.response_class)
    if user is not None:
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token_of(app, user, role)}"
    return client


def browser_of(app: Flask, name: str = "owner") -> FlaskClient:
    """A browser in which a user has signed in."""
    client = FlaskClient(app, app.response_class)
    answer = client.post("/sign-in", data={"name": name, "password": PASSWORD}, headers=OWN)
    assert answer.status_code == 303, answer.text
    return client
