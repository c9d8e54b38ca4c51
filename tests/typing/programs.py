"""Small programs of strict users. A line that ends with `# wrong` is one that a checker has to refuse."""

from __future__ import annotations

HEAD = """\
from __future__ import annotations
import typing as t
from FRAMEWORK import (
    Blueprint, Flask, Request, Response, abort, current_app, g, jsonify, make_response, redirect, request,
    session, url_for,
)
from FRAMEWORK.sessions import SecureCookieSessionInterface, SessionInterface, SessionMixin
from FRAMEWORK.typing import ResponseReturnValue
from FRAMEWORK.views import MethodView
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response as WerkzeugResponse

app = Flask(__name__)
"""

#: What edgeweb and Flask take and refuse alike.
SHARED = {
    "request": """\
def path() -> str:
    return request.path
def address() -> str | None:
    return request.remote_addr
def page() -> int | None:
    return request.args.get("page", type=int)
@app.get("/")
def argument() -> str:
    return request.args["a"]
def unknown() -> None:
    request.no_such_thing()  # wrong
def number() -> int:
    return request.form["a"]  # wrong
""",
    "current_app": """\
def name() -> str:
    return current_app.name
def secret() -> str | bytes | None:
    return current_app.secret_key
def unknown() -> None:
    current_app.bogus()  # wrong
def number() -> int:
    return current_app.root_path  # wrong
def takes(application: Flask) -> None: ...
takes(current_app)
""",
    "session": """\
def write() -> None:
    session["user"] = 1
    session.permanent = True
    session.setdefault("n", 0)
    del session["user"]
def changed() -> bool:
    return session.modified
def unknown() -> None:
    session.nothing  # wrong
""",
    "g": """\
def anything() -> None:
    g.opened = True
    g.connection.close()
    del g.connection
    if "user" in g:
        g.pop("user", None)
def number() -> int:
    return "user" in g
""",
    "session interface": """\
class Own(SessionInterface):
    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:
        return None
    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        response.headers["X"] = "1"
class Rolling(SecureCookieSessionInterface):
    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        return True
app.session_interface = Own()
""",
    "subclasses": """\
class OwnRequest(Request):
    @property
    def language(self) -> str:
        return self.path
class Own(Flask):
    request_class = OwnRequest
    def make_response(self, rv: ResponseReturnValue) -> Response:
        return super().make_response(rv)
    def handle_exception(self, e: Exception) -> Response:
        return super().handle_exception(e)
    def process_response(self, response: Response) -> Response:
        return super().process_response(response)
    def dispatch_request(self) -> ResponseReturnValue:
        return super().dispatch_request()
    def handle_http_exception(self, e: HTTPException) -> HTTPException | ResponseReturnValue:
        return super().handle_http_exception(e)
    def get_send_file_max_age(self, filename: str | None) -> int | None:
        return None
""",
    "views": """\
@app.get("/a")
def with_status() -> tuple[str, int]:
    return "", 1
@app.get("/b")
def a_dict() -> dict[str, t.Any]:
    return {}
@app.get("/c")
async def asynchronous() -> Response:
    return Response()
@app.get("/d")
def redirects() -> WerkzeugResponse:
    return redirect("/")
@app.get("/e")
def streams() -> t.Iterator[str]:
    yield ""
@app.get("/f")  # wrong
def bad() -> int:
    return 5
class View(MethodView):
    init_every_request = False
    def get(self, number: int) -> str:
        return ""
app.add_url_rule("/g", view_func=View.as_view("view"))
@app.get("/h")
def kept() -> str:
    return ""
wrong: int = kept()  # wrong
""",
    "hooks": """\
@app.before_request
def before() -> None: ...
@app.before_request
def before_too() -> ResponseReturnValue | None:
    return None
@app.after_request
def after(response: Response) -> Response:
    return response
@app.teardown_request
def teardown(error: BaseException | None) -> None: ...
@app.errorhandler(404)
def missing(error: NotFound) -> tuple[str, int]:
    return "", 404
@app.errorhandler(HTTPException)
def failed(error: HTTPException) -> WerkzeugResponse:
    return error.get_response()
""",
    "functions": """\
url: int = url_for("a")  # wrong
config: int = app.config  # wrong
def never() -> str:
    abort(404)
def made() -> Response:
    return make_response(jsonify(a=1), 201)
with app.test_client() as client:
    text: int = client.get("/").text  # wrong
""",
}

#: Where edgeweb is more precise than Flask, which refuses the method of the proxies.
BETTER = {
    "behind the proxies": """\
def application() -> Flask:
    return current_app._get_current_object()
def real_request() -> Request:
    return request._get_current_object()
def real_session() -> SessionMixin:
    return session._get_current_object()
def wrong() -> Flask:
    return request._get_current_object()  # wrong
""",
}


def source(framework: str, program: str) -> str:
    return HEAD.replace("FRAMEWORK", framework) + program


def wrong_lines(text: str) -> set[int]:
    return {number for number, line in enumerate(text.splitlines(), 1) if line.endswith("# wrong")}
