"""No framework: what a careful WSGI function does by hand."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from email.utils import formatdate
from http.cookies import SimpleCookie
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader

from .board import OUTPUTS, SECRET, may_enter, page, status, switch

HERE = Path(__file__).parent
STATIC = HERE / "static"
templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)


def app(environ, start_response):
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    if path.startswith("/api/outputs/"):
        view, allowed = output, ("GET", "PUT")
    elif path.startswith("/static/"):
        view, allowed = static, ("GET",)
    elif path in ROUTES:
        view, allowed = ROUTES[path]
    else:
        view, allowed = not_found, (method,)
    headers = []
    if method in allowed:
        code, kind, body = view(environ, headers)
    else:
        headers.append(("Allow", ", ".join(allowed)))
        code, kind, body = "405 Method Not Allowed", "text/plain", b"Method not allowed"
    start_response(code, [("Content-Type", kind), ("Content-Length", str(len(body))), *headers])
    return [body]


def as_json(value, code="200 OK"):
    return code, "application/json", json.dumps(value).encode()


def not_found(environ, headers):
    return "404 Not Found", "text/plain", b"Not found"


def body(environ):
    return environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))


def dashboard(environ, headers):
    text = templates.get_template("dashboard.html").render(page())
    return "200 OK", "text/html; charset=utf-8", text.encode()


def show_status(environ, headers):
    return as_json(status())


def output(environ, headers):
    number = environ["PATH_INFO"].removeprefix("/api/outputs/")
    if not number.isdecimal() or int(number) not in OUTPUTS:
        return not_found(environ, headers)
    if environ["REQUEST_METHOD"] == "GET":
        return as_json(OUTPUTS[int(number)])
    try:
        return as_json(switch(int(number), json.loads(body(environ))))
    except ValueError as error:
        return as_json({"error": str(error)}, "422 Unprocessable Content")


def static(environ, headers):
    file = STATIC / Path(environ["PATH_INFO"]).name
    if not file.is_file():
        return not_found(environ, headers)
    headers.append(("Last-Modified", formatdate(file.stat().st_mtime, usegmt=True)))
    return "200 OK", guess_type(file.name)[0] or "application/octet-stream", file.read_bytes()


def sign(value):
    return hmac.new(SECRET.encode(), value, "sha256").hexdigest()


def account(environ, headers):
    cookies = SimpleCookie(environ.get("HTTP_COOKIE", ""))
    session = {}
    if "session" in cookies:
        value, _, signature = cookies["session"].value.partition(".")
        if hmac.compare_digest(sign(value.encode()), signature):
            session = json.loads(urlsafe_b64decode(value))
    return as_json({"user": session.get("user")})


def login(environ, headers):
    form = parse_qs(body(environ).decode())
    user = form["user"][0]
    if not may_enter(user, form["password"][0]):
        return "403 Forbidden", "text/plain", b"Forbidden"
    value = urlsafe_b64encode(json.dumps({"user": user}).encode())
    headers.append(("Set-Cookie", f"session={value.decode()}.{sign(value)}; Path=/; HttpOnly"))
    headers.append(("Location", "/"))
    return "303 See Other", "text/plain", b"See /"


ROUTES = {
    "/": (dashboard, ("GET",)),
    "/api/status": (show_status, ("GET",)),
    "/account": (account, ("GET",)),
    "/login": (login, ("POST",)),
}
