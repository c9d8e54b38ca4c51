"""One application that uses the whole API. It is written against a module that is `flask` or `edgeweb`."""

from __future__ import annotations

import datetime
import decimal
import typing as t
import uuid
from io import BytesIO

from .application_parts import HERE, SpoutError, Teapot, add_blueprints, add_hooks, shown


def create_app(flask: t.Any) -> t.Any:
    """The application; `app.trace` is the list of what ran, in order, which each case reads and empties."""
    app = flask.Flask(__name__, static_folder=str(HERE / "static"), template_folder=str(HERE / "templates"))
    app.config.update(SECRET_KEY="contract", SEND_FILE_MAX_AGE_DEFAULT=60)
    app.trace = []
    _add_views(flask, app)
    _add_answers(flask, app)
    _add_routing(flask, app)
    _add_sessions(flask, app)
    _add_errors(flask, app)
    _add_templates(flask, app)
    _add_files(flask, app)
    add_blueprints(flask, app)
    add_hooks(flask, app)
    return app


def _add_views(flask: t.Any, app: t.Any) -> None:
    request = flask.request

    @app.route("/")
    def index():
        return "index"

    @app.get("/query")
    def query():
        return {
            "name": request.args.get("name", "nobody"),
            "page": request.args.get("page", 1, type=int),
            "all": request.args.getlist("tag"),
        }

    @app.post("/form")
    def form():
        return dict(request.form)

    @app.route("/json", methods=["POST", "PUT"])
    def echo_json():
        return flask.jsonify(got=request.get_json(), method=request.method)

    @app.post("/upload")
    def upload():
        file = request.files["file"]
        return {"name": file.filename, "size": len(file.read()), "note": request.form.get("note")}

    @app.route("/describe/<int:number>")
    def describe(number):
        return {
            "endpoint": request.endpoint,
            "view_args": request.view_args,
            "path": request.path,
            "full_path": request.full_path,
            "url": request.url,
            "base_url": request.base_url,
            "root_url": request.root_url,
            "host": request.host,
            "scheme": request.scheme,
            "remote": request.remote_addr,
            "agent": request.user_agent.string,
            "blueprint": request.blueprint,
            "rule": request.url_rule.rule,
            "is_json": request.is_json,
            "method": request.method,
            "script_root": request.script_root,
            "query": request.query_string.decode(),
            "accepts": request.accept_mimetypes.best,
            "app": flask.current_app.name,
        }

    @app.get("/both")
    def both_get():
        return "got"

    @app.post("/both")
    def both_post():
        return "posted"

    class Item(flask.views.MethodView if hasattr(flask, "views") else flask.MethodView):
        init_every_request = False

        def get(self, item_id):
            return f"item {item_id}"

        def put(self, item_id):
            return f"put {item_id}", 201

        def delete(self, item_id):
            return "", 204

    app.add_url_rule("/items/<int:item_id>", view_func=Item.as_view("item"))

    @app.route("/urls")
    def urls():
        return {
            "relative": flask.url_for("describe", number=3),
            "query": flask.url_for("query", name="a b", tag=["x", "y"]),
            "anchor": flask.url_for("index", _anchor="x y"),
            "external": flask.url_for("index", _external=True),
            "scheme": flask.url_for("index", _scheme="https"),
            "static": flask.url_for("static", filename="hello.txt"),
            "method": flask.url_for("item", item_id=4, _method="PUT"),
            "blueprint": flask.url_for("shop.item", number=2),
            "nested": flask.url_for("shop.cart.show"),
        }

    @app.route("/g")
    def use_g():
        flask.g.value = 3
        return {"value": flask.g.value, "has": "value" in flask.g, "other": flask.g.get("other", "none")}

    @app.get("/methods")
    def methods():
        return "methods"

    @app.route("/options", methods=["GET", "OPTIONS"])
    def own_options():
        return "own options" if request.method == "OPTIONS" else "options"

    @app.route("/no-options", provide_automatic_options=False)
    def no_options():
        return "no options"


