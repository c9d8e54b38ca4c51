"""edgeweb.views: what a class becomes, and which method answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from edgeweb import Flask, request
from edgeweb.views import MethodView, View


@pytest.fixture
def app() -> Flask:
    app = Flask("views_app")
    app.testing = True
    return app


def test_the_function_has_what_the_class_says() -> None:
    class Page(View):
        """A page."""

        methods = ["GET", "POST"]
        provide_automatic_options = False

    view: Any = Page.as_view("page")
    assert (view.__name__, view.__doc__, view.__module__) == ("page", "A page.", __name__)
    assert (view.view_class, view.methods, view.provide_automatic_options) == (Page, ["GET", "POST"], False)


def test_arguments_of_as_view_and_of_the_url(app: Flask) -> None:
    class Page(View):
        def __init__(self, prefix: str, suffix: str) -> None:
            self.prefix, self.suffix = prefix, suffix

        def dispatch_request(self, name: str) -> str:  # type: ignore[override]
            return self.prefix + name + self.suffix

    app.add_url_rule("/<name>", view_func=Page.as_view("page", "<", suffix=">"))
    assert app.test_client().get("/x").text == "<x>"


@pytest.mark.parametrize(("every_request", "counts"), [(True, ["1", "1"]), (False, ["1", "2"])])
def test_instances(app: Flask, every_request: bool, counts: list[str]) -> None:
    class Counter(View):
        init_every_request = every_request

        def __init__(self) -> None:
            self.count = 0

        def dispatch_request(self) -> str:
            self.count += 1
            return str(self.count)

    app.add_url_rule("/", view_func=Counter.as_view("counter"))
    client = app.test_client()
    assert [client.get("/").text for _ in range(2)] == counts


def test_decorators_are_applied_in_order_and_see_the_name(app: Flask) -> None:
    seen = []

    def decorator(mark: str) -> Callable[..., Any]:
        def decorate(f: Callable[..., Any]) -> Callable[..., Any]:
            seen.append((mark, f.__name__, f.__module__))

            def replaced(**kwargs: Any) -> str:
                return mark + f(**kwargs)

            return replaced

        return decorate

    class Page(View):
        decorators = [decorator("inner "), decorator("outer ")]

        def dispatch_request(self) -> str:
            return "page"

    app.add_url_rule("/", view_func=Page.as_view("page"))
    assert app.test_client().get("/").text == "outer inner page"
    assert seen[0] == ("inner ", "page", __name__)
    assert list(app.view_functions) == ["static", "page"]


def test_the_class_can_be_replaced_later(app: Flask) -> None:
    class Page(MethodView):
        def get(self) -> str:
            return "real"

    class Stub(Page):
        def get(self) -> str:
            return "stub"

    view: Any = Page.as_view("page")
    app.add_url_rule("/", view_func=view)
    view.view_class = Stub
    assert app.test_client().get("/").text == "stub"


def test_a_view_has_to_be_filled_in() -> None:
    with pytest.raises(NotImplementedError):
        View().dispatch_request()


class Readable(MethodView):
    def get(self) -> str:
        return request.method


class Writable(MethodView):
    def post(self) -> str:
        return "posted"

    def put(self) -> str:
        return "put"


class Both(Readable, Writable): ...


class Declared(Both):
    methods = ["GET", "PROPFIND"]

    def propfind(self) -> str:
        return "found"


class Extended(Declared):
    def delete(self) -> str:
        return "deleted"


class Empty(MethodView): ...


@pytest.mark.parametrize(
    ("cls", "methods"),
    [
        (Readable, {"GET"}),
        (Both, {"GET", "POST", "PUT"}),
        (Declared, {"GET", "PROPFIND"}),
        (Extended, {"GET", "PROPFIND", "POST", "PUT", "DELETE"}),
        (Empty, None),
    ],
)
def test_methods_are_collected(cls: type[MethodView], methods: set[str] | None) -> None:
    assert (None if cls.methods is None else set(cls.methods)) == methods


def test_dispatch_by_method(app: Flask) -> None:
    app.add_url_rule("/", view_func=Extended.as_view("extended"))
    client = app.test_client()
    assert client.get("/").text == "GET"
    assert client.post("/").text == "posted"
    assert client.open("/", method="PROPFIND").text == "found"
    assert client.patch("/").status_code == 405
    allowed = sorted(client.options("/").allow)
    assert allowed == ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PROPFIND", "PUT"]


def test_head_is_answered_by_get_unless_it_has_a_method(app: Flask) -> None:
    class WithHead(Readable):
        def head(self) -> tuple[str, dict[str, str]]:
            return "", {"X-Head": "own"}

    app.add_url_rule("/get", view_func=Readable.as_view("get"))
    app.add_url_rule("/head", view_func=WithHead.as_view("head"))
    client = app.test_client()
    assert client.head("/get").status_code == 200
    assert "X-Head" not in client.head("/get").headers
    assert client.head("/head").headers["X-Head"] == "own"


def test_a_method_that_is_promised_and_missing(app: Flask) -> None:
    app.add_url_rule("/", view_func=Readable.as_view("page"), methods=["GET", "PUT"])
    with pytest.raises(AssertionError, match="Unimplemented method 'PUT'"):
        app.test_client().put("/")


@pytest.mark.parametrize("every_request", [True, False])
def test_coroutines(app: Flask, every_request: bool) -> None:
    class Page(MethodView):
        init_every_request = every_request

        async def get(self) -> str:
            return "awaited"

    class Plain(View):
        init_every_request = every_request

        async def dispatch_request(self) -> str:  # type: ignore[override]
            return "awaited too"

    app.add_url_rule("/method", view_func=Page.as_view("method"))
    app.add_url_rule("/plain", view_func=Plain.as_view("plain"))
    client = app.test_client()
    assert client.get("/method").text == "awaited"
    assert client.get("/plain").text == "awaited too"
