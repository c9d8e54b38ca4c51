"""A program with every kind of view, and the requests that it is asked."""

from __future__ import annotations

import edgeweb
from edgeweb import Flask, abort, request, session


def make_app(*, overridden: bool) -> Flask:
    """Make the program; overridden, no request takes the fast path."""
    app = Flask("example", static_folder=None)
    app.secret_key = "key"
    app.logger.disabled = True
    if overridden:
        # Every phase is then called through the application.
        app.full_dispatch_request = lambda: Flask.full_dispatch_request(app)  # type: ignore[method-assign]
    shop = edgeweb.Blueprint("shop", __name__, url_prefix="/shop")

    @app.route("/text", methods=["GET", "POST"])
    def text() -> str:
        return f"{request.method} {request.path} {request.args.get('q')}"

    @app.route("/json/<int:number>")
    def json(number: int) -> tuple[dict[str, int], int]:
        return {"number": number}, 201

    @app.route("/session")
    def use_session() -> str:
        session["n"] = session.get("n", 0) + 1
        return str(session["n"])

    @app.route("/permanent")
    def permanent() -> str:
        session.permanent = True
        return "permanent"

    @app.route("/after")
    def after() -> str:
        edgeweb.after_this_request(lambda response: app.make_response(("after", 202)))
        return "before"

    @app.route("/gone")
    def gone() -> str:
        abort(410)

    @app.route("/missing")
    def missing() -> str:
        abort(404)

    @app.route("/key")
    def key() -> str:
        return request.form["key"]

    @app.route("/fails")
    def fails() -> str:
        return str(1 // 0)

    @app.route("/slash/")
    def slash() -> str:
        return "slash"

    @app.route("/ÿ/<path:rest>")
    def unicode_path(rest: str) -> bytes:
        return rest.encode()

    @app.route("/none")
    def none() -> None:
        return None

    @shop.route("/")
    def shop_index() -> list[str | None]:
        return [request.blueprint, request.endpoint, request.url]

    app.register_blueprint(shop)
    return app


REQUESTS = [
    *[("GET", path) for path in ("/text?q=1", "/json/3", "/json/x", "/after", "/gone", "/missing", "/key")],
    *[("GET", path) for path in ("/fails", "/slash", "/slash/", "/ÿ/a/ü", "/shop/", "/nowhere", "/none")],
    *[(method, "/text") for method in ("HEAD", "POST", "PUT", "OPTIONS", "TRACE", "get")],
    *[("GET", path) for path in ("/session", "/session", "/text", "/permanent", "/text", "/nowhere")],
    *[("GET", path) for path in ("//text", "/text/", "", "/%2Ftext", "/json/99999999999999999999")],
]