def _add_answers(flask: t.Any, app: t.Any) -> None:
    def wsgi_application(environ, start_response):
        start_response("299 Odd", [("Content-Type", "text/plain"), ("X-WSGI", "1")])
        return [b"from wsgi"]

    def with_cookie():
        response = flask.make_response("cookie")
        response.set_cookie("taste", "sweet", max_age=60, httponly=True, samesite="Lax")
        return response

    def cached():
        response = flask.make_response("cached")
        response.cache_control.max_age = 10
        response.set_etag("abc")
        return response.make_conditional(flask.request)

    def streamed():
        yield "path "
        yield flask.request.path

    answers: dict[str, t.Callable[[], t.Any]] = {
        "text": lambda: "text ÄÖ",
        "bytes": lambda: b"bytes",
        "bytearray": lambda: bytearray(b"array"),
        "dict": lambda: {"b": 1, "a": [1, 2, {"c": None}]},
        "list": lambda: [1, "two", None],
        "status": lambda: ("made", 201),
        "status-text": lambda: ("made", "202 Taken"),
        "headers": lambda: ("headers", {"X-One": "1"}),
        "header-list": lambda: ("headers", [("X-Two", "2"), ("X-Two", "3")]),
        "all-three": lambda: ("all", 203, {"X-Three": "3", "Content-Type": "text/plain"}),
        "dict-status": lambda: ({"error": "no"}, 409, {"X-Four": "4"}),
        "response": lambda: flask.Response("own", status=206, mimetype="text/plain"),
        "response-tuple": lambda: (flask.Response("own"), 207, {"X-Five": "5"}),
        "made": lambda: flask.make_response("made", 208, {"X-Six": "6"}),
        "generator": lambda: (piece for piece in ["one ", "two ", "three"]),
        "empty": lambda: "",
        "no-content": lambda: ("", 204),
        "none": lambda: None,
        "four": lambda: ("a", 200, {}, "b"),
        "object": object,
        "number": lambda: 3,
        "wsgi": lambda: wsgi_application,
        "redirect": lambda: flask.redirect("/elsewhere?a=b"),
        "redirect-301": lambda: flask.redirect("http://example.org/", 301),
        "jsonify": lambda: flask.jsonify([1, 2], 3),
        "types": lambda: flask.jsonify(
            date=datetime.date(2026, 11, 21),
            when=datetime.datetime(2026, 11, 21, 5, 6, 7),
            number=decimal.Decimal("1.10"),
            id=uuid.UUID(int=1),
        ),
        "cookie": with_cookie,
        "not-found": lambda: flask.abort(404),
        "described": lambda: flask.abort(409, description="busy"),
        "aborted-response": lambda: flask.abort(flask.Response("as it is", 418)),
        "stream": lambda: flask.Response(flask.stream_with_context(streamed())),
        "max-age": cached,
    }

    @app.route("/answer/<kind>")
    def answer(kind):
        return answers[kind]()

    app.answer_kinds = sorted(answers)


def _add_routing(flask: t.Any, app: t.Any) -> None:
    from werkzeug.routing import BaseConverter

    class ListConverter(BaseConverter):
        def to_python(self, value):
            return value.split("+")

        def to_url(self, values):
            return "+".join(super(ListConverter, self).to_url(value) for value in values)

    app.url_map.converters["list"] = ListConverter
    rules = {
        "/convert/string/<string(length=2):value>": "two",
        "/convert/float/<float:value>": "float",
        "/convert/signed/<int(signed=True):value>": "signed",
        "/convert/padded/<int(fixed_digits=3):value>": "padded",
        "/convert/path/<path:value>/end": "path",
        "/convert/any/<any(red, green):value>": "any",
        "/convert/uuid/<uuid:value>": "uuid",
        "/convert/list/<list:value>": "list",
        "/slash/": "slash",
        "/bare": "bare",
        "/deep/<value>/": "deep",
    }
    for rule, name in rules.items():

        def view(name=name, **values):
            return {"rule": name, "values": {key: str(value) for key, value in values.items()}}

        app.add_url_rule(rule, f"rule_{name}", view)

    @app.route("/pages/", defaults={"page": 1})
    @app.route("/pages/<int:page>")
    def pages(page):
        return f"page {page}"

    @app.route("/old", redirect_to="/bare")
    def old():
        return "never"

    @app.route("/loose/", strict_slashes=False)
    def loose():
        return "loose"


