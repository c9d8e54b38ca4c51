from pathlib import Path

from microdot.jinja import Template
from microdot.session import Session, with_session
from microdot.wsgi import Microdot, abort, redirect, send_file

from .board import OUTPUTS, SECRET, may_enter, page, status, switch

HERE = Path(__file__).parent
app = Microdot()
Session(app, secret_key=SECRET)
Template.initialize(str(HERE / "templates"))


@app.get("/")
async def dashboard(request):
    return Template("dashboard.html").render(**page()), {"Content-Type": "text/html; charset=UTF-8"}


@app.get("/api/status")
async def show_status(request):
    return status()


@app.get("/api/outputs/<int:number>")
async def show_output(request, number):
    return OUTPUTS.get(number) or abort(404)


@app.put("/api/outputs/<int:number>")
async def switch_output(request, number):
    if number not in OUTPUTS:
        abort(404)
    try:
        return switch(number, request.json)
    except ValueError as error:
        abort(422, str(error))


@app.get("/static/<path:path>")
async def static(request, path):
    if ".." in path:
        abort(404)
    return send_file(str(HERE / "static" / path))


@app.get("/account")
@with_session
async def account(request, session):
    return {"user": session.get("user")}


@app.post("/login")
@with_session
async def login(request, session):
    user = request.form["user"]
    if not may_enter(user, request.form["password"]):
        abort(403)
    session["user"] = user
    session.save()
    return redirect("/", 303)
