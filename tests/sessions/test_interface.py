"""edgeweb.sessions: when a cookie is sent and with what, what is trusted, and that real Flask agrees."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import flask
import itsdangerous
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup
from werkzeug.http import parse_date

import edgeweb
from edgeweb import Flask, Request
from edgeweb.sessions import (
    NullSession,
    SecureCookieSession,
    signing,
)
from edgeweb.sessions.interface import _cookie


def make_app(flask_class: Any = Flask, **config: Any) -> Any:
    """An application with a view for each thing that can be done to a session, on edgeweb or on Flask."""
    module = edgeweb if flask_class is Flask else flask
    app = flask_class("sessions_app")
    app.config.update({"SECRET_KEY": "key", **config})
    session: Any = module.session

    @app.get("/set/<value>")
    def set_value(value: str) -> str:
        session["value"] = value
        return "set"

    @app.get("/permanent")
    def permanent() -> str:
        session.permanent = True
        return "permanent"

    @app.get("/read")
    def read() -> dict[str, Any]:
        return dict(session)

    @app.get("/contains")
    def contains() -> str:
        return str("value" in session)

    @app.get("/len")
    def length() -> str:
        return str(len(session))

    @app.get("/clear")
    def clear() -> str:
        session.clear()
        return "cleared"

    @app.get("/vary/<names>")
    def vary(names: str) -> Any:
        session["value"] = 1
        return "", {"Vary": names}

    @app.get("/nothing")
    def nothing() -> str:
        return "nothing"

    return app


BOTH = pytest.mark.parametrize("flask_class", [Flask, flask.Flask], ids=["edgeweb", "flask"])


# --- what is sent, compared with real Flask by running every case on both ----------------------------------


@BOTH
@pytest.mark.parametrize(
    ("paths", "sends", "vary"),
    [
        (["/nothing"], False, None),
        (["/read"], False, "Cookie"),
        (["/contains"], False, "Cookie"),
        (["/len"], False, "Cookie"),
        (["/set/x"], True, "Cookie"),
        (["/clear"], True, "Cookie"),
        (["/vary/Accept-Language"], True, "Accept-Language, Cookie"),
        (["/vary/Accept, Origin"], True, "Accept, Origin, Cookie"),
        (["/vary/Accept, cookie"], True, "Accept, cookie"),
        (["/vary/*"], True, "*, Cookie"),
        (["/set/x", "/nothing"], False, None),
        (["/set/x", "/read"], False, "Cookie"),
        (["/set/x", "/clear"], True, "Cookie"),
        (["/permanent", "/nothing"], True, "Cookie"),
        (["/permanent", "/read"], True, "Cookie"),
    ],
)
def test_when_a_cookie_is_sent(flask_class: Any, paths: list[str], sends: bool, vary: str | None) -> None:
    client = make_app(flask_class).test_client()
    for path in paths:
        response = client.get(path)
    assert ("Set-Cookie" in response.headers) is sends
    assert response.headers.get("Vary") == vary


@BOTH
def test_a_permanent_session_is_refreshed_only_if_wanted(flask_class: Any) -> None:
    client = make_app(flask_class, SESSION_REFRESH_EACH_REQUEST=False).test_client()
    assert "Set-Cookie" in client.get("/permanent").headers
    assert "Set-Cookie" not in client.get("/read").headers


@BOTH
@pytest.mark.parametrize(
    ("config", "attributes"),
    [
        ({}, "HttpOnly; Path=/"),
        ({"SESSION_COOKIE_HTTPONLY": False}, "Path=/"),
        ({"APPLICATION_ROOT": "/app"}, "HttpOnly; Path=/app"),
        ({"APPLICATION_ROOT": "/app", "SESSION_COOKIE_PATH": "/own"}, "HttpOnly; Path=/own"),
        ({"SESSION_COOKIE_DOMAIN": "example.com"}, "Domain=example.com; HttpOnly; Path=/"),
        ({"SESSION_COOKIE_SAMESITE": "Lax"}, "HttpOnly; Path=/; SameSite=Lax"),
        (
            {"SESSION_COOKIE_SECURE": True, "SESSION_COOKIE_PARTITIONED": True},
            "Secure; HttpOnly; Path=/; Partitioned",
        ),
    ],
)
def test_attributes_of_the_cookie(flask_class: Any, config: dict[str, Any], attributes: str) -> None:
    client = make_app(flask_class, SESSION_COOKIE_NAME="sid", **config).test_client()
    base_url = "http://example.com/app"
    header = client.get("/set/x", base_url=base_url).headers["Set-Cookie"]
    pair, _, rest = header.partition("; ")
    assert pair.startswith("sid=")
    assert rest == attributes
    # It can only be deleted by a cookie with the same attributes.
    header = client.get("/clear", base_url=base_url).headers["Set-Cookie"]
    pair, _, rest = header.partition("; ")
    assert pair == "sid="
    assert rest.replace("Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; ", "") == attributes


@BOTH
def test_a_permanent_session_expires(flask_class: Any) -> None:
    client = make_app(flask_class, PERMANENT_SESSION_LIFETIME=timedelta(minutes=10)).test_client()
    header = client.get("/permanent").headers["Set-Cookie"]
    expires = parse_date(header.partition("Expires=")[2].partition(";")[0])
    assert expires is not None
    assert timedelta(minutes=9) < expires - datetime.now(UTC) <= timedelta(minutes=10)
    assert "Expires" not in make_app(flask_class).test_client().get("/set/x").headers["Set-Cookie"]


# --- both read what the other wrote ------------------------------------------------------------------------

VALUES: dict[str, Any] = {
    "number": 1,
    "text": "é€",
    "tuple": (1, (2, 3)),
    "bytes": b"\xff",
    "markup": Markup("<b>"),
    "uuid": UUID(int=7),
    "time": datetime(2024, 2, 29, tzinfo=UTC),
    "nested": {" t": {"list": [None, True]}},
    "long": "x" * 1500,
}


@pytest.mark.parametrize(("writer", "reader"), [(Flask, flask.Flask), (flask.Flask, Flask)])
def test_flask_and_edgeweb_share_cookies(writer: Any, reader: Any) -> None:
    sender, receiver = make_app(writer).test_client(), make_app(reader).test_client()
    with sender.session_transaction() as session:
        session.update(VALUES)
    cookie = sender.get_cookie("session")
    assert cookie is not None
    receiver.set_cookie("session", cookie.value)
    with receiver.session_transaction() as session:
        assert dict(session) == VALUES


@pytest.mark.parametrize(("writer", "reader"), [(Flask, Flask), (Flask, flask.Flask), (flask.Flask, Flask)])
def test_rotated_keys(writer: Any, reader: Any) -> None:
    old = make_app(writer, SECRET_KEY="oldest").test_client()
    old.get("/set/x")
    value = old.get_cookie("session").value

    def read(**config: Any) -> Any:
        client = make_app(reader, SECRET_KEY="new", **config).test_client()
        client.set_cookie("session", value)
        return client.get("/read").json

    assert read() == {}
    assert read(SECRET_KEY_FALLBACKS=["other"]) == {}
    assert read(SECRET_KEY_FALLBACKS=["other", b"oldest"]) == {"value": "x"}


@pytest.mark.parametrize("keys", ["the old key", b"the old key"])
def test_fallback_keys_as_one_text_are_refused(keys: str | bytes) -> None:
    """Flask signs with the key and then accepts each letter of the text as a key."""
    app = make_app(SECRET_KEY="new", SECRET_KEY_FALLBACKS=keys)
    app.testing = True
    app.add_url_rule("/read", view_func=lambda: str(edgeweb.session.get("value")))
    with pytest.raises(TypeError, match=r"each of its letters would be a key\. Make it a list"):
        app.test_client().get("/read")


def test_only_the_current_key_signs() -> None:
    app = make_app(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["old"])
    client = app.test_client()
    client.get("/set/x")
    value = client.get_cookie("session").value
    assert signing.unsign(value, ["new"], "cookie-session", 60) is not None
    assert signing.unsign(value, ["old"], "cookie-session", 60) is None


# --- what is trusted ---------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize(
    "value", ["", "x", "a.b.c", ".a.b.c", "é", "eyJhIjoxfQ.ZZZZ.AAAAAAAAAAAAAAAAAAAAAAAAAAA"]
)
def test_a_cookie_that_nobody_signed_is_an_empty_session(flask_class: Any, value: str) -> None:
    client = make_app(flask_class).test_client()
    client.set_cookie("session", value)
    response = client.get("/read")
    assert response.status_code == 200
    assert response.json == {}


@BOTH
def test_a_cookie_that_is_too_old(flask_class: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app(flask_class, PERMANENT_SESSION_LIFETIME=60)
    client = app.test_client()
    client.get("/set/x")
    import time

    real, late = time.time, 59.0
    monkeypatch.setattr(time, "time", lambda: real() + late)
    monkeypatch.setattr(signing, "time", lambda: real() + late)
    assert client.get("/read").json == {"value": "x"}
    late = 62.0
    assert client.get("/read").json == {}


@BOTH
def test_a_value_signed_for_another_use_is_no_session(flask_class: Any) -> None:
    client = make_app(flask_class).test_client()
    client.set_cookie("session", itsdangerous.URLSafeTimedSerializer("key", salt="mail").dumps({"value": 1}))
    assert client.get("/read").json == {}


COOKIES = st.lists(
    st.sampled_from(
        ["sid", "sid=", "other", "=", ";", "; ", " ", "\t", '"', "\\", "value", "é", "a=b", "==", ","]
    )
).map("".join)


@given(COOKIES)
@example("sid=a b; sid=c")
@example('sid="a;b"; sid=c')
@example("other=sid=x;sid =\t y ")
def test_the_cookie_is_the_one_that_werkzeug_finds(header: str) -> None:
    request = Request({"HTTP_COOKIE": header.encode().decode("latin-1")})
    assert _cookie(request, "sid") == request.cookies.get("sid")


def test_a_request_with_its_own_cookies_is_asked() -> None:
    class Own(Request):
        cookies = {"sid": "own"}  # type: ignore[assignment]

    assert _cookie(Own({"HTTP_COOKIE": "sid=header"}), "sid") == "own"
    assert _cookie(SimpleNamespace(cookies={"sid": "plain"}), "sid") == "plain"  # type: ignore[arg-type]


# --- without a key -----------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("key", [None, "", b""])
def test_without_a_key_a_session_can_only_be_read(flask_class: Any, key: Any) -> None:
    app = make_app(flask_class, SECRET_KEY=key)
    app.testing = True
    client = app.test_client()
    response = client.get("/read")
    assert response.json == {}
    assert "Set-Cookie" not in response.headers
    with pytest.raises(RuntimeError, match=r"no secret key was set\.  Set the secret_key"):
        client.get("/set/x")


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.clear(),
        lambda s: s.pop("a", None),
        lambda s: s.popitem(),
        lambda s: s.setdefault("a", 1),
        lambda s: s.update(a=1),
        lambda s: s.__setitem__("a", 1),
        lambda s: s.__delitem__("a"),
        lambda s: setattr(s, "permanent", True),
    ],
)
def test_a_null_session_refuses_every_change(change: Any) -> None:
    session = NullSession()
    with pytest.raises(RuntimeError, match="secret key"):
        change(session)
    assert dict(session) == {}
    assert session.permanent is False


# --- the session itself ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "notices"),
    [
        (lambda s: s.__setitem__("a", 2), True),
        (lambda s: s.__delitem__("a"), True),
        (lambda s: s.pop("a"), True),
        (lambda s: s.setdefault("b", 1), True),
        (lambda s: s.update(b=1), True),
        (lambda s: s.clear(), True),
        (lambda s: s.popitem(), True),
        (lambda s: setattr(s, "permanent", True), True),
        (lambda s: s.get("a"), False),
        (lambda s: s["list"].append(1), False),
        (lambda s: "a" in s, False),
    ],
)
def test_a_session_notices_changes(change: Any, notices: bool) -> None:
    session = SecureCookieSession({"a": 1, "list": []})
    assert (session.modified, session.accessed, session.new) == (False, False, False)
    change(session)
    assert session.modified is notices


def test_permanent_is_a_key_of_the_session() -> None:
    session = SecureCookieSession()
    assert session.permanent is False
    session.permanent = 1  # type: ignore[assignment]
    assert session == {"_permanent": True}
    assert session.permanent is True


# --- cost --------------------------------------------------------------------------------------------------


def test_no_openssl_for_a_session() -> None:
    program = """
