from edgeweb import Flask, abort, redirect, render_template, request, session

from .board import OUTPUTS, SECRET, may_enter, page, status, switch

app = Flask(__name__)
app.secret_key = SECRET


@app.get("/")
def dashboard():
    return render_template("dashboard.html", **page())


@app.get("/api/status")
def show_status():
    return status()


@app.get("/api/outputs/<int:number>")
def show_output(number):
    return OUTPUTS.get(number) or abort(404)


@app.put("/api/outputs/<int:number>")
def switch_output(number):
    if number not in OUTPUTS:
        abort(404)
    try:
        return switch(number, request.get_json())
    except ValueError as error:
        abort(422, str(error))


@app.get("/account")
def account():
    return {"user": session.get("user")}


@app.post("/login")
def login():
    user = request.form["user"]
    if not may_enter(user, request.form["password"]):
        abort(403)
    session["user"] = user
    return redirect("/", 303)
