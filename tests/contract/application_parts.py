"""Blueprints and hooks of the application that uses the whole API."""

from __future__ import annotations

import typing as t
from pathlib import Path

HERE = Path(__file__).parent


class Teapot(Exception):
    """An exception of the program's own, with a handler."""


class SpoutError(Teapot):
    """A subclass of it, handled by the handler of its base."""


def shown(error: BaseException | None) -> str:
    """Return an error as text; of the one for what a view returned only the type, as the wording differs."""
    return "TypeError" if type(error) is TypeError and "The view " in str(error) else repr(error)


def add_blueprints(flask: t.Any, app: t.Any) -> None:
    shop = flask.Blueprint(
        "shop",
        __name__,
        url_prefix="/shop",
        template_folder=str(HERE / "blueprint_templates"),
        static_folder=str(HERE / "blueprint_static"),
        static_url_path="/assets",
    )
    cart = flask.Blueprint("cart", __name__, url_prefix="/cart")

    @shop.url_value_preprocessor
    def pull(endpoint, values):
        app.trace.append(f"pull {endpoint} {values}")

    @shop.url_defaults
    def add_lang(endpoint, values):
        values.setdefault("lang", "en")

    @shop.context_processor
    def shop_values():
        return {"processed": "by the shop"}

    @shop.route("/item/<int:number>")
    def item(number):
        return {"number": number, "url": flask.url_for(".item", number=number + 1)}

    @shop.route("/page")
    def shop_page():
        return flask.render_template("shop.html")

    @shop.route("/shadowed")
    def shadowed():
        return flask.render_template("plain.txt", name="app wins")

    @shop.errorhandler(404)
    def shop_not_found(error):
        return "not in the shop", 404

    @shop.errorhandler(Teapot)
    def shop_teapot(error):
        return "the shop's teapot", 418

    @shop.route("/teapot")
    def shop_raises():
        raise SpoutError("shop")

    @shop.route("/gone")
    def gone():
        flask.abort(404)

    @cart.route("/")
    def show():
        return {"blueprint": flask.request.blueprint, "blueprints": flask.request.blueprints}

    @cart.route("/fail")
    def fail():
        raise Teapot("cart")

    for owner, name in ((shop, "shop"), (cart, "cart")):
        _trace_hooks(app, owner, name)
    shop.register_blueprint(cart)

    @shop.before_app_request
    def before_all():
        app.trace.append("before app (shop)")

    app.register_blueprint(shop)
    other = flask.Blueprint("other", __name__)
    other.add_url_rule("/where", "where", lambda: flask.request.blueprint)
    app.register_blueprint(other, url_prefix="/first")
    app.register_blueprint(other, url_prefix="/second", name="again")


def _trace_hooks(app: t.Any, owner: t.Any, name: str) -> None:
    @owner.before_request
    def before():
        app.trace.append(f"before {name}")

    @owner.after_request
    def after(response):
        app.trace.append(f"after {name}")
        return response

    @owner.teardown_request
    def teardown(error):
        app.trace.append(f"teardown {name} {shown(error)}")


def add_hooks(flask: t.Any, app: t.Any) -> None:
    _trace_hooks(app, app, "app")

    @app.before_request
    def early():
        if flask.request.args.get("early"):
            return "early answer", 202
        return None

    @app.after_request
    def stamp(response):
        response.headers["X-Stamp"] = "1"
        return response

    @app.teardown_appcontext
    def teardown(error):
        app.trace.append(f"appcontext {shown(error)}")

    @app.route("/after-this")
    def after_this():
        @flask.after_this_request
        def add(response):
            app.trace.append("after this")
            response.headers["X-This"] = "1"
            return response

        return "after this"

    for name in (
        "appcontext_pushed appcontext_popped appcontext_tearing_down request_started request_finished"
        " request_tearing_down got_request_exception template_rendered before_render_template message_flashed"
    ).split():

        def receive(sender, name=name, **kwargs):
            sender.trace.append(f"signal {name} {sorted(key for key in kwargs if key != '_async_wrapper')}")

        getattr(flask, name).connect(receive, app, weak=False)
