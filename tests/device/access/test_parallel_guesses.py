"""Guesses that are made while others are being hashed pass no limit together."""

from __future__ import annotations

import pytest

from edgeweb import Flask
from edgeweb.device.access.passwords import Busy
from edgeweb.device.access.rate_limit import FREE_PER_ACCOUNT
from edgeweb.device.access.user import User

from ..people import PASSWORD, client_of, device_of


def test_parallel_guesses_at_an_account(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each comparison makes the next request before it ends, from another address."""
    accounts = device_of(app).accounts
    compared: list[str] = []
    refused: list[int] = []

    def guess(number: int) -> None:
        body = {"name": "owner", "password": "wrong"}
        source = {"REMOTE_ADDR": f"203.0.113.{number}"}
        answer = client_of(app).post("/api/v1/session", json=body, environ_base=source)
        if answer.status_code == 429:
            refused.append(number)

    def by_password(name: str, password: str, place: str = "", known: bool = False) -> User | None:
        compared.append(place)
        if len(compared) + len(refused) <= FREE_PER_ACCOUNT + 5:
            guess(len(compared) + 1)
        return None

    monkeypatch.setattr(accounts, "by_password", by_password)
    guess(1)
    assert len(compared) == FREE_PER_ACCOUNT
    assert refused == [FREE_PER_ACCOUNT + 1]


def test_what_was_not_compared_is_no_guess(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    device = device_of(app)
    with monkeypatch.context() as patch:

        def by_password(*arguments: object) -> User | None:
            raise Busy

        patch.setattr(device.accounts, "by_password", by_password)
        for _ in range(FREE_PER_ACCOUNT + 5):
            with pytest.raises(Busy):
                device.people.check_password("203.0.113.7", "owner", PASSWORD)
    assert device.people.check_password("203.0.113.7", "owner", PASSWORD).name == "owner"