import sys
from edgeweb import Flask, session

app = Flask("lean")
app.secret_key = "key"

@app.get("/set")
def set_value():
    session["value"] = "x" * 200
    return "set"

@app.get("/get")
def get_value():
    return session["value"]

def call(path, cookie=""):
    seen = {}
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "SERVER_NAME": "h", "SERVER_PORT": "80",
               "wsgi.url_scheme": "http", "HTTP_COOKIE": cookie}
    body = b"".join(app(environ, lambda status, headers, exc_info=None: seen.update(dict(headers))))
    return body, seen.get("Set-Cookie", "").partition(";")[0]

_, cookie = call("/set")
assert call("/get", cookie)[0] == b"x" * 200
print([name for name in ("_hashlib", "hmac", "secrets", "itsdangerous") if name in sys.modules])
"""
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert output.stdout == "[]\n"


def test_names_of_itsdangerous_are_there() -> None:
    from edgeweb import sessions

    assert sessions.BadSignature is itsdangerous.BadSignature
    assert sessions.URLSafeTimedSerializer is itsdangerous.URLSafeTimedSerializer
    assert not hasattr(sessions, "no_such_name")


def test_the_serializer_is_made_when_it_is_read() -> None:
    code = (
        "import sys, edgeweb\n"
        "app = edgeweb.Flask('x')\napp.add_url_rule('/', view_func=lambda: 'hello')\n"
        "assert app.test_client().get('/').text == 'hello'\n"
        "from edgeweb import sessions\n"
        "assert 'edgeweb.json.tag' not in sys.modules\n"
        "interface = type('Own', (sessions.SecureCookieSessionInterface,), {})()\n"
        "found = interface.serializer\n"
        "assert found is sessions.session_json_serializer is sessions.interface.session_json_serializer\n"
        "assert found is vars(sessions.SecureCookieSessionInterface)['serializer']\n"
        "assert type(found) is sys.modules['edgeweb.json.tag'].TaggedJSONSerializer\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
