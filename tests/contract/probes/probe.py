"""What probes share: the table of all of them, an application, requests, counting wrappers."""

from __future__ import annotations

import typing as t

PROBES: dict[str, t.Callable[[t.Any], t.Any]] = {}

#: Methods of the application that tools wrap to see each request.
TRACED = (
    *("wsgi_app", "full_dispatch_request", "dispatch_request", "preprocess_request", "process_response"),
    *("finalize_request", "make_response", "handle_user_exception", "handle_http_exception"),
    *("handle_exception", "do_teardown_request", "do_teardown_appcontext"),
)
REQUESTS = (("GET", "/"), ("GET", "/json"), ("GET", "/error"), ("GET", "/missing"), ("POST", "/"))


def probe(function: t.Callable[[t.Any], t.Any]) -> t.Callable[[t.Any], t.Any]:
    PROBES[function.__name__] = function
    return function


def make_app(flask: t.Any, cls: t.Any = None) -> t.Any:
    app = (cls or flask.Flask)("probe", static_folder=None)
    app.secret_key = "key"
    app.add_url_rule("/", "index", lambda: "index")
    app.add_url_rule("/json", "json", lambda: {"b": 1, "a": 2})
    app.add_url_rule("/list", "list", lambda: [1])
    app.add_url_rule("/error", "error", lambda: 1 // 0)
    app.add_url_rule("/write", "write", lambda: flask.session.setdefault("n", "1"))
    app.add_url_rule("/read", "read", lambda: str(flask.session.get("n")))
    return app


def play(app: t.Any, *paths: str) -> list[t.Any]:
    """Return status, start of the body and the headers that probes set, of each request."""
    client = app.test_client()
    rows = []
    for path in paths:
        with client.get(path) as response:
            headers = {
                name: value.partition("=")[0] if name == "Set-Cookie" else value
                for name, value in response.headers
                if name.startswith("X-") or name in ("Vary", "Content-Type", "Set-Cookie")
            }
            rows.append([path, response.status_code, response.text[:40], headers])
    return rows


def counting(cls: t.Any, names: t.Iterable[str], seen: dict[str, int]) -> dict[str, t.Any]:
    """Return wrappers of the methods of a class, which count their calls."""

    def wrapper(name: str) -> t.Any:
        original = getattr(cls, name)

        def wrapped(self: t.Any, *args: t.Any, **kwargs: t.Any) -> t.Any:
            seen[name] = seen.get(name, 0) + 1
            return original(self, *args, **kwargs)

        return wrapped

    return {name: wrapper(name) for name in names}


def served(app: t.Any) -> t.Any:
    """Return an application that has served requests."""
    play(app, "/", "/json", "/missing")
    return app


def counts(app: t.Any, seen: dict[str, int]) -> t.Any:
    seen.clear()
    client = app.test_client()
    status = [client.open(path, method=method).status_code for method, path in REQUESTS]
    return status, dict(sorted(seen.items()))
