"""Interfaces for sessions that a program brings."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import flask
import itsdangerous
import pytest

from edgeweb import Flask
from edgeweb.sessions import (
    SecureCookieSession,
    SecureCookieSessionInterface,
    SessionInterface,
)

from .test_interface import make_app


def test_an_interface_has_to_be_filled_in() -> None:
    interface: Any = SessionInterface()
    with pytest.raises(NotImplementedError):
        interface.open_session(None, None)
    with pytest.raises(NotImplementedError):
        interface.save_session(None, None, None)
    assert interface.is_null_session(interface.make_null_session(None))
    assert not interface.is_null_session({})
    assert interface.pickle_based is False


def test_the_signing_serializer_is_that_of_itsdangerous() -> None:
    app = make_app(SECRET_KEY_FALLBACKS=["old"])
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert isinstance(serializer, itsdangerous.URLSafeTimedSerializer)
    client = app.test_client()
    client.set_cookie("session", serializer.dumps({"value": "x"}))  # type: ignore[arg-type]
    assert client.get("/read").json == {"value": "x"}
    client.get("/set/y")
    cookie = client.get_cookie("session")
    assert cookie is not None
    assert serializer.loads(cookie.value) == {"value": "y"}
    app.secret_key = None
    assert SecureCookieSessionInterface().get_signing_serializer(app) is None


class PlainJson:
    dumps = staticmethod(json.dumps)
    loads = staticmethod(json.loads)


@pytest.mark.parametrize(
    ("attributes", "default_reads"),
    [
        ({}, True),
        ({"salt": "another"}, False),
        ({"digest_method": staticmethod(hashlib.sha256)}, False),
        ({"digest_method": staticmethod(hashlib.sha1)}, True),
        ({"key_derivation": "django-concat"}, False),
        ({"serializer": PlainJson}, True),
    ],
)
def test_what_a_subclass_sets_counts_on_both(attributes: dict[str, Any], default_reads: bool) -> None:
    def client_of(flask_class: Any, base: Any) -> Any:
        app = make_app(flask_class)
        app.session_interface = type("Own", (base,), attributes)()
        return app.test_client()

    ours = client_of(Flask, SecureCookieSessionInterface)
    ours.get("/set/x")
    value = ours.get_cookie("session").value
    theirs = client_of(flask.Flask, flask.sessions.SecureCookieSessionInterface)
    theirs.set_cookie("session", value)
    assert theirs.get("/read").json == {"value": "x"}
    assert ours.get("/read").json == {"value": "x"}

    plain = make_app().test_client()
    plain.set_cookie("session", value)
    assert (plain.get("/read").json == {"value": "x"}) is default_reads


@pytest.mark.parametrize("on_the_instance", [False, True])
def test_an_own_signing_serializer_is_used(on_the_instance: bool) -> None:
    class Hex:
        def dumps(self, value: Any) -> str:
            return json.dumps(value).encode().hex()

        def loads(self, text: str, max_age: int) -> Any:
            assert max_age == 31 * 86_400
            if text == "bad":
                raise itsdangerous.BadSignature("bad")
            return json.loads(bytes.fromhex(text))

    class Own(SecureCookieSessionInterface):
        def get_signing_serializer(self, app: Any) -> Any:
            return Hex()

    app = make_app()
    if on_the_instance:
        app.session_interface = SecureCookieSessionInterface()
        app.session_interface.get_signing_serializer = lambda app: Hex()
    else:
        app.session_interface = Own()
    client = app.test_client()
    client.get("/set/x")
    assert client.get("/read").json == {"value": "x"}
    assert client.get_cookie("session").value == b'{"value": "x"}'.hex()
    client.set_cookie("session", "bad")
    assert client.get("/read").json == {}


def test_own_session_class_and_cookie_name() -> None:
    class Session(SecureCookieSession): ...

    class Own(SecureCookieSessionInterface):
        session_class = Session

        def get_cookie_name(self, app: Any) -> str:
            return "own"

    app = make_app()
    app.session_interface = Own()
    client = app.test_client()
    with client.session_transaction() as session:
        assert type(session) is Session
        session["value"] = "x"
    assert client.get_cookie("own") is not None
    assert client.get("/read").json == {"value": "x"}