def _add_sessions(flask: t.Any, app: t.Any) -> None:
    session = flask.session

    @app.route("/session/set/<value>")
    def set_session(value):
        session["value"] = value
        session["list"] = [1, (2, 3), {"a": b"b"}]
        return "set"

    @app.route("/session/get")
    def get_session():
        return {"value": session.get("value"), "list": repr(session.get("list"))}

    @app.route("/session/in")
    def in_session():
        return str("value" in session)

    @app.route("/session/clear")
    def clear_session():
        session.clear()
        return "cleared"

    @app.route("/session/permanent")
    def permanent():
        session.permanent = True
        session["value"] = "kept"
        return "permanent"

    @app.route("/flash")
    def flash():
        flask.flash("first")
        flask.flash("second", "error")
        return "flashed"

    @app.route("/flashed")
    def flashed():
        return {
            "errors": flask.get_flashed_messages(category_filter=["error"]),
            "all": flask.get_flashed_messages(with_categories=True),
        }


def _add_errors(flask: t.Any, app: t.Any) -> None:
    @app.errorhandler(Teapot)
    def teapot(error):
        return f"teapot {type(error).__name__} {error}", 418

    @app.errorhandler(403)
    def forbidden(error):
        return {"error": error.description, "code": error.code}, 403

    @app.errorhandler(500)
    def broken(error):
        return f"broken: {shown(error.original_exception)}", 500

    @app.route("/raise/<kind>")
    def raise_it(kind):
        if kind == "teapot":
            raise Teapot("short")
        if kind == "spout":
            raise SpoutError("stout")
        if kind == "forbidden":
            flask.abort(403)
        if kind == "key":
            return flask.request.form["missing"]
        raise RuntimeError(kind)


def _add_templates(flask: t.Any, app: t.Any) -> None:
    @app.context_processor
    def values():
        return {"processed": "by the application", "title": "default"}

    @app.template_filter("backwards")
    def backwards(text):
        return text[::-1]

    @app.template_test()
    def even_number(number):
        return number % 2 == 0

    @app.template_global()
    def double(number):
        return 2 * number

    @app.route("/page")
    def page():
        return flask.render_template("page.html", title="<Title>", items=["a", "<b>", "c"])

    @app.route("/plain")
    def plain():
        return flask.render_template("plain.txt", name="<name>")

    @app.route("/from-string")
    def from_string():
        return flask.render_template_string("{{ name }} {{ processed }} {{ double(4) }}", name="<x>")

    @app.route("/streamed-page")
    def streamed_page():
        return flask.stream_template("page.html", title="streamed", items=[])

    @app.route("/selected")
    def selected():
        return flask.render_template(["missing.html", "plain.txt"], name="selected")

    @app.route("/missing-template")
    def missing():
        return flask.render_template("missing.html")

    @app.route("/macro")
    def macro():
        return flask.get_template_attribute("macros.html", "hello")("world")


def _add_files(flask: t.Any, app: t.Any) -> None:
    @app.route("/file/<path:name>")
    def file(name):
        return flask.send_from_directory(HERE / "static", name)

    @app.route("/attachment")
    def attachment():
        return flask.send_file(HERE / "static" / "hello.txt", as_attachment=True, download_name="grüße.txt")

    @app.route("/memory")
    def memory():
        return flask.send_file(BytesIO(b"in memory"), mimetype="text/plain", max_age=5)
