from pathlib import Path

from bottle import TEMPLATE_PATH, Bottle, abort, redirect, request, response, static_file
from bottle import jinja2_template as template

from .board import OUTPUTS, SECRET, may_enter, page, status, switch

HERE = Path(__file__).parent
TEMPLATE_PATH.insert(0, str(HERE / "templates"))
app = Bottle()


@app.get("/")
def dashboard():
    return template("dashboard.html", template_settings={"autoescape": True}, **page())


@app.get("/api/status")
def show_status():
    return status()


@app.get("/api/outputs/<number:int>")
def show_output(number):
    return OUTPUTS.get(number) or abort(404)


@app.put("/api/outputs/<number:int>")
def switch_output(number):
    if number not in OUTPUTS:
        abort(404)
    try:
        return switch(number, request.json)
    except ValueError as error:
        abort(422, str(error))


@app.get("/static/<path:path>")
def static(path):
    return static_file(path, root=HERE / "static")


@app.get("/account")
def account():
    session = request.get_cookie("session", {}, secret=SECRET)
    return {"user": session.get("user")}


@app.post("/login")
def login():
    user = request.forms.get("user")
    if not may_enter(user, request.forms.get("password")):
        abort(403)
    response.set_cookie("session", {"user": user}, secret=SECRET, path="/", httponly=True)
    redirect("/", 303)
