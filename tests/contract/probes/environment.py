"""The environment of WSGI, changed late; test clients inside each other."""

from __future__ import annotations

import typing as t

from .probe import make_app, play, probe

# --- the environment, changed late -------------------------------------------------------------------------

LATE_CHANGES = (
    *({"REMOTE_ADDR": "9.9.9.9"}, {"REQUEST_METHOD": "PUT"}, {"wsgi.url_scheme": "https"}),
    *({"SERVER_NAME": "other", "SERVER_PORT": "81"}, {"SCRIPT_NAME": "/root"}, {"PATH_INFO": "/json"}),
    *({"QUERY_STRING": "z=1"}, {"HTTP_HOST": "changed.example:88"}, {"HTTP_COOKIE": "a=b"}),
    *({"HTTP_ACCEPT": "text/x"}, {"CONTENT_TYPE": "application/json"}, {"HTTP_X_FORWARDED_FOR": "1.1.1.1"}),
)
READ_LATE = (
    *("method", "scheme", "server", "root_path", "path", "query_string", "remote_addr", "url", "base_url"),
    *("host", "host_url", "args", "cookies", "accept_mimetypes", "access_route", "mimetype", "url_rule"),
)


def _read_late(flask: t.Any) -> list[str]:
    request = flask.request
    found = [str(getattr(request, name)) for name in READ_LATE]
    return [
        *found,
        str(dict(request.headers)),
        str(dict(flask.session)),
        flask.url_for("json", _external=True),
    ]


@probe
def an_environment_changed_by_a_hook(flask: t.Any) -> t.Any:
    answers = []
    for secret in ("key", None):
        for change in LATE_CHANGES:
            app = make_app(flask)
            app.secret_key = secret
            app.before_request(lambda change=change: flask.request.environ.update(change))
            app.add_url_rule("/read-late", "late", lambda: _read_late(flask), methods=["POST"])
            client = app.test_client()
            # The second request of a host is matched without an adapter.
            answers += [client.post("/read-late?q=1", data={"f": "1"}).text for _ in range(2)]
    return answers


@probe
def an_environment_changed_before_the_context_is_pushed(flask: t.Any) -> t.Any:
    app = make_app(flask)
    client = app.test_client()
    client.get("/write")
    cookie = {"HTTP_COOKIE": f"session={client.get_cookie('session').value}"}
    answers = []
    for change in (*LATE_CHANGES, cookie):
        ctx = app.test_request_context("/?q=1")
        ctx.request.environ.update(change)
        with ctx:
            answers.append([*_read_late(flask)[: len(READ_LATE)], dict(flask.session)])
        answers.append(ctx.request.environ["werkzeug.request"])
    # The cookie holds the second in which it was made.
    return [[text for text in row or () if "session" not in str(text)] for row in answers]


@probe
def an_environment_replaced(flask: t.Any) -> t.Any:
    app = make_app(flask)

    def replaced() -> t.Any:
        flask.request.environ = {key: value for change in LATE_CHANGES for key, value in change.items()}
        found = _read_late(flask)
        return [*found, flask.request.environ.get("REMOTE_ADDR")]

    app.add_url_rule("/replaced", "replaced", replaced)
    return play(app, "/replaced", "/replaced")


# --- test clients inside each other ------------------------------------------------------------------------


def _nested_app(flask: t.Any, name: str = "probe") -> tuple[t.Any, list[str]]:
    app, ended = flask.Flask(name, static_folder=None), []
    app.secret_key = "key"
    app.teardown_request(lambda error: ended.append(f"{flask.request.path} {error!r}"))
    app.teardown_appcontext(lambda error: ended.append("application"))

    def keep(name: str) -> str:
        flask.g.name = flask.session["name"] = name
        return name

    def calls() -> t.Any:
        with app.test_client() as inner:
            return inner.get("/inner").text + flask.request.path

    def streams() -> t.Any:
        return flask.Response(flask.stream_with_context(iter(["a", "b"])))

    app.add_url_rule("/<name>", "keep", keep)
    app.add_url_rule("/calls", "calls", calls)
    app.add_url_rule("/streams", "streams", streams)
    app.add_url_rule("/moved", "moved", lambda: flask.redirect("/here"))
    return app, ended


def _active(flask: t.Any) -> t.Any:
    if not flask.has_request_context():
        return None
    return [flask.request.path, flask.current_app.name, flask.g.get("name"), flask.session.get("name")]


@probe
def a_client_inside_the_block_of_another(flask: t.Any) -> t.Any:
    (app, ended), (other, ended_too) = _nested_app(flask), _nested_app(flask, "other")
    found = []
    for application in (app, other):
        with app.test_client() as outer:
            outer.get("/outer")
            with application.test_client() as inner:
                inner.get("/inner")
                found.append(_active(flask))
                with app.app_context():
                    found.append(_active(flask))
                inner.get("/again")
                found.append(_active(flask))
            found.append(_active(flask))
            app.test_client().get("/plain")
            outer.get("/calls")
            found.append(_active(flask))
        found.append(_active(flask))
    return found, ended, ended_too


@probe
def clients_that_follow_redirects_inside_each_other(flask: t.Any) -> t.Any:
    app, ended = _nested_app(flask)
    found = []
    with app.test_client() as outer:
        outer.get("/moved", follow_redirects=True)
        found.append(_active(flask))
        with app.test_client() as inner:
            inner.get("/moved", follow_redirects=True)
            found.append(_active(flask))
        outer.get("/outer")
        found.append(_active(flask))
    return [*found, _active(flask)], ended


@probe
def a_client_in_the_context_of_its_application(flask: t.Any) -> t.Any:
    app, ended = _nested_app(flask)
    found = []
    with app.app_context():
        flask.g.name = "before"
        with app.test_client() as client:
            client.get("/one")
            found.append(_active(flask))
            with client.session_transaction() as session:
                session["name"] = "changed"
            client.get("/streams")
            found.append(_active(flask))
            client.get("/two")
        found.append([flask.g.name, _active(flask)])
    return found, ended
