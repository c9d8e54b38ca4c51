from pathlib import Path

import falcon
from itsdangerous import BadSignature, URLSafeTimedSerializer
from jinja2 import Environment, FileSystemLoader

from .board import OUTPUTS, SECRET, may_enter, page, status, switch

HERE = Path(__file__).parent
templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)
signer = URLSafeTimedSerializer(SECRET, salt="session")


class Dashboard:
    def on_get(self, request, response):
        response.content_type = falcon.MEDIA_HTML
        response.text = templates.get_template("dashboard.html").render(page())


class Status:
    def on_get(self, request, response):
        response.media = status()


class Output:
    def on_get(self, request, response, number):
        if number not in OUTPUTS:
            raise falcon.HTTPNotFound
        response.media = OUTPUTS[number]

    def on_put(self, request, response, number):
        if number not in OUTPUTS:
            raise falcon.HTTPNotFound
        try:
            response.media = switch(number, request.get_media())
        except ValueError as error:
            raise falcon.HTTPUnprocessableEntity(description=str(error)) from error


class Account:
    def on_get(self, request, response):
        try:
            session = signer.loads(request.cookies.get("session", ""), max_age=86_400)
        except BadSignature:
            session = {}
        response.media = {"user": session.get("user")}


class Login:
    def on_post(self, request, response):
        form = request.get_media()
        user = form.get("user")
        if not may_enter(user, form.get("password")):
            raise falcon.HTTPForbidden
        response.set_cookie("session", signer.dumps({"user": user}), path="/", secure=False)
        raise falcon.HTTPSeeOther("/")


app = falcon.App()
app.add_route("/", Dashboard())
app.add_route("/api/status", Status())
app.add_route("/api/outputs/{number:int}", Output())
app.add_route("/account", Account())
app.add_route("/login", Login())
app.add_static_route("/static", HERE / "static")
