"""Responses, JSON and sessions that are patched or replaced."""

from __future__ import annotations

import importlib
import typing as t
from unittest import mock

from .probe import counting, make_app, play, probe, served


@probe
def response_class_patched(flask: t.Any) -> t.Any:
    answers, living, seen = {}, served(make_app(flask)), {}
    for name in ("__init__", "__call__", "get_wsgi_headers", "get_wsgi_response", "get_app_iter"):
        with mock.patch.multiple(flask.Response, **counting(flask.Response, [name], seen)):
            answers[name] = [play(living, "/", "/json", "/missing"), dict(seen)]
        seen.clear()
    for name, value in (("default_status", 299), ("default_mimetype", "text/plain")):
        with mock.patch.object(flask.Response, name, value):
            answers[name] = play(living, "/", "/json", "/missing")
    return answers


@probe
def errors_patched(flask: t.Any) -> t.Any:
    from werkzeug.exceptions import HTTPException, NotFound

    living = served(make_app(flask))
    with mock.patch.object(HTTPException, "get_body", lambda self, *args: f"<p>{self.code}"):
        answers = [play(living, "/missing")]
    with mock.patch.object(NotFound, "description", "It is gone."):
        answers.append(living.test_client().get("/missing").text)
    return [*answers, living.test_client().get("/missing").text]


@probe
def json_provider_patched(flask: t.Any) -> t.Any:
    cls = importlib.import_module(f"{flask.__name__}.json.provider").DefaultJSONProvider
    answers, living, seen = {}, served(make_app(flask)), {}
    for name in ("response", "dumps"):
        with mock.patch.multiple(cls, **counting(cls, [name], seen)):
            answers[name] = [play(living, "/json", "/list", "/"), dict(seen)]
        seen.clear()
        answers[f"{name} unwrapped"] = [play(living, "/json"), dict(seen)]
    return answers


@probe
def json_provider_replaced(flask: t.Any) -> t.Any:
    answers = []
    cls = importlib.import_module(f"{flask.__name__}.json.provider").DefaultJSONProvider
    for name, value in (
        ("response", lambda *args, **kwargs: flask.Response("own", headers={"X-Own": "1"})),
        ("dumps", lambda obj, **kwargs: "own"),
        ("_prepare_response_obj", lambda args, kwargs: "own"),
    ):
        app = served(make_app(flask))
        setattr(app.json, name, value)
        answers.append(play(app, "/json", "/list"))
        delattr(app.json, name)
        answers.append(play(app, "/json"))
        prepared = cls(app)
        setattr(prepared, name, value)
        app.json = prepared
        answers.append(play(app, "/json"))
    return answers


def _interfaces(flask: t.Any) -> t.Iterator[t.Any]:
    base = importlib.import_module(f"{flask.__name__}.sessions").SecureCookieSessionInterface

    class Saves(base):
        def save_session(self, app: t.Any, session: t.Any, response: t.Any) -> None:
            response.headers["X-Save"] = f"{session.accessed} {session.modified} {dict(session)}"
            super().save_session(app, session, response)

    class Rolling(base):
        def should_set_cookie(self, app: t.Any, session: t.Any) -> bool:
            return True

    class Null(base):
        def is_null_session(self, obj: object) -> bool:
            return True

    class OtherName(base):
        def get_cookie_name(self, app: t.Any) -> str:
            return "other"

    class Opens(base):
        def open_session(self, app: t.Any, request: t.Any) -> t.Any:
            session = super().open_session(app, request)
            session["opened"] = session.get("opened", 0) + 1
            return session

    yield from (Saves, Rolling, Null, OtherName, Opens)


@probe
def session_interfaces(flask: t.Any) -> t.Any:
    answers = {}
    for interface in _interfaces(flask):
        app = make_app(flask)
        app.session_interface = interface()
        answers[interface.__name__] = play(app, "/", "/write", "/read", "/", "/missing", "/error", "/json")
    return answers


@probe
def session_interface_patched(flask: t.Any) -> t.Any:
    cls = importlib.import_module(f"{flask.__name__}.sessions").SecureCookieSessionInterface
    answers, living, seen = {}, served(make_app(flask)), {}
    for name in ("open_session", "save_session", "is_null_session", "should_set_cookie"):
        with mock.patch.multiple(cls, **counting(cls, [name], seen)):
            answers[name] = [play(living, "/", "/write", "/read", "/", "/missing"), dict(seen)]
        seen.clear()
        shared = living.session_interface
        setattr(shared, name, counting(cls, [name], seen)[name].__get__(shared))
        try:
            answers[f"{name} on the instance"] = [play(living, "/", "/write", "/"), dict(seen)]
        finally:
            delattr(shared, name)
        seen.clear()
    return answers
